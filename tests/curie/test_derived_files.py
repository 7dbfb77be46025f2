"""What Python makes of code is no code: an installed task is the same task as the one in the sources."""

from pathlib import Path

from curie.workspace import snapshot


def test_bytecode_beside_code_changes_nothing(tmp_path: Path) -> None:
    """A folder without a repository gives the same commit with and without `__pycache__`, which is listed."""
    code = tmp_path / "code"
    (code / "inner").mkdir(parents=True)
    (code / "trial.py").write_text("print(1)\n", encoding="utf-8")
    (code / "inner" / "part.py").write_text("", encoding="utf-8")
    before = snapshot(code, tmp_path / "git-a")
    for folder in (code, code / "inner"):
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "trial.cpython-311.pyc").write_bytes(b"\x00bytecode")
    after = snapshot(code, tmp_path / "git-b")
    assert (after.commit, after.tree, after.files) == (before.commit, before.tree, 2)
    assert set(after.excluded) == {"__pycache__/", "inner/__pycache__/"}
