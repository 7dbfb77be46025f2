"""Runs found, summarised, filtered and sorted; events as lines."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.errors import RunNotFound
from curie.history import history
from curie.journal.events import InboxReceived, RunFinished, RunStopped, TrialFinished
from curie.journal.lock import RunLock
from curie.journal.reader import read
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.result import summarise
from curie.runs import RunFilter, RunSummary, list_runs, locate, run_id, select, summarize_folder
from curie.state import project
from tests.curie.sample_run import created, events, finished_run, record, ticking


def started(root: Path, question: str, days: int) -> RunPaths:
    """A run that only began, so many days after the first."""
    paths = RunPaths.create(root)
    first = ticking()()
    with Journal.open(paths.journal, clock=ticking(first + timedelta(days=days))) as journal:
        journal.append(created(root.name, question))
    return paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three runs, a damaged one, and something else."""
    finished_run(tmp_path / "2026-aa")
    started(tmp_path / "2026-ab", "Is the cache warm?", 2)
    started(tmp_path / "2025-zz", "Older by name only", 1)
    RunPaths.create(tmp_path / "damaged").journal.write_text("garbage\n")
    (tmp_path / "notes").mkdir()
    return tmp_path


def test_a_finished_run_at_a_glance(folder: Path) -> None:
    """The summary holds what a list shows."""
    run = summarize_folder(folder / "2026-aa")
    assert (run.id, run.mode, run.state, run.tags) == ("r1", "declared", "finished", ("first",))
    assert (run.trials, run.verdicts, run.reproduced, run.rerun) == ({"succeeded": 4}, {"H1": "supported"}, 1, 1)


def test_states(folder: Path) -> None:
    """Held by a process, stopped, cut off and damaged are told apart; a damaged run is listed, not a crash."""
    paths = RunPaths.at(folder / "2026-ab")
    assert summarize_folder(paths.root).state == "interrupted"
    with RunLock(paths.lock):
        assert summarize_folder(paths.root).state == "running"
    with Journal.open(paths.journal, clock=ticking()) as journal:
        journal.append(RunStopped(reason="budget", detail="10 s are over"))
    stopped = summarize_folder(paths.root)
    assert (stopped.state, stopped.problem) == ("budget", "10 s are over")
    damaged = summarize_folder(folder / "damaged")
    assert damaged.state == "damaged"
    assert "event 1" in str(damaged.problem)


def test_list_is_by_time(folder: Path) -> None:
    """Runs come oldest first, by their journals and not by their names; no folder, no runs."""
    assert [run.path.name for run in list_runs(folder)] == ["damaged", "2026-aa", "2025-zz", "2026-ab"]
    assert list_runs(folder / "none") == []


@pytest.mark.parametrize(
    ("run", "found"),
    [(None, "2026-ab"), ("2025", "2025-zz"), ("2026-aa", "2026-aa"), ("dam", "damaged"), ("-zz", "2025-zz")],
)
def test_locate(run: str | None, found: str, folder: Path) -> None:
    """A run is found by id, unique prefix, unique part, or as the newest."""
    assert locate(run, folder).root == folder / found


def test_locate_by_path_and_exact_id(folder: Path) -> None:
    """A path names a run anywhere, and an id that begins another id is still that run."""
    started(folder / "2026-a", "Prefix of others", 0)
    assert locate("2026-a", folder).root == folder / "2026-a"
    assert locate(str(folder / "2026-aa"), Path("/nowhere")).root == folder / "2026-aa"


def test_a_run_whose_folder_has_another_name(tmp_path: Path) -> None:
    """Its id, its folder and a prefix of either name it; the folder's name comes first; two that fit are both named."""
    mine = finished_run(tmp_path / "mine", "20260102-q")
    started(tmp_path / "20260103-q", "Another", 1)
    for name in ("mine", "mi", "20260102-q", "20260102"):
        assert locate(name, tmp_path).root == mine.root, name
    with pytest.raises(RunNotFound, match=r"fits 2 runs: 20260103-q, mine \(20260102-q\)"):
        locate("2026", tmp_path)
    copied = finished_run(tmp_path / "20260102-q", "20260102-q")
    assert locate("20260102-q", tmp_path).root == copied.root
    assert locate("mine", tmp_path).root == mine.root
    assert (run_id(mine), run_id(RunPaths.at(tmp_path / "none"))) == ("20260102-q", "none")


def test_only_measured_trials_are_counted(tmp_path: Path) -> None:
    """The gate and re-runs have records too, and are no part of `N of M`."""
    paths = RunPaths.create(tmp_path / "r")
    measured = record("g01-r01", "g01", 1.0)
    others = [
        measured.model_copy(update={"key": f"x-{purpose}", "purpose": purpose})
        for purpose in ("gate", "reproduce", "confirm")
    ]
    with Journal.open(paths.journal, clock=ticking()) as journal:
        journal.append_many([created("r"), *(TrialFinished(record=each) for each in (measured, *others))])
    assert summarize_folder(paths.root).trials == {"succeeded": 1}


