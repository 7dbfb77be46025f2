"""The analyst: applies the frozen decision rules to the records. Pure: the same records give the same findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curie.plan import Hypothesis, Plan
from curie.records import Decider, Finding, Interval, Reproduction, TrialRecord, Verdict
from curie.rigor import advice, exact
from curie.rigor.contrasts import BlockContrasts, Trials, mean
from curie.rigor.power import least_blocks, visible_distance
from curie.rigor.reversals import reversals
from curie.rigor.stages import decide_blocks, family, worst_alpha
from curie.rigor.statistics import UNBOUNDED, Estimate, HolmStep, estimate, holm, interval, p_value, verdict
from curie.schedule import original_key

_BLOCKING = {
    "diverged": "did not reproduce",
    "failed": "failed when it was run again",
    "timed_out": "timed out when it was run again",
}


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the records hold on one hypothesis."""

    hypothesis: Hypothesis
    seen: BlockContrasts
    estimate: Estimate | None
    planned: int
    obstacle: tuple[str, Decider] | None
    """Why nothing can be decided whatever the numbers say, and what to do about it."""

    @property
    def p(self) -> float | None:
        """The p value; None for exact comparisons and where nothing can be decided."""
        rule = self.hypothesis.rule
        if rule.test == "exact" or self.obstacle or self.estimate is None:
            return None
        return p_value(self.estimate, self.hypothesis.direction, rule.threshold)


def analyse(
    plan: Plan, records: Sequence[TrialRecord], reproductions: Sequence[Reproduction] = ()
) -> tuple[Finding, ...]:
    """One finding per hypothesis, in the plan's order.

    A hypothesis is inconclusive, whatever its numbers say, if a trial of its groups is missing or did not succeed, or
    if a re-run of one of them diverged in its metric, failed or timed out.

    Args:
        plan: the frozen plan.
        records: all trial records; only measured trials are analysed.
        reproductions: what the re-runs gave, by key of the original trial.
    """
    trials = Trials(records)
    planned = decide_blocks(plan, records).blocks
    wall_s = advice.mean_span(records)
    groups = {r.key: r.group for r in records}
    evidence = [_gather(plan, h, trials, planned, reproductions, groups) for h in plan.hypotheses]
    steps = _steps(plan, evidence)
    findings = (_finding(plan, e, steps.get(e.hypothesis.id), wall_s) for e in evidence)
    return tuple(
        finding.model_copy(update={"reversed_in": reversals(plan, e.hypothesis, trials, planned, finding.effect)})
        if finding.effect
        else finding
        for finding, e in zip(findings, evidence, strict=True)
    )


def _gather(
    plan: Plan,
    hypothesis: Hypothesis,
    trials: Trials,
    planned: int,
    reproductions: Sequence[Reproduction],
    groups: Mapping[str, str],
) -> _Evidence:
    rule = hypothesis.rule
    trouble = _rerun_trouble(hypothesis, reproductions, groups)
    seen = trials.contrasts(rule.contrast.weights, rule.metric, planned)
    first = plan.repetitions.blocks if rule.test == "block-t-stein" else None
    obstacle: tuple[str, Decider] | None = None
    if seen.missing:
        obstacle = f"trials are missing: {advice.outcome_counts(seen.missing)}", advice.fix_failures(seen.missing)
    elif trouble:
        obstacle = trouble, advice.fix_reproduction(trouble)
    elif rule.test != "exact" and trials.unchanging(rule.contrast.weights, rule.metric, planned):
        seeded = plan.replicate_over == "seed"
        reason = f"{rule.metric} is the same in all {planned} blocks of each group"
        if seeded:
            reason += ", although their seeds differ: no seed reaches it"
        reason += ", so that the blocks are one measurement and not many"
        obstacle = reason, advice.not_replicated(rule.metric, seeded=seeded)
    elif rule.test == "exact" and not _determinism_seen(plan, hypothesis, planned, reproductions, groups):
        obstacle = (
            f"nothing was run twice with the same seed, so that nobody knows whether {rule.metric} is deterministic",
            advice.run_again(rule.metric),
        )
    elif rule.test == "exact" and (other := exact.contradiction(plan, hypothesis, trials, planned)):
        obstacle = other, advice.not_deterministic(rule.metric)
    return _Evidence(hypothesis, seen, estimate(seen.values, seen.magnitude, first), planned, obstacle)


