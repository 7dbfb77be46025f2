"""A file as rows of text: what each reader gives and what may go wrong with a file."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from curie.profile.model import Note, SkipKind

BATCH_CELLS = 65_536
"""Cells that are counted at a time."""


@dataclass
class Source:
    """A table before it is counted."""

    path: str
    format: str
    names: tuple[str, ...]
    width: int
    """Columns that there are; `names` may name fewer."""
    rows: Iterator[list[str]]
    """Read once, in order."""
    header: bool = True
    delimiter: str | None = None
    notes: list[Note] = field(default_factory=list)
    """Readers may add to it until `rows` is read."""


class NoTable(Exception):
    """A file is not profiled; the message says why."""

    def __init__(self, kind: SkipKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class DamagedFile(Exception):
    """Reading cannot go on; what was read before stands."""
