"""`compare`: two runs of one question, what changed between them, and what the change did to every effect."""

from collections.abc import Sequence
from dataclasses import dataclass

from curie.compare.changes import changes
from curie.compare.model import Comparison, Direction, EffectShift, GroupShift, Shift
from curie.compare.sides import RunSide, group_pairs, hypothesis_pairs, unmatched
from curie.compare.words import answer, notes, reason_exact, reason_tested, reason_untested
from curie.dossier import Dossier
from curie.errors import UsageError
from curie.plan import Hypothesis, Plan
from curie.rigor.between import Difference, Side, exact, identical, paired, paired_blocks, welch
from curie.rigor.statistics import HolmStep, holm
from tasks.study import Metric


@dataclass(frozen=True, slots=True)
class _Pair:
    """One number in both runs, and what can be said of it before the family is known."""

    metric: Metric
    before: Side
    after: Side
    pairs: tuple[int, ...]
    """Blocks compared within themselves."""
    difference: Difference | None
    """None where nothing is tested."""

    @property
    def p(self) -> float | None:
        return None if self.difference is None else self.difference.p


def compare(before: Dossier, after: Dossier) -> Comparison:
    """Compare two runs of one question; changes nothing.

    Two families are tested, each Holm-adjusted at the earlier plan's alpha: the effects of the shared hypotheses, and
    the means of the shared groups in every shared metric.

    Raises:
        UsageError: a run has no plan yet, or the two share neither a hypothesis nor a group with a metric.
    """
    first, second = _side(before), _side(after)
    alpha, power = _alpha(first.plan), first.plan.repetitions.power
    asked = list(hypothesis_pairs(first.plan, second.plan))
    effects = [_effect(first, second, a, b) for a, b in asked]
    metrics = _shared_metrics(first.plan, second.plan)
    cells = [(group, metric) for group in group_pairs(first.plan, second.plan) for metric in metrics]
    groups = [
        _pair(m, first.contrast({g.before: 1.0}, m.name), second.contrast({g.after: 1.0}, m.name)) for g, m in cells
    ]
    if not effects and not groups:
        raise UsageError(
            f"{before.result.run_id} and {after.result.run_id} have no hypothesis and no group in common.",
            hint="Compare runs of one question: the same variables, levels and metrics.",
        )
    moved = [
        EffectShift(
            hypothesis=a.id,
            statement=a.statement,
            verdict_before=first.findings[a.id].verdict if a.id in first.findings else None,
            verdict_after=second.findings[b.id].verdict if b.id in second.findings else None,
            shift=shift,
        )
        for (a, b), shift in zip(asked, _shifts(effects, alpha, power), strict=True)
    ]
    means = [
        GroupShift(settings=group.settings, controlled=not metric.is_timing, shift=shift)
        for (group, metric), shift in zip(cells, _shifts(groups, alpha, power), strict=True)
    ]
    changed = changes(before, after)
    return Comparison(
        before=before.result.run_id,
        after=after.result.run_id,
        question=after.result.question,
        changes=changed,
        effects=tuple(moved),
        groups=tuple(means),
        unmatched=tuple(unmatched(first.plan, second.plan)),
        notes=notes(before, after, changed, timing=any(m.is_timing for m in metrics)),
        answer=answer(moved, means, changed),
    )


def _side(run: Dossier) -> RunSide:
    if run.state.plan is None:
        raise UsageError(
            f"The run {run.result.run_id} has no plan yet, so that there is nothing to compare.",
            hint="`curie runs` lists the runs; `curie resume` goes on with one.",
        )
    return RunSide.of(run, run.state.plan)


def _alpha(plan: Plan) -> float:
    return min(h.rule.alpha for h in plan.hypotheses)


def _shared_metrics(before: Plan, after: Plan) -> tuple[Metric, ...]:
    """Metrics of one name and unit; one that either plan takes for random is."""
    units = {m.name: m for m in before.metrics}
    return tuple(
        m.model_copy(update={"deterministic": m.deterministic and units[m.name].deterministic})
        for m in after.metrics
        if m.name in units and units[m.name].unit == m.unit
    )


