"""From a study's variables and metrics to hypotheses: contrasts, predictions and statements. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curie.design_groups import TWIN, level_text, same_value
from curie.errors import PlanRefused
from curie.plan import CONTROL, Contrast, DecisionRule, Group, Hypothesis, InputDigest, Test, Value, Variable
from tasks.study import DeclaredHypothesis, Design, Direction, Metric, Setting, Study

_VERBS: dict[Direction, str] = {
    "higher": "has higher {metric} than",
    "lower": "has lower {metric} than",
    "different": "differs in {metric} from",
    "same": "has the same {metric} as",
}


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The groups of a design and the levels that the control has."""

    design: Design
    variables: tuple[Variable, ...]
    groups: tuple[Group, ...]
    control: Mapping[str, Value]

    @property
    def varied(self) -> tuple[Variable, ...]:
        """Independent and nuisance variables."""
        return tuple(v for v in self.variables if v.role != "constant")

    def questions(self) -> tuple[dict[str, Value], ...]:
        """Each level of each independent variable that the control does not have, alone."""
        return tuple(
            {v.name: level}
            for v in self.variables
            if v.role == "independent"
            for level in v.levels
            if not same_value(level, self.control[v.name])
        )


def hypotheses_of(study: Study, cells: Cells, *, two_stage: bool = False) -> tuple[Hypothesis, ...]:
    """The declared hypotheses, else one per metric with a preferred direction and question: `H1` ... in that order.

    A declared hypothesis without settings stands for one per question. A derived one says `different`: which
    direction is better is no prediction of where the data will go, and none is invented.

    Raises:
        PlanRefused: if a declared hypothesis names settings that no groups of the design compare.
    """
    found: list[Hypothesis] = []
    for declared in study.hypotheses or _derived(study.metrics):
        metric = next(m for m in study.metrics if m.name == declared.metric)
        asked = [_resolve(declared.settings, cells)] if declared.settings else cells.questions()
        effect = study.min_effect.get(metric.name, 0.0) if declared.min_effect is None else declared.min_effect
        for settings in asked:
            rule = DecisionRule(
                contrast=contrast_of(settings, cells),
                metric=metric.name,
                test=_test(metric, two_stage=two_stage),
                alpha=study.alpha,
                threshold=effect,
            )
            found.append(
                Hypothesis(
                    id=f"H{len(found) + 1}",
                    statement=_statement(settings, declared.direction, metric, effect, cells),
                    treatment=_levels(settings),
                    reference=_levels(_reference(settings, cells)),
                    direction=declared.direction,
                    rule=rule,
                )
            )
    return tuple(found)


def calibrations_of(study: Study, *, two_stage: bool) -> tuple[Hypothesis, ...]:
    """`AA1` ...: the control against its twin in every metric that is not deterministic."""
    stochastic = [m for m in study.metrics if not m.deterministic]
    return tuple(
        Hypothesis(
            id=f"AA{number}",
            statement=f"the control differs in {metric.name} from itself",
            treatment="its twin",
            reference="the control",
            direction="different",
            rule=DecisionRule(
                contrast=Contrast(weights={TWIN: 1.0, CONTROL: -1.0}),
                metric=metric.name,
                test=_test(metric, two_stage=two_stage),
                alpha=study.alpha,
            ),
            calibration=True,
        )
        for number, metric in enumerate(stochastic, start=1)
    )


def contrast_of(settings: Mapping[str, Value], cells: Cells) -> Contrast:
    """`settings` against the control's levels of the same variables.

    One-factor: that group against the control. Factorial: the mean over the cells with `settings`, minus the mean
    over the cells with the control's levels of those variables (the main effect for one variable).

    Raises:
        PlanRefused: if the design has no group with `settings`.
    """
    wanted = {**cells.control, **settings} if cells.design == "one-factor" else settings
    base = {name: cells.control[name] for name in wanted}
    plus, minus = _matching(wanted, cells.groups), _matching(base, cells.groups)
    if not plus or not minus:
        raise PlanRefused(
            f"no group of the {cells.design} design has {_levels(settings)}",
            hint="declare design: full-factorial to compare several changes at once",
        )
    weights = dict.fromkeys(plus, 1.0 / len(plus)) | dict.fromkeys(minus, -1.0 / len(minus))
    return Contrast(weights=weights)


def _matching(settings: Mapping[str, Value], groups: Sequence[Group]) -> list[str]:
    return [g.id for g in groups if all(same_value(g.settings[n], v) for n, v in settings.items())]


def _derived(metrics: Sequence[Metric]) -> tuple[DeclaredHypothesis, ...]:
    """One per metric with a preferred direction: what is only recorded would make every other test stricter.

    Where no metric has one, all are asked about.
    """
    asked = [m for m in metrics if m.better != "none"] or metrics
    return tuple(DeclaredHypothesis(metric=m.name, direction="different") for m in asked)


def _test(metric: Metric, *, two_stage: bool) -> Test:
    if metric.deterministic:
        return "exact"
    return "block-t-stein" if two_stage else "block-t"


def _resolve(settings: Mapping[str, Setting], cells: Cells) -> dict[str, Value]:
    known = {v.name: v for v in cells.varied}
    resolved: dict[str, Value] = {}
    for name, level in settings.items():
        if name not in known:
            raise PlanRefused(f"a hypothesis names {name}, which is not varied; varied are {', '.join(known)}")
        if known[name].role == "nuisance":
            raise PlanRefused(f"a hypothesis names {name}, a nuisance variable: it is averaged over, never tested")
        resolved[name] = _level(level, known[name])
    if all(same_value(v, cells.control[n]) for n, v in resolved.items()):
        raise PlanRefused(f"a hypothesis compares {_levels(resolved)} with itself: these are the control's levels")
    return resolved


def _level(wanted: Setting, variable: Variable) -> Value:
    for level in variable.levels:
        if same_value(level, wanted) or (isinstance(level, InputDigest) and level.name == wanted):
            return level
    shown = ", ".join(map(level_text, variable.levels))
    raise PlanRefused(f"a hypothesis names {variable.name}={level_text(wanted)}, which is not a level; it has {shown}")


def _levels(settings: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={level_text(value)}" for name, value in settings.items())


def _reference(settings: Mapping[str, Value], cells: Cells) -> dict[str, Value]:
    return {name: cells.control[name] for name in settings}


def _statement(settings: Mapping[str, Value], direction: Direction, metric: Metric, effect: float, cells: Cells) -> str:
    verb = _VERBS[direction].format(metric=metric.name)
    text = f"{_levels(settings)} {verb} {_levels(_reference(settings, cells))}"
    if effect > 0:
        unit = "" if metric.unit == "1" else f" {metric.unit}"
        text += f", {'within' if direction == 'same' else 'by more than'} {effect:g}{unit}"
    return text
