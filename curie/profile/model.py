"""A data set's profile: types, missing values, duplicates, class balance, drift between splits. Frozen data, no I/O."""

from typing import Literal

from tasks.study import Frozen

ColumnType = Literal["integer", "float", "boolean", "datetime", "string", "mixed", "empty"]
SkipKind = Literal["no-table", "link", "special", "unreadable", "damaged", "bound", "missing-library"]
NoteKind = Literal[
    "no-rows", "no-header", "preamble", "ragged", "not-utf-8", "nul", "unreadable-rows", "columns", "bound", "damaged"
]


class ValueCount(Frozen):
    """A value and how often it occurs."""

    value: str
    count: int


class ColumnProfile(Frozen):
    """One column of one table."""

    name: str
    type: ColumnType
    missing: int
    """Cells that are empty or spell a missing value."""
    distinct: int
    """Different values among the present ones."""
    distinct_exact: bool = True
    """False where counting stopped at a bound and `distinct` is a least number."""
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    sd: float | None = None
    """Sample standard deviation; None below two values. All four only for numbers."""
    infinite: int = 0
    """Cells that are infinite or too large for a float; they do not enter the four numbers above."""
    common: tuple[ValueCount, ...] = ()
    """The most frequent values, most frequent first; among the first `distinct` ones where that is a least number."""


class Note(Frozen):
    """Something about a table that its numbers do not tell."""

    kind: NoteKind
    message: str


class SplitShare(Frozen):
    """The rows of one split."""

    split: str
    rows: int
    balance: tuple[ValueCount, ...] = ()
    """Rows per class of the target."""


class TableProfile(Frozen):
    """One table: a file of rows."""

    path: str
    """Relative to the data set; its own name if that is a file."""
    format: str
    """Such as `csv`, `tsv`, `jsonl`, `npz`, `parquet`."""
    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicates: int
    """Rows that equal an earlier row in every cell, among the first `compared`."""
    compared: int = 0
    """Rows that were remembered to find duplicates; below `rows` where that went beyond a bound."""
    split: str | None = None
    """`train`, `validation` or `test` where the file's name says so."""
    target: str | None = None
    """The column that looks like a class label; None where none does."""
    balance: tuple[ValueCount, ...] = ()
    """Rows per class of the target."""
    splits: tuple[SplitShare, ...] = ()
    """Rows and classes by the values of the column that parts the rows into splits; empty without one."""
    split_column: str | None = None
    """That column."""
    header: bool = True
    """False where no row holds names, so that columns are called `column 1`, `column 2` ..."""
    delimiter: str | None = None
    """What parts the cells of a text file."""
    ragged: int = 0
    """Rows with fewer or more cells than there are columns; cells that are not there count as missing."""
    columns_more: int = 0
    """Columns beyond the bound, of which nothing is told."""
    complete: bool = True
    """False where reading stopped early: then every number is about the first `rows` rows. A note says why."""
    notes: tuple[Note, ...] = ()


class Drift(Frozen):
    """How far a column differs between two splits."""

    column: str
    left: str
    """Path of one table; `path [split]` where a column parts it."""
    right: str
    statistic: Literal["kolmogorov-smirnov", "total-variation"]
    """Largest distance of the distribution functions for numbers; half the summed share differences for classes."""
    value: float
    """From 0 (alike) to 1."""
    p: float | None = None
    """p value of the two-sample test, unadjusted; None where the counts are too small for one."""


class Overlap(Frozen):
    """Rows of one split that another split holds too: a leak, if one is for testing."""

    left: str
    right: str
    rows: int
    """Different rows that occur in both."""


class Skipped(Frozen):
    """A file that was not profiled."""

    path: str
    reason: str
    kind: SkipKind = "no-table"


class SuffixCount(Frozen):
    """How many files that are no table share a suffix."""

    suffix: str
    """Lower case, with its dot; empty for none."""
    files: int


class DataProfile(Frozen):
    """A mounted data set."""

    name: str
    """The input's name in the run, such as `data`."""
    sha256: str
    """The input's digest; empty where it could not be made."""
    size_bytes: int
    files: int
    tables: tuple[TableProfile, ...] = ()
    drift: tuple[Drift, ...] = ()
    drift_more: int = 0
    """Comparisons with smaller distances that are not listed."""
    overlap: tuple[Overlap, ...] = ()
    """Pairs of splits with rows in common."""
    splits_apart: int = 0
    """Pairs of splits with the same columns that were compared and have no row in common."""
    skipped: tuple[Skipped, ...] = ()
    """Every file that is no table or lies beyond the bounds; at most a hundred are named."""
    skipped_more: int = 0
    others: tuple[SuffixCount, ...] = ()
    """The files that are no table, by suffix, most first."""
