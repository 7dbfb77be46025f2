"""What a trial left in CURIE_OUT, kept as artifacts within bounds."""

import os
from collections.abc import Iterator
from pathlib import Path

from curie.records import ArtifactRef
from curie.store import ArtifactStore

MAX_FILES = 1000
MAX_BYTES = 256 * 1024 * 1024


def keep_outputs(store: ArtifactStore, folder: Path) -> tuple[ArtifactRef, ...]:
    """Store the regular files below `folder`, in order of their names.

    Links, FIFOs, sockets and devices are left out: what they lead to is not the trial's output. So is what exceeds
    `MAX_FILES` files or `MAX_BYTES` bytes a trial.

    Raises:
        DiskFull: the store has no space.
        InfrastructureError: a file cannot be read or the store cannot be written.
    """
    kept: list[ArtifactRef] = []
    room = MAX_BYTES
    for path in sorted(_regular_files(folder)):
        size = path.lstat().st_size
        if len(kept) == MAX_FILES or size > room:
            continue
        room -= size
        kept.append(store.put_file(path.relative_to(folder).as_posix(), path))
    return tuple(kept)


def _regular_files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _regular_files(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)
