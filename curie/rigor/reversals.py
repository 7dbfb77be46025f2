"""Does an average over other variables hide a cell in which the effect points the other way? Pure, descriptive.

A main effect is a mean over cells. Where it reverses in one (a qualitative interaction), the mean alone misleads
whoever works in that cell. What is found here is said beside the finding; it changes no verdict, since the frozen rule
is on the mean.
"""

from collections.abc import Iterator

from curie.design_groups import level_text, same_value
from curie.plan import Group, Hypothesis, Plan, Value
from curie.rigor.contrasts import Trials
from curie.rigor.statistics import Estimate, estimate

_CLEAR = 3.0
"""Standard errors that a cell's difference must be away from 0: chance alone reverses many a noisy cell."""


def reversals(plan: Plan, hypothesis: Hypothesis, trials: Trials, blocks: int, effect: float) -> tuple[str, ...]:
    """Cells in which the contrast clearly has the other sign than `effect`, in words such as `order=sorted, size=200`.

    A cell compares two groups that differ only in the hypothesis' variables, over the same blocks. Empty for designs
    without other variables, and where `effect` is 0.
    """
    metric = plan.metric(hypothesis.rule.metric)
    found = []
    for treated, reference in _pairs(plan, hypothesis):
        cell = trials.contrasts({treated.id: 1.0, reference.id: -1.0}, metric.name, blocks)
        seen = estimate(cell.values, cell.magnitude)
        if seen is not None and _clear(seen, metric.tolerance) and (seen.effect > 0) != (effect > 0):
            found.append(_words(_shared(treated, reference, plan)))
    return tuple(found)


def _pairs(plan: Plan, hypothesis: Hypothesis) -> Iterator[tuple[Group, Group]]:
    """Groups on the plus side with their partner on the minus side: alike in as much as the design allows."""
    weights = hypothesis.rule.contrast.weights
    plus = [plan.group(g) for g, w in weights.items() if w > 0]
    minus = [plan.group(g) for g, w in weights.items() if w < 0]
    if len(plus) != len(minus) or len(plus) == 1:
        return
    for treated in plus:
        alike = [len(_shared(treated, group, plan)) for group in minus]
        yield treated, minus[alike.index(max(alike))]


def _shared(a: Group, b: Group, plan: Plan) -> dict[str, Value]:
    """Settings that vary in the plan and are the same in both groups."""
    varied = [v.name for v in plan.variables if v.role != "constant"]
    return {name: a.settings[name] for name in varied if same_value(a.settings[name], b.settings[name])}


def _clear(seen: Estimate, tolerance: float) -> bool:
    return abs(seen.effect) > tolerance and abs(seen.effect) > _CLEAR * seen.standard_error


def _words(settings: dict[str, Value]) -> str:
    return ", ".join(f"{name}={level_text(value)}" for name, value in settings.items())
