"""Means of a metric over the cells of two crossed variables, averaged over the rest. Pure."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from curie.design_groups import TWIN, level_text, same_value
from curie.figures.measured import Measured, Value
from curie.plan import Group, Variable
from curie.plan import Value as Level
from curie.rigor.contrasts import mean
from curie.rigor.statistics import estimate

_TWO = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of two levels."""

    mean: float
    spread: float | None
    """Standard deviation of the blocks' means; None with fewer than two complete blocks."""


@dataclass(frozen=True)
class Crossing:
    """A metric by the levels of two variables."""

    across: Variable
    lines: Variable
    cells: tuple[tuple[Cell | None, ...], ...]
    """By level of `lines`, then of `across`; None without a complete block."""

    @property
    def drawable(self) -> bool:
        """Whether at least two lines have at least two points: otherwise no crossing can be seen."""
        return sum(sum(cell is not None for cell in row) >= _TWO for row in self.cells) >= _TWO


def pairs(measured: Measured) -> tuple[tuple[Variable, Variable], ...]:
    """(across, lines) for every two crossed variables of which one is asked about, those with two such first.

    What is not asked about goes across; of two that are, the one with more levels. One-factor designs cross nothing.
    """
    varied = [v for v in measured.plan.variables if v.role != "constant" and len(v.levels) >= _TWO]
    if measured.plan.design != "full-factorial":
        return ()
    both = [p for p in itertools.combinations(varied, 2) if any(v.role == "independent" for v in p)]
    both.sort(key=lambda p: sum(v.role == "nuisance" for v in p))
    return tuple(_placed(a, b) for a, b in both)


def crossing(measured: Measured, metric: str, pair: tuple[Variable, Variable]) -> Crossing:
    """The metric's means by the levels of the pair."""
    across, lines = pair
    values = {(v.group, v.block): v for v in measured.values(metric)}
    groups = [g for g in measured.plan.groups if g.id != TWIN]
    blocks = sorted({block for _, block in values})
    rows = (
        tuple(_cell(_members(groups, ((lines, one), (across, other))), blocks, values) for other in across.levels)
        for one in lines.levels
    )
    return Crossing(across, lines, tuple(rows))


def level_name(level: Level) -> str:
    """A level as people read it."""
    return level_text(level)


def _placed(a: Variable, b: Variable) -> tuple[Variable, Variable]:
    if a.role != b.role:
        return (a, b) if a.role == "nuisance" else (b, a)
    return (a, b) if len(a.levels) > len(b.levels) else (b, a)


def _members(groups: Sequence[Group], fixed: Sequence[tuple[Variable, Level]]) -> list[str]:
    return [g.id for g in groups if all(same_value(g.settings.get(v.name), level) for v, level in fixed)]


def _cell(members: Sequence[str], blocks: Sequence[int], values: dict[tuple[str, int], Value]) -> Cell | None:
    complete = []
    for block in blocks:
        seen = [values[m, block].value for m in members if (m, block) in values]
        if seen and len(seen) == len(members):
            complete.append(mean(seen))
    if not complete:
        return None
    estimated = estimate(tuple(complete), max(abs(v) for v in complete))
    return Cell(mean(complete), None if estimated is None else estimated.sd)
