"""Finds the files of a data set and opens them; never follows a link out of it, never waits for a pipe."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from curie.profile.bounds import BoundReached, Purse
from curie.profile.dialect import unique_names
from curie.profile.model import Skipped
from curie.profile.source import NoTable
from curie.profile.values import shown

_SHOWN_PATH = 200


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file."""

    path: Path
    name: str
    """Relative to the data set, for people."""
    size_bytes: int


@dataclass
class Found:
    """What a data set holds."""

    files: list[FoundFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def find_files(root: Path, purse: Purse) -> Found:
    """All regular files, in order of their names.

    Links and special files are skipped by name, and so is what cannot be listed; `root` itself may be a link.

    Raises:
        OSError: `root` is not there.
    """
    found = Found()
    real = root.resolve(strict=True)
    if not real.is_dir():
        _take(found, real, shown(root.name, _SHOWN_PATH))
        return found
    try:
        for path in _walk(real, found, purse):
            _take(found, path, _name(path, real))
            purse.check(files=len(found.files))
    except BoundReached as reason:
        found.skipped.append(Skipped(path=".", reason=f"the other files: {reason}", kind="bound"))
    # Two names may be shown alike once what is unprintable in them is replaced.
    names = unique_names([file.name for file in found.files])
    found.files = [replace(file, name=name) for file, name in zip(found.files, names, strict=True)]
    return found


def open_file(path: Path) -> BinaryIO:
    """A file to read.

    Raises:
        NoTable: it cannot be read, or is no regular file any more.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NoTable("unreadable", error.strerror or "cannot be opened") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise NoTable("special", "not a regular file")
    return os.fdopen(fd, "rb")


def _walk(root: Path, found: Found, purse: Purse) -> Iterator[Path]:
    """Everything below but folders; an explicit stack, since folders may be nested deeper than Python calls."""
    todo = [root]
    while todo:
        folder = todo.pop()
        purse.check()
        try:
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
                folders = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError as error:
            reason = error.strerror or "cannot be listed"
            found.skipped.append(Skipped(path=_name(folder, root), reason=reason, kind="unreadable"))
            continue
        todo += reversed(folders)
        inside = set(folders)
        yield from (path for entry in entries if (path := Path(entry.path)) not in inside)


def _take(found: Found, path: Path, name: str) -> None:
    try:
        info = path.lstat()
    except OSError as error:
        found.skipped.append(Skipped(path=name, reason=error.strerror or "cannot be seen", kind="unreadable"))
        return
    if stat.S_ISREG(info.st_mode):
        found.files.append(FoundFile(path, name, info.st_size))
    elif stat.S_ISLNK(info.st_mode):
        found.skipped.append(Skipped(path=name, reason="a symbolic link, which is not followed", kind="link"))
    else:
        found.skipped.append(Skipped(path=name, reason="a pipe, socket or device", kind="special"))


def _name(path: Path, root: Path) -> str:
    return shown(os.fspath(path.relative_to(root)), _SHOWN_PATH)
