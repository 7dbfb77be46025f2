"""Every measured value by group, as a dot; one figure a metric."""

from collections.abc import Mapping, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from curie.figures.canvas import Sheet, diamonds, dot_handle, dots, legend_height
from curie.figures.measured import Measured, Value, better_text, by_group, mean_of, spread_evenly
from curie.figures.model import Figure
from curie.figures.scale import Scale, positive
from curie.figures.style import BLUE, GUIDE, INK, MARGIN, QUIET, WIDTH, row_texts, x_values
from curie.figures.svg import DATA, Naming
from curie.figures.wording import Wording, cleaned
from curie.plan import CONTROL, Group
from curie.rigor.grounding import quantity
from tasks.study import Metric

GROUPS_MOST = 120
"""Groups drawn; the description says so where there are more."""
DOTS_MOST = 300
"""Dots of a group; beyond it, evenly chosen ones by rank are drawn, and the mean is still of all."""

_ROW, _FOOT = 34.0, 38.0
_DOTS_AT, _JITTER = 0.73, 0.15
_GOLDEN = 0.6180339887498949


def distributions(measured: Measured) -> tuple[Figure, ...]:
    """One figure for each metric that has a value."""
    found = (_distribution(measured, metric) for metric in measured.plan.metrics)
    return tuple(figure for figure in found if figure is not None)


def _distribution(measured: Measured, metric: Metric) -> Figure | None:
    values = by_group(measured.values(metric.name))
    groups = measured.plan.groups[:GROUPS_MOST]
    shown = [v for g in groups for v in values.get(g.id, ())]
    if not shown:
        return None
    wording = Wording()
    entries = _legend(shown)
    top = MARGIN + legend_height(entries, wording) + 4.0
    sheet = Sheet(top + _ROW * len(groups) + _FOOT, wording)
    sheet.legend(MARGIN, entries)
    axes = sheet.axes(MARGIN, top, WIDTH - 2 * MARGIN, _ROW * len(groups))
    scale = positive([v.value for v in shown])
    axes.set_ylim(len(groups), 0)
    better = better_text(metric)
    name = f"{metric.name}, {better}" if better else metric.name
    x_values(axes, scale, (name, metric.unit), wording)
    if CONTROL in values:
        axes.axvline(
            scale.at(mean_of(values[CONTROL])), color=QUIET, linewidth=0.9, linestyle=":", label=GUIDE, zorder=1.5
        )
    for row, group in enumerate(groups):
        _row(axes, scale, row, values.get(group.id, ()))
        row_texts(axes, row, _label(group), _told(values.get(group.id, ()), metric), wording)
    description = _description(metric, groups, values, cut=len(groups) < len(measured.plan.groups))
    return sheet.figure(Naming(f"fig-distribution-{metric.name}", f"Every value of {metric.name}", description))


def _label(group: Group) -> str:
    label = cleaned(group.label) or group.id
    return f"control: {label}" if group.id == CONTROL and label != CONTROL else label


def _told(values: Sequence[Value], metric: Metric) -> str:
    return f"mean {quantity(mean_of(values), metric.unit)}" if values else "no trial succeeded"


def _row(axes: Axes, scale: Scale, row: int, values: Sequence[Value]) -> None:
    if not values:
        return
    chosen = spread_evenly(sorted(values, key=lambda v: v.value), DOTS_MOST)
    height = row + _DOTS_AT
    # Steps of the golden ratio fill the strip evenly and are the same in every rendering.
    placed = [(v, (scale.at(v.value), height + _JITTER * (2 * (v.rank * _GOLDEN % 1) - 1))) for v in chosen]
    dots(axes, [place for v, place in placed if not v.disturbed], BLUE, 4.2, f"{DATA}dots-{values[0].group}")
    marked = [place for v, place in placed if v.disturbed]
    if marked:
        axes.add_line(diamonds(marked, f"{DATA}disturbed-{values[0].group}"))
    mean = scale.at(mean_of(values))
    axes.plot([mean, mean], [height - 0.24, height + 0.24], color=INK, linewidth=2.0, solid_capstyle="butt", zorder=3)


def _legend(shown: Sequence[Value]) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = [(dot_handle(BLUE, 4.2), "one trial")]
    if any(v.disturbed for v in shown):
        entries.append((diamonds(()), "disturbed trial"))
    mean = Line2D([], [], linestyle="none", marker="|", markersize=9, markeredgewidth=2, color=INK)
    entries.append((mean, "mean"))
    if any(v.group == CONTROL for v in shown):
        entries.append((Line2D([], [], color=QUIET, linewidth=0.9, linestyle=":"), "mean of the control"))
    return entries


def _description(metric: Metric, groups: Sequence[Group], values: Mapping[str, list[Value]], *, cut: bool) -> str:
    unit = "no unit" if metric.unit == "1" else metric.unit
    parts = [f"Each dot is {metric.name} ({unit}) of one trial, a row a group; a tick is the group's mean."]
    for group in groups:
        seen = values.get(group.id, ())
        if not seen:
            parts.append(f"{_label(group)}: no trial succeeded.")
            continue
        low, high = min(v.value for v in seen), max(v.value for v in seen)
        span = f"from {quantity(low, metric.unit)} to {quantity(high, metric.unit)}"
        parts.append(f"{_label(group)}: {_told(seen, metric)}, {span}.")
    if any(v.disturbed for g in groups for v in values.get(g.id, ())):
        parts.append("Diamonds are trials that ran beside foreign load; they count like the others.")
    if any(len(values.get(g.id, ())) > DOTS_MOST for g in groups):
        parts.append("Of the largest groups evenly chosen trials are drawn, the extremes among them; means are of all.")
    if cut:
        parts.append("Further groups are in the table of trials only.")
    return " ".join(parts)
