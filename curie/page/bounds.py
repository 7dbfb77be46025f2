"""How much of a run one page lists in full, so that the page stays within its size. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_BYTES = 2_000_000
"""A page larger than this is slow to open, to send and to print."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that each part of the page may list."""

    rows: int = 400
    """Rows of a table of groups, re-runs, packages or diagnostics."""
    cells: int = 4000
    """Cells of the table of trials, and of all derivations together."""
    streams: int = 20
    """Failed trials whose output is shown."""
    stream_characters: int = 3000
    """Of each of them."""
    columns: int = 640
    """Columns of all tables of a data set together."""
    classes: int = 20
    """Classes of one label, the largest first."""
    entries: int = 60
    """Tables, concerns, drifting columns and skipped files of a data set, each."""
    figure_bytes: int = 900_000
    """All figures together."""

    def halved(self) -> "Bounds":
        """Half as much of everything, at least one of each."""
        return Bounds(
            rows=max(1, self.rows // 2),
            cells=max(1, self.cells // 2),
            streams=max(1, self.streams // 2),
            stream_characters=max(1, self.stream_characters // 2),
            columns=max(1, self.columns // 2),
            classes=max(1, self.classes // 2),
            entries=max(1, self.entries // 2),
            figure_bytes=self.figure_bytes // 2,
        )


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """What is listed in full, and how many are not."""

    shown: tuple[T, ...]
    left_out: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return len(self.shown) + self.left_out


def bounded(items: Sequence[T], most: int) -> Listed[T]:
    """The first `most` items."""
    return Listed(shown=tuple(items[:most]), left_out=max(0, len(items) - most))
