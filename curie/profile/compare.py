"""Compares the splits of a data set: how far columns drift, and which rows two splits share."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curie.profile.column import ColumnCounter
from curie.profile.model import Drift, Overlap
from curie.profile.splits import family
from curie.profile.table import TableCounter
from curie.profile.values import MISSING, classify, numbers

PAIRS = 60
"""Pairs of tables that are compared."""

_ORDER = {"train": 0, "validation": 1, "test": 2}
_CLASSES = 1000
_LEAST_NUMBERS = 8
_LEAST_EXPECTED = 5
_NUMERIC = {"integer", "float"}


@dataclass(frozen=True)
class Side:
    """One split: a table, or the part of a table that a column names."""

    label: str
    split: str
    kin: str
    """Sides of one kin are compared."""
    counter: TableCounter
    target: str | None = None
    """The class label's column, which is compared by its classes even if they are numbers."""


def sides_of(path: str, counter: TableCounter, split: str | None, target: str | None) -> Iterator[Side]:
    """The splits that a table is or holds."""
    if counter.parted:
        for name, part in sorted(counter.parts.items()):
            yield Side(f"{path} [{name}]", name, f"{path} []", part, target)
    elif split is not None:
        yield Side(path, split, family(path), counter, target)


def pairs_of(sides: Sequence[Side]) -> list[tuple[Side, Side]]:
    """Sides of one kin and different splits: training before validation before test."""
    ranked = sorted(sides, key=lambda side: (side.kin, _ORDER[side.split], side.label))
    found = ((a, b) for a, b in combinations(ranked, 2) if a.kin == b.kin and a.split != b.split)
    return [pair for pair, _ in zip(found, range(PAIRS), strict=False)]


def drifts(left: Side, right: Side) -> Iterator[Drift]:
    """A distance for every column that both have and that can be compared."""
    places = {name: number for number, name in enumerate(right.counter.names)}
    for number, name in enumerate(left.counter.names):
        if name not in places:
            continue
        a, b = left.counter.columns[number], right.counter.columns[places[name]]
        if a.type in _NUMERIC and b.type in _NUMERIC and name != left.target:
            drift = _kolmogorov_smirnov(
                _numbers(left.counter.sample.column(number)), _numbers(right.counter.sample.column(places[name]))
            )
            statistic: Literal["kolmogorov-smirnov", "total-variation"] = "kolmogorov-smirnov"
        else:
            drift, statistic = _total_variation(a, b), "total-variation"
        if drift is not None:
            yield Drift(
                column=name,
                left=left.label,
                right=right.label,
                statistic=statistic,
                value=float(f"{drift[0]:.12g}"),
                p=None if drift[1] is None else float(f"{drift[1]:.6g}"),
            )


def overlap(left: Side, right: Side) -> Overlap | None:
    """The different rows that both hold; None where their columns differ, so that no row could be in both."""
    if left.counter.names != right.counter.names or left.counter.width != right.counter.width:
        return None
    common = np.intersect1d(left.counter.unique(), right.counter.unique(), assume_unique=True)
    return Overlap(left=left.label, right=right.label, rows=len(common))


def _numbers(cells: Sequence[str]) -> NDArray[np.float64]:
    present = [cell for raw in cells if (cell := raw.strip()) not in MISSING]
    fast = numbers(present)
    found = fast[1] if fast else [number for cell in present if (number := classify(cell)[1]) is not None]
    return np.array([number for number in found if math.isfinite(number)], dtype=np.float64)


def _kolmogorov_smirnov(left: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[float, float | None] | None:
    """Two-sample statistic, and its asymptotic p from eight numbers a side on (Hodges 1958)."""
    if not len(left) or not len(right):
        return None
    at = np.concatenate([left, right])
    below = [np.searchsorted(np.sort(side), at, side="right") / len(side) for side in (left, right)]
    distance = float(np.abs(below[0] - below[1]).max())
    if min(len(left), len(right)) < _LEAST_NUMBERS:
        return distance, None
    from scipy import stats  # noqa: PLC0415 -- takes a second to import, and most data sets have no splits

    return distance, float(stats.ks_2samp(left, right, method="asymp").pvalue)


def _total_variation(left: ColumnCounter, right: ColumnCounter) -> tuple[float, float | None] | None:
    """Half the summed differences of the shares.

    Its p is that of the chi-squared test of homogeneity, where all expected counts are at least five (Cochran 1954).
    """
    if not (left.exact and right.exact and left.counts and right.counts):
        return None
    classes = sorted(left.counts.keys() | right.counts.keys())
    if len(classes) > _CLASSES:
        return None
    table = np.array([[side.counts.get(name, 0) for name in classes] for side in (left, right)], dtype=float)
    totals = table.sum(axis=1, keepdims=True)
    distance = float(np.abs(table[0] / totals[0] - table[1] / totals[1]).sum() / 2)
    expected = totals * table.sum(axis=0) / table.sum()
    if len(classes) < 2 or expected.min() < _LEAST_EXPECTED:  # noqa: PLR2004 -- one class cannot differ
        return distance, None
    from scipy import stats  # noqa: PLC0415 -- as above

    statistic = float(((table - expected) ** 2 / expected).sum())
    return distance, float(stats.chi2.sf(statistic, len(classes) - 1))
