"""C2 number 28 and beside it: places that cannot be written, odd names, no HOME, and files that hide our packages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from curie.verify import verify
from tests.faults.command_line import CURIE, PRINTS_X, Place, state_of, study

ODD = "Ünïcode  & sp'ace\"\n$(x) {y} 数"


@pytest.mark.parametrize("sandbox", ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
def test_odd_names_everywhere(tmp_path: Path, sandbox: str) -> None:
    """Working directory, --out, inputs, repository and data with spaces, quotes, newlines and other scripts."""
    place = Place.make(tmp_path / ODD)
    for name in ("in", "repo", "data"):
        (place.cwd / f"{name} {ODD}").mkdir()
    held = place.cwd / f"in {ODD}" / f"f {ODD}"
    held.write_text("1", encoding="utf-8")
    (place.cwd / f"data {ODD}" / "d").write_text("2", encoding="utf-8")
    (place.cwd / f"repo {ODD}" / f"go {ODD}").write_text('cat "$1" "$CURIE_DATA/d" > /dev/null && echo "{\\"y\\": $2}"')
    done = place.curie(
        *study("sh -c '. ./go*' sh {held} {x}", "--set", f"held=@{held}", sandbox=sandbox),
        *("--repo", f"repo {ODD}", "--data", f"data {ODD}", "--out", f"out {ODD}", "--reproduce", "1", "--json"),
    )
    assert done.code == 0, done
    assert done.data["trials"]["succeeded"] == 4
    assert place.curie("verify", f"out {ODD}").code == 0
    place.assert_nothing_left()


def test_a_name_that_is_no_text(place: Place) -> None:
    """A directory whose name is not UTF-8 works or is refused in a sentence."""
    done = place.curie(*study(PRINTS_X, "--out", "run\udcff"))
    assert done.code in {0, 2}, done
    if done.code == 0:
        assert place.curie("verify", "run\udcff").code == 0


@pytest.mark.slow
@pytest.mark.parametrize("extra", [{"HOME": ""}, {"HOME": "/proc/no-home"}, None])
def test_no_home(place: Place, extra: dict[str, str] | None) -> None:
    """HOME empty, absent, or where nobody can make a folder, root included: nothing depends on it."""
    env = {**place.env(), **(extra or {})}
    if extra is None:
        del env["HOME"]
    assert place.curie(*study(PRINTS_X, "--out", "run"), env=env).code == 0
    assert place.curie("doctor", env=env).code in {0, 1}


def test_directory_that_cannot_be_written(place: Place, not_root: None) -> None:
    """A read-only working directory is refused at once, with the way out."""
    place.cwd.chmod(0o555)
    done = place.curie(*study())
    place.cwd.chmod(0o755)
    assert done.code == 2, done
    assert "--out" in done.err


@pytest.mark.slow
@pytest.mark.root
def test_read_only_file_system(place: Place) -> None:
    """The same on a read-only file system, which binds root too; `status` and `verify` of a run there work."""
    assert place.curie(*study(PRINTS_X, "--out", "run")).code == 0
    if subprocess.run(["mount", "--bind", place.cwd, place.cwd], check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", place.cwd], check=True)
        done = place.curie(*study())
        assert done.code == 2, done
        assert "Read-only" in done.err
        assert "--out" in done.err
        assert place.curie("status", "run").code == 0
        assert place.curie("verify", "run").code == 0
        assert place.curie("resume", "run").code in {0, 5}
    finally:
        subprocess.run(["umount", place.cwd], check=True)


def test_out_in_the_way(place: Place) -> None:
    """A file, or somebody's folder, where the run should go: refused, and untouched."""
    (place.cwd / "file").write_text("mine", encoding="utf-8")
    (place.cwd / "folder").mkdir()
    (place.cwd / "folder" / "thesis.tex").write_text("mine", encoding="utf-8")
    for out in ("file", "folder", "file/below"):
        done = place.curie(*study(PRINTS_X, "--out", out))
        assert done.code == 2, done
        assert "--out" in done.err
    assert (place.cwd / "file").read_text() == "mine"
    assert [path.name for path in (place.cwd / "folder").iterdir()] == ["thesis.tex"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tasks.py", "curie.py", "sandboxes/__init__.py", "tasks/mine.py"])
def test_files_that_hide_our_packages(place: Place, name: str) -> None:
    """The console script ignores a user's own `tasks.py`; `python -m curie` works with it or names what hides it."""
    hiding = place.cwd / name
    hiding.parent.mkdir(exist_ok=True)
    hiding.write_text("raise RuntimeError('this is not the package you look for')\n", encoding="utf-8")
    assert place.curie("tasks", "list").code == 0
    assert place.curie("tasks", "list", env={**place.env(), "PYTHONSAFEPATH": "1"}).code == 0
    by_module = subprocess.run(
        [sys.executable, "-m", "curie", "tasks", "list"],
        cwd=place.cwd, env=place.env(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if name == "curie.py":  # Python itself starts that file, before a line of ours
        assert "not the package" in by_module.stderr
        return
    assert "Traceback" not in by_module.stderr
    assert by_module.returncode in {0, 2}
    if by_module.returncode:
        assert str(hiding.parent if name == "tasks/mine.py" else hiding) in by_module.stderr
    by_path = place.curie("tasks", "list", env={**place.env(), "PYTHONPATH": str(place.cwd)})
    assert by_path.code in {0, 2}


def test_python_m(place: Place) -> None:
    """`python -m curie` is the command."""
    argv = [sys.executable, "-m", "curie", *study(PRINTS_X, "--out", "run", "--json")]
    done = subprocess.run(argv, cwd=place.cwd, env=place.env(), capture_output=True, check=False)
    assert done.returncode == 0, done
    assert state_of(place.cwd / "run").finished is not None


def test_copied_run_verifies(place: Place) -> None:
    """A run moved elsewhere is still intact."""
    assert place.curie(*study(PRINTS_X, "--out", "run")).code == 0
    moved = Path(shutil.move(place.cwd / "run", place.root / "moved ü"))
    assert verify(moved).ok
    assert place.curie("resume", str(moved), "--json").code == 0
    assert CURIE.exists()
    assert os.access(moved, os.W_OK)
