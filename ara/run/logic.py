"""Problem, concepts, related work and constraints of a run. Pure."""

from collections.abc import Iterator, Sequence

from ara.run.facts import RunFacts
from ara.run.wording import listed
from ara.schema.base import entry_id
from ara.schema.logic import (
    Assumption,
    Concept,
    Constraints,
    Gap,
    Insight,
    Observation,
    Problem,
    RelatedWork,
)
from curie.design_groups import level_text
from curie.plan import Plan
from curie.report import calibration_text
from tasks.study import Metric

_WORKS: dict[str, tuple[str, str, str]] = {
    "block-t": (
        "Student (1908), The probable error of a mean",
        "10.1093/biomet/6.1.1",
        "One-sample t over the contrasts of the blocks",
    ),
    "block-t-stein": (
        "Stein (1945), A two-sample test for a linear hypothesis whose power is independent of the variance",
        "10.1214/aoms/1177731088",
        "Two stages, in which only the spread of the first decides the size of the second",
    ),
    "holm": (
        "Holm (1979), A simple sequentially rejective multiple test procedure",
        "10.2307/4615733",
        "One family-wise error for all tested hypotheses of the plan",
    ),
}
"""What the rules of a plan come from: title, DOI, what is used."""


def problem_of(facts: RunFacts) -> Problem:
    """What was asked and what was unknown; what the machine showed of itself is an observation."""
    created = facts.dossier.state.created
    question = created.question if created else "unknown"
    observations = tuple(_observations(facts, question))
    asked = "; ".join(h.statement for h in facts.hypotheses) or "no plan was frozen"
    return Problem(
        observations=observations,
        gaps=(
            Gap(
                id=entry_id("G", 1),
                title="The answer had not been measured here",
                statement=question,
                caused_by=(observations[0].id,),
                existing_attempts="None is known to this run; it searched no literature.",
                why_they_fail="Results of another machine, version or input do not carry over without a measurement.",
            ),
        ),
        insight=Insight(
            insight=(
                "Differences within randomised complete blocks, judged by rules that were frozen before the data, "
                f"separate the effect from drift and choice. Asked: {asked}"
            ),
            derived_from=(observations[0].id,),
            enables="A verdict a hypothesis that anybody can compute again from the records",
        ),
        assumptions=tuple(
            Assumption(id=entry_id("A", number), text=text) for number, text in enumerate(_assumed(facts.plan), start=1)
        ),
    )


def _observations(facts: RunFacts, question: str) -> Iterator[Observation]:
    yield Observation(
        id=entry_id("O", 1),
        title="A question was asked",
        statement=question,
        evidence="journal.jsonl:1 (run_created)",
        implication="It is answered by trials, not by opinion",
    )
    number = 2
    for finding in facts.dossier.state.findings.values():
        if not finding.calibration:
            continue
        yield Observation(
            id=entry_id("O", number),
            title=f"The control against itself in {finding.metric}",
            statement=calibration_text(finding),
            evidence=f"evidence/tables/table2_verdicts.md, row {finding.hypothesis}",
            implication="Differences of this size come from the machine, not from a treatment",
        )
        number += 1
    for diagnostic in facts.dossier.state.diagnostics:
        yield Observation(
            id=entry_id("O", number),
            title=f"Diagnostic {diagnostic.id} ({diagnostic.severity})",
            statement=diagnostic.message,
            evidence="the run's journal, diagnostic_recorded or plan_frozen",
            implication=diagnostic.hint or "To be kept in mind when the claims are read",
        )
        number += 1


def _assumed(plan: Plan | None) -> Sequence[str]:
    assumed = ["Trials of one block meet the same conditions of the machine."]
    if plan is not None and any(h.rule.test != "exact" for h in plan.hypotheses):
        assumed.append("Differences within blocks are independent and nearly normal.")
    if plan is not None and any(m.deterministic for m in plan.metrics):
        assumed.append("Deterministic metrics depend on the settings and the seed only; contradictions are reported.")
    return assumed


