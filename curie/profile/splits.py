"""Which split a file or a row belongs to, by the words of its name; which column is the class label. Pure."""

import re
from pathlib import PurePosixPath
from typing import Literal

from curie.profile.model import ColumnProfile

Split = Literal["train", "validation", "test"]
SPLIT_WORDS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "validation": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "holdout": "test",
    "eval": "test",
}
SPLIT_COLUMNS = ("split", "dataset_split", "data_split", "subset", "partition", "fold", "set")
"""Names of a column that may part the rows, the surest first."""
TARGET_COLUMNS = ("target", "label", "labels", "class", "diagnosis", "outcome", "y", "category", "species")
"""Names of a class label, the surest first."""

_WORD = re.compile(r"[a-z]+|[0-9]+")
_MOST_NAMED = 100
"""Classes of a column that is called a label."""
_MOST_GUESSED = 20
"""Classes of a last column that is not."""
_ROWS_A_CLASS = 5
"""Rows that a guessed label needs for each class on average."""


def split_of_path(path: str) -> Split | None:
    """The split that a file's name says, else the nearest folder's; None where a name says two or none does."""
    for part in reversed(PurePosixPath(path).parts):
        found = {SPLIT_WORDS[word] for word in _WORD.findall(part.lower()) if word in SPLIT_WORDS}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def split_of_value(cell: str) -> Split | None:
    """The split that a cell names."""
    return SPLIT_WORDS.get(cell.strip().lower())


def family(path: str) -> str:
    """What the splits of one data set have in common: the path with split words as `*` and numbers as `#`."""
    return _WORD.sub(lambda found: _stand_in(found.group()), path.lower())


def _stand_in(word: str) -> str:
    return "#" if word.isdigit() else "*" if word in SPLIT_WORDS else word


def target_of(columns: tuple[ColumnProfile, ...], rows: int, split_column: str | None) -> str | None:
    """The column that looks like a class label; None where none does.

    A column with a name of `TARGET_COLUMNS` (any case), unless it has more than 100 different values or is a
    measurement (floats, more than 20 values). Without one, the last column if it holds 2 to 20 different values, is
    no float and no time, and there are at least 5 rows for each.
    """
    candidates = [column for column in columns if column.name != split_column]
    for name in TARGET_COLUMNS:
        for column in candidates:
            if column.name.strip().casefold() == name and _could_be(column):
                return column.name
    if not candidates:
        return None
    last = candidates[-1]
    few = last.distinct_exact and 1 < last.distinct <= _MOST_GUESSED and rows >= _ROWS_A_CLASS * last.distinct
    return last.name if few and last.type in {"string", "boolean", "integer"} else None


def _could_be(column: ColumnProfile) -> bool:
    most = _MOST_GUESSED if column.type == "float" else _MOST_NAMED
    return column.distinct_exact and 1 <= column.distinct <= most and column.type != "datetime"
