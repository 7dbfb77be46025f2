"""The second stage of a two-stage design: how many blocks, from the first stage's variance alone. Pure.

For normal contrasts the first stage's variance is independent of every mean (Stein 1945), so looking at it, and at it
only, costs no error. No test result is ever looked at.
"""

import math
from collections.abc import Sequence

from curie.plan import Hypothesis, Plan
from curie.records import TrialRecord
from curie.rigor.contrasts import Trials
from curie.rigor.power import required_blocks, stein_blocks, stein_multiplier
from curie.rigor.statistics import estimate
from tasks.study import Frozen


class StageDecision(Frozen):
    """Blocks in all, and why."""

    blocks: int
    reason: str


def family(plan: Plan) -> tuple[Hypothesis, ...]:
    """The hypotheses that share the plan's error: tested, and no calibration."""
    return tuple(h for h in plan.hypotheses if not h.calibration and h.rule.test != "exact")


def worst_alpha(plan: Plan) -> float:
    """The level of Holm's first step: what a hypothesis has to pass if no other is rejected before it."""
    tested = family(plan)
    if not tested:
        return plan.hypotheses[0].rule.alpha if plan.hypotheses else 0.05
    return tested[0].rule.alpha / len(tested)


def decide_blocks(plan: Plan, records: Sequence[TrialRecord]) -> StageDecision:
    """How many blocks the plan has in all; of a two-stage design, once the first stage has run.

    The neediest hypothesis with a threshold decides. One whose first stage is too incomplete to have a variance has no
    say: its finding will be inconclusive anyway.
    """
    first, most = plan.repetitions.blocks, plan.repetitions.max_blocks
    if plan.repetitions.kind == "fixed":
        return StageDecision(blocks=first, reason=f"fixed by the plan at {first}")
    trials = Trials(records)
    decision = StageDecision(blocks=first, reason=f"the first stage's {first} blocks are enough")
    for hypothesis in family(plan):
        wanted = _wanted(plan, hypothesis, trials)
        if wanted is not None and wanted[0] > decision.blocks:
            blocks, spread = wanted
            unit = plan.metric(hypothesis.rule.metric).unit
            capped = f" (the most that the plan allows is {most})" if blocks == most else ""
            reason = f"{hypothesis.id} varies by {spread:.3g} {unit} (standard deviation) in the first {first} blocks"
            decision = StageDecision(blocks=blocks, reason=reason + capped)
    return decision


def _wanted(plan: Plan, hypothesis: Hypothesis, trials: Trials) -> tuple[int, float] | None:
    """Blocks in all and the spread seen; None if there is nothing to aim at or too little to say."""
    rule, repetitions = hypothesis.rule, plan.repetitions
    if rule.threshold <= 0:
        return None
    seen = trials.contrasts(rule.contrast.weights, rule.metric, repetitions.blocks)
    spread = estimate(seen.values, seen.magnitude)
    if spread is None or spread.constant:
        return None
    same = hypothesis.direction == "same"
    multiplier = stein_multiplier(spread.n, worst_alpha(plan), repetitions.power, same=same)
    blocks = stein_blocks(repetitions.blocks, repetitions.max_blocks, rule.threshold / spread.sd, multiplier)
    return blocks, spread.sd


def blocks_to_decide(plan: Plan, gap: float, sd: float) -> int | None:
    """Blocks with which a new run of this plan would decide a true effect `gap` beyond the boundary.

    None if no reasonable number would. `gap` and `sd` (of a block contrast) have the metric's unit.
    """
    if not (gap > 0 and sd > 0 and math.isfinite(gap / sd)):
        return None
    return required_blocks(gap / sd, worst_alpha(plan), plan.repetitions.power)
