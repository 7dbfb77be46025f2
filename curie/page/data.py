"""What a mounted data set holds, cut to what one page lists: concerns first, then leaks, drift and tables. Pure."""

from dataclasses import dataclass

from curie.page.bounds import Bounds, Listed, bounded
from curie.profile.concerns import concerns
from curie.profile.model import (
    ColumnProfile,
    DataProfile,
    Drift,
    Note,
    Overlap,
    Skipped,
    SplitShare,
    SuffixCount,
    TableProfile,
    ValueCount,
)
from curie.records import Diagnostic
from curie.state import RunState

_DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "vertical bar", " ": "blank", ":": "colon"}
_USUAL = {"csv": ",", "tsv": "\t"}


@dataclass(frozen=True, slots=True)
class SplitView:
    """The rows of one split of a table."""

    share: SplitShare
    balance: Listed[ValueCount]


@dataclass(frozen=True, slots=True)
class TableView:
    """One table."""

    table: TableProfile
    balance: Listed[ValueCount]
    splits: Listed[SplitView]
    columns: Listed[ColumnProfile]
    notes: Listed[Note]

    @property
    def unusual_delimiter(self) -> str:
        """What parts its cells, in words, where that is not what the format says; else empty."""
        delimiter = self.table.delimiter
        if delimiter is None or delimiter == _USUAL.get(self.table.format, ","):
            return ""
        return _DELIMITERS.get(delimiter, delimiter)


@dataclass(frozen=True, slots=True)
class DataView:
    """One data set."""

    name: str
    profile: DataProfile
    concerns: Listed[Diagnostic]
    """The gravest first."""
    overlap: Listed[Overlap]
    """The most shared rows first."""
    drift: Listed[Drift]
    """As the profile orders them: the largest distance first."""
    drift_more: int
    """Comparisons that are not listed, here or in the profile."""
    tables: Listed[TableView]
    skipped: Listed[Skipped]
    skipped_more: int
    """Files that are not named, here or in the profile."""
    others: Listed[SuffixCount]


def data_views(state: RunState, bounds: Bounds) -> tuple[DataView, ...]:
    """Every profiled input; the columns of all their tables together are at most `bounds.columns`."""
    return tuple(_view(name, profile, bounds) for name, profile in state.profiles.items())


def _view(name: str, profile: DataProfile, bounds: Bounds) -> DataView:
    drift, skipped = bounded(profile.drift, bounds.entries), bounded(profile.skipped, bounds.entries)
    overlap = sorted(profile.overlap, key=lambda o: -o.rows)
    return DataView(
        name=name,
        profile=profile,
        concerns=bounded(concerns(profile), bounds.entries),
        overlap=bounded(overlap, bounds.entries),
        drift=drift,
        drift_more=drift.left_out + profile.drift_more,
        tables=_tables(profile, bounds),
        skipped=skipped,
        skipped_more=skipped.left_out + profile.skipped_more,
        others=bounded(profile.others, bounds.entries),
    )


def _tables(profile: DataProfile, bounds: Bounds) -> Listed[TableView]:
    listed = bounded(profile.tables, bounds.entries)
    left, views = bounds.columns, []
    for place, table in enumerate(listed.shown):
        # A wide table leaves the ones behind it their share.
        share = left // (len(listed.shown) - place)
        views.append(_table(table, max(1, share), bounds))
        left -= len(views[-1].columns.shown)
    return Listed(shown=tuple(views), left_out=listed.left_out)


def _table(table: TableProfile, columns: int, bounds: Bounds) -> TableView:
    splits = bounded(table.splits, bounds.entries)
    views = tuple(SplitView(share=s, balance=bounded(s.balance, bounds.classes)) for s in splits.shown)
    shown = bounded(table.columns, columns)
    return TableView(
        table=table,
        balance=bounded(table.balance, bounds.classes),
        splits=Listed(shown=views, left_out=splits.left_out),
        columns=Listed(shown=shown.shown, left_out=shown.left_out + table.columns_more),
        notes=bounded(table.notes, bounds.entries),
    )
