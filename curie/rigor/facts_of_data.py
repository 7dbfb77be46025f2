"""What may be cited of a data profile: tables, columns, classes, drift and overlap. Pure."""

from curie.profile.model import ColumnProfile, TableProfile
from curie.rigor.facts import Draft, Facts, exact, kept, measured, pure, said
from curie.rigor.numbers import number
from curie.state import RunState


def profile_facts(state: RunState, name: str) -> Facts:
    """Of an input's profile, its tables and their columns."""
    seen = state.profiles[name]
    draft: Draft = {
        ("sha256",): said(seen.sha256),
        ("size_bytes",): measured(seen.size_bytes, "B"),
        ("files",): exact(seen.files),
        ("tables",): exact(len(seen.tables)),
        ("skipped",): exact(len(seen.skipped) + seen.skipped_more),
    }
    for table in seen.tables:
        draft |= {(table.path, *rest): fact for rest, fact in _table(table).items()}
        for column in table.columns:
            draft |= {(table.path, column.name, *rest): fact for rest, fact in _column(column).items()}
    return kept(draft)


def classes_facts(state: RunState, name: str) -> Facts:
    """Rows per class of each table's target, and of each split in it."""
    tables = state.profiles[name].tables
    draft: Draft = {(t.path, c.value): exact(c.count) for t in tables for c in t.balance}
    for table in tables:
        draft |= {(table.path, s.split, c.value): exact(c.count) for s in table.splits for c in s.balance}
    return kept(draft)


def splits_facts(state: RunState, name: str) -> Facts:
    """Rows per split, where a column parts a table."""
    return kept({(t.path, s.split): exact(s.rows) for t in state.profiles[name].tables for s in t.splits})


def common_facts(state: RunState, name: str) -> Facts:
    """Rows per frequent value of each column."""
    tables = state.profiles[name].tables
    return kept({(t.path, c.name, v.value): exact(v.count) for t in tables for c in t.columns for v in c.common})


def drift_facts(state: RunState, name: str) -> Facts:
    """How far each column differs between two splits."""
    draft: Draft = {}
    for drift in state.profiles[name].drift:
        first = (drift.column, drift.left, drift.right)
        draft[*first, "value"] = pure(drift.value)
        draft[*first, "p"] = pure(drift.p)
        draft[*first, "statistic"] = said(drift.statistic)
    return kept(draft)


def overlap_facts(state: RunState, name: str) -> Facts:
    """Rows that two splits share."""
    return kept({(o.left, o.right): exact(o.rows) for o in state.profiles[name].overlap})


def _table(table: TableProfile) -> Draft:
    return {
        ("rows",): exact(table.rows),
        ("columns",): exact(len(table.columns)),
        ("duplicates",): exact(table.duplicates),
        ("compared",): exact(table.compared),
        ("ragged",): exact(table.ragged),
        ("columns_more",): exact(table.columns_more),
        ("split_column",): said(table.split_column),
        ("missing",): exact(sum(c.missing for c in table.columns)),
        ("format",): said(table.format),
        ("split",): said(table.split),
        ("target",): said(table.target),
        ("classes",): exact(len(table.balance)) if table.balance else None,
    }


def _column(column: ColumnProfile) -> Draft:
    spans = column.minimum is not None and column.maximum is not None
    return {
        ("type",): said(column.type),
        ("missing",): exact(column.missing),
        ("distinct",): exact(column.distinct),
        ("infinite",): exact(column.infinite),
        ("minimum",): pure(column.minimum),
        ("maximum",): pure(column.maximum),
        ("range",): said(f"{number(column.minimum or 0)} to {number(column.maximum or 0)}") if spans else None,
        ("mean",): pure(column.mean),
        ("sd",): pure(column.sd),
    }
