"""What a trial left in CURIE_OUT, kept as artifacts within bounds."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from curie.records import ArtifactRef
from curie.store import ArtifactStore

MAX_FILES = 1000
MAX_BYTES = 256 * 1024 * 1024


def keep_outputs(store: ArtifactStore, folder: Path) -> tuple[tuple[ArtifactRef, ...], int]:
    """Store the regular files below `folder`, in order of their names; returns them and how many were left out.

    Links, FIFOs, sockets and devices are left out: what they lead to is not the trial's output. So is what exceeds
    `MAX_FILES` files or `MAX_BYTES` bytes a trial, and what the trial itself made unreadable. A byte of a name that
    is not UTF-8 becomes a replacement character.

    Raises:
        DiskFull: the store has no space.
        InfrastructureError: the store cannot be written.
    """
    kept: list[ArtifactRef] = []
    left_out = 0
    room = MAX_BYTES
    for path in sorted(_regular_files(folder)):
        size = path.lstat().st_size
        if len(kept) == MAX_FILES or size > room or not os.access(path, os.R_OK):
            left_out += 1
            continue
        room -= size
        name = os.fsencode(path.relative_to(folder)).decode("utf-8", "replace")
        kept.append(store.put_file(name, path))
    return tuple(kept), left_out


def _regular_files(folder: Path) -> Iterator[Path]:
    """By `os.walk`, which enters no link and passes over a folder that is gone or cannot be listed."""
    if folder.is_symlink():
        return
    for parent, _, names in os.walk(folder):
        yield from (path for name in names if stat.S_ISREG((path := Path(parent, name)).lstat().st_mode))
