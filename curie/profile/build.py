"""Profiles a data set: one pass over every table, then the splits against each other."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from curie.profile.bounds import BoundReached, Bounds, Purse
from curie.profile.compare import Side, drifts, overlap, pairs_of, sides_of
from curie.profile.dialect import unique_names
from curie.profile.formats import sources, suffix_of
from curie.profile.model import (
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
from curie.profile.source import BATCH_CELLS, DamagedFile, NoTable, Source
from curie.profile.splits import split_of_path, target_of
from curie.profile.table import TableCounter
from curie.profile.text_reader import long_cells
from curie.profile.values import shown
from curie.profile.walk import FoundFile, find_files

_NAMED = 100
"""Skipped files that are named."""
_DRIFTS = 300
_CLASSES = 100
_BATCH_CHARACTERS = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Content:
    """A data set by name and content, as its digest tells it."""

    name: str
    sha256: str
    size_bytes: int


def profile(
    content: Content, path: Path, bounds: Bounds | None = None, stop: Callable[[], bool] | None = None
) -> DataProfile:
    """Profile a file or folder.

    The same content gives the same profile, wherever and whenever it is read, as long as reading does not hit the
    backstop of `bounds.seconds`.

    Args:
        content: what the profile calls it.
        path: where it is.
        bounds: how much is read and remembered.
        stop: asked now and then; true ends the reading.

    Raises:
        OSError: there is nothing at `path`. Whatever is wrong inside is told in the profile.
    """
    limits = bounds or Bounds()
    purse = Purse(limits, stop=stop)
    found = find_files(path, purse)
    work = _Work(purse, found.skipped, len(found.files))
    with long_cells():
        # Small files first: a large one that goes beyond the bounds does not hide the others.
        for file in sorted(found.files, key=lambda file: (file.size_bytes, file.name)):
            work.file(file)
    return work.result(content)


class _Work:
    """What is known so far."""

    def __init__(self, purse: Purse, skipped: list[Skipped], files: int) -> None:
        self._purse = purse
        self._skipped = skipped
        self._files = files
        self._others: Counter[str] = Counter()
        self._tables: list[TableProfile] = []
        self._sides: list[Side] = []

    def file(self, found: FoundFile) -> None:
        """Count the tables of one file."""
        try:
            self._purse.check(tables=len(self._tables))
            for read in sources(found):
                if isinstance(read, Source):
                    self._table(read)
                else:
                    self._skip(*read)
        except NoTable as reason:
            if reason.kind == "no-table":
                self._others[suffix_of(found.path.name)] += 1
            self._skip(found.name, reason)
        except BoundReached as bound:
            self._skip(found.name, NoTable("bound", str(bound)))

    def result(self, content: Content) -> DataProfile:
        """All of it, in the order of the paths."""
        drift, common = self._compared()
        skipped = sorted(self._skipped, key=lambda item: (item.kind == "no-table", item.path))
        return DataProfile(
            name=content.name,
            sha256=content.sha256,
            size_bytes=content.size_bytes,
            files=self._files,
            tables=tuple(sorted(self._tables, key=lambda table: table.path)),
            drift=tuple(drift[:_DRIFTS]),
            drift_more=max(len(drift) - _DRIFTS, 0),
            overlap=tuple(pair for pair in common if pair.rows),
            splits_apart=sum(not pair.rows for pair in common),
            skipped=tuple(skipped[:_NAMED]),
            skipped_more=max(len(skipped) - _NAMED, 0),
            others=tuple(SuffixCount(suffix=shown(s), files=n) for s, n in self._others.most_common(_NAMED)),
        )

    def _skip(self, path: str, reason: NoTable) -> None:
        self._skipped.append(Skipped(path=path, reason=shown(reason.reason, 200), kind=reason.kind))

    def _table(self, source: Source) -> None:
        split = split_of_path(source.path)
        counter = TableCounter(
            names=unique_names([shown(name) for name in source.names[: self._purse.bounds.columns]]),
            width=source.width,
            bounds=self._purse.bounds,
            remember=self._purse.rows(),
            sampled=split is not None,
        )
        complete = self._count(source, counter)
        self._purse.remember(counter.memory.remembered)
        told = _told(source, counter, split, complete=complete)
        self._tables.append(told)
        self._sides += sides_of(source.path, counter, told.split, told.target)

    def _count(self, source: Source, counter: TableCounter) -> bool:
        """Read to the end, or until something is wrong; then say so and give False."""
        batch: list[list[str]] = []
        cells = characters = 0
        try:
            for row in source.rows:
                batch.append(row)
                cells += len(row) + 1
                characters += sum(map(len, row))
                if cells > BATCH_CELLS or characters > _BATCH_CHARACTERS:
                    counter.add(batch)
                    spent, batch, cells, characters = cells + characters, [], 0, 0
                    self._purse.spend(spent)
        except BoundReached as bound:
            source.notes.append(Note(kind="bound", message=f"Reading stopped: {bound}."))
            return False
        except DamagedFile as damage:
            source.notes.append(Note(kind="damaged", message=f"Reading stopped: {shown(str(damage), 200)}."))
            self._finish(counter, batch, cells + characters)
            return False
        self._finish(counter, batch, cells + characters)
        return True

    def _finish(self, counter: TableCounter, batch: list[list[str]], spent: int) -> None:
        if batch:
            counter.add(batch)
            self._purse.take(spent)

    def _compared(self) -> tuple[list[Drift], list[Overlap]]:
        pairs = pairs_of(self._sides)
        found = list(chain.from_iterable(drifts(left, right) for left, right in pairs))
        found.sort(key=lambda drift: (-drift.value, drift.left, drift.right, drift.column))
        return found, [common for left, right in pairs if (common := overlap(left, right)) is not None]


def _told(source: Source, counter: TableCounter, split: str | None, *, complete: bool) -> TableProfile:
    columns = tuple(column.profile(name) for name, column in zip(counter.names, counter.columns, strict=True))
    at = counter.split_column if counter.parted else None
    split_name = None if at is None else columns[at].name
    target = target_of(columns, counter.rows, split_name)
    return TableProfile(
        path=source.path,
        format=source.format,
        rows=counter.rows,
        columns=columns,
        duplicates=counter.duplicates,
        compared=counter.memory.remembered,
        split=None if split_name else split,
        target=target,
        balance=_balance(counter, target),
        splits=_shares(counter, target) if split_name else (),
        split_column=split_name,
        header=source.header,
        delimiter=source.delimiter,
        ragged=counter.ragged,
        columns_more=counter.width - len(counter.names),
        complete=complete,
        notes=(*source.notes, *_notes(counter)),
    )


def _notes(counter: TableCounter) -> list[Note]:
    found = []
    if not counter.rows:
        found.append(Note(kind="no-rows", message="It holds no rows."))
    if counter.ragged:
        found.append(Note(kind="ragged", message=f"{counter.ragged} rows do not have {counter.width} cells."))
    if counter.memory.broken:
        found.append(Note(kind="not-utf-8", message=f"{counter.memory.broken} rows hold bytes that are not UTF-8."))
    if counter.memory.nul:
        found.append(Note(kind="nul", message=f"{counter.memory.nul} rows hold NUL characters."))
    if counter.width > len(counter.names):
        kept = len(counter.names)
        found.append(Note(kind="columns", message=f"Of {counter.width} columns, the first {kept} were profiled."))
    return found


def _balance(counter: TableCounter, target: str | None) -> tuple[ValueCount, ...]:
    if target is None or target not in counter.names:
        return ()
    counts = counter.columns[counter.names.index(target)].counts
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ValueCount(value=shown(value), count=n) for value, n in ranked[:_CLASSES])


def _shares(counter: TableCounter, target: str | None) -> tuple[SplitShare, ...]:
    return tuple(
        SplitShare(split=split, rows=part.rows, balance=_balance(part, target))
        for split, part in sorted(counter.parts.items())
    )