def _effect(first: RunSide, second: RunSide, before: Hypothesis, after: Hypothesis) -> _Pair:
    name = before.rule.metric
    metric = next((m for m in _shared_metrics(first.plan, second.plan) if m.name == name), None)
    if metric is None:
        raise UsageError(f"The metric {name} has another unit in the later run; the effects cannot be compared.")
    return _pair(
        metric,
        first.contrast(before.rule.contrast.weights, name),
        second.contrast(after.rule.contrast.weights, name),
    )


def _pair(metric: Metric, before: Side, after: Side) -> _Pair:
    """How the two are compared; nothing is, where trials failed: what is left of a group is no random part of it.

    Times are never paired: the same seed does not give the same state of the machine.
    """
    if before.failed or after.failed:
        return _Pair(metric, before, after, (), None)
    common = paired_blocks(before, after)
    if metric.deterministic and exact(before, after, metric.tolerance) is not None:
        return (
            _Pair(metric, before.within(common), after.within(common), common, None)
            if common
            else _Pair(metric, before, after, (), None)
        )
    whole = len(common) == len(before.values) == len(after.values)
    blocks = common if whole and not metric.is_timing else ()
    if identical(before, after, blocks):
        return _Pair(metric, before, after, blocks, None)
    return _Pair(metric, before, after, blocks, paired(before, after, blocks) if blocks else welch(before, after))


def _shifts(family: Sequence[_Pair], alpha: float, power: float) -> list[Shift]:
    """Each pair's shift, those that are tested adjusted for each other."""
    tested = [pair for pair in family if pair.difference is not None]
    steps = iter(holm([pair.p for pair in tested], alpha))
    return [_untested(pair) if pair.difference is None else _tested(pair, next(steps), power) for pair in family]


def _tested(pair: _Pair, step: HolmStep, power: float) -> Shift:
    seen = pair.difference
    if seen is None:
        raise ValueError("only what is tested has a step")
    bounds = seen.interval(step.level)
    direction: Direction = "undecided"
    if step.rejected:
        direction = "higher" if seen.value > 0 else "lower"
    visible = seen.visible(step.level, power)
    return _shift(pair).model_copy(
        update={
            "difference": seen.value,
            "interval": bounds,
            "p": seen.p,
            "p_adjusted": step.adjusted,
            "method": "paired-t" if pair.pairs else "welch-t",
            "smallest_visible": visible,
            "direction": direction,
            "reason": reason_tested(pair.metric, direction, step.level, visible, paired=bool(pair.pairs)),
        }
    )


def _untested(pair: _Pair) -> Shift:
    """Exact comparisons, and what cannot be tested at all."""
    failed = pair.before.failed or pair.after.failed
    compared_exactly = not failed and (pair.metric.deterministic or identical(pair.before, pair.after, pair.pairs))
    found = exact(pair.before, pair.after, pair.metric.tolerance) if compared_exactly else None
    if found is None:
        return _shift(pair).model_copy(update={"reason": reason_untested(pair.before, pair.after)})
    direction: Direction = "differs"
    if found.higher == found.compared:
        direction = "higher"
    elif found.lower == found.compared:
        direction = "lower"
    elif found.higher == found.lower == 0:
        direction = "equal"
    update = {"difference": found.mean, "method": "exact", "direction": direction, "reason": reason_exact(found)}
    return _shift(pair).model_copy(update=update)


def _shift(pair: _Pair) -> Shift:
    """What both runs say, nothing decided."""
    before, after = pair.before.mean, pair.after.mean
    return Shift(
        metric=pair.metric.name,
        unit=pair.metric.unit,
        before=before,
        after=after,
        difference=None if before is None or after is None else after - before,
        method="none",
        n_before=len(pair.before.values),
        n_after=len(pair.after.values),
        direction="undecided",
        reason="",
    )
