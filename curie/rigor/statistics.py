"""What the numbers say: one-sample t on block contrasts, sign flips where there is no spread, Holm, the verdict.

Every hypothesis is a contrast over groups. Within a block all groups ran once, so a block gives one number; blocks are
the replicates. This table leads from the design to the test:

| design                 | contrast (one number a block)                      | test on the b numbers           |
|------------------------|----------------------------------------------------|---------------------------------|
| two groups             | treatment - control                                | one-sample (paired) t, b - 1 df |
| one-factor, k levels   | each level - control                               | the same, Holm over the k - 1   |
| factorial, main effect | mean of cells with a level - mean of the control's | the same, Holm over all effects |
| with nuisance          | the same means, over the nuisance's cells too      | the same                        |
| control and twin (A/A) | twin - control                                     | the same, outside the family    |
| two-stage (Stein 1945) | any of these                                       | t, s and df of the first stage  |
| all b numbers equal    | any of these: no spread, t is void                 | sign flips, p = 2^(1 - b)       |
| deterministic metric   | any of these                                       | none: compared (module `exact`) |

A hypothesis is decided against the boundary nearest to its estimate (`higher`: +threshold; `lower`: -threshold;
`different` and `same`: both), two-sided, so that the interval and p always tell the same story.
Holm: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from curie.records import Interval, Verdict
from curie.rigor.power import least_attainable_p, t_quantile
from tasks.study import Direction

_ROUNDING = 1e-12
UNBOUNDED = Interval(low=None, high=None, level=None)
"""No interval could be given."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A contrast over complete blocks."""

    effect: float
    """Mean of the block contrasts."""
    sd: float
    """Their standard deviation, over all blocks."""
    n: int
    """Blocks."""
    scale_sd: float
    """The standard deviation that the test uses: of all blocks, or of the first stage."""
    df: int
    constant: bool
    """All block contrasts are equal but for rounding: t is void."""

    @property
    def standard_error(self) -> float:
        """Of the mean."""
        return self.scale_sd / math.sqrt(self.n)


@dataclass(frozen=True, slots=True)
class HolmStep:
    """Where a hypothesis stands after Holm's procedure."""

    level: float
    """The error that its interval is drawn at: alpha / (hypotheses left)."""
    adjusted: float
    """Holm-adjusted p."""
    rejected: bool


def estimate(contrasts: Sequence[float], magnitude: float, first_stage: int | None = None) -> Estimate | None:
    """Mean and spread of block contrasts; None for fewer than two, or if their squares over- or underflow.

    Args:
        contrasts: one number a block, in the metric's unit, in the order of the blocks.
        magnitude: the largest absolute value that went into them: spreads below its rounding error count as none.
        first_stage: in a two-stage design, how many blocks the first stage had.
    """
    n = len(contrasts)
    if n < 2:  # noqa: PLR2004 -- a variance needs two values
        return None
    noise = _ROUNDING * magnitude
    mean, sd = _mean_sd(contrasts)
    constant = max(contrasts) - min(contrasts) <= noise
    scale_sd, df = sd, n - 1
    if first_stage is not None and 2 <= first_stage < n:  # noqa: PLR2004 -- as above
        head = contrasts[:first_stage]
        # A first stage without spread says nothing of the variance; what came later then has to.
        if max(head) - min(head) > noise:
            scale_sd, df = _mean_sd(head)[1], first_stage - 1
    if not (math.isfinite(mean) and math.isfinite(sd) and math.isfinite(scale_sd)) or (scale_sd <= 0 and not constant):
        return None
    return Estimate(effect=mean, sd=sd, n=n, scale_sd=scale_sd, df=df, constant=constant)


def distance(direction: Direction, effect: float, threshold: float) -> float:
    """How far `effect` lies on the predicted side of the nearest boundary; negative on the other side."""
    if direction == "higher":
        return effect - threshold
    if direction == "lower":
        return -effect - threshold
    outside = abs(effect) - threshold
    return outside if direction == "different" else -outside


def p_value(seen: Estimate, direction: Direction, threshold: float) -> float:
    """Two-sided p against the nearest boundary: by t, or by sign flips where there is no spread."""
    gap = abs(distance(direction, seen.effect, threshold))
    if seen.constant:
        rounding = _ROUNDING * max(abs(seen.effect), threshold)
        return least_attainable_p(seen.n) if gap > rounding else 1.0
    return float(2 * special.stdtr(seen.df, -gap / seen.standard_error))


def interval(seen: Estimate, alpha: float, p: float) -> Interval:
    """Two-sided interval at level 1 - `alpha`.

    Without spread it is the point itself if sign flips reach `alpha` (`p` says so), else unbounded.
    """
    if not seen.constant:
        half = t_quantile(1 - alpha / 2, seen.df) * seen.standard_error
        return Interval(low=seen.effect - half, high=seen.effect + half, level=1 - alpha)
    if p <= alpha:
        return Interval(low=seen.effect, high=seen.effect, level=1 - alpha)
    return UNBOUNDED


def holm(p_values: Sequence[float | None], alpha: float) -> tuple[HolmStep, ...]:
    """Holm's step-down procedure over a family, in the order given; None (no p) is never rejected.

    A rejected hypothesis has the level of its step, every other one the level of the first that was not rejected.
    """
    m = len(p_values)
    filled = [1.0 if p is None else p for p in p_values]
    order = sorted(range(m), key=lambda i: filled[i])
    steps: dict[int, HolmStep] = {}
    going, level, running = True, alpha, 0.0
    for rank, index in enumerate(order):
        left = m - rank
        running = min(1.0, max(running, left * filled[index]))
        if going:
            level = alpha / left
            going = filled[index] <= level
        steps[index] = HolmStep(level=level, adjusted=running, rejected=going)
    return tuple(steps[i] for i in range(m))


def verdict(direction: Direction, seen: Interval, threshold: float) -> Verdict:
    """The verdict rule; an unbounded interval, or one that touches a boundary, decides nothing."""
    low, high = seen.low, seen.high
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return "inconclusive"
    if direction in {"higher", "lower"}:
        if direction == "lower":
            low, high = -high, -low
        return _two_way(yes=low > threshold, no=high < threshold)
    outside = low > threshold or high < -threshold
    inside = threshold > 0 and -threshold < low and high < threshold
    return _two_way(yes=outside, no=inside) if direction == "different" else _two_way(yes=inside, no=outside)


def _two_way(*, yes: bool, no: bool) -> Verdict:
    if yes:
        return "supported"
    return "refuted" if no else "inconclusive"


def _mean_sd(values: Sequence[float]) -> tuple[float, float]:
    """Mean and sample standard deviation; infinite where the sums overflow."""
    try:
        mean = math.fsum(values) / len(values)
        return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
    except OverflowError:
        return math.inf, math.inf
