"""A data set's profile: types, missing values, duplicates, class balance, drift between splits. Frozen data, no I/O."""

from typing import Literal

from tasks.study import Frozen

ColumnType = Literal["integer", "float", "boolean", "datetime", "string", "mixed", "empty"]


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
    common: tuple[ValueCount, ...] = ()
    """The most frequent values, most frequent first."""


class TableProfile(Frozen):
    """One table: a file of rows."""

    path: str
    """Relative to the data set; its own name if that is a file."""
    format: str
    """Such as `csv`, `tsv`, `jsonl`, `npz`, `parquet`."""
    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicates: int
    """Rows that equal an earlier row in every cell."""
    split: str | None = None
    """`train`, `validation` or `test` where the file's name says so."""
    target: str | None = None
    """The column that looks like a class label; None where none does."""
    balance: tuple[ValueCount, ...] = ()
    """Rows per class of the target."""


class Drift(Frozen):
    """How far a column differs between two splits."""

    column: str
    left: str
    """Path of one table."""
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


class DataProfile(Frozen):
    """A mounted data set."""

    name: str
    """The input's name in the run, such as `data`."""
    sha256: str
    """The input's digest."""
    size_bytes: int
    files: int
    tables: tuple[TableProfile, ...] = ()
    drift: tuple[Drift, ...] = ()
    overlap: tuple[Overlap, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    """Every file that is no table or lies beyond the bounds; at most a hundred are named."""
    skipped_more: int = 0
