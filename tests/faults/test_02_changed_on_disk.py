"""C2 number 2, and tampering: a torn tail is set aside, and whatever was changed is named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.command_line import Place, state_of, study


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has ended."""
    made = Place.make(tmp_path_factory.mktemp("finished"))
    assert made.curie(*study(), "--out", "run").code == 0
    return made.cwd / "run"


@pytest.fixture
def run(finished: Path, place: Place) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copytree(finished, place.cwd / "run"))


def edit_measurement(run: Path) -> str:
    """Make one number larger."""
    journal = run / "journal.jsonl"
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    number = next(i for i, line in enumerate(lines) if '"trial_finished"' in line and "g01-r01" in line)
    lines[number] = lines[number].replace('"value":2', '"value":3')
    journal.write_text("".join(lines), encoding="utf-8")
    return f"event {number + 1} (trial_finished g01-r01)"


def edit_artifact(run: Path) -> str:
    """Change what a trial printed."""
    artifact = next(path for path in sorted((run / "artifacts").iterdir()) if path.stat().st_size)
    artifact.chmod(0o644)
    artifact.write_bytes(artifact.read_bytes().replace(b"1", b"7"))
    return artifact.name[:12]


def delete_artifact(run: Path) -> str:
    """Lose what a trial printed."""
    artifact = next(path for path in sorted((run / "artifacts").iterdir()) if path.stat().st_size)
    artifact.unlink()
    return artifact.name[:12]


def edit_report(run: Path) -> str:
    """Improve the report."""
    report = run / "report" / "report.md"
    report.write_text(report.read_text(encoding="utf-8").replace("supported", "refuted"), encoding="utf-8")
    return "report/report.md"


def drop_event(run: Path) -> str:
    """Leave out the third event."""
    journal = run / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:2] + lines[3:]))
    return "event 3"


def cut_end(run: Path) -> str:
    """Leave out the last event, and with it the seal."""
    journal = run / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    return "run_finished"


@pytest.mark.parametrize("spoil", [edit_measurement, edit_artifact, delete_artifact, edit_report, drop_event])
def test_change_is_named(place: Place, run: Path, spoil: Callable[[Path], str]) -> None:
    """`verify` exits 1 and names the event or the file; a changed chain is not resumed either."""
    named = spoil(run)
    done = place.curie("verify", "run")
    assert done.code == 1, done
    assert named in done.out + done.err
    if "event" in named:
        assert place.curie("resume", "run").code == 1


@pytest.mark.parametrize("tail", [b'{"event":{"type":"run_re', b"\0" * 300, b"\xff\xfe"])
def test_torn_tail(place: Place, run: Path, tail: bytes) -> None:
    """A half-written last line is set aside, counted and kept; everything before it counts, and the run goes on."""
    journal = run / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    events = len(lines) - 4
    journal.write_bytes(b"".join(lines[:events]) + tail)
    trials = state_of(run).trials
    done = place.curie("resume", "run", "--json")
    assert done.code == 0, done
    assert (run / "journal.torn-1").read_bytes() == tail
    assert f"{len(tail)}" in place.curie("history", "run").out
    assert state_of(run).trials == trials
    assert place.curie("verify", "run").code == 0
