"""The effect plot: every hypothesis with its interval, and what this machine cannot see."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from curie.figures.canvas import Sheet, band_handle, legend_height
from curie.figures.model import Figure
from curie.figures.scale import Scale, signed
from curie.figures.style import (
    BAND,
    BAND_EDGE,
    BLUE,
    GUIDE,
    INK,
    MARGIN,
    QUIET,
    STRIP,
    VERMILLION,
    WIDTH,
    row_texts,
    x_values,
)
from curie.figures.svg import DATA, Naming
from curie.figures.wording import Wording
from curie.plan import Plan
from curie.records import Finding, Verdict
from curie.rigor.grounding import number, percent, quantity

ROWS_MOST = 400
"""Hypotheses drawn; the description says so where there are more."""

_ROW, _HEAD, _FOOT, _GAP = 36.0, 20.0, 38.0, 12.0
_MARK_AT = 0.73
_MARKS: dict[Verdict, tuple[str, str, str]] = {
    "supported": ("o", BLUE, BLUE),
    "refuted": ("D", VERMILLION, VERMILLION),
    "inconclusive": ("s", QUIET, "white"),
}
"""Verdict -> marker, edge, face."""
_THRESHOLD = "smallest effect of interest"
_BLIND = "blind band: effects this small are often missed here"


@dataclass(frozen=True)
class Panel:
    """The findings of one metric."""

    metric: str
    unit: str
    findings: tuple[Finding, ...]
    thresholds: tuple[float, ...]
    """By finding; 0 for none."""
    blind: tuple[float, ...]
    """By finding: half the width of the band; 0 for none."""

    @property
    def height(self) -> float:
        """Of its part of the full plot."""
        return _HEAD + _ROW * len(self.findings) + _FOOT + _GAP


def effects(plan: Plan, findings: Sequence[Finding], calibration: Sequence[Finding]) -> Figure | None:
    """The effect plot; None if no finding has an effect.

    Args:
        plan: holds the thresholds.
        findings: on the plan's hypotheses.
        calibration: of the control with its twin: a row of its own beside each metric that was calibrated.
    """
    shown = tuple(findings)[:ROWS_MOST]
    panels = [p for p in panels_of(plan, shown, calibration) if any(f.effect is not None for f in p.findings)]
    if not panels:
        return None
    wording = Wording()
    entries = key_to_marks(panels)
    top = MARGIN + legend_height(entries, wording) + _GAP
    sheet = Sheet(top + sum(p.height for p in panels), wording)
    sheet.legend(MARGIN, entries)
    for panel in panels:
        _draw(sheet, top, panel)
        top += panel.height
    left_out = len(findings) - sum(len(p.findings) for p in panels)
    naming = Naming("fig-effects", "Effects with their intervals", _description(panels, left_out=left_out > 0))
    return sheet.figure(naming)


def panels_of(plan: Plan, findings: Sequence[Finding], calibration: Sequence[Finding]) -> list[Panel]:
    """The findings by metric, each metric's calibration behind them."""
    thresholds = {h.id: h.rule.threshold for h in plan.hypotheses}
    panels = []
    for metric in dict.fromkeys(f.metric for f in findings):
        own = tuple(f for f in (*findings, *calibration) if f.metric == metric)
        # A finding's own spread, not the twin's: a mean over several cells sees less of the noise than one cell does.
        blind = tuple(f.smallest_visible or 0.0 for f in own)
        panels.append(Panel(metric, own[0].unit, own, tuple(thresholds.get(f.hypothesis, 0.0) for f in own), blind))
    return panels


def _draw(sheet: Sheet, top: float, panel: Panel) -> None:
    sheet.heading(top, panel.metric)
    rows = len(panel.findings)
    axes = sheet.axes(MARGIN, top + _HEAD, WIDTH - 2 * MARGIN, _ROW * rows)
    scale = signed(extent_of(panel))
    axes.set_ylim(rows, 0)
    x_values(axes, scale, (f"effect on {panel.metric}", panel.unit), sheet.wording)
    axes.axvline(scale.at(0.0), color=INK, linewidth=1.0, label=GUIDE, zorder=1.5)
    for row, finding in enumerate(panel.findings):
        _guides(axes, scale, row, panel)
        row_texts(axes, row, _name(finding), _told(finding), sheet.wording)
        draw_mark(axes, scale, row + _MARK_AT, finding)


def extent_of(panel: Panel) -> list[float]:
    """All values that the panel's axis has to hold."""
    values = [f.effect for f in panel.findings if f.effect is not None]
    ends = [e for f in panel.findings if f.interval for e in (f.interval.low, f.interval.high) if e is not None]
    widths = [w for width in (*panel.blind, *panel.thresholds) if width for w in (-width, width)]
    return [*values, *ends, *widths]


