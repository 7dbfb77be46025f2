import numpy as np
import pytest
from scipy import stats

from curie.rigor.power import (
    fixed_power,
    least_attainable_p,
    least_blocks,
    required_blocks,
    stein_blocks,
    stein_multiplier,
    stein_power,
    visible_distance,
)


@pytest.mark.parametrize("distance", [0.2, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("alpha", [0.05, 0.05 / 12])
def test_the_power_of_a_fixed_design_is_the_noncentral_t_s(distance: float, alpha: float) -> None:
    """Against scipy's distribution object."""
    for n in (3, 10, 60):
        critical = stats.t.ppf(1 - alpha / 2, n - 1)
        expected = stats.nct.sf(critical, n - 1, distance * n**0.5)
        assert fixed_power(n, distance, alpha) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("distance", [0.15, 0.4, 0.8, 3.0])
def test_required_blocks_is_the_smallest_number_with_the_power(*, distance: float, same: bool) -> None:
    """One block fewer does not have it."""
    n = required_blocks(distance, 0.05 / 3, 0.8, same=same)
    assert n is not None
    assert fixed_power(n - 1, distance, 0.05 / 3, same=same) < 0.8 <= fixed_power(n, distance, 0.05 / 3, same=same)


def test_nothing_is_promised_for_no_effect() -> None:
    """An effect of zero, or a hopelessly small one, has no number of blocks."""
    assert required_blocks(0.0, 0.05, 0.8) is None
    assert required_blocks(1e-6, 0.05, 0.8) is None
    assert required_blocks(float("nan"), 0.05, 0.8) is None


def test_the_smallest_visible_effect_has_exactly_the_power() -> None:
    """The inverse of the power function."""
    assert fixed_power(10, visible_distance(10, 9, 0.025, 0.8), 0.025) == pytest.approx(0.8, abs=1e-6)


def test_stein_reaches_the_power_whatever_the_variance() -> None:
    """Without a cap the promise holds for small and large spreads, and is nearly exact for large ones."""
    for distance in (1.0, 0.3, 0.1):
        assert stein_power(10, 10**6, distance, 0.05, 0.8) >= 0.8 - 1e-3
    assert stein_power(10, 10**6, 0.1, 0.05, 0.8) == pytest.approx(0.8, abs=0.005)
    assert stein_power(10, 30, 0.3, 0.05, 0.8) < 0.5


def test_stein_s_number_grows_with_the_square_of_the_spread() -> None:
    """N = (multiplier s / distance)^2 between the first stage and the cap."""
    multiplier = stein_multiplier(10, 0.05, 0.8)
    assert multiplier == pytest.approx(stats.t.ppf(0.975, 9) + stats.t.ppf(0.8, 9))
    assert stein_blocks(10, 100, 100.0, multiplier) == 10
    assert stein_blocks(10, 100, 1e-9, multiplier) == 100
    assert stein_blocks(10, 10**6, 0.1, multiplier) == int(np.ceil((multiplier / 0.1) ** 2))


def test_sign_flips_need_six_blocks_for_five_percent() -> None:
    """2^(1 - 5) = 0.0625 is above 0.05."""
    assert least_blocks(0.05) == 6
    assert least_attainable_p(6) == 0.03125
    assert least_attainable_p(1) == 1.0
