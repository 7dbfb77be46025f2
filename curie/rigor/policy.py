"""Who may write what, and what may be tried again. Pure functions over events and records."""

from collections.abc import Sequence
from typing import Literal

from curie.journal.events import Event, TrialFinished
from curie.records import Purpose, TrialRecord
from tasks.study import Frozen

Role = Literal["driver", "architect", "technician", "verifier", "runner", "reproducer", "analyst", "concluder"]
EventType = Literal[
    "run_created",
    "run_resumed",
    "tail_dropped",
    "snapshot_taken",
    "input_declared",
    "data_profiled",
    "environment_built",
    "plan_frozen",
    "sandbox_chosen",
    "trial_started",
    "trial_interrupted",
    "trial_finished",
    "blocks_decided",
    "trial_reproduced",
    "finding_recorded",
    "conclusion_recorded",
    "diagnostic_recorded",
    "run_stopped",
    "inbox_received",
    "run_finished",
]

_TRIAL: frozenset[EventType] = frozenset({"trial_started", "trial_interrupted", "trial_finished"})
_MAY_WRITE: dict[Role, frozenset[EventType]] = {
    "driver": frozenset(
        {
            "run_created",
            "run_resumed",
            "tail_dropped",
            "snapshot_taken",
            "input_declared",
            "data_profiled",
            "environment_built",
            "sandbox_chosen",
            "trial_interrupted",
            "diagnostic_recorded",
            "run_stopped",
            "inbox_received",
            "run_finished",
        }
    ),
    "architect": frozenset({"plan_frozen", "diagnostic_recorded"}),
    "technician": frozenset({"snapshot_taken", "environment_built", "diagnostic_recorded"}),
    "verifier": _TRIAL | {"diagnostic_recorded"},
    "runner": _TRIAL | {"blocks_decided", "diagnostic_recorded"},
    "reproducer": _TRIAL | {"trial_reproduced", "diagnostic_recorded"},
    "analyst": frozenset({"finding_recorded", "diagnostic_recorded"}),
    "concluder": frozenset({"conclusion_recorded", "diagnostic_recorded"}),
}
_MAY_RUN: dict[Role, frozenset[Purpose]] = {
    "verifier": frozenset({"gate"}),
    "runner": frozenset({"pilot", "measure"}),
    "reproducer": frozenset({"reproduce", "confirm"}),
}


class Decision(Frozen):
    """Whether something may happen, and why."""

    allowed: bool
    reason: str


def permit(role: Role, event: Event) -> bool:
    """Whether `role` may write `event`: its kind, and for a finished trial also what the trial was for."""
    if event.type not in _MAY_WRITE[role]:
        return False
    if isinstance(event, TrialFinished):
        return event.record.purpose in _MAY_RUN.get(role, frozenset())
    return True


def may_attempt(
    key: str, finished: Sequence[TrialRecord], interrupted: int, *, limit: int = 3, defect: str | None = None
) -> Decision:
    """Whether a trial may be attempted (again).

    A trial that never finished may be, up to `limit` interruptions. One that finished, well or badly, may not: its
    result has been seen, and trying until it pleases is no experiment, unless a recorded defect is cited.

    Args:
        key: the trial.
        finished: all records so far.
        interrupted: attempts of this trial that ended without a result.
        limit: attempts that may end without a result.
        defect: id of the diagnostic that shows why its result cannot stand.
    """
    done = [r for r in finished if r.key == key]
    if done and defect is None:
        return Decision(allowed=False, reason=f"{key} has a result ({done[-1].outcome}); a redo must cite a defect")
    if done:
        return Decision(allowed=True, reason=f"redone because of {defect}; both results stay")
    if interrupted >= limit:
        return Decision(allowed=False, reason=f"{key} was interrupted {interrupted} times; the limit is {limit}")
    return Decision(allowed=True, reason="has no result yet" if interrupted else "first attempt")
