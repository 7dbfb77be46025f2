"""`--fix`: surgical, guarded, idempotent, and never through a link or into a run."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ara.check.fix import mend, refuse_sealed, unified_diff, write
from ara.check.model import Profile, Severity
from ara.check.registry import diagnose
from ara.check.report import check
from ara.reader.artifact import locate_artifact
from curie.errors import UsageError

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TREE = "trace/exploration_tree.yaml"
CLAIMS = "logic/claims.md"
INDEX = "evidence/README.md"

MENDABLE: list[tuple[str, str, str]] = [
    (CLAIMS, "## C01: A", "## C01 — A"),
    (CLAIMS, "## C02: A", "## C02 -  A"),
    ("logic/experiments.md", "## E02: Time", "## E02 \u2013 Time"),
    (CLAIMS, "- **Status**: supported", "- **Status:** supported"),
    (CLAIMS, "- **Tags**: ratio, window", "* **Tags.** ratio, window"),
    (TREE, '        prior_direction: "measure both"', '        from: "measure both"  # a remark'),
    (TREE, "        new_direction:", '        "to":'),
    (TREE, '        reason: "the clock"', "        trigger: |\n          the clock\n"),
    (TREE, "        failure_mode:", "        reason:"),
    (TREE, '        alternatives:\n          - "wall clock"', "        alternatives: wall clock, not monotonic"),
    (TREE, '        evidence:\n          - "C01"\n          - "evidence/tables/table1_ratio.md"',
     "        evidence: C01 # why"),
    (TREE, '        source_refs:\n          - "table1"', "        source_refs: 'it''s: so'"),
    (INDEX, "| [tables/derived_large.md](tables/derived_large.md) | Table 1 | C01 | The large window |\n", ""),
    (INDEX, "| [results/n03.md](results/n03.md) | the run | C02 | Times |\n", ""),
]  # fmt: skip


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """A copy of the clean artifact."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "artifact"))


