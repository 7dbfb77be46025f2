"""The evidence tables of a run: every trial, every metric, the verdicts, the re-runs; exact values. Pure."""

import re
from collections.abc import Sequence

from ara.run.facts import RunFacts
from ara.run.rows import TrialRow
from ara.schema.evidence import EvidenceResult, EvidenceTable, Grid, LogPointer
from curie.plan import Group, Hypothesis
from curie.records import Finding
from curie.rigor.contrasts import mean
from curie.rigor.grounding import number
from tasks.study import Metric

_SHOWN = 300
TRIALS = "table1_trials"
VERDICTS = "table2_verdicts"
VERDICT_HEADER = (
    "hypothesis", "claim", "verdict", "effect", "unit", "low", "high", "level", "p", "adjusted p", "n", "planned",
)  # fmt: skip


def exact(value: float | None) -> str:
    """A value in the shortest form that reads back as the same float; `none` if there is none."""
    return "none" if value is None else repr(value)


def shortened(text: str, limit: int = _SHOWN) -> str:
    """The text up to a bound; the rest is in `evidence/data/trials.jsonl`, whole."""
    return text if len(text) <= limit else f"{text[:limit]} [cut; whole in the records]"


def cells(finding: Finding) -> str:
    """The cells in which the effect points the other way, each in parentheses, as a cell has commas of its own."""
    return " and ".join(f"({cell})" for cell in finding.reversed_in)


def slug(name: str) -> str:
    """A name as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unnamed"


def evidence_tables(facts: RunFacts) -> tuple[EvidenceTable, ...]:
    """Numbered tables in order; the table of means is derived and says from what."""
    if facts.plan is None:
        return (_trials(facts),)
    tables = [_trials(facts), _verdicts(facts)]
    tables += [_metric(facts, metric, number) for number, metric in enumerate(facts.plan.metrics, start=3)]
    tables.append(_reproductions(facts, len(tables) + 1))
    return (*tables, _means(facts))


def metric_table(facts: RunFacts, metric: str) -> str:
    """The base name of a metric's table."""
    names = [m.name for m in facts.plan.metrics] if facts.plan else []
    return f"table{3 + names.index(metric)}_{slug(metric)}"


def _trials(facts: RunFacts) -> EvidenceTable:
    metrics = facts.plan.metrics if facts.plan else ()
    header = ("trial", "standing", "outcome", "purpose", "group", "block", "position", "attempt", "event")
    rows = tuple(
        (*_place(row), *(exact(row.record.values.get(m.name)) if row.record else "none" for m in metrics))
        for row in facts.rows
    )
    return EvidenceTable(
        name=TRIALS,
        title="Table 1: Every trial",
        source="Table 1, the run's journal (one event a row; planned trials that were not attempted have none)",
        caption="Every attempt at every trial, the gate, pilots and re-runs included, with its reduced values",
        extraction="raw_table",
        claims=facts.all_claims,
        grid=Grid(header=(*header, *(_with_unit(m) for m in metrics)), rows=rows),
        notes=("Complete records, with every measurement: evidence/data/trials.jsonl.",),
    )


def _place(row: TrialRow) -> tuple[str, ...]:
    return (
        row.key,
        row.standing,
        row.outcome,
        row.purpose,
        row.group,
        _or_none(row.block),
        _or_none(row.position),
        str(row.attempt),
        _or_none(row.event),
    )


def _or_none(value: int | None) -> str:
    return "none" if value is None else str(value)


def _with_unit(metric: Metric) -> str:
    return metric.name if metric.unit == "1" else f"{metric.name} ({metric.unit})"


def _verdicts(facts: RunFacts) -> EvidenceTable:
    rows = tuple(verdict_row(facts, h) for h in facts.plan.hypotheses) if facts.plan else ()
    return EvidenceTable(
        name=VERDICTS,
        title="Table 2: Verdicts",
        source="Table 2, findings computed by the frozen rules",
        caption="Effect, interval and verdict of every hypothesis; those named AA compare the control with its twin",
        extraction="raw_table",
        claims=facts.all_claims,
        grid=Grid(header=VERDICT_HEADER, rows=rows),
    )


def verdict_row(facts: RunFacts, hypothesis: Hypothesis) -> tuple[str, ...]:
    """A hypothesis's cells of the table of verdicts."""
    claim = facts.claim_ids.get(hypothesis.id, "none")
    finding = facts.findings.get(hypothesis.id)
    if finding is None:
        return (hypothesis.id, claim, "no finding", *("none" for _ in VERDICT_HEADER[3:]))
    bounds = finding.interval
    return (
        hypothesis.id,
        claim,
        finding.verdict,
        exact(finding.effect),
        finding.unit,
        exact(bounds.low if bounds else None),
        exact(bounds.high if bounds else None),
        exact(bounds.level if bounds else None),
        exact(finding.p),
        exact(finding.p_adjusted),
        str(finding.n),
        str(finding.planned),
    )


