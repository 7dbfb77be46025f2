"""Notices an input that changes while a run goes on: the plan names it by digest, and trials read the live file."""

import os
from collections.abc import Sequence
from pathlib import Path

from curie.errors import InfrastructureError
from curie.inputs import digest
from curie.journal.events import InputDeclared

Signature = tuple[tuple[str, int, int, int], ...]


class InputGuard:
    """Compares the declared inputs with what they were, cheaply by size, time and inode, and by digest where in doubt.

    Threads may check at once: a signature is replaced as a whole.
    """

    def __init__(self, declared: Sequence[InputDeclared]) -> None:
        """Remember what the inputs look like now; whoever calls has just compared their digests."""
        self._declared = tuple(declared)
        self._known = {item.name: signature(Path(item.path)) for item in self._declared}

    def check(self) -> None:
        """Make sure that every input still has the content that the plan names.

        Raises:
            InfrastructureError: one has another content, or is gone.
        """
        for item in self._declared:
            now = signature(Path(item.path))
            if now == self._known[item.name]:
                continue
            if not now or digest(Path(item.path)).sha256 != item.sha256:
                raise InfrastructureError(
                    f"The input {item.path} changed during the run; the trial that may have read it does not count.",
                    hint="Put its old content back and `curie resume`, or start a new run.",
                )
            self._known[item.name] = now


def signature(path: Path) -> Signature:
    """Name, size, modification time (ns) and inode of a file, or of everything below a folder; empty if it is gone."""
    try:
        found = [_entry("", path.stat())]
        if path.is_dir():
            for parent, folders, files in os.walk(path):
                found += [_entry(str(at), at.lstat()) for at in (Path(parent, name) for name in (*folders, *files))]
    except OSError:
        return ()
    return tuple(sorted(found))


def _entry(name: str, info: os.stat_result) -> tuple[str, int, int, int]:
    return name, info.st_size, info.st_mtime_ns, info.st_ino
