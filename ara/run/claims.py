"""Claims and experiments from hypotheses and findings. Pure."""

from collections.abc import Mapping, Sequence

from ara.run.evidence import VERDICTS, cells, evidence_tables, metric_table, result_name, shortened
from ara.run.facts import RunFacts
from ara.run.wording import (
    averaged_over,
    expected,
    falsification,
    has_numeral,
    reference_text,
    statement,
    treatment_text,
)
from ara.schema.evidence import EvidenceTable
from ara.schema.logic import Claim, Experiment, Source
from ara.writer.evidence import row_line, table_page
from curie.design_groups import level_text
from curie.plan import Hypothesis, Plan
from curie.report import effect_text, interval_text, machine_text

_VALUES = {"effect": 3, "low": 5, "high": 6}
"""Cells of the table of verdicts that a claim rests on."""


def claims_of(facts: RunFacts) -> tuple[Claim, ...]:
    """A claim a hypothesis, whatever its verdict; the control with its twin claims nothing."""
    plan = facts.plan
    if plan is None:
        return ()
    tables = {table.name: table for table in evidence_tables(facts) if table.name == VERDICTS}
    page = table_page(tables[VERDICTS])
    order = {h.id: row for row, h in enumerate(plan.hypotheses)}
    return tuple(_claim(facts, plan, h, _sources(tables[VERDICTS], page, order[h.id])) for h in facts.hypotheses)


def _claim(facts: RunFacts, plan: Plan, hypothesis: Hypothesis, sources: Sequence[Source]) -> Claim:
    finding = facts.findings.get(hypothesis.id)
    tags = [hypothesis.rule.metric, hypothesis.direction, hypothesis.rule.test, plan.design]
    if plan.exploratory:
        tags.append("exploratory")
    return Claim(
        id=facts.claim_ids[hypothesis.id],
        title=_title(hypothesis),
        statement=statement(hypothesis, plan),
        conditions=conditions(facts, plan, hypothesis),
        sources=tuple(sources) if finding else (_pending(facts),),
        status=facts.status(hypothesis.id),
        falsification=falsification(hypothesis, plan),
        proof=(facts.experiment_ids[hypothesis.id],),
        evidence_basis=_basis(facts, hypothesis),
        tags=tuple(dict.fromkeys(tags)),
    )


def _title(hypothesis: Hypothesis) -> str:
    """The plan's own sentence where it carries no number, else the metric and what is asked of it."""
    text = shortened(hypothesis.statement, 160)
    if text.strip() and not has_numeral(text):
        return text
    return f"{hypothesis.id}: {expected(hypothesis)}"


def _sources(table: EvidenceTable, page: bytes, row: int) -> tuple[Source, ...]:
    shown = table.grid.rows[row]
    line, text = row_line(page, row)
    where = f"evidence/tables/{table.name}.md:{line}"
    values = [shown[index] for index in _VALUES.values() if shown[index] != "none"]
    # One entry a different value; a verdict without values is quoted by its word.
    return tuple(Source(value=value, ref=where, quote=text) for value in dict.fromkeys(values or [shown[2]]))


def _pending(facts: RunFacts) -> Source:
    stopped = facts.dossier.result.stopped or facts.dossier.result.answer or "the run has not come to its analysis"
    return Source(value="verdict", ref=f"evidence/tables/{VERDICTS}.md", quote=None, pending=f"no finding: {stopped}")


def _basis(facts: RunFacts, hypothesis: Hypothesis) -> str:
    finding = facts.findings.get(hypothesis.id)
    if finding is None:
        return f"None yet; the trials so far are in {result_name(facts, hypothesis)}."
    kind = "exact comparison" if finding.deterministic else "estimate"
    blocks = f"{finding.n} of {finding.planned} complete blocks"
    seen = f"effect {effect_text(finding)}, interval {interval_text(finding)}, {blocks}"
    parts = [f"{finding.verdict} by {kind}: {seen}; {finding.reason}"]
    if finding.reversed_in:
        parts.append(f"reversed in {cells(finding)}")
    if finding.decider is not None:
        parts.append(f"what could decide it: {finding.decider.advice}")
    if finding.exploratory:
        parts.append("exploratory: outcomes had been seen when the plan was frozen")
    return "; ".join(parts) + "."


