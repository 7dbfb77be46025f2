"""Deterministic metrics: compared block by block within their tolerance, never tested. Pure.

A deterministic metric has the same value for the same settings and seed; a block then has no chance in it, and the
verdict is a count: every block on the predicted side, every block on the other, or some of each.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from curie.plan import Hypothesis, Plan
from curie.records import TrialRecord, Verdict
from curie.rigor.contrasts import BlockContrasts, Trials
from tasks.study import Direction


@dataclass(frozen=True, slots=True)
class ExactResult:
    """What the comparison of all complete blocks says."""

    verdict: Verdict
    holds: int
    """Blocks on the predicted side."""
    reason: str


def on_predicted_side(direction: Direction, contrast: float, threshold: float, tolerance: float) -> bool:
    """Whether one block's contrast is as predicted; contrasts within `tolerance` of the threshold count as equal to it.

    Equality is exact here, so that "not higher" refutes `higher`, and no difference refutes `different`.
    """
    if direction == "higher":
        return contrast > threshold + tolerance
    if direction == "lower":
        return contrast < -threshold - tolerance
    beyond = abs(contrast) > threshold + tolerance
    return beyond if direction == "different" else not beyond


def compare_blocks(hypothesis: Hypothesis, seen: BlockContrasts, tolerance: float) -> ExactResult:
    """Count the blocks in which the prediction holds; `seen` must have at least one complete block."""
    threshold = hypothesis.rule.threshold
    holds = sum(on_predicted_side(hypothesis.direction, c, threshold, tolerance) for c in seen.values)
    n = len(seen.values)
    if holds == n:
        return ExactResult("supported", holds, f"holds exactly in {_all_of(n)}")
    if holds == 0:
        return ExactResult("refuted", 0, f"fails exactly in {_all_of(n)}")
    return ExactResult("inconclusive", holds, f"holds in {holds} of {n} blocks")


def contradiction(plan: Plan, hypothesis: Hypothesis, trials: Trials, blocks: int) -> str | None:
    """Why the metric is not deterministic after all: two values for one group and seed; None if there are none.

    Where the command takes no seed, all trials of a group are repetitions of each other.
    """
    metric = plan.metric(hypothesis.rule.metric)
    for group in hypothesis.rule.contrast.weights:
        alike: defaultdict[int, list[float]] = defaultdict(list)
        for record in trials.group(group, blocks):
            alike[record.seed if plan.replicate_over == "seed" else 0].extend(_values(record, metric.name))
        for values in alike.values():
            if max(values, default=0.0) - min(values, default=0.0) > metric.tolerance:
                shown = f"{min(values):.6g} and {max(values):.6g}"
                return f"{metric.name} is declared deterministic, but {group} gave {shown} with the same settings"
    return None


def _values(record: TrialRecord, metric: str) -> Sequence[float]:
    value = record.values.get(metric)
    return () if record.outcome != "succeeded" or value is None else (value,)


def _all_of(n: int) -> str:
    return "the one block" if n == 1 else f"all {n} blocks"
