"""What may be cited of findings, trials, groups, block contrasts and re-runs. Pure."""

import math
import statistics
from collections.abc import Sequence

from curie.counts import blocks_planned
from curie.records import Finding, TrialRecord
from curie.rigor.contrasts import Trials, mean
from curie.rigor.facts import Draft, Fact, Facts, exact, kept, measured, pure, said
from curie.rigor.numbers import confidence, duration, number, percent, quantity, signed
from curie.state import RunState

_MEBIBYTE = 2**20


def finding_facts(finding: Finding, state: RunState) -> Facts:
    """Of a finding; its trials are those of its contrast's groups."""
    trials = _behind(finding, state)
    facts: Draft = {
        ("hypothesis",): said(finding.hypothesis),
        ("statement",): said(finding.statement),
        ("treatment",): Fact(finding.treatment),
        ("reference",): Fact(finding.reference),
        ("metric",): said(finding.metric),
        ("unit",): said(finding.unit),
        ("verdict",): said(finding.verdict),
        ("reason",): Fact(finding.reason),
        ("reversed_in",): said(" and ".join(f"({cell})" for cell in finding.reversed_in)),
        ("effect",): measured(finding.effect, finding.unit, trials),
        ("relative",): None if finding.relative is None else Fact(percent(finding.relative), finding.relative, trials),
        ("standardized",): pure(finding.standardized, trials),
        ("p",): pure(finding.p, trials),
        ("p_adjusted",): pure(finding.p_adjusted, trials),
        ("n",): exact(finding.n, trials),
        ("planned",): exact(finding.planned),
        ("smallest_visible",): measured(finding.smallest_visible, finding.unit, trials),
    }
    facts |= _signed(finding, trials) | _bounds(finding, trials)
    return kept(facts | _decider(finding, trials) | _reruns(trials, state))


def trial_facts(state: RunState, key: str) -> Facts:
    """Of a trial's latest record: its values and what is known of it."""
    record = state.trials[key]
    units = {m.name: m.unit for m in state.plan.metrics} if state.plan else {}
    units |= {m.metric: m.unit for m in record.measurements if m.metric not in units}
    values = {name: measured(value, units.get(name, "1"), (key,)) for name, value in record.values.items()}
    known = _known(record)
    facts: Draft = {
        **{(name,): fact for name, fact in known.items()},
        **{(name,): fact for name, fact in values.items()},
        **{("fact", name): fact for name, fact in known.items()},
        **{("metric", name): fact for name, fact in values.items()},
    }
    return kept(facts)


def group_facts(state: RunState, group: str) -> Facts:
    """Of a group: every metric over its measured trials that succeeded, finite values only."""
    good = [
        r for r in state.trials.values() if r.group == group and r.purpose == "measure" and r.outcome == "succeeded"
    ]
    keys = tuple(r.key for r in good)
    label = next((g.label for g in state.plan.groups if g.id == group), None) if state.plan else None
    facts: Draft = {
        ("n",): exact(len(good), keys),
        ("planned",): exact(blocks_planned(state)),
        ("label",): said(label),
    }
    for metric in state.plan.metrics if state.plan else ():
        seen = [(r.key, v) for r in good if (v := r.values.get(metric.name)) is not None and math.isfinite(v)]
        for name, fact in _summary([v for _, v in seen], metric.unit, tuple(k for k, _ in seen)).items():
            facts[metric.name, name] = fact
    return kept(facts)


def contrast_facts(state: RunState, hypothesis: str) -> Facts:
    """The block contrasts of a hypothesis: block number -> contrast in the metric's unit."""
    plan = state.plan
    rule = next((h.rule for h in plan.hypotheses if h.id == hypothesis), None) if plan else None
    if plan is None or rule is None:
        return {}
    finding = state.findings.get(f"F-{hypothesis}")
    trials = Trials(tuple(state.trials.values()))
    blocks = finding.planned if finding else blocks_planned(state)
    seen = trials.contrasts(rule.contrast.weights, rule.metric, blocks)
    keys: dict[int, tuple[str, ...]] = {
        block: tuple(r.key for g in rule.contrast.weights for r in trials.group(g, blocks) if r.block == block)
        for block in seen.blocks
    }
    unit = plan.metric(rule.metric).unit
    return kept({(str(b),): measured(v, unit, keys[b]) for b, v in zip(seen.blocks, seen.values, strict=True)})


def rerun_facts(state: RunState, key: str) -> Facts:
    """Of a trial that was run again, beside its original."""
    rerun = state.reproductions[key]
    units = {m.name: m.unit for m in state.plan.metrics} if state.plan else {}
    facts: Draft = {
        ("key",): said(key),
        ("state",): said(rerun.state.replace("_", " ")),
        ("reason",): said(rerun.reason),
    }
    for seen in rerun.comparisons:
        unit = units.get(seen.metric, "1")
        for name in ("original", "rerun", "low", "high"):
            facts[seen.metric, name] = measured(getattr(seen, name), unit, (key,))
        facts[seen.metric, "state"] = said(seen.state.replace("_", " "))
    return kept(facts)


