"""An artifact that a run wrote is held against the digests that the run left in it."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from ara.check.fix import mend, write
from ara.check.model import Profile
from ara.check.report import check
from ara.observer import ArtifactPublisher
from ara.reader.artifact import locate_artifact
from curie.dossier import open_dossier
from tests.curie import sample_run

CLAIMS, MARKER, PAPER = "logic/claims.md", "artifact.json", "PAPER.md"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact of a plain run."""
    folder = ArtifactPublisher().publish(open_dossier(sample_run.finished_run(tmp_path_factory.mktemp("run") / "r")))
    assert folder is not None
    return folder


@pytest.fixture
def artifact(published: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(published, tmp_path / "artifact"))


def told(root: Path, profile: Profile = Profile.NATIVE) -> list[tuple[str, str, int | None]]:
    """Rule, file and line of what is reported."""
    return [(d.rule, d.file, d.line) for d in check(root, profile).diagnostics]


def test_a_changed_a_missing_and_an_added_file(artifact: Path) -> None:
    """A212 at line 1, A213, A214; in the profile of the prompts nothing is said of digests."""
    with (artifact / CLAIMS).open("a", encoding="utf-8") as file:
        file.write("\n")
    (artifact / "evidence/data/findings.jsonl").unlink()
    (artifact / "notes.txt").write_text("mine")
    (artifact / "evidence/data/trials.csv").unlink()
    os.mkfifo(artifact / "evidence/data/trials.csv")
    found = [entry for entry in told(artifact) if entry[0].startswith("A21")]
    assert found == [
        ("A213", "evidence/data/findings.jsonl", None),
        ("A212", "evidence/data/trials.csv", None),
        ("A212", CLAIMS, 1),
        ("A214", "notes.txt", None),
    ]
    assert not any(rule.startswith("A21") for rule, *_ in told(artifact, Profile.SKILL))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"schema": "ara"}',
        '{"schema": "ara", "files": []}',
        '{"schema": "ara", "files": {"a": 1}}',
        '{"schema": "ara", "files": {"a": "00"}}',
        '{"schema": "ara", "files": {"../a": "' + "0" * 64 + '"}}',
        '{"schema": "ara", "files": {"a\\u0000": "' + "0" * 64 + '"}}',
        "\\xff",
    ],
)
def test_an_artifact_json_that_says_nothing(artifact: Path, text: str) -> None:
    """A211 at line 1 and no traceback, whatever stands in it."""
    (artifact / MARKER).write_bytes(text.encode().replace(b"\\xff", b"\xff"))
    assert ("A211", MARKER, 1) in told(artifact)
    assert {rule for rule, *_ in told(artifact)} <= {"A211", "A103"}


def test_an_artifact_json_that_is_no_file(artifact: Path) -> None:
    """A211 for a folder in its place."""
    (artifact / MARKER).unlink()
    (artifact / MARKER).mkdir()
    assert ("A211", MARKER, None) in told(artifact)


def test_without_artifact_json(artifact: Path) -> None:
    """A215 where curie is the only author; not where a person answers for the artifact."""
    (artifact / MARKER).unlink()
    text = (artifact / PAPER).read_text("utf-8")
    assert [(rule, file) for rule, file, _ in told(artifact)] == [("A215", PAPER)]
    (artifact / PAPER).write_text(text.replace("authors:\n", 'authors:\n  - "Ada Lovelace"\n'))
    assert told(artifact) == []


def test_a_fix_renews_the_digest_of_what_it_mends(artifact: Path) -> None:
    """Of a file that was as the run wrote it: its digest was right before, and is right afterwards."""
    for file, old, new in ((CLAIMS, "## C01: ", "## C01 \u2014 "),):
        text = (artifact / file).read_text("utf-8").replace(old, new, 1)
        (artifact / file).write_text(text, "utf-8")
        _name_digest(artifact, file)
    assert [rule for rule, *_ in told(artifact)] == ["ARA004"]
    mended = mend(locate_artifact(artifact), Profile.NATIVE)
    assert sorted(mended.texts) == [MARKER, CLAIMS]
    write(mended)
    assert told(artifact) == []


def test_a_fix_launders_no_edit(artifact: Path) -> None:
    """A file that was edited before is mended, and stays told as edited."""
    text = (artifact / CLAIMS).read_text("utf-8").replace("## C01: ", "## C01 \u2014 ", 1)
    (artifact / CLAIMS).write_text(text, "utf-8")
    before = (artifact / MARKER).read_bytes()
    write(mend(locate_artifact(artifact), Profile.NATIVE))
    assert (artifact / MARKER).read_bytes() == before
    # The mended heading is the one that the run wrote, so nothing differs any more.
    assert told(artifact) == []
    (artifact / CLAIMS).write_text(text + "\nMore.\n", "utf-8")
    write(mend(locate_artifact(artifact), Profile.NATIVE))
    assert told(artifact) == [("A212", CLAIMS, 1)]
    assert (artifact / MARKER).read_bytes() == before


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_fix_keeps_permissions(artifact: Path, mode: int) -> None:
    """The file that is mended has the permission bits that it had."""
    text = (artifact / CLAIMS).read_text("utf-8").replace("## C01: ", "## C01 \u2014 ", 1)
    (artifact / CLAIMS).write_text(text, "utf-8")
    (artifact / CLAIMS).chmod(mode)
    write(mend(locate_artifact(artifact), Profile.NATIVE))
    assert stat.S_IMODE((artifact / CLAIMS).stat().st_mode) == mode


def _name_digest(root: Path, file: str) -> None:
    import hashlib  # noqa: PLC0415 -- only here

    content = json.loads((root / MARKER).read_bytes())
    content["files"][file] = hashlib.sha256((root / file).read_bytes()).hexdigest()
    (root / MARKER).write_text(json.dumps(content), "utf-8")
