"""How much of a data set is read and remembered, and the purse that reading spends from."""

import time
from collections.abc import Callable

from pydantic import Field

from tasks.study import Frozen


class Bounds(Frozen):
    """Limits of a profile. All but `seconds` give the same profile on every machine."""

    characters: int = Field(default=256 * 2**20, gt=0)
    """Characters of text (decompressed) that are read of a data set; small files first."""
    seconds: float = Field(default=60.0, gt=0)
    """A backstop for slow disks and machines."""
    files: int = Field(default=200_000, gt=0)
    tables: int = Field(default=64, gt=0)
    columns: int = Field(default=256, gt=0)
    """Columns of a table that are profiled, from the left."""
    distinct: int = Field(default=50_000, gt=0)
    """Different values that a column remembers."""
    distinct_in_all: int = Field(default=1_000_000, gt=0)
    """The same for all columns of a table together, if that is less."""
    rows_remembered: int = Field(default=2_000_000, gt=0)
    """Rows of a table whose hashes are kept to find duplicates (16 bytes each)."""
    rows_in_all: int = Field(default=4_000_000, gt=0)
    """The same for the data set."""
    sample_rows: int = Field(default=5_000, gt=0)
    """Rows of a split that are sampled to compare distributions."""
    sample_cells: int = Field(default=500_000, gt=0)
    """The same in cells, if that is less."""


class BoundReached(Exception):
    """Reading stops here; the message says at which bound."""


class Purse:
    """What may still be spent on one data set."""

    def __init__(
        self, bounds: Bounds, clock: Callable[[], float] = time.monotonic, stop: Callable[[], bool] | None = None
    ) -> None:
        """Start the clock.

        Args:
            bounds: the limits.
            clock: seconds from anywhere.
            stop: asked now and then; true ends the reading.
        """
        self.bounds = bounds
        self._clock = clock
        self._stop = stop
        self._end = clock() + bounds.seconds
        self._characters = bounds.characters
        self._rows = bounds.rows_in_all

    def spend(self, characters: int) -> None:
        """Take characters out.

        Raises:
            BoundReached: there are none left, or no time.
        """
        self.take(characters)
        self.check()

    def take(self, characters: int) -> None:
        """Take characters out and go on: the end of a table that was begun."""
        self._characters -= characters

    def check(self, *, tables: int = 0, files: int = 0) -> None:
        """Look at what is left, and at how many tables and files there are already.

        Raises:
            BoundReached: nothing is left, or no time.
        """
        if tables >= self.bounds.tables:
            raise BoundReached(f"more than {self.bounds.tables} tables")
        if files >= self.bounds.files:
            raise BoundReached(f"more than {self.bounds.files} files")
        if self._characters <= 0:
            raise BoundReached(f"more than {self.bounds.characters} characters in all")
        if self._clock() > self._end:
            raise BoundReached(f"more than {self.bounds.seconds:g} s in all")
        if self._stop is not None and self._stop():
            raise BoundReached("stopped from outside")

    def rows(self) -> int:
        """How many rows of the next table may be remembered."""
        return min(self.bounds.rows_remembered, self._rows)

    def remember(self, rows: int) -> None:
        """Take remembered rows out."""
        self._rows -= rows
