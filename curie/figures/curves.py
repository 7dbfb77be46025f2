"""Series of trials as curves: what they are drawn over, thinned without losing an extreme, and averaged. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curie.records import Measurement, TrialRecord

Over = Literal["step", "t_s"]
Floats = NDArray[np.float64]
_GRID = 100
_TO_AVERAGE = 2
_LEAST_BUCKETS = 2


@dataclass(frozen=True)
class Curve:
    """One trial's series, by increasing place."""

    group: str
    x: Floats
    """Step, or seconds."""
    y: Floats


def over(records: Sequence[TrialRecord], metric: str) -> Over | None:
    """What the metric's points are drawn over: steps where any point has one, else times; None without a series."""
    points = [m for r in records for m in r.measurements if m.metric == metric]
    if any(m.step is not None for m in points):
        return "step"
    return "t_s" if any(m.t_s is not None for m in points) else None


def curves(records: Sequence[TrialRecord], metric: str, along: Over) -> tuple[Curve, ...]:
    """The curve of every trial that has at least one finite point, failed trials included."""
    found = []
    for record in records:
        points = sorted({p for m in record.measurements if m.metric == metric if (p := _point(m, along)) is not None})
        if points:
            x, y = np.array(points, dtype=float).T
            found.append(Curve(record.group, x, y))
    return tuple(found)


def thinned(curve: Curve, most: int) -> Curve:
    """At most that many points: the smallest and the largest of every stretch, the ends included."""
    if len(curve.x) <= most:
        return curve
    buckets = max(_LEAST_BUCKETS, (most - 2) // 2)
    edges = np.linspace(0, len(curve.x), buckets + 1).astype(int)
    kept = {0, len(curve.x) - 1}
    for start, end in pairwise(edges.tolist()):
        part = curve.y[start:end]
        kept |= {int(start + part.argmin()), int(start + part.argmax())}
    index = np.array(sorted(kept))
    return Curve(curve.group, curve.x[index], curve.y[index])


def mean_curve(own: Sequence[Curve]) -> Curve | None:
    """The mean of a group's curves where all of them have been: at common places, else interpolated between points.

    None for fewer than two curves, or where they share no stretch.
    """
    if len(own) < _TO_AVERAGE:
        return None
    first = own[0].x
    if all(len(c.x) == len(first) and bool((c.x == first).all()) for c in own):
        return Curve(own[0].group, first, _mean([c.y for c in own]))
    low, high = max(c.x[0] for c in own), min(c.x[-1] for c in own)
    if low >= high:
        return None
    # Halves first: the width of the widest range of doubles is no double.
    grid = np.unique(low + 2 * (np.linspace(0.0, 1.0, _GRID) * (high / 2 - low / 2)))
    grid = grid[(grid >= low) & (grid <= high)]
    return Curve(own[0].group, grid, _mean([_between(c, grid) for c in own]))


def _between(curve: Curve, grid: Floats) -> Floats:
    size = max(float(np.abs(curve.y).max()), 1e-300)
    reach = max(float(np.abs(curve.x).max()), 1e-300)
    return np.asarray(np.interp(grid / reach / 4, curve.x / reach / 4, curve.y / size / 4) * 4 * size, dtype=float)


def _mean(rows: Sequence[Floats]) -> Floats:
    share = 1.0 / len(rows)
    return np.asarray(sum(row * share for row in rows), dtype=float)


def _point(measurement: Measurement, along: Over) -> tuple[float, float] | None:
    x = measurement.step if along == "step" else measurement.t_s
    return (x, measurement.value) if x is not None and math.isfinite(x) and math.isfinite(measurement.value) else None
