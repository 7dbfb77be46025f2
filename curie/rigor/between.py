"""Is a number different in two runs? Paired or Welch's t over blocks, or an exact comparison. Pure.

| metric        | seeds of the blocks | compared                                | test                          |
|---------------|---------------------|-----------------------------------------|-------------------------------|
| chance in it  | the same in both    | the difference in each block            | paired t, blocks - 1 df       |
| the same      | no difference varies| the same                                | sign flips, p = 2^(1 - b)     |
| chance in it  | others, or a time   | the means over each run's blocks        | Welch's t, Satterthwaite's df |
| deterministic | the same in both    | every block                             | none: exact within tolerance  |
| deterministic | others, one value   | the two values                          | none: exact within tolerance  |
| deterministic | others, many values | the means, over the chance of the seeds | Welch's t                     |

A run in two stages (Stein 1945) brings the spread and the degrees of freedom of its first stage. Its standard error is
nearly the same whatever the data were, so that two of them do not add up to more degrees of freedom: the smaller count
is used, as the sum of two such t variables has no heavier tails than one (D. G. Chapman, Some two sample tests, Annals
of Mathematical Statistics 21, 1950).
Source: B. L. Welch, The generalization of "Student's" problem when several different population variances are
involved, Biometrika 34 (1947).
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from scipy import special

from curie.records import Interval
from curie.rigor.contrasts import mean
from curie.rigor.power import least_attainable_p, t_quantile, visible_distance
from curie.rigor.statistics import UNBOUNDED, Estimate, estimate


@dataclass(frozen=True, slots=True)
class Side:
    """One number a block, from one run."""

    values: Mapping[int, float]
    """Block -> value, in the metric's unit; complete blocks only."""
    seeds: Mapping[int, tuple[int, ...]]
    """Block -> the seeds that its trials ran with; empty if the command takes none."""
    magnitude: float
    """Largest absolute value that went in."""
    first_stage: int | None = None
    """Blocks of the first of two stages; None if the number was fixed."""
    failed: str | None = None
    """Which trials of the planned blocks gave no value although they were attempted, such as `2 failed`."""

    def within(self, blocks: Collection[int]) -> "Side":
        """The same side, of these blocks only."""
        return replace(self, values={b: v for b, v in self.values.items() if b in blocks})

    def estimate(self) -> Estimate | None:
        """Mean and spread over the blocks; None for fewer than two."""
        return estimate(tuple(self.values.values()), self.magnitude, self.first_stage)

    @property
    def mean(self) -> float | None:
        """Over the complete blocks; None without any."""
        return mean(tuple(self.values.values())) if self.values else None


@dataclass(frozen=True, slots=True)
class Difference:
    """After minus before, with what a t test on it needs."""

    value: float
    standard_error: float
    df: int
    """Rounded down, which errs on the side of `undecided`."""
    alike: int | None = None
    """Paired blocks that all gave this very difference, so that only its sign can be tested; None if they vary."""

    @property
    def p(self) -> float:
        """Two-sided, against no difference."""
        if self.alike is not None:
            return least_attainable_p(self.alike)
        return float(2 * special.stdtr(self.df, -abs(self.value) / self.standard_error))

    def interval(self, alpha: float) -> Interval:
        """Two-sided, at level 1 - `alpha`; without spread the point itself if sign flips reach `alpha`."""
        if self.alike is not None:
            point = Interval(low=self.value, high=self.value, level=1 - alpha)
            return point if self.p <= alpha else UNBOUNDED
        half = t_quantile(1 - alpha / 2, self.df) * self.standard_error
        return Interval(low=self.value - half, high=self.value + half, level=1 - alpha)

    def visible(self, alpha: float, power: float) -> float | None:
        """The smallest true difference that a test at `alpha` shows with `power`; None without spread."""
        if self.alike is not None:
            return None
        return visible_distance(1, self.df, alpha, power) * self.standard_error


@dataclass(frozen=True, slots=True)
class ExactDifference:
    """Values that have no chance in them, compared one by one."""

    compared: int
    higher: int
    """Blocks in which the later value is higher, beyond the tolerance."""
    lower: int
    mean: float


def paired_blocks(before: Side, after: Side) -> tuple[int, ...]:
    """Blocks that both sides completed with the very same seeds."""
    common = sorted(set(before.values) & set(after.values))
    return tuple(b for b in common if before.seeds.get(b) and before.seeds.get(b) == after.seeds.get(b))


def paired(before: Side, after: Side, blocks: tuple[int, ...]) -> Difference | None:
    """The mean of the differences within blocks; None if there are fewer than two."""
    differences = tuple(after.values[b] - before.values[b] for b in blocks)
    stages = [side.first_stage for side in (before, after) if side.first_stage is not None]
    seen = estimate(differences, max(before.magnitude, after.magnitude), min(stages, default=None))
    if seen is None:
        return None
    return Difference(seen.effect, seen.standard_error, seen.df, alike=seen.n if seen.constant else None)


def identical(before: Side, after: Side, blocks: tuple[int, ...]) -> bool:
    """Whether every one of these blocks gave the very same value in both runs."""
    return bool(blocks) and all(before.values[b] == after.values[b] for b in blocks)


def welch(before: Side, after: Side) -> Difference | None:
    """The difference of the means, variances unequal; None if a side has fewer than two blocks or neither varies."""
    first, second = before.estimate(), after.estimate()
    if first is None or second is None or (first.constant and second.constant):
        return None
    variances = [(_squared(e), e.df) for e in (first, second)]
    total = math.fsum(v for v, _ in variances)
    if not (0 < total < math.inf):
        return None
    df = total**2 / math.fsum(v**2 / df for v, df in variances) if total**2 > 0 else 0.0
    staged = before.first_stage is not None or after.first_stage is not None
    if staged or not df >= 1 or not math.isfinite(df):
        df = float(min(first.df, second.df))
    return Difference(second.effect - first.effect, math.sqrt(total), max(1, math.floor(df)))


def exact(before: Side, after: Side, tolerance: float) -> ExactDifference | None:
    """Values compared block by block where seeds agree, else as one value each; None if neither can be done.

    A run that was given more blocks than the other is compared in those that both completed.
    """
    blocks = paired_blocks(before, after)
    if blocks:
        pairs = [(before.values[b], after.values[b]) for b in blocks]
    elif _one_value(before, tolerance) and _one_value(after, tolerance):
        pairs = [(next(iter(before.values.values())), next(iter(after.values.values())))]
    else:
        return None
    differences = [later - earlier for earlier, later in pairs]
    return ExactDifference(
        compared=len(pairs),
        higher=sum(d > tolerance for d in differences),
        lower=sum(d < -tolerance for d in differences),
        mean=mean(differences),
    )


def _squared(seen: Estimate) -> float:
    return 0.0 if seen.constant else seen.standard_error**2


def _one_value(side: Side, tolerance: float) -> bool:
    values = side.values.values()
    return bool(values) and max(values) - min(values) <= tolerance
