"""What may be cited of a frozen plan: everything that was fixed beforehand. Pure."""

from curie.counts import planned_trials
from curie.design_groups import level_text
from curie.plan import Plan
from curie.rigor.facts import Draft, Facts, declared, exact, kept, pure, said
from curie.state import RunState


def plan_facts(state: RunState) -> Facts:
    """Of the latest revision; nothing where no plan was frozen."""
    plan = state.plan
    if plan is None:
        return {}
    rules = [h.rule for h in plan.hypotheses]
    limits = plan.resources.limits
    facts: Draft = {
        ("question",): said(plan.question),
        ("design",): said(plan.design),
        ("digest",): said(state.plan_digest),
        ("revision",): exact(plan.revision),
        ("revisions",): exact(len(state.revisions)),
        ("reason",): said(plan.reason),
        ("variables",): exact(len(plan.variables)),
        ("groups",): exact(len(plan.groups)),
        ("metrics",): exact(len(plan.metrics)),
        ("hypotheses",): exact(sum(not h.calibration for h in plan.hypotheses)),
        ("blocks",): exact(plan.repetitions.blocks),
        ("max_blocks",): exact(plan.repetitions.max_blocks),
        ("trials",): exact(planned_trials(state)),
        ("alpha",): declared(rules[0].alpha) if rules else None,
        ("power",): declared(plan.repetitions.power),
        ("replicate_over",): said(plan.replicate_over),
        ("seed",): exact(plan.seed),
        ("cores",): exact(plan.resources.cores),
        ("timeout_s",): declared(limits.timeout_s, "s"),
        ("memory_mb",): declared(limits.memory_mb, "MiB"),
        ("output_mb",): declared(limits.output_mb, "MiB"),
        ("pids",): exact(limits.pids),
        ("command",): said(plan.command.template),
        ("code_digest",): said(plan.code_digest),
        ("environment_digest",): said(plan.environment_digest),
    }
    return kept(facts | _variables(plan) | _metrics(plan) | _groups(plan) | _hypotheses(plan))


def _variables(plan: Plan) -> Draft:
    draft: Draft = {}
    for variable in plan.variables:
        first = ("variable", variable.name)
        draft[*first, "name"] = said(variable.name)
        draft[*first, "role"] = said(variable.role)
        draft[*first, "levels"] = said(", ".join(map(level_text, variable.levels)))
        draft[*first, "count"] = exact(len(variable.levels))
        for place, level in enumerate(variable.levels, start=1):
            draft[*first, "level", str(place)] = said(level_text(level))
    return draft


def _metrics(plan: Plan) -> Draft:
    draft: Draft = {}
    for metric in plan.metrics:
        first = ("metric", metric.name)
        draft[*first, "name"] = said(metric.name)
        draft[*first, "unit"] = said(metric.unit)
        draft[*first, "better"] = said(metric.better)
        draft[*first, "tolerance"] = declared(metric.tolerance, metric.unit)
    return draft


def _groups(plan: Plan) -> Draft:
    draft: Draft = {}
    for group in plan.groups:
        first = ("group", group.id)
        draft[*first, "label"] = said(group.label)
        for name, value in group.settings.items():
            draft[*first, "setting", name] = said(level_text(value))
    return draft


def _hypotheses(plan: Plan) -> Draft:
    draft: Draft = {}
    for asked in plan.hypotheses:
        first = ("hypothesis", asked.id)
        draft[*first, "statement"] = said(asked.statement)
        draft[*first, "treatment"] = said(asked.treatment)
        draft[*first, "reference"] = said(asked.reference)
        draft[*first, "direction"] = said(asked.direction)
        draft[*first, "metric"] = said(asked.rule.metric)
        draft[*first, "test"] = said(asked.rule.test)
        draft[*first, "alpha"] = declared(asked.rule.alpha)
        draft[*first, "threshold"] = declared(asked.rule.threshold, plan.metric(asked.rule.metric).unit)
        for group, weight in asked.rule.contrast.weights.items():
            draft[*first, "weight", group] = pure(weight)
    return draft
