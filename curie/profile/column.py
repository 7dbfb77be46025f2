"""Counts one column as its cells pass by, in bounded memory."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np

from curie.profile.model import ColumnProfile, ColumnType, ValueCount
from curie.profile.values import MISSING, SHOWN, Kind, classify, column_type, numbers, shown

_COMMON = 10
_LONG = 2 * SHOWN
_DIGITS = 12
"""Significant digits of mean and standard deviation: the last ones depend on how a machine adds up."""


class Moments:
    """Count, mean, spread and range of numbers, batch by batch.

    Batches are merged by Chan, Golub and LeVeque (1979), which is Welford's method for more than one value at a time.
    """

    def __init__(self) -> None:
        self.n = 0
        self.infinite = 0
        self.minimum = math.inf
        self.maximum = -math.inf
        self._mean = 0.0
        self._squares = 0.0

    def add(self, values: Sequence[float], weights: Sequence[int]) -> None:
        """Take in numbers, each as often as its weight says."""
        found, often = np.asarray(values, dtype=float), np.asarray(weights, dtype=np.int64)
        finite = np.isfinite(found)
        self.infinite += int(often[~finite].sum())
        found, often = found[finite], often[finite]
        if not len(found):
            return
        self.minimum, self.maximum = min(self.minimum, float(found.min())), max(self.maximum, float(found.max()))
        n = int(often.sum())
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(np.average(found, weights=often))
            squares = float((often * (found - mean) ** 2).sum())
            total, shift = self.n + n, mean - self._mean
            self._mean += shift * (n / total)
            self._squares += squares + shift * shift * (self.n * (n / total))
        self.n = total

    @property
    def mean(self) -> float | None:
        """The mean; None without numbers, or where it cannot be told as a float."""
        return _rounded(self._mean) if self.n else None

    @property
    def sd(self) -> float | None:
        """The sample standard deviation; None below two numbers, or where it cannot be told as a float."""
        return _rounded(math.sqrt(self._squares / (self.n - 1))) if self.n > 1 and self._squares >= 0 else None


class ColumnCounter:
    """One column's counts."""

    def __init__(self, bound: int) -> None:
        """Begin.

        Args:
            bound: different values that are remembered.
        """
        self._bound = bound
        self._rows = 0
        self._present = 0
        self._kinds: set[Kind] = set()
        self._moments = Moments()
        self.counts: dict[str, int] = {}
        """Value -> cells; long values are cut and end in a hash."""
        self.exact = True
        """Whether `counts` holds every value."""

    def add(self, cells: Sequence[str]) -> None:
        """Take in cells; blanks around them do not count."""
        batch = Counter(cells)
        pairs = [(cell.strip(), n) for cell, n in batch.items()]
        present = [(cell, n) for cell, n in pairs if cell not in MISSING]
        self._rows += len(cells)
        if present:
            self._take([cell for cell, _ in present], [n for _, n in present])

    def profile(self, name: str) -> ColumnProfile:
        """The result, under a name."""
        found, numeric = self._moments, self.type in {"integer", "float"} and self._moments.n > 0
        ranked = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return ColumnProfile(
            name=name,
            type=self.type,
            missing=self._rows - self._present,
            distinct=len(self.counts),
            distinct_exact=self.exact,
            minimum=found.minimum if numeric else None,
            maximum=found.maximum if numeric else None,
            mean=found.mean if numeric else None,
            sd=found.sd if numeric else None,
            infinite=found.infinite if self.type in {"integer", "float"} else 0,
            common=tuple(ValueCount(value=shown(value), count=n) for value, n in ranked[:_COMMON]),
        )

    @property
    def type(self) -> ColumnType:
        """The column's type so far."""
        return column_type(self._kinds)

    def _take(self, cells: list[str], often: list[int]) -> None:
        self._present += sum(often)
        fast = numbers(cells)
        if fast is not None:
            self._kinds.add(fast[0])
            self._moments.add(fast[1], often)
        else:
            self._classify(cells, often)
        self._remember(cells, often)

    def _classify(self, cells: list[str], often: list[int]) -> None:
        found, weights = [], []
        for cell, n in zip(cells, often, strict=True):
            kind, number = classify(cell)
            self._kinds.add(kind)
            if number is not None:
                found.append(number)
                weights.append(n)
        self._moments.add(found, weights)

    def _remember(self, cells: Iterable[str], often: Iterable[int]) -> None:
        counts, bound = self.counts, self._bound
        for cell, n in zip(cells, often, strict=True):
            key = cell if len(cell) <= _LONG else _cut(cell)
            if key in counts:
                counts[key] += n
            elif len(counts) < bound:
                counts[key] = n
            else:
                self.exact = False


def _cut(cell: str) -> str:
    return cell[:_LONG] + blake2b(cell.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _rounded(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