def _behind(finding: Finding, state: RunState) -> tuple[str, ...]:
    plan = state.plan
    rule = next((h.rule for h in plan.hypotheses if h.id == finding.hypothesis), None) if plan else None
    groups = rule.contrast.weights if rule else {}
    return tuple(r.key for r in state.trials.values() if r.purpose == "measure" and r.group in groups)


def _signed(finding: Finding, trials: tuple[str, ...]) -> Draft:
    """The same with a plus where it is positive, for tables of effects."""
    effect, relative = finding.effect, finding.relative
    return {
        ("effect_signed",): None
        if effect is None
        else Fact(signed(effect, quantity(effect, finding.unit)), effect, trials),
        ("relative_signed",): None if relative is None else Fact(signed(relative, percent(relative)), relative, trials),
    }


def _bounds(finding: Finding, trials: tuple[str, ...]) -> Draft:
    bounds, unit = finding.interval, finding.unit
    if bounds is None:
        return {}
    level = None if bounds.level is None else Fact(confidence(bounds.level), bounds.level)
    draft: Draft = {
        ("low",): measured(bounds.low, unit, trials),
        ("high",): measured(bounds.high, unit, trials),
        ("level",): level,
    }
    if bounds.low is None or bounds.high is None:
        return draft
    span = f"{number(bounds.low)} to {quantity(bounds.high, unit)}"
    if level is not None:
        text = f"{level.text} interval {span}"
    elif bounds.low == bounds.high:
        text = f"{quantity(bounds.low, unit)} in every block"
    else:
        text = f"{span} over the blocks"
    return draft | {("interval",): Fact(text, None, trials)}


def _decider(finding: Finding, trials: tuple[str, ...]) -> Draft:
    decider = finding.decider
    if decider is None:
        return {}
    return {
        ("decider_blocks",): exact(decider.blocks),
        ("decider_seconds",): None
        if decider.seconds is None
        else Fact(duration(decider.seconds), decider.seconds, trials),
        ("decider_advice",): said(decider.advice),
    }


def _reruns(trials: Sequence[str], state: RunState) -> Draft:
    """How many of the trials behind a finding were run again, and how many of those reproduced."""
    again = tuple(key for key in trials if key in state.reproductions)
    good = tuple(key for key in again if state.reproductions[key].state == "reproduced")
    return {("reruns",): exact(len(again), again), ("reproduced",): exact(len(good), good)}


def _known(record: TrialRecord) -> dict[str, Fact | None]:
    key = (record.key,)
    facts: dict[str, Fact | None] = {
        "key": said(record.key, key),
        "group": said(record.group, key),
        "purpose": said(record.purpose, key),
        "outcome": said(record.outcome.replace("_", " "), key),
        "reason": said(record.reason, key),
        "repetition": exact(record.repetition, key),
        "attempt": exact(record.attempt, key),
        "seed": exact(record.seed, key),
        "block": exact(record.block, key),
        "position": exact(record.position, key),
        "exit_code": exact(record.exit_code, key),
        "signal": exact(record.signal, key),
        "outputs": exact(len(record.outputs), key),
        "outputs_left_out": exact(record.outputs_left_out, key),
        "stdout_bytes": measured(record.stdout.total_bytes, "B", key) if record.stdout else None,
        "stderr_bytes": measured(record.stderr.total_bytes, "B", key) if record.stderr else None,
    }
    used = record.resources
    if used is None:
        return facts
    peak, foreign = used.memory_peak_bytes, used.interference.foreign_cpu_s
    share = foreign / used.wall_s if foreign is not None and used.wall_s > 0 else None
    return facts | {
        "wall_s": measured(used.wall_s, "s", key),
        "cpu_s": measured(used.cpu_s, "s", key),
        "span_s": measured(used.span_s, "s", key),
        "memory_peak": None if peak is None else Fact(quantity(peak / _MEBIBYTE, "MiB"), float(peak), key),
        "foreign_cpu": measured(foreign, "s", key),
        "foreign_share": None if share is None else Fact(percent(share), share, key),
        "involuntary_switches": exact(used.interference.involuntary_switches, key),
        "cores": said(", ".join(map(str, used.cores)), key),
    }


def _summary(values: Sequence[float], unit: str, keys: tuple[str, ...]) -> dict[str, Fact | None]:
    if not values:
        return {"n": exact(0)}
    spread = statistics.stdev(values) if len(values) > 1 else None
    return {
        "mean": measured(mean(values), unit, keys),
        "sd": measured(spread, unit, keys),
        "min": measured(min(values), unit, keys),
        "max": measured(max(values), unit, keys),
        "median": measured(statistics.median(values), unit, keys),
        "n": exact(len(values), keys),
    }
