"""Counts one table as its rows pass by: every column, duplicates, ragged rows, and the splits that a column names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from curie.profile.bounds import Bounds
from curie.profile.column import ColumnCounter
from curie.profile.rows import Hashes, RowMemory, RowSample
from curie.profile.splits import SPLIT_COLUMNS, Split, split_of_value

Row = list[str]


@dataclass
class TableCounter:
    """One table's counts."""

    names: tuple[str, ...]
    """Columns that are counted, from the left."""
    width: int
    """Columns that there are."""
    bounds: Bounds
    remember: int
    """Rows that may be remembered."""
    sampled: bool = False
    """Whether rows are sampled, to be compared with those of another split."""
    rows: int = 0
    ragged: int = 0
    parts: dict[str, "TableCounter"] = field(default_factory=dict)
    """Split -> its rows without the column that names it."""

    def __post_init__(self) -> None:
        """Make room for the columns."""
        many = max(len(self.names), 1)
        distinct = max(min(self.bounds.distinct, self.bounds.distinct_in_all // many), 1)
        self.columns = [ColumnCounter(distinct) for _ in self.names]
        self.memory = RowMemory(self.remember)
        self.sample = RowSample(max(min(self.bounds.sample_rows, self.bounds.sample_cells // many), 1))
        lowered = [name.casefold().strip() for name in self.names]
        self.split_column = next((lowered.index(name) for name in SPLIT_COLUMNS if name in lowered), None)
        self._unique: Hashes | None = None

    def add(self, rows: Sequence[Row]) -> None:
        """Take rows in."""
        self.rows += len(rows)
        self.memory.add(rows)
        uneven = sum(len(row) != self.width for row in rows)
        self.ragged += uneven
        if self.sampled:
            self.sample.add(rows)
        kept = len(self.names)
        if uneven:
            full = [row[:kept] if len(row) >= kept else row + [""] * (kept - len(row)) for row in rows]
        else:
            full = [row[:kept] for row in rows] if kept < self.width else list(rows)
        for column, cells in zip(self.columns, zip(*full, strict=True), strict=True):
            column.add(cells)
        if self.split_column is not None:
            self._part(full, self.split_column)

    def unique(self) -> Hashes:
        """The different remembered rows."""
        if self._unique is None:
            self._unique = self.memory.unique()
        return self._unique

    @property
    def duplicates(self) -> int:
        """Remembered rows that equal an earlier one."""
        return self.memory.remembered - len(self.unique())

    @property
    def parted(self) -> bool:
        """Whether a column parts the rows: it names nothing but splits, and two or more."""
        if self.split_column is None or len(self.parts) < 2:  # noqa: PLR2004 -- one split is none
            return False
        return sum(part.rows for part in self.parts.values()) == self.rows

    def _part(self, rows: Sequence[Row], at: int) -> None:
        by_split: dict[Split, list[Row]] = {}
        for row in rows:
            split = split_of_value(row[at])
            if split is not None:
                by_split.setdefault(split, []).append(row[:at] + row[at + 1 :])
        for name, its in by_split.items():
            if name not in self.parts:
                names = self.names[:at] + self.names[at + 1 :]
                self.parts[name] = TableCounter(
                    names, len(names), self.bounds, remember=self.remember // 3, sampled=True
                )
            self.parts[name].add(its)
