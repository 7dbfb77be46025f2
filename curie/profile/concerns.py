"""What a scientist should worry about in a data set, by fixed rules over its profile. Pure."""

from collections.abc import Iterator, Sized

from curie.profile.model import DataProfile, TableProfile
from curie.records import Diagnostic, Severity

MISSING_SHARE = 0.05
"""A column with a larger share of missing cells is told."""
DRIFT = 0.2
"""A distance from here on is told, if its p is below `DRIFT_P`."""
DRIFT_P = 0.01
IMBALANCE = 5.0
"""Told where the largest class has at least this many times the rows of the smallest."""

_NAMED = 3


def concerns(profile: DataProfile) -> tuple[Diagnostic, ...]:
    """Diagnostics for a run, the gravest first; nothing where there is nothing to say."""
    found = [*_leaks(profile), *_unread(profile), *_drift(profile)]
    for table in profile.tables:
        found += _table(table)
    where = "" if profile.name == "data" else f"{profile.name}: "
    return tuple(d.model_copy(update={"message": where + d.message}) for d in found)


def summary(profile: DataProfile) -> tuple[str, ...]:
    """The same in sentences, for people."""
    return tuple(diagnostic.message for diagnostic in concerns(profile))


def _leaks(profile: DataProfile) -> Iterator[Diagnostic]:
    for pair in profile.overlap:
        again = "1 row occurs" if pair.rows == 1 else f"{pair.rows} different rows occur"
        yield _say(
            "data/leak-between-splits",
            f"{again} in both {pair.left} and {pair.right}: a score on one may be remembered, not learned.",
            "warning",
            hint="leave these rows out of one of them",
        )


def _unread(profile: DataProfile) -> Iterator[Diagnostic]:
    grave = [item for item in profile.skipped if item.kind in {"unreadable", "damaged"}]
    if grave:
        told = "; ".join(f"{item.path}: {item.reason}" for item in grave[:_NAMED])
        yield _say(
            "data/unreadable", f"{_count(len(grave), 'file')} could not be read: {told}{_more(grave)}.", "warning"
        )
    left = [item for item in profile.skipped if item.kind in {"bound", "missing-library"}]
    if left:
        told = "; ".join(f"{item.path}: {item.reason}" for item in left[:_NAMED])
        yield _say("data/not-profiled", f"{_count(len(left), 'file')} not profiled: {told}{_more(left)}.")


def _drift(profile: DataProfile) -> Iterator[Diagnostic]:
    strong = [d for d in profile.drift if d.value >= DRIFT and d.p is not None and d.p < DRIFT_P]
    if strong:
        told = "; ".join(
            f"{d.column} between {d.left} and {d.right} ({d.statistic} distance {d.value:.2f})" for d in strong[:_NAMED]
        )
        yield _say(
            "data/drift",
            f"{_count(len(strong), 'column')} {_verb(len(strong), 'differ')} between splits: {told}{_more(strong)}.",
        )


def _table(table: TableProfile) -> Iterator[Diagnostic]:
    if not table.complete:
        why = next((note.message for note in table.notes if note.kind in {"bound", "damaged"}), "")
        kind = "data/unreadable" if any(note.kind == "damaged" for note in table.notes) else "data/not-profiled"
        yield _say(
            kind,
            f"{table.path} was read up to row {table.rows} only. {why}",
            "warning" if kind == "data/unreadable" else "note",
        )
    # Of one column alone, equal rows are nothing but equal values.
    if table.duplicates and len(table.columns) > 1:
        first = "" if table.compared == table.rows else f" first {table.compared}"
        share = f"{table.duplicates / table.compared:.1%}"
        yield _say(
            "data/duplicates",
            f"{_count(table.duplicates, 'row')} of the{first or f' {table.rows}'} in {table.path} ({share}) "
            f"{'equals' if table.duplicates == 1 else 'equal'} an earlier one.",
        )
    yield from _columns(table)
    yield from _imbalance(table)


def _columns(table: TableProfile) -> Iterator[Diagnostic]:
    if table.ragged:
        yield _say(
            "data/ragged",
            f"{_count(table.ragged, 'row')} of {table.path} with too few or too many cells.",
        )
    if not table.rows:
        return
    gaps = sorted((c for c in table.columns if c.missing > MISSING_SHARE * table.rows), key=lambda c: -c.missing)
    if gaps:
        told = ", ".join(f"{c.name} ({c.missing / table.rows:.1%})" for c in gaps[:_NAMED])
        which = _count(len(gaps), "column")
        yield _say(
            "data/missing",
            f"{which} of {table.path} {_verb(len(gaps), 'lack')} more than 5 % of the values: {told}{_more(gaps)}.",
        )
    mixed = [c for c in table.columns if c.type == "mixed"]
    if mixed:
        told = ", ".join(c.name for c in mixed[:_NAMED])
        which, verb = _count(len(mixed), "column"), _verb(len(mixed), "hold")
        yield _say("data/mixed", f"{which} of {table.path} {verb} mixed kinds of values: {told}{_more(mixed)}.")


def _imbalance(table: TableProfile) -> Iterator[Diagnostic]:
    if len(table.balance) == 1 and table.target is not None:
        yield _say("data/imbalance", f"The label {table.target} of {table.path} has one class only.")
    if len(table.balance) < 2:  # noqa: PLR2004 -- one class is out of balance with nothing
        return
    largest, smallest = table.balance[0], table.balance[-1]
    if largest.count >= IMBALANCE * smallest.count:
        share = largest.count / sum(item.count for item in table.balance)
        yield _say(
            "data/imbalance",
            f"The label {table.target} of {table.path} is out of balance: {largest.count} rows of {largest.value}, "
            f"{smallest.count} of {smallest.value}; always answering {largest.value} is right for {share:.1%}.",
        )


def _say(rule: str, message: str, severity: Severity = "note", hint: str | None = None) -> Diagnostic:
    return Diagnostic(id=rule, severity=severity, message=message, hint=hint)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _verb(number: int, verb: str) -> str:
    """`1 column differs`, `2 columns differ`."""
    return f"{verb}{'s' if number == 1 else ''}"


def _more(items: Sized) -> str:
    return f", and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
