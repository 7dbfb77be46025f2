"""How figures look: sizes in the SVG's own unit, colours that tell apart whoever looks, one kind of quiet axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.typing import RcKeyType

from curie.figures.scale import Scale
from curie.figures.wording import FONT, Wording

WIDTH = 420.0
"""Narrow, so that text stays readable where a telephone shrinks the figure."""
MARGIN = 12.0
LABEL, TICK = 11.5, 10.5
"""Font sizes."""
GUIDE = "_guide"
"""Label of what is drawn to help the eye and is no data."""

_ABOVE = 5.0
_SEAM = 0.05
STRIP = 0.46
"""Share of a row that belongs to its texts; the rest to its marks."""

INK, QUIET, GRID, BAND = "#1a1a1a", "#595959", "#e4e4e4", "#e6e6e6"
BAND_EDGE = "#8a8a8a"
BLUE, VERMILLION, GREEN, PURPLE, BLACK = "#0072B2", "#D55E00", "#008E67", "#B6608F", "#000000"
"""After Okabe and Ito (2008), those that stand out from white by 3 to 1; green and purple a little darker for it."""
SERIES = (BLUE, VERMILLION, GREEN, PURPLE, BLACK)
Dash = Literal["-", "--"]
DASHES: tuple[Dash, ...] = ("-", "--")
MARKERS = ("o", "s", "^", "D", "v")

SETTINGS: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "curie",
    "svg.image_inline": True,
    "text.parse_math": False,
    "text.usetex": False,
    "path.simplify": False,
    "font.family": [FONT],
    "font.size": LABEL,
    "figure.dpi": 72.0,
    "savefig.dpi": 72.0,
    "axes.unicode_minus": True,
    "axes.autolimit_mode": "data",
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "lines.scale_dashes": True,
    "legend.frameon": False,
    "legend.fontsize": TICK,
    "legend.handlelength": 1.8,
    "legend.columnspacing": 1.4,
    "legend.borderpad": 0.0,
    "legend.borderaxespad": 0.0,
    "legend.labelspacing": 0.45,
}
"""Set for the time of drawing, over matplotlib's defaults; a user's own matplotlibrc does not change a report."""


Named = tuple[str, str]
"""What an axis shows, and its unit."""


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one line from another."""

    colour: str
    dash: Dash
    marker: str


def look(number: int) -> Look:
    """The look of the line of that number, from 0; ten differ."""
    size = len(SERIES)
    return Look(SERIES[number % size], DASHES[number // size % len(DASHES)], MARKERS[number % size])


def quiet_axes(axes: Axes) -> None:
    """No frame, no tick marks, a white ground."""
    axes.set_facecolor("none")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=TICK, labelcolor=QUIET, pad=4)
    axes.set_axisbelow(True)
    axes.set_xticks([])
    axes.set_yticks([])


def x_values(axes: Axes, scale: Scale, named: Named, wording: Wording) -> None:
    """A value axis at the bottom, with as many ticks as there is room for their texts."""
    axes.set_xlim(scale.low, scale.high)
    room = axes.get_position().width * WIDTH
    widest = max((wording.width(text, TICK) for _, text in scale.ticks), default=0.0)
    span = scale.high - scale.low
    kept: list[tuple[float, str]] = []
    for place, text in sorted(scale.ticks, key=lambda tick: (tick[1] != "0", tick[0])):
        if all(abs(place - other) / span * room > widest + TICK for other, _ in kept):
            kept.append((place, text))
    _x_ticks(axes, kept)
    axes.set_xlabel(_label(scale, named, room, wording), fontsize=LABEL, color=INK, labelpad=3)
    axes.grid(visible=True, axis="x", color=GRID, linewidth=0.8)


def _x_ticks(axes: Axes, ticks: Sequence[tuple[float, str]]) -> None:
    axes.set_xticks([place for place, _ in ticks], [text for _, text in ticks])
    # A text at the very end would stick out of the canvas.
    low, high = axes.get_xlim()
    for (place, _), text in zip(ticks, axes.get_xticklabels(), strict=True):
        share = (place - low) / (high - low)
        text.set_horizontalalignment("left" if share < 0.03 else "right" if share > 0.97 else "center")  # noqa: PLR2004 -- within a margin of the ends


def _label(scale: Scale, named: Named, room: float, wording: Wording) -> str:
    """The axis's label; where room is short the name is shortened first, and the unit to a third of the room."""
    name, unit = named
    unit = wording.shortened(unit, room / 3, LABEL)
    rest = wording.width(scale.label("", unit), LABEL)
    return wording.fit(scale.label(wording.shortened(name, max(room - rest, room / 4), LABEL), unit), room, LABEL)


def row_texts(axes: Axes, row: int, left: str, right: str, wording: Wording) -> None:
    """What a row is, at the left, and what came out, at the right, on a clear strip above the row's marks."""
    right = wording.fit(right, WIDTH / 2, TICK)
    room = axes.get_position().width * WIDTH - wording.width(right, TICK) - LABEL
    across = axes.get_yaxis_transform()
    axes.axhspan(row - _SEAM, row + STRIP, color="white", linewidth=0, label=GUIDE, zorder=1.6)
    for place, side, text, colour in ((0.0, "left", wording.fit(left, room, TICK), INK), (1.0, "right", right, QUIET)):
        axes.text(place, row + STRIP / 2, text, transform=across, ha=side, va="center", fontsize=TICK, color=colour)


def y_values(axes: Axes, scale: Scale, named: Named, wording: Wording) -> None:
    """A value axis at the left; its label lies flat above it, where it is read without turning the head."""
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks([place for place, _ in scale.ticks], [text for _, text in scale.ticks])
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    box, ticks = axes.get_position(), tick_room(scale, wording)
    width = box.width * WIDTH
    axes.set_ylabel(
        _label(scale, named, width + ticks, wording), fontsize=LABEL, color=INK, rotation=0, ha="left", va="bottom"
    )
    height = axes.bbox.height
    axes.yaxis.set_label_coords(-ticks / width, 1.0 + _ABOVE / height)


def tick_room(scale: Scale, wording: Wording) -> float:
    """How much room the texts of a vertical axis take."""
    return max((wording.width(text, TICK) for _, text in scale.ticks), default=0.0) + 8.0
