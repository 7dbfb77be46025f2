"""How many trials and re-runs of a run came to what. Pure."""

from collections import Counter

from curie.records import Outcome
from curie.state import RunState
from tasks.study import Frozen


class TrialCounts(Frozen):
    """Measured trials by outcome; the gate and re-runs are not among them."""

    planned: int
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    out_of_memory: int = 0
    cancelled: int = 0
    not_attempted: int = 0
    disturbed: int = 0
    """Of the succeeded ones, how many ran beside foreign load."""


class ReproductionCounts(Frozen):
    """Re-run trials by state; only `reproduced` is a pass."""

    sampled: int
    reproduced: int = 0
    diverged: int = 0
    failed: int = 0
    timed_out: int = 0
    not_attempted: int = 0
    not_comparable: int = 0
    uncompared: tuple[str, ...] = ()
    """Metrics in which at least one re-run could not be compared with its original."""

    @property
    def ok(self) -> bool:
        """Whether nothing that was re-run came out differently or failed."""
        return self.diverged == self.failed == self.timed_out == 0


def count_trials(state: RunState) -> TrialCounts:
    """Measured trials by outcome; what was planned and has no record is `not_attempted`."""
    measured = [r for r in state.trials.values() if r.purpose == "measure"]
    by: Counter[Outcome] = Counter(r.outcome for r in measured)
    planned = planned_trials(state)
    disturbed = sum(r.resources is not None and r.resources.interference.disturbed for r in measured)
    return TrialCounts(
        planned=planned,
        succeeded=by["succeeded"],
        failed=by["failed"],
        timed_out=by["timed_out"],
        out_of_memory=by["out_of_memory"],
        cancelled=by["cancelled"],
        not_attempted=max(0, planned - len(measured)) + by["not_attempted"],
        disturbed=disturbed,
    )


def planned_trials(state: RunState) -> int:
    """Measured trials that the plan asks for, as far as its stages are decided."""
    return len(state.plan.groups) * blocks_planned(state) if state.plan else 0


def blocks_planned(state: RunState) -> int:
    """Blocks in all, as far as the stages are decided; 0 without a plan."""
    return (state.blocks_decided or state.plan.repetitions.blocks) if state.plan else 0


def blocks_complete(state: RunState) -> int:
    """Blocks in which every group's measured trial succeeded."""
    done = {(r.block, r.group) for r in state.trials.values() if r.purpose == "measure" and r.outcome == "succeeded"}
    groups = [group.id for group in state.plan.groups] if state.plan else []
    return sum(all((block, group) in done for group in groups) for block in range(1, blocks_planned(state) + 1))


def count_reproductions(state: RunState) -> ReproductionCounts:
    """Re-runs by state."""
    by = Counter(r.state for r in state.reproductions.values())
    return ReproductionCounts(
        sampled=len(state.reproductions),
        reproduced=by["reproduced"],
        diverged=by["diverged"],
        failed=by["failed"],
        timed_out=by["timed_out"],
        not_attempted=by["not_attempted"],
        not_comparable=by["not_comparable"],
        uncompared=tuple(sorted(_uncompared(state))),
    )


def _uncompared(state: RunState) -> set[str]:
    return {c.metric for r in state.reproductions.values() for c in r.comparisons if c.state == "not_comparable"}
