"""Sentences of claims: what is said without numbers, and what would refute it. Pure."""

import re
from collections.abc import Sequence

from curie.plan import Hypothesis, Plan
from curie.rigor.grounding import quantity
from tasks.study import Direction

_NUMERAL = re.compile(r"(?<![A-Za-z_\d])[-+]?\d")
_SETTING = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=")

_VERBS: dict[Direction, str] = {
    "higher": "is higher",
    "lower": "is lower",
    "different": "differs",
    "same": "is practically the same",
}
_REFUTING: dict[Direction, str] = {
    "higher": "lies wholly below {threshold}",
    "lower": "lies wholly above {negative}",
    "different": "lies wholly between {negative} and {threshold}",
    "same": "lies wholly outside {negative} to {threshold}",
}


def has_numeral(text: str) -> bool:
    """Whether a number stands in the text; the digit of a name such as `x1` or `bz2` is none."""
    return _NUMERAL.search(text) is not None


def treatment_text(hypothesis: Hypothesis, plan: Plan) -> str:
    """The settings that a hypothesis is about, as the plan says them."""
    if hypothesis.treatment:
        return hypothesis.treatment
    return _labels(hypothesis, plan, positive=True)


def reference_text(hypothesis: Hypothesis, plan: Plan) -> str:
    """What they are compared with, as the plan says it."""
    return hypothesis.reference or _labels(hypothesis, plan, positive=False)


def statement(hypothesis: Hypothesis, plan: Plan) -> str:
    """The prediction in words. Levels that are numbers are named by their variable; the conditions hold them."""
    treatment = _unnumbered(treatment_text(hypothesis, plan), f"the level that {hypothesis.id} tests of")
    reference = _unnumbered(reference_text(hypothesis, plan), f"the reference level of {hypothesis.id} in")
    beyond = ""
    if hypothesis.rule.threshold > 0 and hypothesis.direction != "same":
        beyond = ", by more than the smallest effect of interest"
    joiner = "as" if hypothesis.direction == "same" else "from that" if hypothesis.direction == "different" else "than"
    verb = _VERBS[hypothesis.direction]
    averaged = averaged_over(hypothesis, plan)
    mean = f", as a mean over {listed(averaged)}" if averaged else ""
    return f"{hypothesis.rule.metric} with {treatment} {verb} {joiner} with {reference}{beyond}{mean}."


def averaged_over(hypothesis: Hypothesis, plan: Plan) -> tuple[str, ...]:
    """Variables over whose levels the treatment's side of the contrast is a mean, in the plan's order."""
    side = [plan.group(group) for group, weight in hypothesis.rule.contrast.weights.items() if weight > 0]
    return tuple(
        variable.name
        for variable in plan.variables
        if len({repr(group.settings.get(variable.name)) for group in side}) > 1
    )


def expected(hypothesis: Hypothesis) -> str:
    """The prediction's direction, without numbers."""
    if hypothesis.direction == "different":
        return f"{hypothesis.rule.metric} differs in either direction; no direction was predicted"
    if hypothesis.direction == "same":
        return f"{hypothesis.rule.metric} stays the same within the smallest effect of interest"
    return f"{hypothesis.rule.metric} is {hypothesis.direction} in the treatment than in the reference"


def falsification(hypothesis: Hypothesis, plan: Plan) -> str:
    """The outcome that the frozen rule would have called `refuted`."""
    metric = plan.metric(hypothesis.rule.metric)
    threshold = hypothesis.rule.threshold
    contrast = f"the contrast {contrast_text(hypothesis.rule.contrast.weights)} in {metric.name}"
    if hypothesis.rule.test == "exact":
        sides: dict[Direction, str] = {
            "higher": f"not above {quantity(threshold, metric.unit)}",
            "lower": f"not below {quantity(-threshold, metric.unit)}",
            "different": f"within {quantity(threshold, metric.unit)} of zero",
            "same": f"further than {quantity(threshold, metric.unit)} from zero",
        }
        within = f" (equal within {quantity(metric.tolerance, metric.unit)})" if metric.tolerance else ""
        return f"Refuted if in every block {contrast} is {sides[hypothesis.direction]}{within}; compared exactly."
    bounds = {"threshold": quantity(threshold, metric.unit), "negative": quantity(-threshold, metric.unit)}
    outcome = _REFUTING[hypothesis.direction].format(**bounds)
    text = f"Refuted if the Holm-adjusted confidence interval of {contrast} {outcome}"
    if hypothesis.direction == "different" and threshold == 0:
        text = (
            f"Refuted by a smallest effect of interest within whose bounds the whole confidence interval of {contrast} "
            "lies; this plan declared none, so that its own rule can support the claim or leave it open"
        )
    return f"{text} (family-wise alpha {plan_alpha(hypothesis)}, rule frozen before the first trial)."


def plan_alpha(hypothesis: Hypothesis) -> str:
    """The family-wise error as written in the plan."""
    return repr(hypothesis.rule.alpha)


def contrast_text(weights: dict[str, float]) -> str:
    """A contrast such as `g01 - control`."""
    parts = []
    for group, weight in sorted(weights.items(), key=lambda item: -item[1]):
        size = "" if abs(weight) == 1 else f"{abs(weight):.6g} "
        parts.append(f"{'-' if weight < 0 else '+'} {size}{group}")
    return " ".join(parts).removeprefix("+ ")


def listed(items: Sequence[str]) -> str:
    """`a, b and c`."""
    return ", ".join(items[:-1]) + f" and {items[-1]}" if len(items) > 1 else "".join(items)


def _labels(hypothesis: Hypothesis, plan: Plan, *, positive: bool) -> str:
    weights = hypothesis.rule.contrast.weights
    labels = [plan.group(group).label for group, weight in weights.items() if (weight > 0) == positive]
    return " or ".join(dict.fromkeys(labels)) or "the other groups"


def _unnumbered(text: str, instead: str) -> str:
    if not has_numeral(text):
        return text
    names = list(dict.fromkeys(match["name"] for match in _SETTING.finditer(text)))
    return f"{instead} {listed(names)}" if names else "the settings that the conditions name"
