"""Curves of series metrics: a line a trial, a thicker one for the mean of its group; one figure a metric."""

from collections.abc import Mapping, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from curie.figures.canvas import Sheet, legend_height
from curie.figures.curves import Curve, Over, curves, mean_curve, over, thinned
from curie.figures.measured import Measured, spread_evenly
from curie.figures.model import Figure
from curie.figures.scale import Scale, linear, positive
from curie.figures.style import BLUE, GUIDE, MARGIN, QUIET, WIDTH, Look, Named, look, tick_room, x_values, y_values
from curie.figures.svg import DATA, Naming
from curie.figures.wording import Wording
from curie.plan import CONTROL, Group
from tasks.study import Metric

POINTS_A_LINE = 500
"""Points drawn of one trial; of a longer series the smallest and largest value of every stretch."""
POINTS_MOST = 24_000
"""Points drawn in all figures of series together, so that the page stays small."""
LINES_MOST = 400
"""Trials drawn in one figure."""
GROUPS_TOGETHER = 5
"""Groups that share axes; more of them get axes each."""
GROUPS_MOST = 60

_HEIGHT, _SMALL, _FOOT, _HEAD = 240.0, 96.0, 38.0, 24.0
_LEAST_POINTS = 8
_AXES: dict[Over, Named] = {"step": ("step", "1"), "t_s": ("time", "s")}


def series(measured: Measured) -> tuple[Figure, ...]:
    """One figure for each metric of which a trial has points with steps or times."""
    found = [(m, along) for m in measured.plan.metrics if (along := over(measured.records, m.name)) is not None]
    budget = POINTS_MOST // max(1, len(found))
    figures = (_series(measured, metric, along, budget) for metric, along in found)
    return tuple(figure for figure in figures if figure is not None)


