"""The pure parts of figures: scales, curves, wording, colours, markup."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.figures import scale
from curie.figures.curves import Curve, mean_curve, thinned
from curie.figures.measured import spread_evenly
from curie.figures.style import LABEL, QUIET, SERIES, look
from curie.figures.svg import Naming, embeddable
from curie.figures.wording import Wording, cleaned

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("make", [scale.linear, scale.positive, scale.signed])
@given(values=st.lists(finite, min_size=1, max_size=6))
def test_every_value_has_its_place(make: object, values: list[float]) -> None:
    """Places are finite, keep the order of the values, and lie within the axis, as the ticks do."""
    assert callable(make)
    made = make(values)
    assert math.isfinite(made.low)
    assert made.low < made.high
    places = [made.at(v) for v in sorted(values)]
    assert all(made.low <= place <= made.high for place in places)
    assert places == sorted(places)
    assert all(made.low <= place <= made.high for place, _ in made.ticks)


def test_scales_are_chosen_by_what_they_hold() -> None:
    """Two decades of positive values turn an axis logarithmic, three of sizes an axis of effects."""
    assert scale.positive([1.0, 100.0]).kind == "linear"
    assert scale.positive([1.0, 101.0]).kind == "log"
    assert scale.positive([0.0, 1000.0]).kind == "linear"
    assert scale.signed([-1.0, 900.0]).kind == "linear"
    assert scale.signed([-1.0, 2000.0]).kind == "symlog"


def test_labels_name_the_unit() -> None:
    """A pure number says so; a power of ten that was divided out stands before the unit."""
    assert scale.linear([1.0]).label("loss", "1") == "loss (no unit)"
    assert scale.linear([1.0]).label("wall_s", "s") == "wall_s (s)"
    assert scale.linear([2.5e7]).label("rss", "B") == "rss (10⁶ B)"
    assert scale.positive([1.0, 1e4]).label("wall_s", "s") == "wall_s (s, log scale)"


def test_ticks_are_round_and_readable() -> None:
    """Steps of one, two, two and a half or five, without float noise."""
    assert [text for _, text in scale.linear([0.0, 1.0]).ticks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert [text for _, text in scale.positive([1e-6, 1.0]).ticks] == ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"]
    assert "0" in [text for _, text in scale.signed([-1.0, 1e5]).ticks]


@given(st.lists(finite, min_size=2, max_size=400), st.integers(min_value=8, max_value=60))
def test_thinning_keeps_the_extremes(values: list[float], most: int) -> None:
    """No more points than asked for, the ends and the extremes among them, in order."""
    whole = Curve("g", np.arange(len(values), dtype=float), np.array(values))
    few = thinned(whole, most)
    assert len(few.x) <= max(most, 2)
    assert (few.y.min(), few.y.max()) == (min(values), max(values))
    assert (few.x[0], few.x[-1]) == (0.0, len(values) - 1)
    assert (np.diff(few.x) > 0).all()


def test_the_mean_of_curves() -> None:
    """At common places exactly; between other places by lines; none of one curve, none without overlap."""
    x = np.array([1.0, 2.0, 3.0])
    both = mean_curve([Curve("g", x, np.array([0.0, 2.0, 4.0])), Curve("g", x, np.array([2.0, 4.0, 6.0]))])
    assert both is not None
    assert both.y.tolist() == [1.0, 3.0, 5.0]
    other = Curve("g", np.array([1.5, 2.5]), np.array([1.0, 3.0]))
    between = mean_curve([Curve("g", x, np.array([0.0, 2.0, 4.0])), other])
    assert between is not None
    assert between.y == pytest.approx(2 * between.x - 2)
    assert mean_curve([other]) is None
    assert mean_curve([other, Curve("g", x + 9, x)]) is None


def test_the_mean_of_the_largest_doubles() -> None:
    """No overflow on the way."""
    big = sys.float_info.max
    own = [
        Curve("g", np.array([-big, big]), np.array([big, big])),
        Curve("g", np.array([-big, 0.0]), np.array([big] * 2)),
    ]
    found = mean_curve(own)
    assert found is not None
    assert np.isfinite(found.y).all()


def test_even_choice_keeps_the_ends() -> None:
    """First and last stay."""
    assert spread_evenly(range(10), 4) == [0, 3, 6, 9]
    assert spread_evenly([1, 2], 4) == [1, 2]


def test_text_is_cut_in_its_middle() -> None:
    """Both ends stay, and what is laid out fits."""
    wording = Wording()
    fitted = wording.fit("learning_rate=" + "x" * 200 + "end", 120.0, LABEL)
    assert fitted.startswith("learn")
    assert fitted.endswith("end")
    assert wording.width(fitted, LABEL) <= 120.0


@given(st.text(st.characters(), max_size=60))
def test_cleaned_text_is_one_harmless_line(text: str) -> None:
    """No control, no direction mark, no surrogate; cleaning twice changes nothing."""
    once = cleaned(text)
    assert once == cleaned(once)
    once.encode()
    assert not any(ord(c) < 32 or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in once)


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*SERIES, QUIET])
def test_colours_stand_out_from_white(colour: str) -> None:
    """Three to one at least (WCAG 2.2, 1.4.11)."""
    assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_ten_lines_look_different() -> None:
    """By colour, or by dash."""
    assert len({(look(i).colour, look(i).dash) for i in range(10)}) == 10


def test_markup_keeps_to_the_policy() -> None:
    """Styles become attributes; metadata, styles and unreferenced ids go; references follow their ids."""
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
        "<metadata>x</metadata><defs><style>*{}</style><clipPath id='c'><rect/></clipPath></defs>"
        "<g id='patch_1' style='stroke: #ff0000; stroke-width: 2px; font-family: x'>"
        "<path id='m' d='M 1.23456 2 L 1.23456 2' clip-path='url(#c)'/><use xlink:href='#m'/></g>"
        "<text>▣</text></svg>"
    )
    made = embeddable(source, Naming("fig-a", "T & <t>", "D"), {"▣": "模<"})
    assert 'stroke="#ff0000" stroke-width="2"' in made
    assert '<path id="fig-a-m" d="M1.23 2h0" clip-path="url(#fig-a-c)"/><use href="#fig-a-m"/>' in made
    assert "<text>模&lt;</text>" in made
    assert "T &amp; &lt;t&gt;" in made
    assert not any(word in made for word in ("metadata", "style", "xlink", "patch_1", "font-family: x"))