def _determinism_seen(
    plan: Plan, hypothesis: Hypothesis, planned: int, reproductions: Sequence[Reproduction], groups: Mapping[str, str]
) -> bool:
    """Whether the same settings and seed ran at least twice in one of the hypothesis' groups."""
    if plan.replicate_over == "run" and planned > 1:
        return True
    weights, metric = hypothesis.rule.contrast.weights, hypothesis.rule.metric
    return any(
        groups.get(original_key(rerun.key)) in weights and any(c.metric == metric for c in rerun.comparisons)
        for rerun in reproductions
    )


def _rerun_trouble(
    hypothesis: Hypothesis, reproductions: Sequence[Reproduction], groups: Mapping[str, str]
) -> str | None:
    """The first re-run of one of the hypothesis' groups that speaks against its metric."""
    for rerun in reproductions:
        key = original_key(rerun.key)
        if rerun.state not in _BLOCKING or groups.get(key) not in hypothesis.rule.contrast.weights:
            continue
        compared = {c.metric: c.state for c in rerun.comparisons}
        if rerun.state != "diverged" or compared.get(hypothesis.rule.metric, "outside") == "outside":
            return f"trial {key} {_BLOCKING[rerun.state]}"
    return None


def _steps(plan: Plan, evidence: Sequence[_Evidence]) -> dict[str, HolmStep]:
    """Holm over the family; each calibration stands alone, at its own alpha."""
    tested = {h.id for h in family(plan)}
    ps = {e.hypothesis.id: (e.p, e.hypothesis.rule.alpha) for e in evidence if e.hypothesis.rule.test != "exact"}
    inside = [name for name in ps if name in tested]
    steps = dict(zip(inside, holm([ps[name][0] for name in inside], ps[inside[0]][1]), strict=True)) if inside else {}
    for name, (p, alpha) in ps.items():
        if name not in tested:
            steps[name] = holm([p], alpha)[0]
    return steps


def _finding(plan: Plan, evidence: _Evidence, step: HolmStep | None, wall_s: float | None) -> Finding:
    hypothesis, seen, numbers = evidence.hypothesis, evidence.seen, evidence.estimate
    metric = plan.metric(hypothesis.rule.metric)
    effect = numbers.effect if numbers else (mean(seen.values) if seen.values else None)
    base = Finding(
        id=f"F-{hypothesis.id}",
        hypothesis=hypothesis.id,
        statement=hypothesis.statement,
        treatment=hypothesis.treatment,
        reference=hypothesis.reference,
        metric=metric.name,
        unit=metric.unit,
        verdict="inconclusive",
        deterministic=metric.deterministic,
        exploratory=plan.exploratory,
        calibration=hypothesis.calibration,
        effect=effect,
        relative=effect / abs(seen.reference) if effect is not None and seen.reference else None,
        interval=None,
        n=len(seen.values),
        planned=evidence.planned,
        reason="",
    )
    if step is None:
        return base.model_copy(update=_exact_part(plan, evidence))
    return base.model_copy(update=_tested_part(plan, evidence, step, wall_s))


def _exact_part(plan: Plan, evidence: _Evidence) -> dict[str, object]:
    """Fields of a finding on a deterministic metric."""
    values = evidence.seen.values
    metric = plan.metric(evidence.hypothesis.rule.metric)
    span = Interval(low=min(values), high=max(values), level=None) if values else None
    if evidence.obstacle:
        reason, decider = evidence.obstacle
        return {"interval": span, "reason": reason, "decider": decider}
    result = exact.compare_blocks(evidence.hypothesis, evidence.seen, metric.tolerance)
    undecided = result.verdict == "inconclusive"
    return {
        "interval": span,
        "verdict": result.verdict,
        "reason": result.reason,
        "decider": advice.not_deterministic(metric.name) if undecided else None,
    }


