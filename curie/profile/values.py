"""What one cell is: missing, a number, a truth value, a time, or text; and how it is shown. Pure."""

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Literal

from curie.profile.model import ColumnType

Kind = Literal["integer", "float", "boolean", "datetime", "padded", "string"]
"""`padded`: digits behind a leading zero, such as `007`, which a number would lose."""

MISSING = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-"})
"""Spellings of a missing value. `Na` (sodium) and `none` (a level) are values."""
SHOWN = 60
"""Characters of a cell that are shown."""

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_PADDED = re.compile(r"[+-]?0[0-9]+")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_TRUTH = frozenset({"true", "false", "yes", "no"})
_LEADING_ZERO = re.compile(r"^[+-]?0[0-9]", re.MULTILINE)
_NUMERIC = "0123456789+-.eE\n"


def classify(cell: str) -> tuple[Kind, float | None]:
    """Kind of a cell that is not missing and has no blanks around it, and its number if it is one (perhaps infinite).

    Thousands separators make text of a number: `1,234` may be 1234 or 1.234.
    """
    if _INTEGER.fullmatch(cell):
        return "integer", float(cell)
    if _PADDED.fullmatch(cell):
        return "padded", None
    if _FLOAT.fullmatch(cell) or _INFINITE.fullmatch(cell):
        return "float", float(cell)
    if cell.lower() in _TRUTH:
        return "boolean", None
    return ("datetime" if _is_time(cell) else "string"), None


def numbers(cells: Collection[str]) -> tuple[Kind, list[float]] | None:
    """Kind and numbers of cells that all are numbers, fast; None if that takes a closer look."""
    text = "\n".join(cells)
    if text.strip(_NUMERIC) or _LEADING_ZERO.search(text):
        return None
    try:
        found = [float(cell) for cell in cells]
    except ValueError:
        return None
    return ("float" if any(mark in text for mark in ".eE") else "integer"), found


def column_type(kinds: Collection[Kind]) -> ColumnType:
    """The type of a column with cells of these kinds: numbers with text are `mixed`, padded numbers are text."""
    seen: set[Kind] = set(kinds)
    if not seen:
        return "empty"
    if "padded" in seen and seen <= {"padded", "integer", "string"}:
        return "string"
    if seen == {"integer", "float"}:
        return "float"
    if len(seen) > 1:
        return "mixed"
    (only,) = seen
    return "string" if only == "padded" else only


def shown(text: str, limit: int = SHOWN) -> str:
    """Text of strangers on one line: control, format (bidi) and broken characters are `�`; it ends at `limit`."""
    head = text[: limit + 1]
    line = "".join(" " if c in "\t\n\r" else "\ufffd" if unicodedata.category(c)[0] == "C" else c for c in head)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _is_time(cell: str) -> bool:
    if not _ISO.fullmatch(cell):
        return False
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True
