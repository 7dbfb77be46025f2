"""What could decide an inconclusive finding, and what that would cost. Pure.

The advice is always a *new* run with more blocks: adding blocks to this one because of its result would be stopping
on a test result, which no level survives.
"""

import math
from collections.abc import Mapping, Sequence

from curie.plan import Hypothesis, Plan
from curie.records import Decider, Purpose, TrialRecord
from curie.rigor.power import least_blocks
from curie.rigor.stages import blocks_to_decide
from curie.rigor.statistics import Estimate, distance

_FIRST_LOOK = 10
_FAR = 20
"""Times the blocks at hand: beyond it, an extrapolation of noise needs an alternative."""


def mean_span(records: Sequence[TrialRecord], purpose: Purpose = "measure") -> float | None:
    """Mean seconds that a trial of that purpose cost, sandbox included; None if none succeeded."""
    used = [r.resources for r in records if r.purpose == purpose and r.outcome == "succeeded" and r.resources]
    seen = [u.wall_s if u.span_s is None else u.span_s for u in used]
    return math.fsum(seen) / len(seen) if seen else None


def fix_failures(missing: Mapping[str, int]) -> Decider:
    """More blocks do not help where trials do not succeed."""
    if set(missing) == {"not_attempted"}:
        return Decider(blocks=None, seconds=None, advice="run what is missing: `curie resume`")
    return Decider(blocks=None, seconds=None, advice=f"fix the failures: {outcome_counts(missing)}")


def fix_reproduction(reason: str) -> Decider:
    """More blocks do not help where a trial does not reproduce."""
    return Decider(blocks=None, seconds=None, advice=f"find out why the re-run differs: {reason}")


def not_replicated(metric: str, *, seeded: bool) -> Decider:
    """Repeating what never changes adds nothing."""
    how = (
        "let {seed} (or the seed in CURIE_TRIAL) reach it"
        if seeded
        else "add {seed} to the command if chance plays a part"
    )
    advice = f"declare {metric} deterministic if it is, so that it is compared exactly; else {how}"
    return Decider(blocks=None, seconds=None, advice=advice)


def run_again(metric: str) -> Decider:
    """Determinism has to be seen once."""
    advice = f"let a trial run again (do not ask for --reproduce 0), or do not declare {metric} deterministic"
    return Decider(blocks=None, seconds=None, advice=advice)


def not_deterministic(metric: str) -> Decider:
    """A metric that changes with the seed, or without it, has to be tested."""
    advice = f"declare {metric} as not deterministic: it is then tested over the blocks"
    return Decider(blocks=None, seconds=None, advice=advice)


def more_blocks(plan: Plan, hypothesis: Hypothesis, seen: Estimate, level: float, wall_s: float | None) -> Decider:
    """Blocks for an effect as large as it looked, else for one of the smallest size of interest."""
    if seen.constant:
        return _enough_for_signs(plan, hypothesis, seen, level, wall_s)
    threshold = hypothesis.rule.threshold
    gap = abs(distance(hypothesis.direction, seen.effect, threshold))
    total, basis = blocks_to_decide(plan, gap, seen.sd), "if the effect is as large as it looked here"
    interest = blocks_to_decide(plan, threshold, seen.sd)
    if interest is not None and (total is None or interest < total):
        total, basis = interest, "for a true effect of twice the smallest one of interest"
    if total is None:
        advice = "the effect looks too close to the threshold for any number of blocks: declare the smallest effect"
        return Decider(blocks=None, seconds=None, advice=f"{advice} of interest (--min-effect), or accept no answer")
    total = max(total, seen.n + 1)
    if total > _FAR * seen.n and threshold == 0:
        basis += "; cheaper: name the smallest effect of interest (--min-effect), whose absence can be shown too"
    return _decider(plan, total, seen.n, f"would decide it with power {plan.repetitions.power:g} {basis}", wall_s)


def first_blocks(plan: Plan, n: int, wall_s: float | None) -> Decider:
    """A spread needs at least two blocks, and a verdict usually ten."""
    return _decider(plan, max(_FIRST_LOOK, n + 1), n, "would show how far the blocks vary", wall_s)


def _enough_for_signs(
    plan: Plan, hypothesis: Hypothesis, seen: Estimate, level: float, wall_s: float | None
) -> Decider:
    metric = hypothesis.rule.metric
    needed = least_blocks(level)
    if needed <= seen.n:  # enough blocks, but the value is the threshold itself
        return Decider(
            blocks=None,
            seconds=None,
            advice=f"every block gave the threshold itself; if {metric} has no chance in it, declare it deterministic",
        )
    purpose = f"would decide it if they agree as these do; or declare {metric} deterministic, if it is"
    return _decider(plan, needed, seen.n, purpose, wall_s)


def _decider(plan: Plan, total: int, n: int, purpose: str, wall_s: float | None) -> Decider:
    extra = total - n
    seconds = None if wall_s is None else extra * len(plan.groups) * wall_s
    return Decider(blocks=extra, seconds=seconds, advice=f"a new run with --repeat {total} {purpose}")


def outcome_counts(missing: Mapping[str, int]) -> str:
    """Such as `2 trials failed, 1 trial timed out`."""
    return ", ".join(
        f"{count} trial{'' if count == 1 else 's'} {_SAID.get(outcome, outcome)}"
        for outcome, count in sorted(missing.items())
    )


_SAID = {
    "failed": "failed",
    "timed_out": "timed out",
    "out_of_memory": "ran out of memory",
    "cancelled": "cancelled",
    "not_attempted": "not attempted",
}
