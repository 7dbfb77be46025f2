"""The state of a run as a fold of its events."""

from datetime import UTC, datetime
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from curie.journal.chain import Entry
from curie.journal.events import (
    BlocksDecided,
    DiagnosticRecorded,
    EnvironmentBuilt,
    Event,
    InboxReceived,
    PlanFrozen,
    RunFinished,
    RunResumed,
    RunStopped,
    TailDropped,
    TrialFinished,
    TrialInterrupted,
    TrialStarted,
)
from curie.records import Diagnostic
from curie.state import RunState, project
from tests.curie.sample_run import events, finding, plan, record


def entries(items: list[Event]) -> list[Entry]:
    """Events as entries; the fold reads nothing but the event."""
    return [Entry(seq=i, time=datetime.now(UTC), event=e, hash="0" * 64) for i, e in enumerate(items, start=1)]


def of(*items: Event) -> RunState:
    """The state after these events."""
    return project(entries(list(items)))


REVISION = plan().model_copy(update={"revision": 2, "reason": "the command had a typo"})
EXTRA: list[Event] = [
    RunResumed(curie_version="0.1.0"),
    TailDropped(bytes_dropped=3, saved_as="journal.torn-1"),
    RunStopped(reason="interrupted", detail="Ctrl-C"),
    RunFinished(events=1, head="0" * 64, files=()),
    BlocksDecided(blocks=9, reason="variance"),
    EnvironmentBuilt(digest="a" * 64, resolved=(), interpreter="python", cached=False),
    TrialStarted(key="control-r01", attempt=2),
    TrialInterrupted(key="control-r01", attempt=2, reason="killed"),
    TrialFinished(record=record("control-r01", "control", 2.0, attempt=2)),
    PlanFrozen(
        plan=REVISION,
        digest=REVISION.digest(),
        diagnostics=(Diagnostic(id="lint/x", severity="warning", message="m"),),
    ),
    InboxReceived(kind="cancel", text="", sender="t"),
    InboxReceived(kind="note", text="n", sender="t"),
]
ANY = st.lists(st.sampled_from([*events(), *EXTRA]), max_size=30)


@given(ANY, st.integers(0, 30))
def test_folding_is_the_same_in_one_go_and_by_steps(items: list[Event], cut: int) -> None:
    """Event by event, in one go, or in one go and then by steps: the state is the same."""
    stepwise = reduce(RunState.apply, items, RunState())
    mixed = reduce(RunState.apply, items[cut:], of(*items[:cut]))
    assert stepwise == of(*items) == mixed


@given(ANY, st.sampled_from(EXTRA))
def test_applying_never_changes_the_old_state(items: list[Event], event: Event) -> None:
    """A state that was handed out stays what it was."""
    state = of(*items)
    state.apply(event)
    assert state == of(*items)


@given(ANY)
def test_an_attempt_is_open_only_between_start_and_end(items: list[Event]) -> None:
    """Open attempts were started, and none is numbered above the highest start."""
    state = of(*items)
    assert set(state.open_attempts) <= set(state.attempts)
    assert all(number <= state.attempts[key] for key, number in state.open_attempts.items())


def test_a_whole_run() -> None:
    """Every field holds what its event said."""
    state = of(*events())
    assert state.plan == plan()
    assert state.plan_digest == plan().digest()
    assert set(state.trials) == {"control-r01", "g01-r01", "control-r02", "g01-r02"}
    assert state.findings == {"F-H1": finding()}
    assert state.tags == ("first",)
    assert state.inputs["data"].size_bytes == 5
    assert (state.open_attempts, state.attempts["g01-r02"], state.finished) == ({}, 1, None)


def test_a_killed_attempt_is_open_until_it_is_interrupted() -> None:
    """A start without an end is open; its interruption closes it and the count stays."""
    started = of(TrialStarted(key="control-r01", attempt=1))
    assert started.open_attempts == {"control-r01": 1}
    closed = started.apply(TrialInterrupted(key="control-r01", attempt=1, reason="killed"))
    assert (closed.open_attempts, closed.attempts) == ({}, {"control-r01": 1})


def test_both_results_of_a_redo_stay() -> None:
    """A later record of the same key is the current one; the earlier is kept beside it."""
    first, second = record("control-r01", "control", 1.0), record("control-r01", "control", 2.0, attempt=2)
    state = of(TrialFinished(record=first), TrialFinished(record=second))
    assert (state.trials["control-r01"], state.superseded) == (second, (first,))


def test_a_revision_replaces_the_plan_and_its_blocks() -> None:
    """The latest revision counts; the second stage's decision belonged to the old one; both are kept."""
    state = of(PlanFrozen(plan=plan(), digest="a"), BlocksDecided(blocks=9, reason="r"), EXTRA[9])
    assert (state.plan, state.blocks_decided, len(state.revisions)) == (REVISION, None, 2)
    assert [d.id for d in state.diagnostics] == ["lint/x"]


def test_resuming_clears_stop_and_cancel() -> None:
    """A resumed run is neither stopped nor asked to stop."""
    state = of(EXTRA[10], EXTRA[2])
    assert (state.cancel_requested, state.stopped) == (True, EXTRA[2])
    resumed = state.apply(EXTRA[0])
    assert (resumed.cancel_requested, resumed.stopped) == (False, None)


def test_a_diagnostic_that_json_cannot_say_is_counted_once() -> None:
    """A lone surrogate, as it comes out of a file name that is no UTF-8, stops nobody from reading the run."""
    odd = DiagnosticRecorded(diagnostic=Diagnostic(id="data/odd", severity="note", message="file \ud800"))
    state = RunState().apply(odd).apply(odd)
    assert state.diagnostics == (odd.diagnostic,)
