"""A profile as plain text for a terminal. Pure."""

from collections.abc import Iterator

from curie.profile.concerns import summary
from curie.profile.model import ColumnProfile, DataProfile, TableProfile

_COLUMNS = 40
_SKIPPED = 10
_COMMON = 3
_NAME = 24


def profile_text(profile: DataProfile) -> str:
    """What is known of a data set, a line a fact."""
    size = f"{profile.size_bytes} bytes in {profile.files} file{'' if profile.files == 1 else 's'}"
    lines = [f"{profile.name}: {size}, sha256 {profile.sha256 or 'unknown'}"]
    for table in profile.tables:
        lines += ["", *_table(table)]
    if profile.drift or profile.overlap or profile.splits_apart:
        lines += ["", *_between(profile)]
    if profile.skipped:
        lines += ["", *_skipped(profile)]
    told = summary(profile)
    quiet = "Nothing stands out." if profile.tables else "There is no table in it."
    lines += ["", "To look at:", *(f"  - {sentence}" for sentence in told)] if told else ["", quiet]
    return "\n".join(lines)


def _table(table: TableProfile) -> Iterator[str]:
    split = f", split {table.split}" if table.split else ""
    twice = f"{table.duplicates} duplicate row{'' if table.duplicates == 1 else 's'}"
    yield f"{table.path} ({table.format}{split}): {table.rows} rows, {len(table.columns)} columns, {twice}"
    for column in table.columns[:_COLUMNS]:
        yield f"  {column.name[:_NAME]:<{_NAME}}  {_column(column)}"
    if len(table.columns) > _COLUMNS:
        yield f"  ... and {len(table.columns) - _COLUMNS} columns more (--json shows them)"
    if table.target is not None:
        classes = ", ".join(f"{item.value}: {item.count}" for item in table.balance)
        yield f"  label {table.target}: {classes}"
    for share in table.splits:
        classes = ", ".join(f"{item.value}: {item.count}" for item in share.balance)
        yield f"  split {share.split}: {share.rows} rows{f' ({classes})' if classes else ''}"
    for note in table.notes:
        yield f"  note: {note.message}"


def _column(column: ColumnProfile) -> str:
    least = "" if column.distinct_exact else "at least "
    parts = [f"{column.type:<8}", f"{least}{column.distinct} different"]
    if column.missing:
        parts.append(f"{column.missing} missing")
    if column.mean is not None and column.minimum is not None and column.maximum is not None:
        spread = "" if column.sd is None else f", sd {column.sd:.6g}"
        parts.append(f"{column.minimum:.6g} to {column.maximum:.6g}, mean {column.mean:.6g}{spread}")
    elif column.common:
        parts.append(", ".join(f"{item.value} ({item.count})" for item in column.common[:_COMMON]))
    return "  ".join(parts)


def _between(profile: DataProfile) -> Iterator[str]:
    yield "Between splits:"
    for pair in profile.overlap:
        yield f"  {pair.left} and {pair.right}: {pair.rows} different row{'' if pair.rows == 1 else 's'} in both"
    if profile.splits_apart:
        pairs = f"{profile.splits_apart} pair{'' if profile.splits_apart == 1 else 's'} of splits"
        yield f"  {pairs} without a common row"
    for drift in profile.drift[:_SKIPPED]:
        p = "" if drift.p is None else f", p {drift.p:.2g} (unadjusted)"
        yield f"  {drift.column}: {drift.statistic} distance {drift.value:.3f}{p}, {drift.left} and {drift.right}"
    if len(profile.drift) > _SKIPPED:
        yield f"  ... and {len(profile.drift) + profile.drift_more - _SKIPPED} smaller distances"


def _skipped(profile: DataProfile) -> Iterator[str]:
    yield "Not profiled:"
    for item in profile.skipped[:_SKIPPED]:
        yield f"  {item.path}: {item.reason}"
    more = len(profile.skipped) + profile.skipped_more - _SKIPPED
    if more > 0:
        yield f"  ... and {more} more"