def contents(root: Path) -> dict[str, bytes]:
    """Every file."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def fix(root: Path) -> list[str]:
    """Mend and write; the files changed."""
    mended = mend(locate_artifact(root), Profile.NATIVE)
    write(mended)
    return sorted(mended.texts)


@pytest.mark.parametrize(("file", "old", "new"), MENDABLE, ids=range(len(MENDABLE)))
def test_each_mechanical_defect_is_mended(artifact: Path, file: str, old: str, new: str) -> None:
    """Afterwards nothing is reported, no other file and no other line has changed, and a second round does nothing."""
    text = (artifact / file).read_text()
    assert old in text
    broken = text.replace(old, new, 1)
    (artifact / file).write_text(broken)
    before = contents(artifact)
    assert check(artifact).counts.fixable == 1
    assert fix(artifact) == [file]
    assert check(artifact).diagnostics == ()
    after = contents(artifact)
    assert {path for path in after if after[path] != before[path]} == {file}
    touched = {line for line in broken.splitlines() if line not in (artifact / file).read_text().splitlines()}
    assert len(touched) <= 1
    assert fix(artifact) == []


def test_a_root_document_becomes_a_tree(artifact: Path) -> None:
    """`root:` with one node below it: the whole block moves, comments and block scalars keep their text."""
    text = (artifact / TREE).read_text().replace("tree:\n  - id", "root:\n    id", 1)
    text = text.replace(
        'result: "The ratio rose."', "result: |\n          The ratio\n            rose.\n        # a remark"
    )
    (artifact / TREE).write_text(text)
    assert fix(artifact) == [TREE]
    assert check(artifact).diagnostics == ()
    assert "# a remark" in (artifact / TREE).read_text()


def test_all_at_once_and_line_ends(artifact: Path) -> None:
    """All defects together in files with CRLF line ends and a byte-order mark are mended in one go."""
    for file, old, new in MENDABLE:
        (artifact / file).write_text((artifact / file).read_text().replace(old, new, 1))
    for file in {file for file, *_ in MENDABLE}:
        (artifact / file).write_bytes(b"\xef\xbb\xbf" + (artifact / file).read_bytes().replace(b"\n", b"\r\n"))
    assert set(fix(artifact)) == {file for file, *_ in MENDABLE}
    assert check(artifact).diagnostics == ()
    assert fix(artifact) == []


def test_what_cannot_be_mended_stays(artifact: Path) -> None:
    """An alias beside the key that it stands for is reported, not guessed at."""
    text = (artifact / TREE).read_text()
    (artifact / TREE).write_text(text.replace('reason: "the clock"', 'reason: "the clock"\n        trigger: "x"'))
    assert [d.rule for d in check(artifact).diagnostics] == ["ARA007"]
    assert fix(artifact) == []


def test_nothing_is_written_through_a_link(artifact: Path, tmp_path: Path) -> None:
    """A file behind a link that stays inside is read, and left alone."""
    real = artifact / "logic" / "real.txt"
    (artifact / CLAIMS).rename(real)
    real.write_text(real.read_text().replace("## C01: A", "## C01 — A"))
    (artifact / CLAIMS).symlink_to("real.txt")
    before = contents(artifact)
    mended = mend(locate_artifact(artifact), Profile.NATIVE)
    assert mended.texts == {}
    assert "symbolic link" in mended.refused[0]
    write(mended)
    assert contents(artifact) == before
    assert (artifact / CLAIMS).is_symlink()


def test_the_artifact_of_a_run_is_not_touched(artifact: Path) -> None:
    """Its journal holds the digests; the refusal says what to do."""
    (artifact.parent / "journal.jsonl").write_text("")
    with pytest.raises(UsageError, match="curie verify"):
        refuse_sealed(artifact)


def test_a_diff_shows_what_would_change_and_writes_nothing(artifact: Path) -> None:
    """A patch of exactly one line."""
    (artifact / CLAIMS).write_text((artifact / CLAIMS).read_text().replace("## C01: A", "## C01 — A"))
    before = contents(artifact)
    located = locate_artifact(artifact)
    patch = unified_diff(located, mend(located, Profile.NATIVE).texts)
    changed = [line for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert changed == [
        "-## C01 — A larger window gives a higher ratio",
        "+## C01: A larger window gives a higher ratio",
    ]
    assert contents(artifact) == before


FILES = sorted(path for path in contents(GOLDEN) if path.endswith((".md", ".yaml")))
PIECES = [b"", b"\n", b"\r\n", b"\t", b": ", b"- ", b"[", b"{", b"|", b"<!--", b"```\n", b"\xff", b"\x00", b"&a ",
          b"*a ",
          "—".encode(), b"**", b"## C01: x\n",
          b"root:", b"---\n", b'"', b"'", b"\xe2\x80\xa8", b"from: x\n", b"\xef\xbb\xbf"]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_corruption_is_too_much(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Random damage gives diagnostics at lines that exist; mending never adds an error and is done after one round."""
    root = Path(shutil.copytree(GOLDEN, tmp_path_factory.mktemp("damage") / "artifact"))
    for file in data.draw(st.lists(st.sampled_from(FILES), min_size=1, max_size=4)):
        raw = (root / file).read_bytes()
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 40)))
        (root / file).write_bytes(raw[:start] + data.draw(st.sampled_from(PIECES)) + raw[end:])
    located = locate_artifact(root)
    before = diagnose(located, Profile.NATIVE)
    for found in before:
        if found.line is not None:
            assert 1 <= found.line <= max(1, (root / found.file).read_bytes().count(b"\n") + 1)
    mended = mend(locate_artifact(root), Profile.NATIVE)
    write(mended)
    after = diagnose(locate_artifact(root), Profile.NATIVE)
    errors = [sum(1 for d in found if d.severity is Severity.ERROR) for found in (before, after)]
    assert errors[1] <= errors[0]
    assert mend(locate_artifact(root), Profile.NATIVE).texts == {}
