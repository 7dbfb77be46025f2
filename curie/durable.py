"""Writes that survive a power cut, and what to say when the disk is full."""

import contextlib
import errno
import os
import shutil
import stat
from pathlib import Path

from curie.errors import DiskFull

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Errors that more room (on the disk, in the quota, below the file-size limit) would mend."""


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, or raise OSError if the kernel takes only a part."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def disk_full(path: Path) -> DiskFull:
    """The error for a file that could not be written for lack of space."""
    try:
        free = f"{shutil.disk_usage(path.parent).free // 1024} KiB are free there"
    except OSError:
        free = "how much is free there is unknown"
    return DiskFull(
        f"no space is left to write {path} ({free}); everything recorded before is intact",
        hint="free some space (or raise the quota or file-size limit), then `curie resume` continues",
    )


def write_atomic(path: Path, data: bytes, like: os.stat_result | None = None) -> None:
    """Replace a file by `data`: a reader sees the old content or the new, never a part.

    Args:
        path: the file; its folder must be there.
        data: the new content.
        like: whose permissions it gets, and whose owner if this process may give files away; by default it is 0644.

    Raises:
        DiskFull: no space is left; the old content stays.
        OSError: it cannot be written for another reason.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        fd = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            if like is not None:
                with contextlib.suppress(PermissionError):
                    os.fchown(fd, like.st_uid, like.st_gid)
                os.fchmod(fd, stat.S_IMODE(like.st_mode))
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        partial.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        if error.errno in NO_SPACE:
            raise disk_full(path) from error
        raise
