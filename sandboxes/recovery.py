"""Adopt the result of a command whose driver has died."""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

from sandboxes.base import ExecResult, Output
from sandboxes.record import RESULT, STDERR, STDOUT, Measured, assemble, parse_result, read_stream

_POLL_S: Final = 0.02
_LARGEST_RESULT: Final = 65536


def recover(record: Path, *, wait_s: float) -> ExecResult | None:
    """The result of the exec with this record folder, waiting up to `wait_s` seconds for one that still runs.

    None if that exec never came to its own end: it never began, could not be started, was cancelled (also by its
    driver's death), is torn, or still runs after `wait_s`.
    """
    try:
        fd = os.open(record / RESULT, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not _wait_for_lock(fd, wait_s):
            return None
        measured = parse_result(os.pread(fd, _LARGEST_RESULT, 0))
    finally:
        os.close(fd)
    if not isinstance(measured, Measured) or measured.termination == "cancelled":
        return None
    stdout = _stream(record / STDOUT, measured.stdout_bytes)
    stderr = _stream(record / STDERR, measured.stderr_bytes)
    return None if stdout is None or stderr is None else assemble(measured, stdout, stderr)


def _wait_for_lock(fd: int, wait_s: float) -> bool:
    """Whether the supervisor that holds the lock is gone within `wait_s`."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_S)
        else:
            return True


def _stream(path: Path, expected: int) -> Output | None:
    """A stream as the result describes it; None if the file holds something else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return Output(head=b"", path=path) if expected == 0 else None
    except OSError:
        return None
    try:
        output = read_stream(fd, path)
    finally:
        os.close(fd)
    return output if output.total_bytes == expected else None
