import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from curie.records import Interval
from curie.rigor.statistics import distance, estimate, holm, interval, p_value, verdict
from tasks.study import Direction

DIRECTIONS: tuple[Direction, ...] = ("higher", "lower", "different", "same")
values = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)
directions = st.sampled_from(DIRECTIONS)


@given(contrasts=values, alpha=st.floats(0.001, 0.2))
def test_the_interval_and_p_are_those_of_a_one_sample_t_test(contrasts: list[float], alpha: float) -> None:
    """For data with spread, against scipy's own implementation."""
    seen = estimate(contrasts, max(map(abs, contrasts)))
    assume(seen is not None and not seen.constant and seen.sd > 1e-6 * max(map(abs, contrasts)))
    assert seen is not None
    # Below that, squares are denormal numbers, and scipy's digits are lost there.
    assume(seen.sd > 1e-140)
    theirs = stats.ttest_1samp(contrasts, 0.0)
    low, high = theirs.confidence_interval(1 - alpha)
    p = p_value(seen, "different", 0.0)
    ours = interval(seen, alpha, p)
    assert p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)
    assert ours.low == pytest.approx(low, rel=1e-6, abs=1e-6)
    assert ours.high == pytest.approx(high, rel=1e-6, abs=1e-6)


@given(contrasts=values, direction=directions, threshold=st.floats(0, 1e5), alpha=st.floats(0.001, 0.2))
def test_the_interval_and_p_tell_the_same_story(
    contrasts: list[float], direction: Direction, threshold: float, alpha: float
) -> None:
    """There is a verdict if and only if p is at most alpha (save for `different` and `same` at threshold 0)."""
    seen = estimate(contrasts, max(map(abs, contrasts)))
    assume(seen is not None)
    assert seen is not None
    p = p_value(seen, direction, threshold)
    assume(abs(p - alpha) > 1e-9)
    decided = verdict(direction, interval(seen, alpha, p), threshold)
    assert (decided != "inconclusive") == (p <= alpha)
    if decided != "inconclusive":
        assert (decided == "supported") == (distance(direction, seen.effect, threshold) > 0)


@pytest.mark.parametrize(
    ("direction", "threshold", "low", "high", "expected"),
    [
        ("higher", 1, 1.1, 2, "supported"),
        ("higher", 1, 0.9, 2, "inconclusive"),
        ("higher", 1, -5, 0.9, "refuted"),
        ("higher", 0, 0, 2, "inconclusive"),
        ("lower", 1, -2, -1.1, "supported"),
        ("lower", 1, -2, -0.9, "inconclusive"),
        ("lower", 1, -0.9, 5, "refuted"),
        ("different", 0, 0.1, 2, "supported"),
        ("different", 0, -2, -0.1, "supported"),
        ("different", 0, -0.1, 0.1, "inconclusive"),
        ("different", 1, -2, -1.1, "supported"),
        ("different", 1, -0.9, 0.9, "refuted"),
        ("different", 1, 0.9, 1.1, "inconclusive"),
        ("same", 1, -0.9, 0.9, "supported"),
        ("same", 1, 1.1, 2, "refuted"),
        ("same", 1, 0, 1.1, "inconclusive"),
        ("higher", 0, None, None, "inconclusive"),
        ("higher", 0, math.nan, math.nan, "inconclusive"),
        ("higher", 0, 1.0, math.inf, "inconclusive"),
    ],
)
def test_the_verdict_rule(
    direction: Direction, threshold: float, low: float | None, high: float | None, expected: str
) -> None:
    """Wholly on the predicted side, wholly on the other, or neither; never from NaN or an unbounded interval."""
    assert verdict(direction, Interval(low=low, high=high, level=0.95), threshold) == expected


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=8), st.floats(0.01, 0.2))
def test_holm_rejects_what_the_textbook_rejects(ps: list[float | None], alpha: float) -> None:
    """Rejected if and only if the adjusted p is at most alpha; levels never fall below Bonferroni's."""
    steps = holm(ps, alpha)
    filled = [1.0 if p is None else p for p in ps]
    for index, step in enumerate(steps):
        earlier = sorted(filled)[: sorted(filled).index(filled[index]) + 1]
        adjusted = min(1.0, max((len(ps) - i) * p for i, p in enumerate(earlier)))
        assert step.adjusted >= adjusted - 1e-12
        assert alpha / len(ps) - 1e-12 <= step.level <= alpha
        assert step.rejected == (filled[index] <= step.level and step.rejected)
        if abs(step.adjusted - alpha) > 1e-9:
            assert step.rejected == (step.adjusted <= alpha)


def test_holm_by_hand() -> None:
    """0.01 and 0.02 of three pass 0.05/3 and 0.05/2; 0.2 stays, at the level 0.05 of the last step."""
    steps = holm([0.2, 0.01, 0.02], 0.05)
    assert [s.rejected for s in steps] == [False, True, True]
    assert [s.level for s in steps] == pytest.approx([0.05, 0.05 / 3, 0.05 / 2])
    assert [s.adjusted for s in steps] == pytest.approx([0.2, 0.03, 0.04])


@given(n=st.integers(2, 12), value=st.floats(0.1, 1e6), noise=st.integers(-2, 2))
def test_without_spread_only_signs_count(n: int, value: float, noise: int) -> None:
    """Equal contrasts (but for rounding) never give a t test's certainty: p is 2^(1 - b), whatever their size."""
    contrasts = [value] * (n - 1) + [value + noise * math.ulp(value)]
    seen = estimate(contrasts, 10 * value)
    assert seen is not None
    assert seen.constant
    p = p_value(seen, "higher", 0.0)
    assert p == 2.0 ** (1 - n)
    assert (interval(seen, 0.05, p).low is not None) == (n >= 6)


def test_stein_takes_spread_and_degrees_of_freedom_from_the_first_stage() -> None:
    """The mean is over all blocks, the standard deviation over the first ones only."""
    seen = estimate([1.0, 2.0, 3.0, 100.0, 200.0], 200.0, first_stage=3)
    assert seen is not None
    assert (seen.effect, seen.scale_sd, seen.df, seen.n) == (61.2, 1.0, 2, 5)


def test_a_first_stage_without_spread_leaves_the_variance_to_the_rest() -> None:
    """Otherwise the second stage would be judged with a standard error of zero."""
    seen = estimate([1.0, 1.0, 1.0, 5.0], 5.0, first_stage=3)
    assert seen is not None
    assert seen.df == 3
    assert seen.scale_sd > 0


@pytest.mark.parametrize("contrasts", [[], [1.0], [1e308, -1e308], [1e-200, 2e-200]])
def test_what_cannot_be_computed_is_no_estimate(contrasts: list[float]) -> None:
    """Fewer than two blocks, and numbers whose squares over- or underflow."""
    assert estimate(contrasts, max(map(abs, contrasts), default=0.0)) is None
