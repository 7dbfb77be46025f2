"""The cognitive layer as Markdown: every value of an entry on one physical line. Pure."""

from collections.abc import Sequence

from ara.schema.logic import (
    Claim,
    Concept,
    Constraints,
    Experiment,
    Gap,
    Heuristic,
    Observation,
    Problem,
    RelatedWork,
    Source,
)
from ara.writer.text import bullet, ids, inline, page, paragraph


def claims(entries: Sequence[Claim]) -> bytes:
    """`logic/claims.md`."""
    nothing = [["No claim: the run ended before a plan with hypotheses was frozen."]]
    return page([["# Claims"], *([_claim(c) for c in entries] or nothing)])


def source_text(source: Source) -> str:
    """One entry of a claim's sources; the quote is kept word for word."""
    head = f"{inline(source.value)} ← {source.ref}"
    if source.quote is None:
        return f"{head} [pending: {inline(source.pending or 'no reason given')}]"
    return f"{head} «{source.quote}» [{source.tag}]"


def _claim(claim: Claim) -> list[str]:
    return [
        f"## {claim.id}: {inline(claim.title)}",
        bullet("Statement", inline(claim.statement)),
        bullet("Conditions", inline(claim.conditions)),
        bullet("Sources", "; ".join(map(source_text, claim.sources)) or "none"),
        bullet("Status", claim.status),
        bullet("Falsification criteria", inline(claim.falsification)),
        bullet("Proof", ids(claim.proof)),
        bullet("Evidence basis", inline(claim.evidence_basis or "none yet")),
        bullet("Dependencies", ids(claim.dependencies)),
        bullet("Tags", ", ".join(map(inline, claim.tags)) or "none"),
    ]


def experiments(entries: Sequence[Experiment]) -> bytes:
    """`logic/experiments.md`."""
    nothing = [["No experiment: the run ended before a plan was frozen."]]
    return page([["# Experiments"], *([_experiment(e) for e in entries] or nothing)])


def _experiment(experiment: Experiment) -> list[str]:
    steps = " ".join(f"{number}. {inline(step)}" for number, step in enumerate(experiment.procedure, start=1))
    return [
        f"## {experiment.id}: {inline(experiment.title)}",
        bullet("Verifies", ids(experiment.verifies)),
        bullet("Evidence", ids(experiment.evidence) if experiment.evidence else "pending"),
        bullet("Run", experiment.run or "pending"),
        bullet("Setup", inline(experiment.setup)),
        bullet("Procedure", steps),
        bullet("Metrics", ", ".join(map(inline, experiment.metrics))),
        bullet("Expected outcome", inline(experiment.expected)),
        bullet("Baselines", inline(experiment.baselines)),
        bullet("Dependencies", ids(experiment.dependencies)),
    ]


def problem(page_: Problem) -> bytes:
    """`logic/problem.md`."""
    insight = page_.insight
    return page(
        [
            ["# Problem Specification"],
            ["## Observations"],
            *map(_observation, page_.observations),
            ["## Gaps"],
            *map(_gap, page_.gaps),
            [
                "## Key Insight",
                bullet("Insight", inline(insight.insight)),
                bullet("Derived from", ", ".join(insight.derived_from) or "none"),
                bullet("Enables", inline(insight.enables)),
            ],
            ["## Assumptions", *(f"- {a.id}: {inline(a.text)}" for a in page_.assumptions)],
        ]
    )


def _observation(entry: Observation) -> list[str]:
    return [
        f"### {entry.id}: {inline(entry.title)}",
        bullet("Statement", inline(entry.statement)),
        bullet("Evidence", inline(entry.evidence)),
        bullet("Implication", inline(entry.implication)),
    ]


def _gap(entry: Gap) -> list[str]:
    return [
        f"### {entry.id}: {inline(entry.title)}",
        bullet("Statement", inline(entry.statement)),
        bullet("Caused by", ", ".join(entry.caused_by) or "none"),
        bullet("Existing attempts", inline(entry.existing_attempts)),
        bullet("Why they fail", inline(entry.why_they_fail)),
    ]


def concepts(entries: Sequence[Concept]) -> bytes:
    """`logic/concepts.md`."""
    return page([["# Concepts"], *map(_concept, entries)])


def _concept(concept: Concept) -> list[str]:
    return [
        f"## {inline(concept.term)}",
        bullet("Notation", inline(concept.notation or "none")),
        bullet("Definition", inline(concept.definition)),
        bullet("Boundary conditions", inline(concept.boundary or "none")),
        bullet("Related concepts", ", ".join(map(inline, concept.related)) or "none"),
    ]


def related_work(entries: Sequence[RelatedWork]) -> bytes:
    """`logic/related_work.md`; a run that built on nothing says so in a sentence, without a made-up entry."""
    nothing = [["No other work was consulted and none of its results is used: the run compares its own groups only."]]
    return page([["# Related Work"], *([_related(r) for r in entries] or nothing)])


def _related(work: RelatedWork) -> list[str]:
    return [
        f"## {work.id}: {inline(work.title)}",
        bullet("DOI", inline(work.doi)),
        bullet("Type", work.relation),
        bullet("Delta", f"What changed: {inline(work.what_changed)} Why: {inline(work.why)}"),
        bullet("Claims affected", ids(work.claims)),
        bullet("Adopted elements", inline(work.adopted or "none")),
    ]


def heuristics(entries: Sequence[Heuristic]) -> bytes:
    """`logic/solution/heuristics.md`."""
    return page(
        [
            ["# Heuristics"],
            *(
                [
                    f"## {h.id}: {inline(h.title)}",
                    bullet("Rationale", inline(h.rationale)),
                    bullet("Sensitivity", h.sensitivity),
                    bullet("Bounds", inline(h.bounds or "none")),
                    bullet("Code ref", h.code_ref or "none"),
                    bullet("Source", inline(h.source or "none")),
                ]
                for h in entries
            ),
        ]
    )


def constraints(entry: Constraints) -> bytes:
    """`logic/solution/constraints.md`."""
    parts = {
        "Boundary conditions": entry.boundaries,
        "Assumptions": entry.assumptions,
        "Limitations": entry.limitations,
    }
    blocks = [
        [f"## {title}", *(f"- {paragraph(text)}" for text in texts or ("None known.",))]
        for title, texts in parts.items()
    ]
    return page([["# Constraints"], *blocks])
