"""Values in the order of execution, each over its group's mean: what drifts or jumps with time is seen here."""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.artist import Artist
from matplotlib.lines import Line2D

from curie.figures.canvas import Sheet, diamonds, dot_handle, dots, legend_height
from curie.figures.measured import Measured, Value, by_group, mean_of, spread_evenly
from curie.figures.model import Figure
from curie.figures.scale import linear, positive
from curie.figures.style import BLUE, GRID, GUIDE, INK, MARGIN, QUIET, WIDTH, tick_room, x_values, y_values
from curie.figures.svg import DATA, Naming
from curie.figures.wording import Wording
from tasks.study import Metric

DOTS_MOST = 3000
"""Dots of a figure; beyond it evenly chosen trials are drawn."""

_HEIGHT, _FOOT, _LEAST = 190.0, 36.0, 4
_BLOCKS_MARKED = 40


def order(measured: Measured) -> tuple[Figure, ...]:
    """One figure for each metric whose values vary within a group and are all positive, so that a ratio is defined."""
    found = (_order(measured, metric) for metric in measured.plan.metrics if not metric.deterministic)
    return tuple(figure for figure in found if figure is not None)


def _order(measured: Measured, metric: Metric) -> Figure | None:
    values = measured.values(metric.name)
    if len(values) < _LEAST or min(v.value for v in values) <= 0:
        return None
    means = {group: mean_of(seen) for group, seen in by_group(values).items()}
    ratios = [(v, v.value / means[v.group]) for v in values]
    # A ratio of 0 has run below the smallest double.
    if all(r == ratios[0][1] for _, r in ratios) or min(r for _, r in ratios) <= 0:
        return None
    chosen = spread_evenly(ratios, DOTS_MOST)
    wording = Wording()
    entries = _legend(values)
    top = MARGIN + legend_height(entries, wording) + 22.0
    sheet = Sheet(top + _HEIGHT + _FOOT, wording)
    sheet.legend(MARGIN, entries)
    scale = positive([1.0, *(r for _, r in chosen)])
    left = MARGIN + tick_room(scale, wording)
    axes = sheet.axes(left, top, WIDTH - left - MARGIN, _HEIGHT)
    across = linear([0.0, float(len(measured.records))])
    y_values(axes, scale, (f"{metric.name} over its group's mean", "1"), wording)
    x_values(axes, across, ("trials in the order of their start", "count"), wording)
    axes.axhline(scale.at(1.0), color=INK, linewidth=1.0, label=GUIDE)
    for place in _block_starts(measured):
        axes.axvline(across.at(place), color=GRID, linewidth=0.8, linestyle=":", label=GUIDE)
    dots(axes, [(across.at(v.rank + 1), scale.at(r)) for v, r in chosen if not v.disturbed], BLUE, 3.8, f"{DATA}dots")
    marked = [(across.at(v.rank + 1), scale.at(r)) for v, r in chosen if v.disturbed]
    if marked:
        axes.add_line(diamonds(marked, f"{DATA}disturbed"))
    description = (
        f"Each dot is {metric.name} of one trial divided by its group's mean, in the order in which trials were "
        "started; the horizontal line is the mean. A slope is drift of the machine, a step a change of its state."
    )
    if len(chosen) < len(ratios):
        description += " Evenly chosen trials are drawn."
    naming = Naming(f"fig-order-{metric.name}", f"{metric.name} in the order of execution", description)
    return sheet.figure(naming)


def _block_starts(measured: Measured) -> Sequence[float]:
    blocks = [r.block for r in measured.records]
    starts = [rank + 1.5 for rank, (before, now) in enumerate(pairwise(blocks)) if before != now]
    return starts if len(starts) <= _BLOCKS_MARKED else ()


def _legend(values: Sequence[Value]) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = [(dot_handle(BLUE, 3.8), "one trial")]
    if any(v.disturbed for v in values):
        entries.append((diamonds(()), "disturbed trial"))
    entries.append((Line2D([], [], color=INK, linewidth=1.0), "mean of the group"))
    entries.append((Line2D([], [], color=QUIET, linewidth=0.8, linestyle=":"), "a block ends"))
    return entries