@pytest.mark.parametrize("reason", ["interrupted", "budget", "infrastructure", "gate"])
def test_a_run_that_stopped_says_why_in_its_state(
    reason: Literal["interrupted", "budget", "infrastructure", "gate"], tmp_path: Path
) -> None:
    """In the words of `status --json`, for each reason there is."""
    paths = RunPaths.create(tmp_path / "r")
    with Journal.open(paths.journal, clock=ticking()) as journal:
        journal.append_many([*events(), RunStopped(reason=reason, detail="why")])
    run = summarize_folder(paths.root)
    assert (run.state, run.problem) == (reason, "why")
    assert run.state == summarise(project(read(paths.journal)), paths.root, None).phase


def test_a_gate_that_failed_is_a_state(tmp_path: Path) -> None:
    """Also of a run that was sealed."""
    paths = RunPaths.create(tmp_path / "r")
    gate = record("gate-r01", "control", 1.0).model_copy(update={"purpose": "gate", "outcome": "failed"})
    with Journal.open(paths.journal, clock=ticking()) as journal:
        journal.append_many([created("r"), TrialFinished(record=gate)])
        journal.append(RunFinished(events=journal.events, head=journal.head, files=()))
    assert summarize_folder(paths.root).state == "gate"


@pytest.mark.parametrize("run", ["2026", "nothing", "", "a/b", "notes", None])
def test_what_is_not_found(run: str | None, folder: Path) -> None:
    """An ambiguous prefix names the candidates; anything else that is no run says so."""
    place = folder / "notes" if run is None else folder
    with pytest.raises(RunNotFound) as caught:
        locate(run, place)
    if run == "2026":
        assert "2026-aa (r1), 2026-ab" in caught.value.message


SUMMARIES = st.lists(
    st.builds(
        RunSummary,
        id=st.text("ab", min_size=1, max_size=3),
        path=st.just(Path("/r")),
        time=st.none(),
        question=st.sampled_from(["Is A fast?", "Straße"]),
        state=st.sampled_from(["running", "finished", "budget"]),
        verdicts=st.dictionaries(st.just("H1"), st.sampled_from(["supported", "refuted"]), max_size=1),
        tags=st.lists(st.sampled_from(["x", "y"]), unique=True, max_size=2).map(tuple),
    ),
    max_size=8,
)


@given(SUMMARIES, st.sampled_from(["time", "id", "question", "state", "trials"]), st.booleans())
def test_selection_is_a_sorted_part(runs: list[RunSummary], key: str, reverse: bool) -> None:  # noqa: FBT001 - drawn
    """Selecting keeps exactly the runs that match, and the order does not depend on the input's."""
    wanted = RunFilter(tags=("x",), states=("finished", "budget"))
    got = select(runs, wanted, key=key, reverse=reverse)
    assert len(got) == sum("x" in run.tags and run.state != "running" for run in runs)
    again = select(list(reversed(runs)), wanted, key=key, reverse=reverse)
    assert [run.id for run in got] == [run.id for run in again]


@pytest.mark.parametrize(
    ("wanted", "match"),
    [
        (RunFilter(text="STRASSE"), True),
        (RunFilter(text="absent"), False),
        (RunFilter(verdicts=("supported", "refuted")), True),
        (RunFilter(verdicts=("inconclusive",)), False),
        (RunFilter(tags=("x", "y")), False),
        (RunFilter(text="careful"), True),
    ],
)
def test_filters(wanted: RunFilter, match: bool) -> None:  # noqa: FBT001 - a case
    """Each filter accepts what it names, text without regard to case."""
    run = RunSummary(
        id="r",
        path=Path("/r"),
        time=None,
        question="Straße?",
        state="finished",
        verdicts={"H1": "refuted"},
        tags=("x",),
        notes=("be careful",),
    )
    assert wanted.accepts(run) is match


def test_history_is_a_line_an_event(folder: Path) -> None:
    """Every event gives one line that says what happened."""
    entries = read(folder / "2026-aa/journal.jsonl")
    lines = history(entries)
    assert [line.seq for line in lines] == [entry.seq for entry in entries]
    texts = [line.text for line in lines]
    assert texts[0] == "run r1 created (declared): Is b faster than a?"
    assert texts[6] == "control-r01 succeeded: wall_s=1"
    assert texts[16] == "H1 supported: tool=b lowers wall_s (-0.5 s, n=2)"
    assert texts[17] == "conclusion of 1 statement"
    assert all(texts)


def test_history_cannot_steer_a_terminal(tmp_path: Path) -> None:
    """Escape sequences and line breaks in a note do not reach the screen, and long ones are cut."""
    with Journal.open(tmp_path / "j", clock=ticking()) as journal:
        journal.append(InboxReceived(kind="note", text="a\x1b[2J\nb\u202e" + "x" * 1000, sender="t"))
    (line,) = history(read(tmp_path / "j"))
    assert line.text.isprintable()
    assert len(line.text) <= 240
