"""A run's inputs are profiled once, before the plan, and a kill at any point of it changes nothing."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from curie.compose import RunFlags, StudyFlags, compose
from curie.history import history
from curie.journal.events import DataProfiled, DiagnosticRecorded
from curie.journal.reader import read
from curie.request import RunRequest
from curie.verify import verify
from tests.faults.short_study import Drivers, drivers


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drivers]:
    """One importing process for all runs."""
    with drivers(tmp_path_factory.mktemp("zygote")) as ready:
        yield ready


@pytest.fixture
def request_(tmp_path: Path) -> RunRequest:
    """A question about data with a leak, duplicates, a pair of input files, one of them no table."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "train.csv").write_text("x,label\n" + "".join(f"{n // 2},{'ab'[n % 2]}\n" for n in range(40)) + "0,a\n")
    (data / "test.csv").write_text("x,label\n0,a\n77,b\n")
    (tmp_path / "a.csv").write_text("n,m\n1,2\n")
    (tmp_path / "b.bin").write_bytes(bytes(9))
    flags = StudyFlags(
        command="""/bin/echo '{{"y": {x}}}'""",
        vary=("x=1,2",),
        constants=(f"one=@{tmp_path / 'a.csv'}", f"two=@{tmp_path / 'b.bin'}"),
        metric=("y:1:higher:deterministic",),
        repeat=2,
        data=data,
    )
    return compose("Does y grow with x?", flags, RunFlags(sandbox="process", reproduce=0), tmp_path)


def told(root: Path) -> list[str]:
    """The profiles and what was said of data, as recorded, in order."""
    entries = [entry.event for entry in read(root / "journal.jsonl")]
    profiles = [event.profile.model_dump_json() for event in entries if isinstance(event, DataProfiled)]
    said = [
        e.diagnostic.message
        for e in entries
        if isinstance(e, DiagnosticRecorded) and e.diagnostic.id.startswith("data/")
    ]
    return profiles + said


@pytest.mark.slow
def test_killed_at_every_append_around_it_the_run_has_the_same_profiles(
    tmp_path: Path, zygote: Drivers, request_: RunRequest
) -> None:
    """Three profiles and the worries, each once, whichever append the driver died at; the journal verifies."""
    whole = tmp_path / "whole"
    assert zygote.run(whole, request_) == 0, zygote.log.read_text()
    expected = told(whole)
    assert len(expected) == 3 + 2
    assert any("1 row occurs in both train.csv and test.csv" in message for message in expected)
    numbers = [
        entry.seq
        for entry in read(whole / "journal.jsonl")
        if entry.event.type in {"input_declared", "data_profiled"} or "data/" in entry.event.model_dump_json()
    ]
    for number in range(min(numbers), max(numbers) + 2):
        for stage in ("written", "durable"):
            root = tmp_path / f"{number}-{stage}"
            assert zygote.run(root, request_, die_at=(number, stage)) == -signal.SIGKILL, zygote.log.read_text()
            assert zygote.run(root, None) == 0, zygote.log.read_text()
            assert told(root) == expected


@pytest.mark.slow
def test_history_and_verify_know_the_event(tmp_path: Path, zygote: Drivers, request_: RunRequest) -> None:
    """A line for each profile, and nothing that was changed."""
    root = tmp_path / "run"
    assert zygote.run(root, request_) == 0, zygote.log.read_text()
    lines = [line.text for line in history(read(root / "journal.jsonl"))]
    assert "data profile data: 2 tables in 2 files" in lines
    assert any(line.startswith("warning data/leak-between-splits: ") for line in lines)
    assert verify(root).ok
