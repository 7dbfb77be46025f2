"""The table of trials: the ones that matter first, and exactly how many are not listed. Pure."""

from dataclasses import dataclass

from curie.design_groups import level_text
from curie.page.bounds import Bounds, Listed, bounded
from curie.records import Purpose, TrialRecord
from curie.schedule import original_key
from curie.state import RunState

_COLUMNS = 8
"""Columns beside the metrics."""
_PURPOSES: tuple[Purpose, ...] = ("gate", "pilot", "measure", "reproduce", "confirm")


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial's line."""

    record: TrialRecord
    settings: str
    """Such as `algorithm=merge, size=200`; of what varies only."""
    rerun: str
    """State of its re-run in words; empty if it was not run again."""

    @property
    def disturbed(self) -> bool:
        """Whether it ran beside foreign load."""
        used = self.record.resources
        return used is not None and used.interference.disturbed


def trial_rows(state: RunState, bounds: Bounds) -> Listed[TrialRow]:
    """A row a trial in the order of blocks; where not all fit, those that failed, were disturbed or run again first."""
    metrics = len(state.plan.metrics) if state.plan else 0
    rows = [_row(state, record) for record in state.trials.values()]
    listed = bounded(sorted(rows, key=_weight), bounds.cells // (_COLUMNS + metrics))
    return Listed(shown=tuple(sorted(listed.shown, key=_place)), left_out=listed.left_out)


def _row(state: RunState, record: TrialRecord) -> TrialRow:
    rerun = state.reproductions.get(original_key(record.key))
    return TrialRow(
        record=record,
        settings=settings_text(state, record),
        rerun=rerun.state.replace("_", " ") if rerun is not None and record.purpose == "measure" else "",
    )


def settings_text(state: RunState, record: TrialRecord) -> str:
    """The levels of the varied variables, as the plan names them."""
    plan = state.plan
    group = next((g for g in plan.groups if g.id == record.group), None) if plan else None
    if plan is None or group is None:
        return ", ".join(f"{name}={level_text(value)}" for name, value in record.settings.items())
    varied = [v.name for v in plan.variables if v.role != "constant"]
    return ", ".join(f"{name}={level_text(group.settings[name])}" for name in varied if name in group.settings)


def _weight(row: TrialRow) -> tuple[bool, bool, bool, tuple[int, int, int, str]]:
    """What is told first: failures, disturbances, re-runs."""
    failed = row.record.outcome != "succeeded"
    return (not failed, not row.disturbed, not row.rerun, _place(row))


def _place(row: TrialRow) -> tuple[int, int, int, str]:
    """The order of execution as far as the design fixes it."""
    record = row.record
    return (_PURPOSES.index(record.purpose), record.block, record.position, record.key)