def _tested_part(plan: Plan, evidence: _Evidence, step: HolmStep, wall_s: float | None) -> dict[str, object]:
    """Fields of a finding on a metric that varies by chance."""
    hypothesis, numbers, p = evidence.hypothesis, evidence.estimate, evidence.p
    fields: dict[str, object] = {}
    if numbers is not None:
        fields = {
            "standardized": None if numbers.constant else numbers.effect / numbers.sd,
            "smallest_visible": _visible(plan, hypothesis, numbers),
        }
    if evidence.obstacle:
        reason, decider = evidence.obstacle
        return fields | {"reason": reason, "decider": decider}
    if numbers is None or p is None:
        n = len(evidence.seen.values)
        reason = "one block shows no spread" if n < 2 else "the values are too large or too small to compute with"  # noqa: PLR2004 -- a variance needs two values
        return fields | {"interval": UNBOUNDED, "reason": reason, "decider": advice.first_blocks(plan, n, wall_s)}
    bounds = interval(numbers, step.level, p)
    decided = verdict(hypothesis.direction, bounds, hypothesis.rule.threshold)
    undecided = decided == "inconclusive" and not hypothesis.calibration
    return fields | {
        "interval": bounds,
        "p": p,
        "p_adjusted": step.adjusted,
        "verdict": decided,
        "reason": _why(plan, evidence, numbers, bounds, step.level),
        "decider": advice.more_blocks(plan, hypothesis, numbers, step.level, wall_s) if undecided else None,
    }


def _visible(plan: Plan, hypothesis: Hypothesis, numbers: Estimate) -> float | None:
    """Threshold plus the distance that these blocks show with the plan's power, in the metric's unit."""
    if numbers.constant:
        return None
    alpha = hypothesis.rule.alpha if hypothesis.calibration else worst_alpha(plan)
    reach = visible_distance(numbers.n, numbers.df, alpha, plan.repetitions.power)
    return hypothesis.rule.threshold + reach * numbers.scale_sd


def _why(plan: Plan, evidence: _Evidence, numbers: Estimate, bounds: Interval, level: float) -> str:
    """The verdict's reason in a sentence."""
    hypothesis = evidence.hypothesis
    unit = plan.metric(hypothesis.rule.metric).unit
    decided = verdict(hypothesis.direction, bounds, hypothesis.rule.threshold)
    if numbers.constant:
        return _why_without_spread(hypothesis, numbers, level, decided)
    edge = _boundary(hypothesis, "" if unit == "1" else f" {unit}")
    interval_name = f"the {100 * (1 - level):.4g} % interval"
    if decided == "inconclusive":
        return f"{interval_name} does not clear {edge}"
    where = "on the predicted side of" if decided == "supported" else "on the other side of"
    return f"{interval_name} lies wholly {where} {edge}"


def _why_without_spread(hypothesis: Hypothesis, numbers: Estimate, level: float, decided: Verdict) -> str:
    """All blocks agree: how far signs alone carry."""
    equal = f"all {numbers.n} blocks gave the same difference, so that only their signs can be tested"
    deterministic = f"if {hypothesis.rule.metric} has no chance in it, declare it deterministic"
    if decided != "inconclusive":
        return f"{equal}; they suffice ({deterministic})"
    needed = least_blocks(level)
    if needed > numbers.n:
        return f"{equal}; that needs {needed} blocks ({deterministic})"
    return f"all {numbers.n} blocks gave a difference on the threshold itself ({deterministic})"


def _boundary(hypothesis: Hypothesis, unit: str) -> str:
    threshold = hypothesis.rule.threshold
    if threshold == 0:
        return f"0{unit}"
    sign = {"higher": "", "lower": "-"}.get(hypothesis.direction, "±")
    return f"{sign}{threshold:g}{unit}"
