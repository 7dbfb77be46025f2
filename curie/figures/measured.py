"""The measured values that figures show, taken from a dossier once. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from curie.dossier import Dossier
from curie.journal.events import TrialStarted
from curie.plan import Plan
from curie.records import TrialRecord
from curie.rigor.contrasts import mean
from tasks.study import Metric

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Value:
    """One finite value of a trial that succeeded."""

    group: str
    block: int
    rank: int
    """Place among the measured trials in the order of their start, from 0."""
    value: float
    disturbed: bool


@dataclass(frozen=True)
class Measured:
    """A plan and what was measured for it."""

    plan: Plan
    records: tuple[TrialRecord, ...]
    """Measured trials in the order of their start, those that failed included."""

    def values(self, metric: str) -> tuple[Value, ...]:
        """Every finite value of the metric, in the order of execution."""
        return tuple(
            Value(r.group, r.block, rank, r.values[metric], is_disturbed(r))
            for rank, r in enumerate(self.records)
            if r.outcome == "succeeded" and math.isfinite(r.values.get(metric, math.nan))
        )


def measured(dossier: Dossier, plan: Plan) -> Measured:
    """The measured trials of the dossier, ordered by the event that started them."""
    started = {
        (e.event.key, e.event.attempt): number
        for number, e in enumerate(dossier.entries)
        if isinstance(e.event, TrialStarted)
    }
    known = {group.id for group in plan.groups}
    records = [r for r in dossier.measured if r.group in known]
    last = len(dossier.entries)
    return Measured(plan, tuple(sorted(records, key=lambda r: started.get((r.key, r.attempt), last))))


def is_disturbed(record: TrialRecord) -> bool:
    """Whether the trial ran beside foreign load."""
    return record.resources is not None and record.resources.interference.disturbed


def by_group(values: Sequence[Value]) -> Mapping[str, list[Value]]:
    """The values of every group that has any."""
    found: dict[str, list[Value]] = {}
    for value in values:
        found.setdefault(value.group, []).append(value)
    return found


def mean_of(values: Sequence[Value]) -> float:
    """The mean of at least one value."""
    return mean([v.value for v in values])


def better_text(metric: Metric) -> str:
    """Which direction is an improvement, in words; empty if none is."""
    return "" if metric.better == "none" else f"{metric.better} is better"


def spread_evenly(items: Sequence[T], most: int) -> Sequence[T]:
    """At most that many of the items, evenly spaced, the first and the last included."""
    if len(items) <= most:
        return items
    return [items[round(i * (len(items) - 1) / (most - 1))] for i in range(most)]
