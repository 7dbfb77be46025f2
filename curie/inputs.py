"""Inputs of the user's: a file or folder by content, so that a later run can tell whether it is the same."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from curie.canonical import canonical_json
from curie.errors import UsageError
from curie.journal.events import InputDeclared


@dataclass(frozen=True, slots=True)
class ContentDigest:
    """An input by content."""

    sha256: str
    size_bytes: int
    """Sum over regular files."""
    files: int
    """Regular files and symlinks."""


def digest(path: Path) -> ContentDigest:
    """Digest a file or a folder; memory use does not grow with it.

    A file's digest is the SHA-256 of its bytes. A folder's is the SHA-256 of the canonical JSON of its entries in
    order of their names: [name, "f" or "x" (executable), SHA-256], [name, "l", target] or [name, "d"]. A symlink
    inside a folder counts by its target's name; `path` itself may be one and is followed. Times and owners do not
    count.

    Raises:
        UsageError: there is nothing, it cannot be read, or it is or holds a FIFO, socket or device (named).
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            return ContentDigest(_file_digest(path.resolve()), path.stat().st_size, 1)
        if not stat.S_ISDIR(mode):
            raise _refused(path, mode)
        return _folder_digest(path.resolve())
    except FileNotFoundError as error:
        missing = error.filename or path
        raise UsageError(f"input {os.fsdecode(missing)} does not exist", hint="check the path") from error
    except OSError as error:
        raise UsageError(f"input {os.fsdecode(error.filename or path)} cannot be read: {error.strerror}") from error


def declare(name: str, path: Path) -> InputDeclared:
    """The event that declares an input. Raises what `digest` raises.

    Args:
        name: `data`, or `<variable>=<base name>`.
        path: the file or folder; recorded as an absolute path.
    """
    content = digest(path)
    return InputDeclared(
        name=name,
        path=os.fsencode(path.absolute()).decode("utf-8", "backslashreplace"),
        sha256=content.sha256,
        size_bytes=content.size_bytes,
    )


def _folder_digest(root: Path) -> ContentDigest:
    entries: list[JsonValue] = []
    size = files = 0
    for name, path in sorted(_walk(root, "")):
        info = path.lstat()
        if stat.S_ISDIR(info.st_mode):
            entries.append([name, "d"])
        elif stat.S_ISLNK(info.st_mode):
            entries.append([name, "l", os.fspath(path.readlink())])
            files += 1
        elif stat.S_ISREG(info.st_mode):
            entries.append([name, "x" if info.st_mode & stat.S_IXUSR else "f", _file_digest(path)])
            size += info.st_size
            files += 1
        else:
            raise _refused(path, info.st_mode)
    return ContentDigest(hashlib.sha256(canonical_json(entries)).hexdigest(), size, files)


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as found:
        for entry in found:
            name = prefix + entry.name
            yield name, Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), name + "/")


def _file_digest(path: Path) -> str:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise _refused(path, mode)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refused(path: Path, mode: int) -> UsageError:
    kinds = ((stat.S_ISFIFO, "FIFO"), (stat.S_ISSOCK, "socket"), (stat.S_ISBLK, "device"), (stat.S_ISCHR, "device"))
    kind = next((word for test, word in kinds if test(mode)), "special file")
    return UsageError(
        f"input {path} is a {kind}, not a file with content", hint="copy what it gives into a file and name that"
    )
