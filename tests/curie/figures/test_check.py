"""The check of figures can fail: each of its rules on a drawing that breaks it, and on one that does not."""

from collections.abc import Callable

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from curie.figures.check import problems
from curie.figures.style import GUIDE


def drawing() -> tuple[Drawing, Axes]:
    """A sound drawing: a line, both axes labelled."""
    figure = Drawing(figsize=(5, 4), dpi=72)
    axes = figure.add_axes((0.2, 0.2, 0.7, 0.6))
    axes.plot([1, 2, 3], [1, 4, 9], color="k")
    axes.set_xlabel("step (no unit)")
    axes.set_ylabel("wall_s (s)")
    return figure, axes


def test_a_sound_drawing_passes() -> None:
    """Nothing is found where nothing is wrong."""
    assert problems(drawing()[0]) == ()


def _empty(axes: Axes) -> None:
    axes.lines[0].remove()


def _guides_only(axes: Axes) -> None:
    axes.lines[0].set_label(GUIDE)


def _not_finite(axes: Axes) -> None:
    axes.lines[0].set_data([1, 2, 3], [float("nan"), float("inf"), float("nan")])


def _no_label(axes: Axes) -> None:
    axes.set_ylabel("")


def _no_unit(axes: Axes) -> None:
    axes.set_ylabel("wall_s")


def _no_legend(axes: Axes) -> None:
    axes.plot([1, 2], [1, 2], color="r")


def _cut_off(axes: Axes) -> None:
    axes.set_xlim(1, 2)


def _outside(axes: Axes) -> None:
    axes.text(1.2, 0.5, "far out in the margin", transform=axes.transAxes)


def _overlapping(axes: Axes) -> None:
    axes.set_xticks([1, 1.01, 3], ["1,000,000", "1,010,000", "3,000,000"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_empty, "nothing is drawn"),
        (_guides_only, "nothing is drawn"),
        (_not_finite, "nothing is drawn"),
        (_no_label, "y axis has no label"),
        (_no_unit, "y axis has no unit: wall_s"),
        (_no_legend, "no legend"),
        (_cut_off, "data lies outside"),
        (_outside, "outside the canvas: far out"),
        (_overlapping, "texts overlap"),
    ],
)
def test_each_fault_is_found(spoil: Callable[[Axes], None], said: str) -> None:
    """One fault, and the sentence for it."""
    figure, axes = drawing()
    spoil(axes)
    assert any(said in problem for problem in problems(figure))


def test_a_figure_without_axes_is_found() -> None:
    """An empty sheet is no figure."""
    assert problems(Drawing()) == ("the figure has no axes",)


def test_a_legend_settles_several_colours() -> None:
    """With a legend, two colours are well."""
    figure, axes = drawing()
    axes.plot([1, 2], [1, 2], color="r", label="other")
    axes.legend()
    assert problems(figure) == ()
