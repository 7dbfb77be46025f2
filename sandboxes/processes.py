"""The driver's view of processes: identity across reuse of ids, descendants, and killing what carries a mark."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_PAUSE_S: Final = 0.002
_START_FIELD: Final = 19
_PARENT_FIELD: Final = 1
"""Fields of /proc/<pid>/stat counted after the closing bracket of the name."""


def _stat_fields(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return []


def all_pids() -> list[int]:
    """Ids of all processes that this one can see; none where there is no /proc."""
    try:
        return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    except OSError:
        return []


def started_at(pid: int) -> int | None:
    """When a process started, in clock ticks since boot: with its id, its identity. None if there is none."""
    fields = _stat_fields(pid)
    return int(fields[_START_FIELD]) if fields else None


def descendants(pid: int) -> list[int]:
    """Ids of all living descendants of a process, itself left out."""
    children: dict[int, list[int]] = {}
    for other in all_pids():
        fields = _stat_fields(other)
        if fields and fields[0] != b"Z":
            children.setdefault(int(fields[_PARENT_FIELD]), []).append(other)
    found: list[int] = []
    pending = [pid]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def carriers(mark: bytes) -> list[int]:
    """Ids of living processes whose initial environment holds the entry `mark` (`NAME=value`)."""
    found = []
    for pid in all_pids():
        try:
            environment = (_PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue
        if mark in environment.split(b"\0"):
            found.append(pid)
    return found


def kill_each(pids: Iterable[int]) -> None:
    """SIGKILL to each; those already gone, or not ours, are left."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def kill_until_none(find: Callable[[], list[int]], *, timeout_s: float) -> bool:
    """Kill what `find` finds until it finds nothing; False if something was still there after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while pids := find():
        if time.monotonic() >= deadline:
            return False
        kill_each(pids)
        time.sleep(_PAUSE_S)
    return True


def threads_of(uid: int) -> int:
    """How many threads a user has now, as RLIMIT_NPROC counts them."""
    total = 0
    for pid in all_pids():
        try:
            if (_PROC / str(pid)).stat().st_uid == uid:
                total += len(list((_PROC / str(pid) / "task").iterdir()))
        except OSError:
            continue
    return total
