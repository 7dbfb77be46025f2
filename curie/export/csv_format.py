"""A table as CSV by RFC 4180 that a spreadsheet shows and does not execute. Pure."""

import csv
import io
import math
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from curie.export.tables import Cell, Table

_STEERS_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r", "'")
"""How a text begins that a spreadsheet takes for a formula (OWASP, CSV injection), and the mark against it."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
"""Unicode categories that steer a terminal, turn the reading direction, or are no character."""


def lines(table: Table) -> Iterator[str]:
    r"""The header and the rows, each with its CRLF.

    Nothing is an empty cell; a number is written so that reading it gives the same number; `NaN`, `Infinity` and
    `-Infinity` are spelled so; booleans are `true` and `false`; times are ISO 8601. A text that begins like a formula
    or with an apostrophe gets an apostrophe in front, and control characters other than line ends and tabs are
    written as `\uXXXX`; JSON and Parquet keep both as they are.
    """
    yield _line([column.name for column in table.columns])
    for row in table.rows:
        yield _line([shown(cell) for cell in row])


def shown(cell: Cell) -> str:
    """A cell as text, before quoting."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float():
            return number(cell)
        case int():
            return str(cell)
        case datetime():
            return cell.isoformat()
        case str():
            return _harmless(cell)


def number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def _harmless(text: str) -> str:
    seen = "".join(c if c in "\n\r\t" or unicodedata.category(c) not in _UNSEEN else _escaped(c) for c in text)
    return f"'{seen}" if seen.startswith(_STEERS_A_SPREADSHEET) else seen


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the form of Python and JSON


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
