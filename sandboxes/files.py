"""Read and write files below a folder without ever leaving it: no `..`, no symbolic link, regular files only."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandboxes.base import PathRefusedError, SandboxDiskFullError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_SCRATCH = ".sandbox-write"


def checked_parts(path: str) -> tuple[str, ...]:
    """The components of a relative path.

    Raises:
        PathRefusedError: it is empty, absolute, climbs by `..`, or holds a NUL.
    """
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise PathRefusedError(f"{path!r} does not name a file below the folder")
    return parts


def read_below(root: Path, parts: Sequence[str], max_bytes: int) -> bytes:
    """The first `max_bytes` bytes of a regular file.

    Raises:
        PathRefusedError: a component is a symbolic link, or the file is not regular.
        FileNotFoundError: there is none.
    """
    with _parent(root, parts) as folder, _refusing(parts):
        # O_NONBLOCK: opening a FIFO must not wait for its writer
        fd = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise PathRefusedError(f"{'/'.join(parts)} is not a regular file")
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(max_bytes)
    finally:
        os.close(fd)


def write_below(root: Path, parts: Sequence[str], data: bytes, owner: int | None = None) -> None:
    """Create or replace a regular file as a whole; missing folders are made; `owner` is the uid and gid to give.

    Raises:
        PathRefusedError: a component is a symbolic link, or something that is no regular file is in the way.
        SandboxDiskFullError: no space.
    """
    with _parent(root, parts, create=True, owner=owner) as folder:
        _refuse_special(folder, parts)
        scratch = f"{_SCRATCH}-{os.getpid()}-{id(data)}"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(scratch, flags, 0o644, dir_fd=folder)
            with os.fdopen(fd, "wb") as file:
                file.write(data)
                if owner is not None:
                    os.fchown(fd, owner, owner)
            os.rename(scratch, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        except OSError as error:
            _remove(scratch, folder)
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise SandboxDiskFullError(error.errno, f"no space to write {'/'.join(parts)}") from error
            raise


def _refuse_special(folder: int, parts: Sequence[str]) -> None:
    try:
        mode = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise PathRefusedError(f"{'/'.join(parts)} exists and is not a regular file")


def _remove(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


@contextmanager
def _refusing(parts: Sequence[str]) -> Iterator[None]:
    """Turn what the kernel says about links, sockets and files in the way into a refusal."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EISDIR}:
            raise PathRefusedError(f"{'/'.join(parts)} goes through a link or names no regular file") from error
        raise


@contextmanager
def _parent(root: Path, parts: Sequence[str], *, create: bool = False, owner: int | None = None) -> Iterator[int]:
    """A descriptor of the folder that holds the last component, reached one component at a time."""
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            with _refusing(parts):
                below = _enter(fd, part, create=create, owner=owner)
            os.close(fd)
            fd = below
        yield fd
    finally:
        os.close(fd)


def _enter(folder: int, name: str, *, create: bool, owner: int | None) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except FileNotFoundError:
        if not create:
            raise
    os.mkdir(name, 0o755, dir_fd=folder)
    below = os.open(name, _FOLDER, dir_fd=folder)
    if owner is not None:
        os.fchown(below, owner, owner)
    return below
