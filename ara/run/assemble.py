"""Puts the layers of a run's artifact together."""

from ara.run.claims import claims_of, experiments_of
from ara.run.code import code_files, code_index
from ara.run.data import data_files
from ara.run.evidence import evidence_result, evidence_tables, log_pointers, shortened
from ara.run.facts import RunFacts
from ara.run.figures import figures_of
from ara.run.logic import concepts_of, constraints_of, problem_of, related_of
from ara.run.physical import configs_of, environment_of
from ara.run.tree import tree_of
from ara.schema.artifact import Artifact, Origin
from ara.schema.manifest import Manifest
from curie import __version__
from curie.dossier import Dossier
from curie.report import reproduction_text, trials_text

_KEYWORDS = 10


def artifact_of(dossier: Dossier) -> Artifact:
    """The artifact of a run, finished or not: the same dossier gives the same artifact.

    Raises:
        CurieError: an artifact file of the run was changed or cannot be read.
    """
    facts = RunFacts(dossier)
    explored = tree_of(facts)
    code = code_files(dossier)
    pictures = figures_of(facts)
    return Artifact(
        manifest=_manifest(facts),
        overview=_overview(facts),
        problem=problem_of(facts),
        claims=claims_of(facts),
        concepts=concepts_of(facts),
        experiments=experiments_of(facts, "src/artifacts.md"),
        related_work=related_of(facts),
        constraints=constraints_of(facts),
        environment=environment_of(facts),
        configs=configs_of(facts),
        code=code_index(facts, code),
        tree=explored.roots,
        tables=evidence_tables(facts),
        figures=pictures.figures,
        results=tuple(evidence_result(facts, h, explored.experiments[h.id]) for h in facts.hypotheses),
        logs=log_pointers(facts),
        attachments=(*data_files(facts), *pictures.images, *code.files),
        origin=Origin(
            run_id=dossier.result.run_id,
            head=facts.entries[-1].hash,
            plan_digest=dossier.state.plan_digest,
            generator=f"curie-lab ara {__version__}",
        ),
    )


def _manifest(facts: RunFacts) -> Manifest:
    dossier = facts.dossier
    result = dossier.result
    plan = facts.plan
    words = [
        "controlled experiment",
        "randomised complete blocks",
        "frozen plan",
        "reproducibility",
        f"{result.mode} study",
    ]
    if plan is not None:
        words = [*(m.name for m in plan.metrics), *(v.name for v in plan.variables), plan.design, *words]
    return Manifest(
        title=result.question,
        authors=(f"curie {dossier.state.created.curie_version if dossier.state.created else ''}".strip(),),
        year=dossier.started.year,
        venue=f"unpublished run {result.run_id}",
        doi="none (unpublished)",
        domain="computational experiment",
        keywords=tuple(dict.fromkeys(words))[:_KEYWORDS],
        claims_summary=tuple(
            f"{facts.claim_ids[h.id]} ({facts.status(h.id)}): {shortened(h.statement)}" for h in facts.hypotheses
        ),
        abstract=_abstract(facts),
    )


def _abstract(facts: RunFacts) -> str:
    result = facts.dossier.result
    answer = result.answer or "None yet"
    trials = f"{result.trials.planned} trials planned: {trials_text(result.trials)}"
    return f"Question: {result.question} Answer: {answer} {trials}; {reproduction_text(result.reproduction)}."


def _overview(facts: RunFacts) -> str:
    result = facts.dossier.result
    model = (
        "No language model took part" if result.mode == "declared" else "An agent with a language model worked on it"
    )
    plan = f"the plan was frozen as sha256 {result.plan_hash}" if result.plan_hash else "no plan was frozen"
    return (
        f"{_abstract(facts)} {model}; {plan}. State of the run when this was written: {result.phase}. "
        "Everything here is computed from the run's journal; trials that failed are kept with those that did not."
    )