def concepts_of(facts: RunFacts) -> tuple[Concept, ...]:
    """The terms that the other files use, each once."""
    plan = facts.plan
    concepts = [
        Concept(
            term="Trial",
            definition="One run of the command with one group's settings in a clean room, with a record of all it gave",
            boundary="Failed, timed out and missing trials are records too",
            related=("Block", "Gate"),
        ),
        Concept(
            term="Block",
            notation="repetition",
            definition="One repetition of every group, in a random order that follows from the plan's seed",
            boundary="Only differences within a block are analysed; an incomplete block decides nothing",
            related=("Trial", "Control group"),
        ),
        Concept(
            term="Control group",
            notation="control",
            definition=f"The group that the others are compared with{_control(plan)}",
            related=("Block",),
        ),
        Concept(
            term="Gate",
            definition="The one control trial that must succeed before anything else of the plan is run",
            related=("Trial",),
        ),
        Concept(
            term="Smallest effect of interest",
            notation="threshold",
            definition="The difference, in the metric's unit, that a claim must exceed; 0 where none was declared",
            boundary=_thresholds(plan),
            related=("Verdict",),
        ),
        Concept(
            term="Verdict",
            definition="supported, refuted or inconclusive, computed from the interval and the frozen rule",
            boundary="Missing trials and diverging re-runs lead to inconclusive, never to a smaller sample",
            related=("Smallest effect of interest",),
        ),
    ]
    return (*concepts, *(_metric(m) for m in plan.metrics)) if plan else tuple(concepts)


def _control(plan: Plan | None) -> str:
    if plan is None:
        return ""
    return ": " + ", ".join(f"{name}={level_text(value)}" for name, value in plan.control.settings.items())


def _thresholds(plan: Plan | None) -> str:
    if plan is None:
        return "No plan was frozen"
    seen = {h.rule.metric: h.rule.threshold for h in plan.hypotheses if not h.calibration}
    return "; ".join(f"{name}: {threshold!r} {plan.metric(name).unit}" for name, threshold in seen.items())


def _metric(metric: Metric) -> Concept:
    kind = "deterministic: compared exactly" if metric.deterministic else "measured: tested within blocks"
    better = "neither direction is better" if metric.better == "none" else f"{metric.better} is better"
    where = "measured by the supervisor" if metric.builtin else "emitted by the command"
    return Concept(
        term=f"Metric {metric.name}",
        notation=metric.name if metric.unit == "1" else f"{metric.name} in {metric.unit}",
        definition=(
            f"A quantity of every trial, {where}; unit {metric.unit}; {better}; a series counts by its {metric.reduce}"
        ),
        boundary=f"{kind}{f' within {metric.tolerance!r}' if metric.tolerance else ''}",
        related=("Trial", "Verdict"),
    )


def related_of(facts: RunFacts) -> tuple[RelatedWork, ...]:
    """The methods that the plan's rules come from; the run read nothing else."""
    if facts.plan is None:
        return ()
    tested = [h for h in facts.hypotheses if h.rule.test != "exact"]
    methods = list(dict.fromkeys([*(h.rule.test for h in tested), *(h.rule.correction for h in tested)]))
    works = []
    for number, method in enumerate(methods, start=1):
        title, doi, used = _WORKS[method]
        works.append(
            RelatedWork(
                id=entry_id("RW", number),
                title=title,
                doi=doi,
                relation="imports",
                what_changed="Nothing: the method is applied as published.",
                why="Its error rates are known when its conditions hold.",
                claims=tuple(facts.claim_ids[h.id] for h in tested if method in {h.rule.test, h.rule.correction}),
                adopted=used,
            )
        )
    return tuple(works)


def constraints_of(facts: RunFacts) -> Constraints:
    """What the run's own limits say, and what its sandbox could not enforce."""
    state, result = facts.dossier.state, facts.dossier.result
    plan = facts.plan
    limits = list(result.limits) or ["Nothing was concluded."]
    limits += [f"Not enforced by the sandbox: {limit}" for limit in result.unenforced]
    if state.stopped is not None:
        limits.append(f"The run stopped before its end: {state.stopped.detail}")
    boundaries = []
    if plan is not None:
        for variable in plan.variables:
            levels = listed([level_text(v) for v in variable.levels])
            boundaries.append(f"{variable.name} ({variable.role}) was {levels} and nothing else.")
        boundaries.append(f"A trial may take {plan.resources.limits.timeout_s!r} s of wall-clock time.")
    return Constraints(
        boundaries=tuple(boundaries) or ("No plan was frozen, so nothing is bounded.",),
        assumptions=tuple(_assumed(plan)),
        limitations=tuple(dict.fromkeys(limits)),
    )
