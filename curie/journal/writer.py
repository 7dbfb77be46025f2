"""The one writer of a journal: an append returns when its event is durable; concurrent appends share one fsync."""

import os
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, NoReturn, Self

from curie.durable import NO_SPACE, disk_full, sync_folder, write_all
from curie.errors import InfrastructureError
from curie.journal.chain import Entry, encode, link
from curie.journal.events import Event, TailDropped
from curie.journal.reader import Contents, load

Clock = Callable[[], datetime]
"""Gives the time as an aware datetime."""

Stage = Literal["before", "written", "durable"]
"""Where an append is: nothing done, handed to the kernel, on disk."""

Failpoint = Callable[[Stage, int], None]
"""Called with the stage and the event's number; tests end the process there."""


class Journal:
    """A journal open for appending; made by `Journal.open`. Threads may append at once. A context manager.

    After an append failed for lack of space the file ends with the last complete event, and a later append may
    succeed. After a failed fsync nothing more is accepted: the kernel no longer knows what reached the disk.
    """

    def __init__(self, path: Path, fd: int, contents: Contents, clock: Clock, failpoint: Failpoint | None) -> None:
        self._path = path
        self._fd = fd
        self._clock = clock
        self._failpoint = failpoint
        self._opened_with = contents.entries
        self._state = threading.Condition()
        self._head = contents.head
        self._written = self._durable = len(contents.entries)
        self._written_bytes = self._durable_bytes = contents.size_bytes
        self._syncing = False
        self._broken: InfrastructureError | None = None

    @classmethod
    def open(cls, path: Path, *, clock: Clock, failpoint: Failpoint | None = None) -> Self:
        """Open or create a journal, check its chain, and set a torn tail aside.

        A torn tail goes to `journal.torn-<n>` beside the journal and is recorded as a `TailDropped` event. The
        caller holds the run's lock.

        Raises:
            JournalTampered: the chain does not hold; nothing was changed.
            UsageError: an event is of a kind or form that this version does not know; nothing was changed.
            DiskFull: no space is left.
            InfrastructureError: the file cannot be opened or written.
        """
        contents = load(path) if path.exists() else Contents(entries=(), torn=b"", size_bytes=0)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            fd = os.open(path, flags, 0o644)
        except OSError as error:
            _refuse(path, error)
        try:
            saved = _set_aside(path, fd, contents) if contents.torn else None
            sync_folder(path.parent)
        except OSError as error:
            os.close(fd)
            _refuse(path, error)
        journal = cls(path, fd, contents, clock, failpoint)
        if saved is not None:
            journal.append(TailDropped(bytes_dropped=len(contents.torn), saved_as=saved))
        return journal

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self._path

    @property
    def opened_with(self) -> tuple[Entry, ...]:
        """The events found when the journal was opened (without a `TailDropped` that opening appended)."""
        return self._opened_with

    @property
    def events(self) -> int:
        """Number of durable events."""
        with self._state:
            return self._durable

    @property
    def head(self) -> str:
        """Hash of the last event written; 64 zeros if there is none."""
        with self._state:
            return self._head

    def append(self, event: Event) -> int:
        """Append one event and return its number once it is durable. Raises what `append_many` raises."""
        return self.append_many((event,))[-1]

    def append_many(self, events: Sequence[Event]) -> tuple[int, ...]:
        """Append events next to each other and return their numbers once all are durable.

        Raises:
            DiskFull: no space is left; none of these events was kept, every earlier one is.
            InfrastructureError: the file could not be written or synced, or the journal is closed.
            ValueError: an event holds NaN or infinity where JSON cannot say so.
        """
        if not events:
            return ()
        with self._state:
            if self._broken is not None:
                raise self._broken
            numbers = self._write(events)
        self._sync(numbers[-1])
        for number in numbers:
            self._reach("durable", number)
        return numbers

    def close(self) -> None:
        """Close the file. Later appends raise InfrastructureError. Idempotent."""
        with self._state:
            while self._syncing:
                self._state.wait()
            if self._fd >= 0:
                os.close(self._fd)
                self._fd = -1
                self._broken = self._broken or InfrastructureError(f"the journal {self._path} is closed")

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _reach(self, stage: Stage, number: int) -> None:
        if self._failpoint is not None:
            self._failpoint(stage, number)

    def _write(self, events: Sequence[Event]) -> tuple[int, ...]:
        """Hand lines to the kernel; the caller holds the state."""
        head, lines = self._head, []
        numbers = tuple(range(self._written + 1, self._written + 1 + len(events)))
        for number, event in zip(numbers, events, strict=True):
            self._reach("before", number)
            entry = link(number, self._clock(), head, event)
            lines.append(encode(entry, head))
            head = entry.hash
        data = b"".join(lines)
        try:
            write_all(self._fd, data)
        except OSError as error:
            os.ftruncate(self._fd, self._written_bytes)
            _refuse(self._path, error)
        self._head, self._written = head, numbers[-1]
        self._written_bytes += len(data)
        for number in numbers:
            self._reach("written", number)
        return numbers

    def _sync(self, number: int) -> None:
        """Return when event `number` is on disk; whoever comes first syncs for all that have written."""
        while True:
            with self._state:
                while self._syncing and self._durable < number:
                    self._state.wait()
                if self._durable >= number:
                    return
                if self._broken is not None:
                    raise self._broken
                self._syncing = True
                target, size = self._written, self._written_bytes
            failure: OSError | None = None
            synced = False
            try:
                os.fsync(self._fd)
                synced = True
            except OSError as error:
                failure = error
            finally:  # also when a signal's exception cuts in: another appender then syncs
                with self._state:
                    self._syncing = False
                    if synced:
                        self._durable, self._durable_bytes = target, size
                    elif failure is not None:
                        self._give_up(failure)
                    self._state.notify_all()

    def _give_up(self, failure: OSError) -> None:
        """Cut back to what is surely on disk and refuse everything that follows; the caller holds the state."""
        try:
            os.ftruncate(self._fd, self._durable_bytes)
            _refuse(self._path, failure)
        except InfrastructureError as error:
            self._broken = error
        except OSError as error:
            self._broken = InfrastructureError(f"the journal {self._path} can no longer be written: {error.strerror}")


def _refuse(path: Path, error: OSError) -> NoReturn:
    if error.errno in NO_SPACE:
        raise disk_full(path) from error
    raise InfrastructureError(f"the journal {path} cannot be written: {error.strerror}") from error


def _set_aside(path: Path, fd: int, contents: Contents) -> str:
    """Save the torn tail under a new name, then cut it off; returns the name."""
    number = 1
    while (saved := path.with_name(f"{path.stem}.torn-{number}")).exists():
        number += 1
    out = os.open(saved, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        write_all(out, contents.torn)
        os.fsync(out)
    finally:
        os.close(out)
    sync_folder(path.parent)
    os.ftruncate(fd, contents.size_bytes)
    os.fsync(fd)
    return saved.name
