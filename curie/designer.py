"""The designer: a declared study becomes a plan, without a language model. Pure."""

from curie.design_groups import (
    TWIN,
    DesignFacts,
    control_settings,
    design_of,
    groups_of,
    level_text,
    twin_of,
    variables_of,
)
from curie.design_hypotheses import Cells, calibrations_of, hypotheses_of
from curie.design_repetitions import repetitions_of
from curie.plan import CommandTemplate, Hypothesis, Plan, Repetitions, Resources
from tasks.study import Study

__all__ = ["TWIN", "DesignFacts", "design", "level_text"]


def design(study: Study, facts: DesignFacts, *, aa: bool = False) -> Plan:
    """The plan that `study` asks for; the same study and facts always give the same plan.

    Args:
        study: what is declared.
        facts: seed and digests.
        aa: add a twin of the control, and hypotheses `AA1` ... outside the family that compare the two.

    Raises:
        PlanRefused: if what is declared cannot be a controlled experiment (the message says which part).
    """
    kind = design_of(study)
    variables = variables_of(study, facts)
    control = control_settings(study, facts)
    groups = groups_of(kind, variables, control)
    cells = Cells(design=kind, variables=variables, groups=groups, control=control)
    hypotheses, repetitions = _decisions(study, cells, aa=aa)
    return Plan(
        question=study.question,
        design=kind,
        variables=variables,
        groups=(*groups, twin_of(groups[0])) if aa else groups,
        metrics=study.metrics,
        hypotheses=hypotheses,
        replicate_over="seed" if takes_seed(study) else "run",
        repetitions=repetitions,
        resources=Resources(cores=study.cores, exclusive=any(m.is_timing for m in study.metrics), limits=study.limits),
        command=CommandTemplate(template=study.command, shell=study.shell, env=study.env),
        environment_digest=facts.environment_digest,
        code_digest=facts.code_digest,
        data=facts.data,
        seed=facts.seed,
    )


def takes_seed(study: Study) -> bool:
    """Whether blocks differ by seed: `{seed}` is in the command, or code is given, which can read CURIE_TRIAL."""
    unescaped = study.command.replace("{{", "").replace("}}", "")
    return study.repo is not None or "{seed}" in unescaped


def _decisions(study: Study, cells: Cells, *, aa: bool) -> tuple[tuple[Hypothesis, ...], Repetitions]:
    """Hypotheses and repetitions: how many hypotheses there are sets the level, and so the number of blocks."""
    drafted = hypotheses_of(study, cells)
    repetitions = repetitions_of(study, drafted, seeded=takes_seed(study))
    two_stage = repetitions.kind == "two-stage"
    hypotheses = hypotheses_of(study, cells, two_stage=two_stage)
    return (*hypotheses, *(calibrations_of(study, two_stage=two_stage) if aa else ())), repetitions