def conditions(facts: RunFacts, plan: Plan, hypothesis: Hypothesis) -> str:
    """Where a claim holds: levels, constants, nuisance variables, blocks, machine, sandbox, code."""
    state = facts.dossier.state
    parts = [f"compared: {treatment_text(hypothesis, plan)} with {reference_text(hypothesis, plan)}"]
    means = averaged_over(hypothesis, plan)
    kinds = {v.name: "held constant" if v.role == "constant" else "varied" for v in plan.variables}
    kinds |= dict.fromkeys(means, "averaged over")
    for word in ("varied", "averaged over", "held constant"):
        named = [f"{v.name} = {', '.join(map(level_text, v.levels))}" for v in plan.variables if kinds[v.name] == word]
        if named:
            parts.append(f"{word}: {'; '.join(named)}")
    finding = facts.findings.get(hypothesis.id)
    if finding is not None and finding.reversed_in:
        parts.append(f"the direction reverses in {cells(finding)}")
    blocks = state.blocks_decided or plan.repetitions.blocks
    parts.append(f"{blocks} randomised complete blocks, replicated over {plan.replicate_over}")
    parts.append(f"machine: {machine_text(state.created.machine if state.created else {})}")
    parts.append(f"sandbox: {state.sandbox.isolation if state.sandbox else 'none chosen yet'}")
    if state.snapshot is not None:
        parts.append(f"code at commit {state.snapshot.commit}")
    if plan.exploratory:
        parts.append("exploratory: the plan was frozen after outcomes had been seen")
    return "; ".join(parts) + "."


def experiments_of(facts: RunFacts, run: str) -> tuple[Experiment, ...]:
    """An experiment a hypothesis: its contrast of the shared trials.

    Args:
        facts: the run's.
        run: the file below `src/` that says what the trials ran.
    """
    plan = facts.plan
    if plan is None:
        return ()
    return tuple(_experiment(facts, plan, h, run) for h in facts.hypotheses)


def _experiment(facts: RunFacts, plan: Plan, hypothesis: Hypothesis, run: str) -> Experiment:
    metric = plan.metric(hypothesis.rule.metric)
    evidence = (
        f"evidence/tables/{VERDICTS}.md",
        f"evidence/tables/{metric_table(facts, metric.name)}.md",
        f"evidence/results/{result_name(facts, hypothesis)}.md",
    )
    return Experiment(
        id=facts.experiment_ids[hypothesis.id],
        title=shortened(
            f"{treatment_text(hypothesis, plan)} against {reference_text(hypothesis, plan)} in {metric.name}", 160
        ),
        verifies=(facts.claim_ids[hypothesis.id],),
        evidence=evidence,
        run=run,
        setup=_setup(facts, plan),
        procedure=_procedure(plan, hypothesis),
        metrics=(f"{metric.name} in {metric.unit}" if metric.unit != "1" else f"{metric.name}, a pure number",),
        expected=expected(hypothesis),
        baselines=f"{reference_text(hypothesis, plan)}; the control group is {_settings(plan.control.settings)}",
    )


def _settings(settings: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={level_text(value)}" for name, value in settings.items())  # type: ignore[arg-type]


def _setup(facts: RunFacts, plan: Plan) -> str:
    state = facts.dossier.state
    inputs = ", ".join(f"{i.name} (sha256 {i.sha256})" for i in state.inputs.values()) or "none"
    return (
        f"Model: none (declared study); Hardware: {machine_text(state.created.machine if state.created else {})}; "
        f"Dataset: {inputs}; System: command {plan.command.template}, cores a trial: {plan.resources.cores}"
        f"{', alone on the machine' if plan.resources.exclusive else ''}, sandbox "
        f"{state.sandbox.kind if state.sandbox else 'none chosen yet'}"
    )


def _procedure(plan: Plan, hypothesis: Hypothesis) -> tuple[str, ...]:
    steps = [
        "Freeze the plan and its decision rules before the first trial",
        "Run one control trial as a gate and stop the run if it does not succeed",
        "Run every group once a block, in seeded random order, each trial in a fresh private copy of the commit",
    ]
    if plan.repetitions.kind == "two-stage":
        steps.append("Decide the number of blocks from the spread of the first stage only (Stein)")
    steps.append("Run a sample of the trials again from a fresh export and compare")
    how = (
        "compare every block exactly within the tolerance"
        if hypothesis.rule.test == "exact"
        else "test the contrast within blocks"
    )
    steps.append(f"In {hypothesis.rule.metric}, {how} and apply the frozen rule")
    return tuple(steps)
