"""The effect plot of a first screen: a thin row a hypothesis, panels side by side, bounded in height."""

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from curie.figures.canvas import Sheet
from curie.figures.effects import Panel, draw_mark, extent_of, key_to_marks, panels_of, sentence_of
from curie.figures.model import Figure
from curie.figures.scale import Scale, signed
from curie.figures.style import BAND, BAND_EDGE, GUIDE, INK, LABEL, MARGIN, QUIET, TICK, WIDTH, x_values
from curie.figures.svg import Naming
from curie.figures.wording import Wording
from curie.plan import Plan
from curie.records import Finding

PANELS_MOST, ROWS_MOST = 6, 12
"""Metrics, and hypotheses of each; the full plot has the others, and the title says so."""

_ABREAST = 3
_ROOM = 190.0
_LEAST, _TALLEST = 12.0, 56.0
_TOP, _HEAD, _FOOT, _GAP = 20.0, 17.0, 16.0, 8.0
_NAMES = 26.0
_EDGE = 4.0
_SHORT = {"smallest effect of interest": "smallest of interest", "range over the blocks": "range"}


def compact(plan: Plan, findings: Sequence[Finding]) -> Figure | None:
    """The effects without the texts of the full plot; None if no finding has an effect.

    Args:
        plan: holds the thresholds.
        findings: on the plan's hypotheses. A row is named by its hypothesis.
    """
    everything = [p for p in panels_of(plan, findings, ()) if any(f.effect is not None for f in p.findings)]
    if not everything:
        return None
    panels = [_first(panel) for panel in everything[:PANELS_MOST]]
    abreast = min(_ABREAST, len(panels))
    lines = [panels[at : at + abreast] for at in range(0, len(panels), abreast)]
    tallest = [max(len(p.findings) for p in row) for row in lines]
    room = _ROOM - _TOP - (_HEAD + _FOOT + _GAP) * len(lines) + _GAP
    row_height = min(_TALLEST, max(_LEAST, room / sum(tallest)))
    wording = Wording()
    sheet = Sheet(_TOP + sum(_HEAD + _FOOT + _GAP + row_height * rows for rows in tallest) - _GAP, wording)
    _legend(sheet, key_to_marks(panels))
    top, width = _TOP, (WIDTH - 2 * _EDGE - MARGIN * (abreast - 1)) / abreast
    for row, rows in zip(lines, tallest, strict=True):
        for place, panel in enumerate(row):
            left = _EDGE + place * (width + MARGIN)
            height = row_height * len(panel.findings)
            axes = sheet.axes(left + _NAMES, top + _HEAD, width - _NAMES, height)
            _draw(axes, panel, sheet.wording, (_NAMES, width))
        top += _HEAD + _FOOT + _GAP + row_height * rows
    shown, total = sum(len(p.findings) for p in panels), len(findings)
    title = "Effects with their intervals" if shown == total else "The first effects with their intervals"
    told = " ".join(sentence_of(p, row) for p in panels for row in range(len(p.findings)))
    return sheet.figure(Naming("fig-effects-compact", title, f"The effects at a glance. {told}"))


def _first(panel: Panel) -> Panel:
    return replace(
        panel,
        findings=panel.findings[:ROWS_MOST],
        thresholds=panel.thresholds[:ROWS_MOST],
        blind=panel.blind[:ROWS_MOST],
    )


def _legend(sheet: Sheet, entries: Sequence[tuple[Artist, str]]) -> None:
    """In one line, in short words."""
    sheet.drawing.legend(
        [handle for handle, _ in entries],
        [_SHORT.get(text, text.partition(":")[0]) for _, text in entries],
        loc="upper left",
        bbox_to_anchor=(_EDGE / WIDTH, 1 - _EDGE / sheet.height),
        ncols=len(entries),
        fontsize=TICK if len(entries) < 4 else TICK - 1.5,  # noqa: PLR2004 -- as many as fit at full size
        handlelength=1.1,
        handletextpad=0.4,
        columnspacing=0.8,
    )


def _draw(axes: Axes, panel: Panel, wording: Wording, sizes: tuple[float, float]) -> None:
    names, width = sizes
    rows = len(panel.findings)
    scale = signed(extent_of(panel))
    axes.set_ylim(rows, 0)
    x_values(axes, scale, (panel.metric, panel.unit), wording)
    axes.tick_params(axis="x", pad=1)
    axes.set_xlabel("")
    axes.xaxis.set_label_position("top")
    label = wording.fit(scale.label(panel.metric, panel.unit), width, LABEL)
    axes.set_xlabel(label, loc="left", fontsize=LABEL, color=INK, labelpad=3)
    axes.xaxis.set_label_coords(-names / (width - names), 1.0 + 3.0 / axes.bbox.height)
    axes.xaxis.label.set_verticalalignment("bottom")
    axes.axvline(scale.at(0.0), color=INK, linewidth=1.0, label=GUIDE, zorder=1.5)
    for row, finding in enumerate(panel.findings):
        _guides(axes, scale, panel, row)
        axes.text(
            -names / (width - names),
            row + 0.5,
            wording.fit(finding.hypothesis, names - 2.0, TICK),
            transform=axes.get_yaxis_transform(),
            ha="left",
            va="center",
            fontsize=TICK,
            color=QUIET,
        )
        draw_mark(axes, scale, row + 0.5, finding)


def _guides(axes: Axes, scale: Scale, panel: Panel, row: int) -> None:
    """Blind band and thresholds of one row, a little apart from the next."""
    low, high = row + 0.08, row + 0.92
    if blind := panel.blind[row]:
        ends = [scale.at(-blind), scale.at(blind)]
        axes.fill_betweenx([low, high], [ends[0]] * 2, [ends[1]] * 2, color=BAND, linewidth=0, label=GUIDE, zorder=0.2)
        for edge in ends:
            axes.plot([edge] * 2, [low, high], color=BAND_EDGE, linewidth=0.8, label=GUIDE, zorder=0.3)
    for end in (-panel.thresholds[row], panel.thresholds[row]) if panel.thresholds[row] else ():
        axes.plot([scale.at(end)] * 2, [low, high], color=QUIET, linewidth=1.2, linestyle=":", label=GUIDE)
