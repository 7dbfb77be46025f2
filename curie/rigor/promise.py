"""What a plan promises before it runs: power and time, and only from a spread and a duration that were seen. Pure."""

from collections.abc import Mapping

from curie.plan import Hypothesis, Plan
from curie.rigor.power import fixed_power, stein_power
from curie.rigor.stages import family, worst_alpha
from tasks.study import Frozen


class Promise(Frozen):
    """The power of one hypothesis."""

    hypothesis: str
    power: float | None
    """Probability of deciding a true effect as far beyond the threshold as the threshold is from 0 (for `same`: a true
    effect of 0); None if the spread or the smallest effect of interest is not known."""


def declared_sds(plan: Plan, by_metric: Mapping[str, float]) -> dict[str, float]:
    """Standard deviation of a block contrast by hypothesis, from a declaration by metric."""
    return {h.id: by_metric[h.rule.metric] for h in family(plan) if by_metric.get(h.rule.metric)}


def promised_power(plan: Plan, sds: Mapping[str, float]) -> tuple[Promise, ...]:
    """The power of each tested hypothesis at Holm's worst case, alpha over the number of hypotheses.

    `sds` gives the standard deviation of a block contrast by hypothesis, from a pilot (`contrasts.contrast_sds`) or
    declared (`declared_sds`). What is not known is None, never guessed.
    """
    return tuple(Promise(hypothesis=h.id, power=_power(plan, h, sds.get(h.id))) for h in family(plan))


def expected_blocks(plan: Plan) -> tuple[int, int]:
    """Fewest and most blocks that the plan can come to."""
    return plan.repetitions.blocks, plan.repetitions.max_blocks


def expected_seconds(plan: Plan, trial_s: float | None, blocks: int, lanes: int = 1) -> float | None:
    """Wall-clock seconds for the gate and `blocks` blocks; None if a trial's duration is not known.

    `lanes` trials run at once, but only one if the plan asks for an exclusive machine. Re-runs are not included.
    """
    if trial_s is None:
        return None
    at_once = 1 if plan.resources.exclusive else max(1, lanes)
    return trial_s * (1 + blocks * len(plan.groups) / at_once)


def _power(plan: Plan, hypothesis: Hypothesis, sd: float | None) -> float | None:
    threshold, repetitions = hypothesis.rule.threshold, plan.repetitions
    if not sd or threshold <= 0:
        return None
    alpha, same, distance = worst_alpha(plan), hypothesis.direction == "same", threshold / sd
    if repetitions.kind == "fixed":
        return fixed_power(repetitions.blocks, distance, alpha, same=same)
    first, most = repetitions.blocks, repetitions.max_blocks
    return stein_power(first, most, distance, alpha, repetitions.power, same=same)
