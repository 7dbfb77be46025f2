"""The files of one exec: its streams and its result, kept in a record folder or in none."""

import contextlib
import errno
import fcntl
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from sandboxes.base import ExecResult, MemoryMethod, Output, SandboxDiskFullError, SandboxError, Termination, Usage
from sandboxes.program import above_standard

STDOUT: Final = "stdout"
STDERR: Final = "stderr"
RESULT: Final = "result.json"
HEAD_BYTES: Final = 256 * 1024
TAIL_BYTES: Final = 256 * 1024
_RESERVED_BYTES: Final = 4096
_LARGEST_RESULT: Final = 65536


class Refusal(BaseModel):
    """The command could not be started."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: Literal[1]
    refused: Literal["x", "w"]
    """`x`: exec failed; `w`: the working directory does not exist."""
    errno: int


class Measured(BaseModel):
    """What the supervisor writes when the command has ended."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    version: Literal[1]
    termination: Termination
    returncode: int | None
    signal: int | None
    wall_s: float
    cpu_s: float
    memory_peak_bytes: int | None
    memory_method: MemoryMethod
    max_rss_bytes: int | None = None
    involuntary_switches: int
    foreign_cpu_s: float | None
    stdout_bytes: int
    stderr_bytes: int


class RecordFiles:
    """Open files of one exec; in a record folder they are locked for as long as anybody holds them open.

    A context manager. The lock (flock on `result.json`) is shared with the supervisor, so that it lasts until
    the last of the two is gone.
    """

    def __init__(self, folder: Path | None, owner: int | None = None) -> None:
        """Open the files of `folder`, which is created, or unnamed ones.

        Raises:
            SandboxError: the folder's last command still runs.
            SandboxDiskFullError: no space.
            OSError: the folder cannot be written.
        """
        self.folder = folder
        self._owner = owner
        self._open: list[int] = []
        try:
            self.result = self._create(RESULT)
            self._reader = self.result if folder is None else self._create(RESULT)
            self._lock()
            self.stdout = self._create(STDOUT)
            self.stderr = self._create(STDERR)
            self._begin()
        except BaseException as error:
            self.close()
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise SandboxDiskFullError(error.errno, f"no space for the record of an exec in {folder}") from error
            raise

    def _create(self, name: str) -> int:
        if self.folder is None:
            with tempfile.TemporaryFile(buffering=0) as file:
                fd = os.dup(file.fileno())
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        fd = above_standard(fd)
        self._open.append(fd)
        return fd

    def _lock(self) -> None:
        try:
            fcntl.flock(self.result, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError(f"{self.folder} belongs to a command that still runs; recover it first") from None

    def _begin(self) -> None:
        """Empty the files, and reserve the result's space now rather than miss it after hours of work."""
        for fd in (self.result, self.stdout, self.stderr):
            os.ftruncate(fd, 0)
        for fd in (self.stdout, self.stderr):
            fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
            if self._owner is not None:
                os.fchown(fd, self._owner, self._owner)
        with contextlib.suppress(AttributeError):
            os.posix_fallocate(self.result, 0, _RESERVED_BYTES)

    def sync(self) -> None:
        """Make the files' names as durable as the supervisor made their contents."""
        if self.folder is not None:
            sync_folder(self.folder)

    def hand_over(self) -> None:
        """Forget our copy of the locked descriptor: from now on the lock lives and dies with the supervisor."""
        if self.result != self._reader:
            self._open.remove(self.result)
            os.close(self.result)
            self.result = self._reader

    def outcome(self) -> Measured | Refusal | None:
        """What the supervisor wrote; None if nothing whole."""
        return parse_result(os.pread(self._reader, _LARGEST_RESULT, 0))

    def exec_result(self, measured: Measured) -> ExecResult:
        """The result with its streams."""
        paths = (None, None) if self.folder is None else (self.folder / STDOUT, self.folder / STDERR)
        return assemble(measured, read_stream(self.stdout, paths[0]), read_stream(self.stderr, paths[1]))

    def close(self) -> None:
        """Close the files, giving them back to the caller first."""
        for fd in self._open:
            if self._owner is not None:
                with contextlib.suppress(OSError):
                    os.fchown(fd, os.geteuid(), os.getegid())
            os.close(fd)
        self._open.clear()

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def parse_result(data: bytes) -> Measured | Refusal | None:
    """A supervisor's result; None if it is torn, empty or of another version."""
    for model in (Measured, Refusal):
        try:
            return model.model_validate_json(data)
        except ValidationError:
            continue
    return None


def read_stream(fd: int, path: Path | None = None) -> Output:
    """A stream from its file: whole up to 512 KiB, else its first and last 256 KiB."""
    size = os.fstat(fd).st_size
    if size <= HEAD_BYTES + TAIL_BYTES:
        return Output(head=_read_at(fd, size, 0), total_bytes=size, path=path)
    tail = _read_at(fd, TAIL_BYTES, size - TAIL_BYTES)
    return Output(head=_read_at(fd, HEAD_BYTES, 0), tail=tail, total_bytes=size, path=path)


def assemble(measured: Measured, stdout: Output, stderr: Output) -> ExecResult:
    """The contract's result from the supervisor's."""
    usage = Usage(
        wall_s=measured.wall_s,
        cpu_s=measured.cpu_s,
        memory_peak_bytes=measured.memory_peak_bytes,
        memory_method=measured.memory_method,
        max_rss_bytes=measured.max_rss_bytes,
        involuntary_switches=measured.involuntary_switches,
        foreign_cpu_s=measured.foreign_cpu_s,
    )
    return ExecResult(
        termination=measured.termination,
        returncode=measured.returncode,
        signal=measured.signal,
        stdout=stdout,
        stderr=stderr,
        usage=usage,
    )


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _read_at(fd: int, count: int, offset: int) -> bytes:
    parts = []
    while count > 0 and (part := os.pread(fd, count, offset)):
        parts.append(part)
        count -= len(part)
        offset += len(part)
    return b"".join(parts)
