"""Sees which files below some paths are opened, by inotify. It sees the file, not who opened it."""

import ctypes
import errno
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_IN_OPEN: Final = 0x20
_IN_Q_OVERFLOW: Final = 0x4000
_IN_ISDIR: Final = 0x40000000
_IN_NONBLOCK: Final = os.O_NONBLOCK
_IN_CLOEXEC: Final = os.O_CLOEXEC
_HEADER: Final = struct.Struct("iIII")
_READ_BYTES: Final = 1 << 16
MAX_FOLDERS: Final = 512
"""Folders watched at most: the kernel bounds watches per user, and others need some too."""


class OpenWatch:
    """Watches files and folders (with everything below) from `__enter__` to `__exit__`. Linux only.

    Works by inode, so that opens through a bind mount in a sandbox count as well; opens of the path alone (`O_PATH`),
    as mounting does, do not.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)
        self._fd = -1
        self._at: dict[int, Path] = {}
        self._seen: set[Path] = set()
        self.complete = False
        """False if something could not be watched or events were lost: then what was seen is not all there was."""

    def __enter__(self) -> Self:
        """Begin to watch; where inotify is missing or exhausted, `complete` is False and nothing is seen."""
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "inotify_init1"):
            return self
        self._fd = libc.inotify_init1(_IN_NONBLOCK | _IN_CLOEXEC)
        if self._fd < 0:
            return self
        targets = [target for path in self._paths for target in _targets(path)]
        self.complete = len(targets) <= MAX_FOLDERS
        for target in targets[:MAX_FOLDERS]:
            number = libc.inotify_add_watch(self._fd, os.fsencode(target), _IN_OPEN)
            if number < 0:
                self.complete = False
            else:
                self._at[number] = target
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take in what happened, and stop watching."""
        if self._fd < 0:
            return
        try:
            while data := self._read():
                self._take(data)
        finally:
            os.close(self._fd)
            self._fd = -1

    @property
    def opened(self) -> tuple[Path, ...]:
        """Files that were opened while watching, sorted; known after the end."""
        return tuple(sorted(self._seen))

    def _read(self) -> bytes:
        try:
            return os.read(self._fd, _READ_BYTES)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EINTR}:
                return b""
            raise

    def _take(self, data: bytes) -> None:
        place = 0
        while place < len(data):
            number, mask, _, length = _HEADER.unpack_from(data, place)
            name = data[place + _HEADER.size : place + _HEADER.size + length].rstrip(b"\0")
            place += _HEADER.size + length
            if mask & _IN_Q_OVERFLOW:
                self.complete = False
            elif not mask & _IN_ISDIR and number in self._at:
                self._seen.add(self._at[number] / os.fsdecode(name) if name else self._at[number])


def _targets(path: Path) -> list[Path]:
    """What to watch: a file itself; a folder and every folder below it, whose events name the files in them."""
    if not path.is_dir():
        return [path]
    found = [path]
    for parent, folders, _ in os.walk(path):
        found += [Path(parent, name) for name in sorted(folders) if not Path(parent, name).is_symlink()]
        if len(found) > MAX_FOLDERS:
            break
    return found
