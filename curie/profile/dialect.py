"""What parts the cells of a text table, and whether its first row holds names. Pure."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from curie.profile.values import MISSING, classify

DELIMITERS = (",", "\t", ";", "|")
"""In order of preference where two fit alike."""

_ROWS = 200
_LONGEST_NAME = 200
_REGULAR = 0.95
_REGULAR_ROWS = 3
_EVEN = 0.8
_HALF = 0.5
_SPACED_QUOTE = re.compile(r'[,;\t|] +"')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is cut into cells."""

    delimiter: str
    initial_space: bool
    """Whether a quote may follow a blank."""
    width: int
    """Cells of most rows."""
    regular: bool
    """Whether nearly all rows have that many, and more than one: a table even if the suffix does not say so."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the data."""

    preamble: int
    """Rows that are neither names nor data."""
    names: tuple[str, ...] | None
    """None where no row holds names."""


def sniff(lines: Sequence[str]) -> Dialect:
    """The delimiter that cuts the first rows into the most even table.

    For each delimiter the first 200 rows are read as CSV; it is scored by the share of rows that have the most common
    number of cells, if that is above one, then by that number. Blanks part cells only where nothing else makes an even
    table and at least half of what they part are numbers. Without any, every line is one cell.
    """
    spaced = any(_SPACED_QUOTE.search(line) for line in lines)
    found = [fit for delimiter in DELIMITERS if (fit := _fit(lines, delimiter, initial_space=spaced)) is not None]
    if not any(fit.share >= _EVEN for fit in found):
        blank = _fit(lines, " ", initial_space=True)
        if blank is not None and blank.share >= _REGULAR and blank.numbers >= _HALF:
            found = [blank]
    if not found:
        return Dialect(",", initial_space=spaced, width=1, regular=False)
    best = max(found, key=lambda fit: (round(fit.share, 2), fit.width))
    regular = best.share >= _REGULAR and best.rows >= _REGULAR_ROWS
    return Dialect(best.delimiter, best.delimiter == " " or spaced, best.width, regular=regular)


def head_of(rows: Sequence[Sequence[str]]) -> Head:
    """Names and preamble of a table by its first rows (blank ones left out).

    A first row that has another number of cells than nearly all others is a preamble, and so is one that begins with
    two counts of which the second is that of the features (as in scikit-learn's files). The next row holds names if
    none of its cells is missing (but for the first) or too long, and if some of them is text above a column without
    text; or, where no column is without text, if all its cells are text and none comes again in its own column.
    """
    if not rows:
        return Head(0, None)
    usual, often = Counter(len(row) for row in rows[1:] or rows).most_common(1)[0]
    uneven = len(rows) > 2 and len(rows[0]) != usual and often >= _REGULAR * (len(rows) - 1)  # noqa: PLR2004 -- two rows show no rule
    counts = len(rows) > 1 and _is_counts(rows[0], usual)
    preamble = 1 if uneven or counts else 0
    first, below = rows[preamble], [row for row in rows[preamble + 1 :] if len(row) == usual]
    return Head(preamble, unique_names(first) if _names(first, below) else None)


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a delimiter cuts the first rows."""

    delimiter: str
    width: int
    share: float
    """Rows that have this width."""
    rows: int
    numbers: float
    """Cells that are numbers."""


def _fit(lines: Sequence[str], delimiter: str, *, initial_space: bool) -> _Fit | None:
    """None where most rows have one cell, or the text cannot be read so."""
    try:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=initial_space)
        rows = [row for row in islice(reader, _ROWS) if row]
    except csv.Error:
        return None
    if not rows:
        return None
    width, often = Counter(map(len, rows)).most_common(1)[0]
    if width < 2:  # noqa: PLR2004 -- one cell is an uncut line
        return None
    # Only blanks are judged by it, and a wide table need not be classified five times.
    numeric = _numeric_share(rows) if delimiter == " " else 0.0
    return _Fit(delimiter, width, often / len(rows), len(rows), numeric)


def _numeric_share(rows: Sequence[Sequence[str]]) -> float:
    cells = [cell.strip() for row in rows for cell in row]
    return sum(classify(cell)[1] is not None for cell in cells) / len(cells)


def _is_counts(cells: Sequence[str], width: int) -> bool:
    """Whether a row says how many rows and features there are: 150,4,setosa,versicolor,virginica.

    What follows the two counts are names of classes: a row of numbers only is data, whatever its second cell.
    """
    counts = len(cells) > 2 and classify(cells[0])[0] == "integer" and cells[1] == str(width - 1)  # noqa: PLR2004 -- both counts and a class
    return counts and all(classify(cell)[0] == "string" for cell in cells[2:] if cell.strip())


def _names(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    cells = [cell.strip() for cell in first]
    if any(cell in MISSING for cell in cells[1:]) or (cells[0] in MISSING and len(cells) == 1):
        return False
    if any(len(cell) > _LONGEST_NAME for cell in cells):
        return False
    text = [cell in MISSING or classify(cell)[0] == "string" for cell in cells]
    if not below:
        return all(text)
    columns = [{cell.strip() for cell in column} - MISSING for column in zip(*below, strict=True)]
    pairs = list(zip(text, columns, strict=False))
    if any(named and column and all(classify(cell)[0] != "string" for cell in column) for named, column in pairs):
        return True
    return all(text) and not any(cell in column for cell, column in zip(cells, columns, strict=False))


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Names, each once: a second `x` is `x (2)`, an empty one `column 3`."""
    names: dict[str, None] = {}
    seen: Counter[str] = Counter()
    for number, cell in enumerate(cells, 1):
        base = name = cell.strip() or f"column {number}"
        while name in names:
            seen[base] += 1
            name = f"{base} ({seen[base] + 1})"
        names[name] = None
    return tuple(names)
