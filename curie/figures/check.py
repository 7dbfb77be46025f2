"""Is a drawn figure fit to be shown? No empty axes, units on every value axis, nothing outside or on top of others."""

import re
from collections.abc import Iterable, Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase
from numpy.typing import NDArray

from curie.figures.style import GUIDE

Points = NDArray[np.float64]

_NUMERAL = re.compile(r"^[\u2212-]?[\d,.]+(?:[eE][+\u2212-]?\d+)?$|^[\u2212-]?10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+$")
_UNIT = re.compile(r"\([^()]*\S[^()]*\)|\(.+\)")
_OUTSIDE = 2.0
_OVERLAP = 0.2
_SLACK = 1e-6


def problems(figure: Drawing) -> tuple[str, ...]:
    """What is wrong with a drawing, in sentences; empty if nothing is.

    Empty: axes without a data artist, or with none that has a finite point. What only helps the eye is told by its
    label, `curie.figures.style.GUIDE`. Units: an axis whose tick texts are numbers needs a label with its unit in
    parentheses, such as `wall_s (s)`; a pure number says `(no unit)`. Legend: needed where data has several colours.
    Overlap: two texts of which one covers more than a fifth of the other. Outside: a text beyond the canvas, or data
    beyond the axes' limits.
    """
    if not figure.axes:
        return ("the figure has no axes",)
    figure.draw_without_rendering()
    renderer = RendererAgg(1, 1, figure.dpi)  # type: ignore[no-untyped-call]  # it only measures texts
    found = [problem for number, axes in enumerate(figure.axes, start=1) for problem in _of_axes(number, axes)]
    if len(_colours(figure.axes)) > 1 and not (figure.legends or any(a.get_legend() for a in figure.axes)):
        found.append("several colours and no legend")
    hidden = _tick_texts_out_of_view(figure.axes)
    boxes = [
        (text.get_text(), text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]
    return (*found, *_outside(boxes, figure.bbox), *_overlapping(boxes))


def _tick_texts_out_of_view(all_axes: Iterable[Axes]) -> set[Text]:
    """Ticks beyond an axis's limits keep a text that is never drawn."""
    found: set[Text] = set()
    for axis in (axis for axes in all_axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        found.update(tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high)
    return found


def _of_axes(number: int, axes: Axes) -> Iterator[str]:
    finite = [points[np.isfinite(points).all(axis=1)] for points in _data(axes)]
    finite = [points for points in finite if len(points)]
    if not finite:
        yield f"axes {number}: nothing is drawn"
    elif not all(_within(axes, points) for points in finite):
        yield f"axes {number}: data lies outside the axes"
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        texts = [t.get_text() for t in axis.get_ticklabels() if t.get_text()]
        numeric = bool(texts) and axis.get_visible() and all(_NUMERAL.match(t) for t in texts)
        label = axis.get_label_text()
        if numeric and not label.strip():
            yield f"axes {number}: the {name} axis has no label"
        elif numeric and not _UNIT.search(label):
            yield f"axes {number}: the {name} axis has no unit: {label}"


def _data(axes: Axes) -> Iterator[Points]:
    """Points of every data artist, in data coordinates, one array of n x 2 each."""
    for line in axes.lines:
        if line.get_label() != GUIDE:
            yield np.asarray(line.get_xydata(), dtype=float)
    for collection in axes.collections:
        if collection.get_label() != GUIDE:
            yield from _collected(collection)
    for patch in axes.patches:
        if patch.get_label() != GUIDE:
            yield np.asarray(patch.get_patch_transform().transform_path(patch.get_path()).vertices, dtype=float)


def _collected(collection: Collection) -> Iterator[Points]:
    offsets = np.asarray(collection.get_offsets(), dtype=float)
    if len(offsets) and collection.axes is not None and collection.get_offset_transform() is collection.axes.transData:
        yield offsets.reshape(-1, 2)
        return
    for path in collection.get_paths():
        yield np.asarray(path.vertices, dtype=float)


def _within(axes: Axes, points: Points) -> bool:
    for column, limits in enumerate((axes.get_xlim(), axes.get_ylim())):
        low, high = sorted(limits)
        slack = _SLACK * (high - low)
        if points[:, column].min() < low - slack or points[:, column].max() > high + slack:
            return False
    return True


def _colours(all_axes: Iterable[Axes]) -> set[str]:
    found: set[str] = set()
    for axes in all_axes:
        for artist in (*axes.lines, *axes.collections, *axes.patches):
            if artist.get_label() != GUIDE:
                found.update(_colours_of(artist))
    return found


def _colours_of(artist: Artist) -> set[str]:
    if isinstance(artist, Line2D):
        return {to_hex(artist.get_color())}
    if not isinstance(artist, Collection | Patch):
        return set()
    edges = np.atleast_2d(np.asarray(artist.get_edgecolor(), dtype=float))
    return {to_hex(edge) for edge in edges if edge.size}


def _outside(boxes: list[tuple[str, Bbox]], canvas: BboxBase) -> Iterator[str]:
    for text, box in boxes:
        beyond = max(canvas.x0 - box.x0, box.x1 - canvas.x1, canvas.y0 - box.y0, box.y1 - canvas.y1)
        if beyond > _OUTSIDE:
            yield f"a text lies outside the canvas: {text}"


def _overlapping(boxes: list[tuple[str, Bbox]]) -> Iterator[str]:
    """Sweep from the bottom up; only boxes that share a height are compared."""
    active: list[tuple[str, Bbox]] = []
    for text, box in sorted(boxes, key=lambda item: item[1].y0):
        active = [(other, seen) for other, seen in active if seen.y1 > box.y0]
        for other, seen in active:
            shared = Bbox.intersection(box, seen)
            smaller = min(box.width * box.height, seen.width * seen.height)
            if shared is not None and shared.width * shared.height > _OVERLAP * smaller:
                yield f"texts overlap: {other} / {text}"
        active.append((text, box))
