"""The artifact store: immutable files named by the SHA-256 of their content."""

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import NoReturn

from curie.durable import NO_SPACE, disk_full, sync_folder
from curie.errors import CheckFailed, InfrastructureError
from curie.records import ArtifactRef, StreamRef

WHOLE_BYTES = 1 << 20
"""A stream up to this size is kept whole."""

EDGE_BYTES = 64 << 10
"""Of a longer one, this many bytes of its head and of its tail."""

_CHUNK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ArtifactStore:
    """The folder `artifacts/` of a run. Threads and processes may put at once: equal content is equal files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where an artifact of that digest lies, whether or not it is there.

        Raises:
            ValueError: `sha256` is no digest.
        """
        if _DIGEST.fullmatch(sha256) is None:
            raise ValueError(f"{sha256!r} is no SHA-256 digest")
        return self._folder / sha256

    def put_bytes(self, name: str, data: bytes) -> ArtifactRef:
        """Keep bytes, durably, once.

        Raises:
            DiskFull: no space is left.
            InfrastructureError: the store cannot be written.
        """
        return self._put(name, iter((data,)))

    def put_file(self, name: str, path: Path) -> ArtifactRef:
        """Keep a copy of a regular file. A symlink is not followed. Memory use does not grow with the file.

        Raises:
            InfrastructureError: `path` is no regular file or cannot be read, or the store cannot be written.
            DiskFull: no space is left.
        """
        with _regular(path) as file:
            return self._put(name, iter(lambda: file.read(_CHUNK), b""))

    def put_stream(self, name: str, path: Path) -> StreamRef:
        """Keep an output stream that lies in a file: whole up to 1 MiB, else 64 KiB of its head and of its tail.

        Between head and tail stands a line that counts the bytes left out. Raises what `put_file` raises.
        """
        with _regular(path) as file:
            total = os.fstat(file.fileno()).st_size
            if total <= WHOLE_BYTES:
                kept = self._put(name, iter((file.read(total),)))
                return StreamRef(artifact=kept, total_bytes=kept.size_bytes)
            head = file.read(EDGE_BYTES)
            file.seek(total - EDGE_BYTES)
            tail = file.read(EDGE_BYTES)
        gap = total - len(head) - len(tail)
        marker = f"\n[... {gap} bytes left out ...]\n".encode()
        return StreamRef(artifact=self._put(name, iter((head, marker, tail))), total_bytes=total, truncated=True)

    def get(self, ref: ArtifactRef) -> bytes:
        """An artifact's content, checked against its digest.

        Raises:
            CheckFailed: it is missing or its content does not match.
        """
        if problem := self.problem(ref):
            raise CheckFailed(problem)
        return self.path(ref.sha256).read_bytes()

    def problem(self, ref: ArtifactRef) -> str | None:
        """What is wrong with an artifact, in a sentence; None if it is there and matches its reference."""
        path = self.path(ref.sha256)
        if not path.is_symlink() and not path.exists():
            return f"artifact {ref.name} ({ref.sha256[:12]}) is missing"
        try:
            with _regular(path) as file:
                size = os.fstat(file.fileno()).st_size
                same = hashlib.file_digest(file, "sha256").hexdigest() == ref.sha256
        except InfrastructureError as error:
            return f"artifact {ref.name}: {error.message}"
        if not same or size != ref.size_bytes:
            return f"artifact {ref.name} ({ref.sha256[:12]}) was changed after it was stored"
        return None

    def _put(self, name: str, chunks: Iterator[bytes]) -> ArtifactRef:
        digest, size = hashlib.sha256(), 0
        try:
            fd, draft = tempfile.mkstemp(prefix=".draft-", dir=self._folder)
            try:
                with os.fdopen(fd, "wb") as out:
                    for chunk in chunks:
                        digest.update(chunk)
                        size += len(chunk)
                        out.write(chunk)
                    out.flush()
                    self._keep(out.fileno(), Path(draft), digest.hexdigest(), size)
            finally:
                Path(draft).unlink(missing_ok=True)
        except OSError as error:
            _refuse(self._folder, error)
        return ArtifactRef(name=name, sha256=digest.hexdigest(), size_bytes=size)

    def _keep(self, fd: int, draft: Path, sha256: str, size: int) -> None:
        """Name the finished draft by its content, unless that content is there already."""
        target = self._folder / sha256
        try:
            info = target.lstat()
            if stat.S_ISREG(info.st_mode) and info.st_size == size:
                return
        except FileNotFoundError:
            pass  # the usual case: new content
        os.fchmod(fd, 0o444)
        os.fsync(fd)
        draft.replace(target)  # also over a file that a crash left short
        sync_folder(self._folder)


def _regular(path: Path) -> BufferedReader:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise InfrastructureError(f"{path} cannot be kept: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise InfrastructureError(f"{path} cannot be kept: it is no regular file")
    return os.fdopen(fd, "rb")


def _refuse(folder: Path, error: OSError) -> NoReturn:
    if error.errno in NO_SPACE:
        raise disk_full(folder / "artifact") from error
    raise InfrastructureError(f"the artifact store {folder} cannot be written: {error.strerror}") from error
