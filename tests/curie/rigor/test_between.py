"""Two runs compared: the arithmetic against scipy, the error rates by simulation, the exact cases by hand."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from curie.rigor.between import Side, exact, identical, paired, paired_blocks, welch

# A spread that scipy computes with, too: it warns of nearly equal numbers.
values = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=12).filter(lambda v: max(v) > min(v))


def side(numbers: list[float], *, seeds: bool = True, offset: int = 0) -> Side:
    """A run's numbers, a block each."""
    blocks = range(1, len(numbers) + 1)
    return Side(
        values=dict(zip(blocks, numbers, strict=True)),
        seeds={b: (b + offset,) if seeds else () for b in blocks},
        magnitude=max(abs(n) for n in numbers),
    )


@given(values, values)
def test_welch_agrees_with_scipy(first: list[float], second: list[float]) -> None:
    """Difference, degrees of freedom and p are scipy's, the degrees rounded down."""
    seen = welch(side(first), side(second))
    if seen is None:
        return
    expected = stats.ttest_ind(second, first, equal_var=False)
    assert seen.value == pytest.approx(sum(second) / len(second) - sum(first) / len(first), abs=1e-6)
    assert seen.df <= expected.df + 1e-9
    assert seen.p >= expected.pvalue - 1e-9


@given(values, st.randoms(use_true_random=False))
def test_pairs_agree_with_scipy(first: list[float], luck: random.Random) -> None:
    """The paired test is scipy's on the same pairs."""
    second = [v + luck.uniform(-1, 2) for v in first]
    before, after = side(first), side(second)
    seen = paired(before, after, paired_blocks(before, after))
    if seen is None or seen.alike is not None:
        return
    expected = stats.ttest_rel(second, first)
    assert seen.p == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
    low, high = expected.confidence_interval(0.95)
    bounds = seen.interval(0.05)
    assert (bounds.low, bounds.high) == pytest.approx((low, high), rel=1e-6, abs=1e-6)


def test_no_change_is_rarely_called_one() -> None:
    """Over 4,000 pairs of runs without a change, both tests err at most as often as alpha and three standard errors."""
    luck = random.Random(5)  # noqa: S311 -- a simulation
    wrong = {"welch": 0, "paired": 0}
    for _ in range(4000):
        shared = [luck.gauss(0, 3) for _ in range(6)]
        first = side([s + luck.gauss(0, 1) for s in shared])
        second = side([s + luck.gauss(0, 1) for s in shared])
        apart = side([luck.gauss(0, 4) for _ in range(10)], offset=99)
        unpaired, within = welch(first, apart), paired(first, second, paired_blocks(first, second))
        assert unpaired is not None
        assert within is not None
        wrong["welch"] += unpaired.p <= 0.05
        wrong["paired"] += within.p <= 0.05
    assert max(wrong.values()) / 4000 <= 0.05 + 3 * (0.05 * 0.95 / 4000) ** 0.5
    assert min(wrong.values()) > 0


def staged(luck: random.Random, first: int, wanted: float) -> Side:
    """A run in two stages: the spread of the first decides how many blocks there are, as Stein's design does."""
    numbers = [luck.gauss(0, 1) for _ in range(first)]
    mean = sum(numbers) / first
    spread = (sum((n - mean) ** 2 for n in numbers) / (first - 1)) ** 0.5
    numbers += [luck.gauss(0, 1) for _ in range(max(0, min(400, int((wanted * spread) ** 2)) - first))]
    return Side(dict(enumerate(numbers, 1)), {}, max(map(abs, numbers)), first_stage=first)


@pytest.mark.parametrize("first", [4, 10])
def test_two_stages_do_not_make_a_change_of_nothing(first: int) -> None:
    """Runs in two stages, whose standard errors hardly vary: errors stay within alpha and three standard errors."""
    luck = random.Random(first)  # noqa: S311 -- a simulation
    pairs = ((staged(luck, first, 4.0), staged(luck, first, 4.0)) for _ in range(3000))
    wrong = sum((seen := welch(*pair)) is not None and seen.p <= 0.05 for pair in pairs)
    assert wrong / 3000 <= 0.05 + 3 * (0.05 * 0.95 / 3000) ** 0.5


def test_a_change_of_the_visible_size_is_seen_as_often_as_promised() -> None:
    """A true change of `visible` is found about as often as the power says."""
    luck = random.Random(6)  # noqa: S311 -- a simulation
    typical = [
        seen.visible(0.05, 0.8)
        for _ in range(300)
        if (seen := welch(side([luck.gauss(0, 1) for _ in range(10)]), side([luck.gauss(0, 1) for _ in range(10)])))
    ]
    size = sum(v for v in typical if v is not None) / len(typical)
    found = 0
    for _ in range(2000):
        seen = welch(side([luck.gauss(0, 1) for _ in range(10)]), side([luck.gauss(size, 1) for _ in range(10)]))
        found += seen is not None and seen.p <= 0.05
    assert 0.75 <= found / 2000 <= 0.87


def test_equal_differences_are_tested_by_their_signs() -> None:
    """Six blocks that all moved by the same amount have p 2^-5 and a point for an interval; five decide nothing."""
    for n, decided in ((6, True), (5, False)):
        before, after = side([1.0] * n), side([1.5] * n)
        seen = paired(before, after, paired_blocks(before, after))
        assert seen is not None
        assert seen.p == 2.0 ** (1 - n)
        assert (seen.interval(0.05).low == 0.5) is decided


def test_seeds_decide_what_is_a_pair() -> None:
    """Blocks of other seeds, or of none, are no pairs."""
    assert paired_blocks(side([1, 2]), side([1, 2])) == (1, 2)
    assert paired_blocks(side([1, 2]), side([1, 2], offset=1)) == ()
    assert paired_blocks(side([1, 2], seeds=False), side([1, 2], seeds=False)) == ()


def test_exact_values_are_compared_one_by_one() -> None:
    """Differences beyond the tolerance count, others do not; unlike seeds are compared only where nothing varies."""
    found = exact(side([1.0, 2.0, 3.0]), side([1.0, 2.5, 2.0]), 0.1)
    assert found is not None
    assert (found.compared, found.higher, found.lower) == (3, 1, 1)
    constant = exact(side([7.0, 7.0]), side([8.0, 8.0], offset=5), 0.0)
    assert constant is not None
    assert (constant.compared, constant.higher) == (1, 1)
    assert exact(side([7.0, 7.1]), side([8.0, 8.0], offset=5), 0.0) is None


def test_the_same_values_are_identical() -> None:
    """Every block has to agree to the last bit."""
    same = side([1.0, 2.0])
    assert identical(same, side([1.0, 2.0]), (1, 2))
    assert not identical(same, side([1.0, 2.0 + 1e-15]), (1, 2))
    assert not identical(same, same, ())
