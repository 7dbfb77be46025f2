"""Does a trial reproduce? A re-run is compared with the original, metric by metric. Pure.

Deterministic metrics must be equal within their tolerance. Others must lie inside the prediction interval of their
group's measured trials, mean +- t * s * sqrt(1 + 1/n), with 1 % error over all comparisons of the run (Bonferroni). A
re-run that failed or timed out is that, never a pass.
"""

import math
from collections.abc import Sequence
from typing import Literal

from curie.plan import Plan
from curie.records import MetricComparison, Outcome, Reproduction, TrialRecord
from curie.rigor.power import t_quantile
from tasks.study import Metric

RUN_ERROR = 0.01
"""Probability that a run of honest trials has any re-run outside its prediction interval."""
_FEWEST_PEERS = 3
_ROUNDING = 1e-12


def comparisons_in(plan: Plan, reruns: int) -> int:
    """How many comparisons by prediction interval a run with that many re-runs makes: at least 1."""
    return max(1, reruns * sum(not m.deterministic for m in plan.metrics))


def compare(
    plan: Plan, original: TrialRecord, rerun: TrialRecord, peers: Sequence[TrialRecord], family: int
) -> Reproduction:
    """Compare a re-run with its original.

    Args:
        plan: says which metrics are deterministic, and their tolerance.
        original: the measured trial, which succeeded.
        rerun: the same group and seed again, from a fresh export.
        peers: the measured trials of the same group, the original among them.
        family: comparisons of the whole run, see `comparisons_in`.

    Returns:
        A state that is final unless `needs_confirmation`: then run once more and call `confirm`.
    """
    if rerun.outcome != "succeeded":
        return _not_run(original, rerun)
    if bad := [m.name for m in plan.metrics if not math.isfinite(rerun.values.get(m.name, math.nan))]:
        reason = f"the re-run has no finite value of {', '.join(bad)}"
        return Reproduction(key=original.key, state="failed", reason=reason)
    comparisons = tuple(_compare_metric(m, original, rerun, peers, family) for m in plan.metrics)
    states = {c.state for c in comparisons}
    outside = [c.metric for c in comparisons if c.state == "outside"]
    if exact := _exact_outside(plan, comparisons):
        reason = f"{', '.join(exact)} changed although declared deterministic"
        return Reproduction(key=original.key, state="diverged", comparisons=comparisons, reason=reason)
    if outside:
        reason = f"{', '.join(outside)} outside the prediction interval of the group's trials"
        return Reproduction(key=original.key, state="diverged", comparisons=comparisons, reason=reason)
    if states == {"not_comparable"}:
        reason = "too few trials, or no spread among them, to say what a re-run may give"
        return Reproduction(key=original.key, state="not_comparable", comparisons=comparisons, reason=reason)
    unknown = [c.metric for c in comparisons if c.state == "not_comparable"]
    why = f"{', '.join(unknown)} could not be compared: too few trials, or no spread among them" if unknown else None
    return Reproduction(key=original.key, state="reproduced", comparisons=comparisons, reason=why)


def needs_confirmation(plan: Plan, seen: Reproduction) -> bool:
    """Whether to run once more before `diverged` stands.

    Not where a deterministic metric changed: one difference has disproved determinism, and equality later cannot
    restore it.
    """
    if seen.state != "diverged" or seen.confirmed:
        return False
    return not _exact_outside(plan, seen.comparisons)


def confirm(plan: Plan, first: Reproduction, second: Reproduction) -> Reproduction:
    """Combine a re-run that fell outside with a second one: `diverged` only if the same metric is outside in both.

    A deterministic metric that changed in the second is `diverged` too.

    Args:
        plan: says which metrics are deterministic.
        first: a comparison that `needs_confirmation`.
        second: the comparison of the confirming re-run with the same original.

    Returns:
        The second's comparisons with a final state. A confirming re-run that failed or timed out gives that state; one
        that was not attempted leaves the first as it was: the doubt stands.
    """
    if second.state == "not_attempted":
        return first
    if second.state in {"failed", "timed_out"}:
        why = f"{first.reason}; the confirming re-run: {second.reason or second.state}"
        return second.model_copy(update={"comparisons": first.comparisons, "confirmed": True, "reason": why})
    before = {c.metric for c in first.comparisons if c.state == "outside"}
    both = [c.metric for c in second.comparisons if c.state == "outside" and c.metric in before]
    if both or _exact_outside(plan, second.comparisons):
        why = f"{', '.join(both)} outside in two re-runs" if both else second.reason or "changed when run again"
        return second.model_copy(update={"state": "diverged", "confirmed": True, "reason": why})
    why = f"{first.reason} once, not in a second re-run"
    return second.model_copy(update={"state": "reproduced", "confirmed": True, "reason": why})


def _exact_outside(plan: Plan, comparisons: Sequence[MetricComparison]) -> list[str]:
    """Deterministic metrics that changed."""
    return [c.metric for c in comparisons if c.state == "outside" and plan.metric(c.metric).deterministic]


def _not_run(original: TrialRecord, rerun: TrialRecord) -> Reproduction:
    why = rerun.reason or f"the re-run ended as {rerun.outcome}"
    if rerun.outcome == "timed_out":
        return Reproduction(key=original.key, state="timed_out", reason=why)
    skipped: set[Outcome] = {"cancelled", "not_attempted"}
    if rerun.outcome in skipped:
        return Reproduction(key=original.key, state="not_attempted", reason=why)
    return Reproduction(key=original.key, state="failed", reason=why)


def _compare_metric(
    metric: Metric, original: TrialRecord, rerun: TrialRecord, peers: Sequence[TrialRecord], family: int
) -> MetricComparison:
    was, now = original.values[metric.name], rerun.values[metric.name]
    if metric.deterministic:
        bounds: tuple[float, float] | None = (was - metric.tolerance, was + metric.tolerance)
        equal = abs(now - was) <= metric.tolerance
    else:
        bounds = _prediction_interval([p.values[metric.name] for p in peers if metric.name in p.values], family)
        equal = now == was
    low, high = bounds or (None, None)
    return MetricComparison(
        metric=metric.name,
        original=was,
        rerun=now,
        low=low,
        high=high,
        state="equal" if equal else _place(metric, now, bounds),
    )


def _place(
    metric: Metric, value: float, bounds: tuple[float, float] | None
) -> Literal["inside", "outside", "not_comparable"]:
    """Where a value lies that is not equal to the original's."""
    if bounds is None:
        return "not_comparable"
    inside = not metric.deterministic and bounds[0] <= value <= bounds[1]
    return "inside" if inside else "outside"


def _prediction_interval(values: Sequence[float], family: int) -> tuple[float, float] | None:
    """Where one more trial of the group lies; None for fewer than three values, or if they have no spread.

    Equal values say nothing of the spread: by exchangeability alone a new value may differ with probability 1/(n + 1).
    """
    n = len(values)
    if n < _FEWEST_PEERS or not all(map(math.isfinite, values)):
        return None
    try:
        mean = math.fsum(values) / n
        sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    except OverflowError:
        return None
    if sd <= _ROUNDING * max(map(abs, values)):
        return None
    half = t_quantile(1 - RUN_ERROR / (2 * family), n - 1) * sd * math.sqrt(1 + 1 / n)
    return mean - half, mean + half
