"""Lists what an artifact holds and opens its files: bounded, regular files only, never out of the artifact."""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from ara.reader.places import Fault, FaultKind

MAX_FILES = 20_000
"""Most entries of an artifact that are listed."""
MAX_DEPTH = 24
"""Deepest folder that is entered."""
MAX_BYTES = 32 << 20
"""Largest file that is parsed; a larger one is only listed."""
_SKIPPED = frozenset({".git", "__pycache__", ".venv", "node_modules"})
_CODE = "src/code/"


@dataclass(slots=True)
class Inventory:
    """Files and folders below one root, as relative POSIX paths."""

    root: Path
    files: dict[str, int] = field(default_factory=dict)
    """Path -> size in bytes, of regular files (links that stay inside are followed)."""
    folders: set[str] = field(default_factory=set)
    odd: dict[str, str] = field(default_factory=dict)
    """Path -> what it is, of everything that is neither: FIFOs, sockets, broken links, links that lead out."""
    faults: list[Fault] = field(default_factory=list)

    def exists(self, path: str) -> bool:
        """Whether a file or folder of that name lies in the artifact."""
        return path in self.files or path in self.folders


def scan(root: Path) -> Inventory:
    """List everything below `root`. Folders behind links are not entered; links that lead out are faults."""
    found = Inventory(root)
    real_root = os.path.realpath(root)
    todo = [("", 0)]
    while todo:
        prefix, depth = todo.pop()
        try:
            with os.scandir(root / prefix) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            found.faults.append(_unreadable(prefix or ".", f"folder cannot be listed: {error.strerror}"))
            continue
        for entry in entries:
            if len(found.files) + len(found.folders) >= MAX_FILES:
                message = f"more than {MAX_FILES} files; the rest is not looked at"
                found.faults.append(Fault(FaultKind.BOUNDS, prefix or ".", message))
                return found
            path = _name(prefix, entry.name)
            if entry.is_symlink():
                _link(found, entry, path, real_root)
            elif entry.is_dir(follow_symlinks=False):
                # Below src/code/ lies code that a run was made with, whatever its folders are called.
                if entry.name in _SKIPPED and not path.startswith(_CODE):
                    continue
                found.folders.add(path)
                if depth < MAX_DEPTH:
                    todo.append((path, depth + 1))
                else:
                    found.faults.append(Fault(FaultKind.BOUNDS, path, f"nested deeper than {MAX_DEPTH} folders"))
            else:
                _plain(found, entry, path)
    return found


def read_bytes(inventory: Inventory, path: str) -> bytes | Fault:
    """The content of a listed file of at most `MAX_BYTES`, or why there is none."""
    stream = _opened(inventory, path)
    if isinstance(stream, Fault):
        return stream
    with stream:
        if os.fstat(stream.fileno()).st_size > MAX_BYTES:
            return _unreadable(path, f"is larger than {MAX_BYTES >> 20} MiB and is not parsed")
        return stream.read(MAX_BYTES)


def digest(inventory: Inventory, path: str) -> str | Fault:
    """The SHA-256 of a file of any size, in hex, or why there is none."""
    stream = _opened(inventory, path)
    if isinstance(stream, Fault):
        return stream
    with stream:
        try:
            return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            return _unreadable(path, f"cannot be read: {error.strerror}")


def _opened(inventory: Inventory, path: str) -> BufferedReader | Fault:
    if path in inventory.folders:
        return _unreadable(path, "is a folder where a file is expected")
    try:
        real = os.path.realpath(inventory.root / path)
        if not _inside(real, os.path.realpath(inventory.root)):
            return Fault(FaultKind.OUTSIDE, path, "leads out of the artifact and is not followed")
        # Non-blocking: what was a file when it was listed may be a FIFO by now.
        handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name holds a null byte"
        return _unreadable(path, f"cannot be read: {reason}")
    stream = os.fdopen(handle, "rb")
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        stream.close()
        return _unreadable(path, f"is {_kind(mode)}, not a regular file")
    return stream


def _plain(found: Inventory, entry: "os.DirEntry[str]", path: str) -> None:
    try:
        info = entry.stat(follow_symlinks=False)
    except OSError as error:
        found.faults.append(_unreadable(path, f"cannot be looked at: {error.strerror}"))
        return
    if stat.S_ISREG(info.st_mode):
        found.files[path] = info.st_size
    else:
        found.odd[path] = _kind(info.st_mode)
        found.faults.append(_unreadable(path, f"is {found.odd[path]}, not a regular file"))


def _link(found: Inventory, entry: "os.DirEntry[str]", path: str, real_root: str) -> None:
    real = os.path.realpath(entry.path)
    if not _inside(real, real_root):
        found.odd[path] = "a link out of the artifact"
        message = "is a link that leads out of the artifact and is not followed"
        found.faults.append(Fault(FaultKind.OUTSIDE, path, message))
        return
    try:
        info = entry.stat()
    except OSError:
        found.odd[path] = "a broken link"
        found.faults.append(_unreadable(path, "is a link to nothing"))
        return
    if stat.S_ISREG(info.st_mode):
        found.files[path] = info.st_size
    elif stat.S_ISDIR(info.st_mode):
        found.folders.add(path)
    else:
        found.odd[path] = _kind(info.st_mode)
        found.faults.append(_unreadable(path, f"is a link to {found.odd[path]}"))


def _inside(real: str, real_root: str) -> bool:
    return real == real_root or real.startswith(real_root.rstrip("/") + "/")


def _kind(mode: int) -> str:
    for test, name in (
        (stat.S_ISFIFO, "a FIFO"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return name
    return "no regular file"


def _name(prefix: str, name: str) -> str:
    return f"{prefix}/{name}" if prefix else name


def _unreadable(path: str, message: str) -> Fault:
    return Fault(FaultKind.UNREADABLE, path, message)
