"""Remembers rows by hash, to find those that occur twice or in two tables, and keeps a sample of them."""

import random
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.bytes_]
"""Different rows by their 128-bit hashes, sorted; shape (n,)."""

_BYTES = 16
_JOINT = "\x1f"
_QUOTED = "\x1e"
_LONGEST = 64
"""Characters of a cell that a sample keeps: more than any number needs."""


def row_text(row: Sequence[str]) -> str:
    """A row as one text; different rows have different texts."""
    joined = _JOINT.join(row)
    if joined.count(_JOINT) != len(row) - 1 or joined.startswith(_QUOTED):
        return _QUOTED + repr(tuple(row))
    return joined


class RowMemory:
    """The first rows of a table, by hash: BLAKE2b (RFC 7693) over the cells, 128 bits."""

    def __init__(self, bound: int) -> None:
        """Begin.

        Args:
            bound: rows that are remembered.
        """
        self._bound = bound
        self._bytes = bytearray()
        self.broken = 0
        """Remembered rows with bytes that are not UTF-8."""
        self.nul = 0
        """Remembered rows with NUL characters."""

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Remember rows as long as there is room."""
        room = self._bound - self.remembered
        self._bytes += b"".join([self._hash(row_text(row)) for row in rows[:room]])

    @property
    def remembered(self) -> int:
        """How many rows are remembered."""
        return len(self._bytes) // _BYTES

    def unique(self) -> Hashes:
        """The different ones."""
        # Fixed-width byte strings lose zeros at their end, of which every hash has its own number: none become alike.
        return np.unique(np.frombuffer(bytes(self._bytes), dtype=f"S{_BYTES}"))

    def _hash(self, text: str) -> bytes:
        try:
            data = text.encode()
        except UnicodeEncodeError:
            self.broken += 1
            data = text.encode("utf-8", "surrogatepass")
        if b"\0" in data:
            self.nul += 1
        return blake2b(data, digest_size=_BYTES).digest()


class RowSample:
    """A uniform sample of rows without replacement (Vitter 1985, algorithm R), always the same for the same rows."""

    def __init__(self, size: int) -> None:
        """Begin.

        Args:
            size: rows of the sample.
        """
        self._size = size
        self._seen = 0
        self._random = random.Random(0)  # noqa: S311 -- a sample that must come out alike, not a secret
        self._rows: list[list[str]] = []

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Take rows in."""
        for row in rows:
            self._seen += 1
            if len(self._rows) < self._size:
                self._rows.append([cell[:_LONGEST] for cell in row])
                continue
            place = int(self._random.random() * self._seen)
            if place < self._size:
                self._rows[place] = [cell[:_LONGEST] for cell in row]

    def column(self, number: int) -> list[str]:
        """The sampled cells of one column, from 0; rows that are too short have none."""
        return [row[number] for row in self._rows if number < len(row)]