def _guides(axes: Axes, scale: Scale, row: int, panel: Panel) -> None:
    """Blind band and thresholds of one row."""
    blind, threshold = panel.blind[row], panel.thresholds[row]
    if blind:
        low, high = scale.at(-blind), scale.at(blind)
        axes.fill_betweenx(
            [row + STRIP, row + 1], [low, low], [high, high], color=BAND, linewidth=0, label=GUIDE, zorder=0.2
        )
        for edge in (low, high):
            axes.plot([edge] * 2, [row + STRIP, row + 1], color=BAND_EDGE, linewidth=0.8, label=GUIDE, zorder=0.3)
    for end in (-threshold, threshold) if threshold else ():
        axes.plot([scale.at(end)] * 2, [row + STRIP, row + 1], color=QUIET, linewidth=1.2, linestyle=":", label=GUIDE)


def _name(finding: Finding) -> str:
    told = f"{finding.hypothesis}, exploratory" if finding.exploratory else finding.hypothesis
    if not finding.treatment:
        return f"{told}: {finding.statement}"
    against = f" against {finding.reference}" if finding.reference else ""
    return f"{told}: {finding.treatment}{against}"


def _told(finding: Finding) -> str:
    if finding.effect is None:
        return "no complete block"
    plus = "+" if finding.effect > 0 else ""
    relative = finding.relative
    share = "" if relative is None else f" ({'+' if relative > 0 else ''}{percent(relative)})"
    return f"{plus}{quantity(finding.effect, finding.unit)}{share}"


def draw_mark(axes: Axes, scale: Scale, height: float, finding: Finding) -> None:
    """A finding's estimate and interval at that height of the axes; nothing if it has no effect."""
    if finding.effect is None:
        return
    place = scale.at(finding.effect)
    marker, edge, face = _MARKS[finding.verdict]
    if (seen := finding.interval) is not None:
        exact = _is_range(finding)
        low = scale.low if seen.low is None else scale.at(seen.low)
        high = scale.high if seen.high is None else scale.at(seen.high)
        axes.plot(
            [low, high],
            [height, height],
            color=edge,
            linewidth=5.0 if exact else 1.8,
            alpha=0.35 if exact else 1.0,
            solid_capstyle="butt",
        )
        for end, sign in ((seen.low, "<"), (seen.high, ">")):
            if end is None:
                at = scale.low if sign == "<" else scale.high
                axes.plot([at], [height], marker=sign, color=edge, markersize=6, linestyle="none", clip_on=False)
    axes.plot(
        [place],
        [height],
        marker=marker,
        markersize=7.5 if marker != "D" else 6.8,
        markeredgecolor=edge,
        markerfacecolor=face,
        markeredgewidth=1.6,
        color=edge,
        linestyle="none",
        zorder=3,
        gid=f"{DATA}{finding.id}",
    )


def _is_range(finding: Finding) -> bool:
    """Whether the interval is the range of an exact comparison; without any bound it is no range."""
    seen = finding.interval
    return seen is not None and seen.level is None and not (seen.low is None and seen.high is None)


def key_to_marks(panels: Sequence[Panel]) -> list[tuple[Artist, str]]:
    """A handle and a text for every kind of mark that occurs."""
    shown = [f for p in panels for f in p.findings if f.effect is not None]
    entries: list[tuple[Artist, str]] = []
    for verdict, (marker, edge, face) in _MARKS.items():
        if any(f.verdict == verdict for f in shown):
            entries.append(
                (
                    Line2D(
                        [],
                        [],
                        marker=marker,
                        color=edge,
                        markerfacecolor=face,
                        markersize=7,
                        markeredgewidth=1.6,
                        lw=1.8,
                    ),
                    verdict,
                )
            )
    if any(_is_range(f) for f in shown):
        entries.append((Line2D([], [], color=QUIET, linewidth=5.0, alpha=0.35), "range over the blocks"))
    if any(t for p in panels for t in p.thresholds):
        entries.append((Line2D([], [], color=QUIET, linewidth=1.0, linestyle=":"), _THRESHOLD))
    if any(b for p in panels for b in p.blind):
        entries.append((band_handle(BAND, BAND_EDGE), _BLIND))
    return entries


def _description(panels: Sequence[Panel], *, left_out: bool) -> str:
    first = "Points are estimated effects, lines their intervals adjusted for all hypotheses"
    parts = [f"{first}; the vertical line stands for no effect."]
    for panel in panels:
        parts.append(f"Effects on {panel.metric} ({'no unit' if panel.unit == '1' else panel.unit}).")
        parts += [sentence_of(panel, row) for row in range(len(panel.findings))]
    if left_out:
        parts.append("Further hypotheses are in the table of verdicts only.")
    return " ".join(parts)


def sentence_of(panel: Panel, row: int) -> str:
    """What is drawn in a row, for a reader who cannot see it."""
    finding, blind, threshold = panel.findings[row], panel.blind[row], panel.thresholds[row]
    exploratory = "exploratory, " if finding.exploratory else ""
    said = f"{finding.hypothesis} ({finding.statement}): {exploratory}{finding.verdict}, {_told(finding)}"
    if (seen := finding.interval) is not None and finding.effect is not None:
        low = "unbounded" if seen.low is None else number(seen.low)
        high = "unbounded" if seen.high is None else number(seen.high)
        said += f", {'range' if _is_range(finding) else 'interval'} {low} to {high}"
    if blind:
        said += f", blind band up to {quantity(blind, finding.unit)}"
    if threshold:
        said += f", {_THRESHOLD} {quantity(threshold, finding.unit)}"
    return f"{said}."