def _series(measured: Measured, metric: Metric, along: Over, budget: int) -> Figure | None:
    seen = curves(measured.records, metric.name, along)
    groups = [g for g in measured.plan.groups if any(c.group == g.id for c in seen)][:GROUPS_MOST]
    if not groups or all(len(c.x) == 1 for c in seen):
        return None
    every = {g.id: [c for c in seen if c.group == g.id] for g in groups}
    means = {g: mean for g, own in every.items() if (mean := mean_curve(own)) is not None}
    lines = max(1, min(LINES_MOST // len(groups), max(len(own) for own in every.values())))
    most = max(_LEAST_POINTS, min(POINTS_A_LINE, budget // (lines * len(groups) + len(means) or 1)))
    drawn = {g: [thinned(c, most) for c in spread_evenly(own, lines)] for g, own in every.items()}
    means = {g: thinned(c, most) for g, c in means.items()}
    naming = Naming(
        f"fig-series-{metric.name}",
        f"{metric.name} over {_along(along)}",
        _description(metric, along, groups, thin=_is_thin(every, drawn)),
    )
    picture = _together if len(groups) <= GROUPS_TOGETHER else _apart
    return picture(metric, along, groups, drawn, means).figure(naming)


def _is_thin(every: Mapping[str, list[Curve]], drawn: Mapping[str, list[Curve]]) -> bool:
    return sum(len(c.x) for own in every.values() for c in own) > sum(len(c.x) for own in drawn.values() for c in own)


def _along(along: Over) -> str:
    return "step" if along == "step" else "time"


def _scales(all_curves: Sequence[Curve]) -> tuple[Scale, Scale]:
    x = linear([float(v) for c in all_curves for v in (c.x[0], c.x[-1])])
    y = positive([float(v) for c in all_curves for v in (c.y.min(), c.y.max())])
    return x, y


def _together(
    metric: Metric,
    along: Over,
    groups: Sequence[Group],
    drawn: Mapping[str, list[Curve]],
    means: Mapping[str, Curve],
) -> Sheet:
    """All groups in one pair of axes, told apart by colour and dash."""
    wording = Wording()
    looks = {g.id: look(i) for i, g in enumerate(groups)}
    entries: list[tuple[Artist, str]] = [
        (Line2D([], [], color=looks[g.id].colour, linestyle=looks[g.id].dash, linewidth=2.4), g.label) for g in groups
    ]
    if means:
        entries.append((Line2D([], [], color=QUIET, linewidth=0.8), "thin: one trial; thick: mean of the group"))
    top = MARGIN + legend_height(entries, wording) + _HEAD
    sheet = Sheet(top + _HEIGHT + _FOOT, wording)
    sheet.legend(MARGIN, entries)
    x, y = _scales([c for own in drawn.values() for c in own] + list(means.values()))
    left = MARGIN + tick_room(y, wording)
    axes = sheet.axes(left, top, WIDTH - left - MARGIN, _HEIGHT)
    x_values(axes, x, _AXES[along], wording)
    y_values(axes, y, (metric.name, metric.unit), wording)
    for group, own in drawn.items():
        for curve in own:
            _line(axes, (x, y), curve, looks[group], mean=False)
    for group, curve in means.items():
        _line(axes, (x, y), curve, looks[group], mean=True)
    return sheet


def _apart(
    metric: Metric,
    along: Over,
    groups: Sequence[Group],
    drawn: Mapping[str, list[Curve]],
    means: Mapping[str, Curve],
) -> Sheet:
    """A pair of axes a group, all with the same scales, the control's mean in each for comparison."""
    wording = Wording()
    entries: list[tuple[Artist, str]] = [(Line2D([], [], color=BLUE, linewidth=0.8), "one trial")]
    if means:
        entries.append((Line2D([], [], color=BLUE, linewidth=2.4), "mean of the group"))
    control = means.get(CONTROL)
    if control is not None:
        entries.append((Line2D([], [], color=QUIET, linewidth=1.4, linestyle="--"), "mean of the control"))
    top = MARGIN + legend_height(entries, wording) + 4.0
    each = _HEAD + _SMALL + _FOOT
    rows = -(-len(groups) // 2)
    sheet = Sheet(top + rows * each, wording)
    sheet.legend(MARGIN, entries)
    x, y = _scales([c for own in drawn.values() for c in own] + list(means.values()))
    left = MARGIN + tick_room(y, wording)
    width = (WIDTH - 2 * left - 2 * MARGIN) / 2
    for number, group in enumerate(groups):
        column, row = number % 2, number // 2
        place = left + column * (left + width + MARGIN)
        axes = sheet.axes(place, top + row * each + _HEAD, width, _SMALL)
        x_values(axes, x, _AXES[along], wording)
        y_values(axes, y, (f"{group.label}: {metric.name}", metric.unit), wording)
        if control is not None and group.id != CONTROL:
            axes.plot(*_placed((x, y), control), color=QUIET, linewidth=1.4, linestyle="--", label=GUIDE)
        for curve in drawn[group.id]:
            _line(axes, (x, y), curve, look(0), mean=False)
        if group.id in means:
            _line(axes, (x, y), means[group.id], look(0), mean=True)
    return sheet


def _line(axes: Axes, scales: tuple[Scale, Scale], curve: Curve, looks: Look, *, mean: bool) -> None:
    axes.plot(
        *_placed(scales, curve),
        color=looks.colour,
        linestyle=looks.dash if mean else "-",
        linewidth=2.4 if mean else 0.8,
        alpha=1.0 if mean else 0.45,
        zorder=3 if mean else 2,
        marker="o" if len(curve.x) == 1 else "",
        markersize=3,
        gid=f"{DATA}{'mean' if mean else 'trial'}-{curve.group}",
    )


def _placed(scales: tuple[Scale, Scale], curve: Curve) -> tuple[list[float], list[float]]:
    x, y = scales
    return [x.at(float(v)) for v in curve.x], [y.at(float(v)) for v in curve.y]


def _description(metric: Metric, along: Over, groups: Sequence[Group], *, thin: bool) -> str:
    unit = "no unit" if metric.unit == "1" else metric.unit
    over_text = "step (no unit)" if along == "step" else "time since the trial began (s)"
    parts = [f"{metric.name} ({unit}) over {over_text}: a thin line a trial, a thick line the mean of a group."]
    parts.append(f"Groups: {'; '.join(g.label for g in groups)}.")
    if thin:
        parts.append(
            "Long series are thinned to the smallest and largest value of every stretch, and of many trials "
            "evenly chosen ones are drawn; means are of all."
        )
    return " ".join(parts)
