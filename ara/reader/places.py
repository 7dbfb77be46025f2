"""Faults that reading meets, and where they stand: the reader never raises because of what a file holds."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What kept a file, or a part of it, from being read as it should be."""

    UNREADABLE = "unreadable"
    OUTSIDE = "outside"
    ENCODING = "encoding"
    SYNTAX = "syntax"
    REPEATED_KEY = "repeated-key"
    BOUNDS = "bounds"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that could not be read, with its place (lines and columns from 1; None where there is no text)."""

    kind: FaultKind
    file: str
    message: str
    line: int | None = None
    column: int | None = None
