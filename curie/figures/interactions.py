"""Interactions: a metric's means by level of one variable, a line a level of another; one figure a metric."""

from collections.abc import Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from curie.figures.canvas import Sheet, legend_height
from curie.figures.cells import Cell, Crossing, crossing, level_name, pairs
from curie.figures.measured import Measured
from curie.figures.model import Figure
from curie.figures.scale import Scale, positive
from curie.figures.style import INK, LABEL, MARGIN, TICK, WIDTH, look, tick_room, y_values
from curie.figures.svg import DATA, Naming
from curie.figures.wording import Wording
from curie.rigor.grounding import quantity
from tasks.study import Metric

PANELS_MOST = 4
"""Pairs of variables drawn of one metric; the description says so where there are more."""
LINES_MOST = 10
ACROSS_MOST = 12
"""Levels drawn of one variable."""

_HEIGHT, _FOOT, _HEAD = 190.0, 40.0, 20.0
_DODGE = 5.0
"""Between the lines, in the SVG's unit, so that bars do not hide each other."""


def interactions(measured: Measured) -> tuple[Figure, ...]:
    """One figure for each metric, where variables were crossed."""
    chosen = pairs(measured)
    if not chosen:
        return ()
    found = (_interaction(measured, metric, len(chosen)) for metric in measured.plan.metrics)
    return tuple(figure for figure in found if figure is not None)


def _interaction(measured: Measured, metric: Metric, possible: int) -> Figure | None:
    crossings = [crossing(measured, metric.name, pair) for pair in pairs(measured)[:PANELS_MOST]]
    drawn = [_bounded(c) for c in crossings if _bounded(c).drawable]
    if not drawn:
        return None
    wording = Wording()
    heights = [_HEAD + legend_height(_legend(c), wording) + _HEAD + _HEIGHT + _FOOT for c in drawn]
    sheet = Sheet(MARGIN + sum(heights), wording)
    top = MARGIN
    for panel, height in zip(drawn, heights, strict=True):
        _panel(sheet, top, panel, metric)
        top += height
    cut = possible > PANELS_MOST or any(_bounded(c) != c for c in crossings)
    description = _description(metric, drawn, cut=cut)
    naming = Naming(
        f"fig-interaction-{metric.name}", f"Does one variable change what another does to {metric.name}?", description
    )
    return sheet.figure(naming)


def _bounded(of: Crossing) -> Crossing:
    """The first levels of both variables, as many as can be told apart."""
    across = of.across.model_copy(update={"levels": of.across.levels[:ACROSS_MOST]})
    lines = of.lines.model_copy(update={"levels": of.lines.levels[:LINES_MOST]})
    return Crossing(across, lines, tuple(row[:ACROSS_MOST] for row in of.cells[:LINES_MOST]))


def _legend(panel: Crossing) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    for row, level in enumerate(panel.lines.levels):
        seen = look(row)
        handle = Line2D([], [], color=seen.colour, linestyle=seen.dash, marker=seen.marker, markersize=5, linewidth=1.8)
        entries.append((handle, f"{panel.lines.name}={level_name(level)}"))
    return entries


def _panel(sheet: Sheet, top: float, panel: Crossing, metric: Metric) -> None:
    wording = sheet.wording
    entries = _legend(panel)
    sheet.heading(top, f"{panel.lines.name} by {panel.across.name}")
    sheet.legend(top + _HEAD, entries)
    top += _HEAD + legend_height(entries, wording) + _HEAD
    scale = positive(_extent(panel))
    left = MARGIN + tick_room(scale, wording)
    axes = sheet.axes(left, top, WIDTH - left - MARGIN, _HEIGHT)
    y_values(axes, scale, (f"mean of {metric.name}", metric.unit), wording)
    _across(axes, panel, wording)
    for row, cells in enumerate(panel.cells):
        shift = (
            _DODGE * (row - (len(panel.cells) - 1) / 2) / (axes.get_position().width * WIDTH / len(panel.across.levels))
        )
        _line(axes, scale, cells, row, shift)


def _extent(panel: Crossing) -> list[float]:
    cells = [c for row in panel.cells for c in row if c is not None]
    means = [c.mean for c in cells]
    ends = [e for c in cells if c.spread for e in _ends(c)]
    # A bar that reaches below zero must not take the logarithmic axis away from means that need it.
    return means + [e for e in ends if e > 0] if min(means) > 0 else means + ends


def _ends(cell: Cell) -> tuple[float, float]:
    spread = cell.spread or 0.0
    largest = 1.7e308
    return max(-largest, cell.mean - spread), min(largest, cell.mean + spread)


def _across(axes: Axes, panel: Crossing, wording: Wording) -> None:
    levels = panel.across.levels
    axes.set_xlim(-0.4, len(levels) - 0.6)
    room = axes.get_position().width * WIDTH / len(levels) * 0.92
    texts = [wording.fit(level_name(level), room, TICK) for level in levels]
    axes.set_xticks(range(len(levels)), texts)
    label = wording.fit(f"{panel.across.name} (level)", axes.get_position().width * WIDTH, LABEL)
    axes.set_xlabel(label, fontsize=LABEL, color=INK, labelpad=3)


def _line(axes: Axes, scale: Scale, cells: Sequence[Cell | None], row: int, shift: float) -> None:
    seen = look(row)
    known = [(place + shift, cell) for place, cell in enumerate(cells) if cell is not None]
    for place, cell in known:
        if cell.spread:
            ends = [min(max(scale.at(end), scale.low), scale.high) for end in _ends(cell)]
            axes.plot([place, place], ends, color=seen.colour, linewidth=1.0, solid_capstyle="butt")
    axes.plot(
        [place for place, _ in known],
        [scale.at(cell.mean) for _, cell in known],
        color=seen.colour,
        linestyle=seen.dash,
        linewidth=1.8,
        marker=seen.marker,
        markersize=5,
        gid=f"{DATA}line",
    )


def _description(metric: Metric, drawn: Sequence[Crossing], *, cut: bool) -> str:
    unit = "no unit" if metric.unit == "1" else metric.unit
    first = (
        f"Means of {metric.name} ({unit}) by the levels of one variable, a line a level of the other, averaged over "
        "all else; bars are the standard deviation over blocks. Lines that run apart or cross mean that one variable "
        "changes the effect of the other."
    )
    parts = [first]
    for panel in drawn:
        for level, cells in zip(panel.lines.levels, panel.cells, strict=True):
            told = ", ".join(
                f"{panel.across.name}={level_name(other)} {quantity(cell.mean, metric.unit)}"
                for other, cell in zip(panel.across.levels, cells, strict=True)
                if cell is not None
            )
            parts.append(f"{panel.lines.name}={level_name(level)}: {told or 'no complete block'}.")
    if cut:
        parts.append("Further pairs of variables or levels are not drawn.")
    return " ".join(parts)