def _metric(facts: RunFacts, metric: Metric, number: int) -> EvidenceTable:
    rows = tuple(
        (row.key, row.group, _or_none(row.block), exact(row.record.values[metric.name]))
        for row in facts.rows
        if row.record and row.standing == "counts" and row.purpose == "measure" and metric.name in row.record.values
    )
    unit = "a pure number" if metric.unit == "1" else f"in {metric.unit}"
    return EvidenceTable(
        name=f"table{number}_{slug(metric.name)}",
        title=f"Table {number}: {metric.name} of every measured trial",
        source=f"Table {number}, measurements of {metric.name}",
        caption=f"{metric.name}, {unit}, of each measured trial that gave one; series by their {metric.reduce}",
        extraction="raw_table",
        claims=facts.claims_about(metric.name),
        grid=Grid(header=("trial", "group", "block", _with_unit(metric)), rows=rows or (("none",) * 4,)),
    )


def _reproductions(facts: RunFacts, number: int) -> EvidenceTable:
    rows: list[tuple[str, ...]] = []
    for reproduction in facts.dossier.state.reproductions.values():
        common = (reproduction.key, reproduction.state, "yes" if reproduction.confirmed else "no")
        rows += [
            (*common, c.metric, exact(c.original), exact(c.rerun), exact(c.low), exact(c.high), c.state)
            for c in reproduction.comparisons
        ] or [(*common, *("none",) * 5, shortened(reproduction.reason or "not compared"))]
    header = ("trial", "state", "confirmed", "metric", "original", "re-run", "low", "high", "comparison")
    return EvidenceTable(
        name=f"table{number}_reproductions",
        title=f"Table {number}: Trials that were run again",
        source=f"Table {number}, re-runs from the commit in fresh exports",
        caption="Each re-run beside its original, metric by metric, with the range in which it counts as the same",
        extraction="raw_table",
        claims=facts.all_claims,
        grid=Grid(header=header, rows=tuple(rows) or (("none",) * len(header),)),
    )


def _means(facts: RunFacts) -> EvidenceTable:
    metrics = facts.plan.metrics if facts.plan else ()
    rows = tuple(_group_means(facts, group) for group in facts.plan.groups) if facts.plan else ()
    return EvidenceTable(
        name="derived_from_table1_group_means",
        title="Means by group",
        source="Derived from Table 1",
        caption="Mean over the measured trials that succeeded, to three digits",
        extraction="derived_subset",
        derived_from=f"{TRIALS}.md",
        claims=facts.all_claims,
        grid=Grid(
            header=("group", "settings", "n", *(_with_unit(m) for m in metrics)),
            rows=rows,
        ),
    )


def _group_means(facts: RunFacts, group: Group) -> tuple[str, ...]:
    good = [r for r in facts.dossier.measured if r.group == group.id and r.outcome == "succeeded"]
    values = (
        [r.values[m.name] for r in good if m.name in r.values] for m in (facts.plan.metrics if facts.plan else ())
    )
    means = tuple(number(mean(column)) if column else "none" for column in values)
    return (group.id, shortened(group.label), str(len(good)), *means)


def result_name(facts: RunFacts, hypothesis: Hypothesis) -> str:
    """The base name of an experiment's result file."""
    return f"result_{facts.experiment_ids[hypothesis.id].lower()}_{slug(hypothesis.id)}"


RESULT_HEADER = ("run_id", "params", "metric", "value", "export_id")


def evidence_result(facts: RunFacts, hypothesis: Hypothesis, node: str) -> EvidenceResult:
    """What one experiment gave: each trial of its groups, in the metric that decides."""
    metric = hypothesis.rule.metric
    groups = hypothesis.rule.contrast.weights
    labels = {g.id: g.label for g in facts.plan.groups} if facts.plan else {}
    rows = tuple(
        (row.key, shortened(labels[row.group]), metric, _value(row, metric), _or_none(row.event))
        for row in facts.rows
        if row.group in groups and row.purpose == "measure"
    )
    finding = facts.findings.get(hypothesis.id)
    return EvidenceResult(
        name=result_name(facts, hypothesis),
        title=f"{facts.experiment_ids[hypothesis.id]}: trials behind {facts.claim_ids[hypothesis.id]}",
        source=f"The run's journal; export_id is the event, run_id the trial, for hypothesis {hypothesis.id}",
        caption=f"{metric} of every trial in the contrast, failed and missing ones included",
        node=node,
        claims=(facts.claim_ids[hypothesis.id],),
        grid=Grid(header=RESULT_HEADER, rows=rows or (("none",) * len(RESULT_HEADER),)),
        notes=_result_notes(finding),
    )


def _value(row: TrialRow, metric: str) -> str:
    value = row.record.values.get(metric) if row.record else None
    return row.outcome if value is None else exact(value)


def _result_notes(finding: Finding | None) -> Sequence[str]:
    if finding is None:
        return ("No finding: the trials that it needs did not all run.",)
    notes = [f"Verdict: {finding.verdict}, because {finding.reason}."]
    if finding.reversed_in:
        notes.append(f"The effect points the other way in {cells(finding)}.")
    return tuple(notes)


def log_pointers(facts: RunFacts) -> tuple[LogPointer, ...]:
    """Every kept stream, of superseded trials too."""
    return tuple(
        LogPointer(
            trial=f"{row.key} (attempt {row.attempt})",
            stream=name,
            sha256=stream.artifact.sha256,
            size_bytes=stream.artifact.size_bytes,
            total_bytes=stream.total_bytes,
        )
        for row in facts.rows
        if row.record is not None
        for name, stream in (("stdout", row.record.stdout), ("stderr", row.record.stderr))
        if stream is not None
    )
