"""A sheet to draw on, from the top down, and how it becomes a figure of the page."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from curie.figures.check import problems
from curie.figures.model import Figure
from curie.figures.style import LABEL, MARGIN, SETTINGS, TICK, VERMILLION, WIDTH, quiet_axes
from curie.figures.svg import Naming, embeddable
from curie.figures.wording import Wording, cleaned

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_DESCRIPTION = 30_000
_ENTRY = 40.0
_LEGEND_LINE = 15.5
_POINTS_PER_INCH = 72.0


class Sheet:
    """A drawing of fixed width and given height; places are in the SVG's unit, counted from the top left."""

    def __init__(self, height: float, wording: Wording) -> None:
        self.height = height
        self.wording = wording
        self.drawing = Drawing(figsize=(WIDTH / _POINTS_PER_INCH, height / _POINTS_PER_INCH), facecolor="white")
        FigureCanvasSVG(self.drawing)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Quiet axes at that place."""
        place = (left / WIDTH, 1 - (top + height) / self.height, width / WIDTH, height / self.height)
        axes = self.drawing.add_axes(place)
        quiet_axes(axes)
        return axes

    def heading(self, top: float, text: str) -> None:
        """A panel's title, whose upper edge lies at `top`."""
        shown = self.wording.fit(text, WIDTH - 2 * MARGIN, LABEL)
        self.drawing.text(
            MARGIN / WIDTH, 1 - top / self.height, shown, fontsize=LABEL, fontweight="bold", va="top", ha="left"
        )

    def legend(self, top: float, entries: "Sequence[tuple[Artist, str]]") -> None:
        """What the marks mean, below `top`; `legend_height` says how much room it takes."""
        columns = _columns(entries, self.wording)
        room = (WIDTH - 2 * MARGIN) / columns - _ENTRY
        self.drawing.legend(
            [handle for handle, _ in entries],
            [self.wording.fit(text, room, TICK) for _, text in entries],
            loc="upper left",
            bbox_to_anchor=(MARGIN / WIDTH, 1 - top / self.height),
            ncols=columns,
        )

    def figure(self, naming: Naming) -> Figure:
        """The finished figure, checked."""
        found = problems(self.drawing)
        buffer = io.StringIO()
        self.drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")
        description = valid_text(naming.description)
        named = Naming(id=naming.id, title=valid_text(naming.title), description=description)
        svg = embeddable(buffer.getvalue(), named, self.wording.substitutes)
        return Figure(id=named.id, title=named.title, description=description, svg=svg, problems=found)


def valid_text(text: str) -> str:
    """Plain text in one line, without what could harm a page or a terminal."""
    return cleaned(text, _DESCRIPTION)


def legend_height(entries: "Sequence[tuple[Artist, str]]", wording: Wording) -> float:
    """Room that a legend of these entries takes."""
    return -(-len(entries) // _columns(entries, wording)) * _LEGEND_LINE + 4.0 if entries else 0.0


def _columns(entries: "Sequence[tuple[Artist, str]]", wording: Wording) -> int:
    widest = max(wording.width(cleaned(text), TICK) for _, text in entries) + _ENTRY
    return max(1, min(3, len(entries), int((WIDTH - 2 * MARGIN) // widest)))


def dots(axes: Axes, places: Sequence[tuple[float, float]], colour: str, size: float, gid: str) -> None:
    """A round dot at every place, all in one path: a tenth of the bytes of as many markers."""
    if not places:
        return
    path = Path([p for place in places for p in (place, place)], [Path.MOVETO, Path.LINETO] * len(places))
    patch = PathPatch(path, facecolor="none", edgecolor=colour, linewidth=size, capstyle="round", gid=gid)
    axes.add_artist(patch)  # the limits are set by the scale; reckoning them again is slow


def dot_handle(colour: str, size: float) -> Line2D:
    """A dot for the legend."""
    return Line2D([], [], linestyle="none", marker="o", markersize=size, markeredgewidth=0, color=colour)


def diamonds(places: Sequence[tuple[float, float]], gid: str | None = None) -> Line2D:
    """Disturbed trials, told from others by their shape too; without places, for the legend."""
    return Line2D(
        [x for x, _ in places],
        [y for _, y in places],
        linestyle="none",
        marker="D",
        markersize=4.6,
        markerfacecolor="white",
        markeredgecolor=VERMILLION,
        markeredgewidth=1.2,
        color=VERMILLION,
        gid=gid,
    )


def band_handle(colour: str, edge: str) -> Patch:
    """A filled field for the legend."""
    return Patch(facecolor=colour, edgecolor=edge, linewidth=0.8)


@contextmanager
def drawing_settings() -> Iterator[None]:
    """Our settings over matplotlib's defaults, for a while."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield
