"""Power: how many blocks a decision needs, and what a number of blocks can promise. Pure.

All effects are *standardised distances*: how far the true contrast lies from the nearest boundary of the decision,
over the standard deviation of one block's contrast. For `higher`, `lower` and `different` the promise holds for a
true effect that lies the distance beyond the threshold; for `same`, for a true effect of zero, whose distance to
both margins is the threshold itself.
"""

import math
from functools import lru_cache

import numpy as np
from scipy import special

_GRID = 4000
_MOST_BLOCKS = 100_000


def t_quantile(p: float, df: int) -> float:
    """The `p` quantile of Student's t with `df` >= 1 degrees of freedom."""
    return _t_quantile(p, df)


def fixed_power(n: int, distance: float, alpha: float, *, same: bool = False) -> float:
    """Power of the two-sided one-sample t interval on `n` blocks at level 1 - `alpha`: 0 for fewer than two.

    From the noncentral t distribution; for `same`, by integrating over the variance (both margins must hold).
    """
    if n < 2:  # noqa: PLR2004 -- a variance needs two values
        return 0.0
    if same:
        return _mean_power(n, n, distance, alpha, 0.0, n_df=n - 1, same=True)
    df = n - 1
    return float(1.0 - special.nctdtr(df, distance * math.sqrt(n), _t_quantile(1 - alpha / 2, df)))


def stein_power(first: int, most: int, distance: float, alpha: float, power: float, *, same: bool = False) -> float:
    """Power of Stein's two-stage design with `first` blocks, up to `most`, aiming at `power` for `distance`.

    Integrated over the first stage's variance, which alone sets the number of blocks; so the cap is included.
    """
    if first < 2:  # noqa: PLR2004 -- a variance needs two values
        return 0.0
    multiplier = stein_multiplier(first, alpha, power, same=same)
    return _mean_power(first, most, distance, alpha, multiplier, n_df=first - 1, same=same)


def stein_multiplier(first: int, alpha: float, power: float, *, same: bool = False) -> float:
    """What sqrt(N) * distance / s must reach for the promised power, whatever the true variance (Stein 1945)."""
    aimed = (1 + power) / 2 if same else power
    return _t_quantile(1 - alpha / 2, first - 1) + _t_quantile(aimed, first - 1)


def stein_blocks(first: int, most: int, distance: float, multiplier: float) -> int:
    """Blocks in all, where `distance` is over the first stage's standard deviation: from `first` to `most`.

    Source: C. Stein, A two-sample test for a linear hypothesis whose power is independent of the variance,
    Annals of Mathematical Statistics 16 (1945).
    """
    if distance <= 0:
        return most
    return min(most, max(first, math.ceil(min((multiplier / distance) ** 2, float(most)))))


def required_blocks(distance: float, alpha: float, power: float, *, same: bool = False) -> int | None:
    """The smallest number of blocks with that power; None if it is beyond a hundred thousand or `distance` is 0."""
    if not distance > 0:
        return None
    aimed = (1 + power) / 2 if same else power
    guess = ((special.ndtri(1 - alpha / 2) + special.ndtri(aimed)) / distance) ** 2
    if guess > _MOST_BLOCKS:
        return None
    n = max(2, math.floor(guess))
    while fixed_power(n, distance, alpha, same=same) < power:
        n += 1
    while n > 2 and fixed_power(n - 1, distance, alpha, same=same) >= power:  # noqa: PLR2004 -- a variance needs two
        n -= 1
    return n


def visible_distance(n: int, df: int, alpha: float, power: float) -> float:
    """The smallest standardised distance that `n` >= 2 blocks show with `power`, the variance having `df`."""
    return _visible_noncentrality(df, alpha, power) / math.sqrt(n)


def least_attainable_p(n: int) -> float:
    """The smallest two-sided p of the sign-flip test on `n` blocks: what they show if the spread is zero."""
    return min(1.0, 2.0 ** (1 - n))


def least_blocks(alpha: float) -> int:
    """The fewest blocks whose least attainable p does not exceed `alpha`."""
    n = 1
    while least_attainable_p(n) > alpha:
        n += 1
    return n


@lru_cache(maxsize=4096)
def _t_quantile(p: float, df: int) -> float:
    return float(special.stdtrit(df, p))


@lru_cache(maxsize=1024)
def _visible_noncentrality(df: int, alpha: float, power: float) -> float:
    critical = _t_quantile(1 - alpha / 2, df)
    low, high = 0.0, critical + 10.0 + _t_quantile(power, df)
    for _ in range(60):  # bisection to below 1e-15 of the range
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - special.nctdtr(df, middle, critical) < power else (low, middle)
    return high


def _mean_power(  # noqa: PLR0913 -- the parameters of the design, for two callers in this file
    first: int, most: int, distance: float, alpha: float, multiplier: float, *, n_df: int, same: bool
) -> float:
    """Mean over the distribution of s / sigma, by midpoints of its quantiles."""
    quantiles = (np.arange(_GRID) + 0.5) / _GRID
    ratio = np.sqrt(special.chdtri(n_df, 1 - quantiles) / n_df)
    with np.errstate(divide="ignore"):
        wanted = np.ceil((ratio * multiplier / distance) ** 2) if distance > 0 else np.full(_GRID, float(most))
    n = np.clip(wanted, first, most)
    reach = special.ndtr(np.sqrt(n) * distance - _t_quantile(1 - alpha / 2, n_df) * ratio)
    return float(np.mean(np.maximum(0.0, 2 * reach - 1) if same else reach))
