"""One writer a run: a lock that names its holder and that a dead holder does not keep."""

import errno
import fcntl
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from curie.errors import InfrastructureError, RunLocked
from tasks.study import Frozen

Flock = Callable[[int, int], None]
"""Locks an open file like `fcntl.flock`; OSError ENOTSUP, ENOSYS or ENOLCK where the file system cannot."""

_UNSUPPORTED = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL})
_TRIES = 5
_PAUSE_S = 0.01
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Holder(Frozen):
    """The process that holds a run."""

    pid: int
    host: str
    boot: str
    """The kernel's boot id; empty where there is none."""
    start_ticks: int
    """When the process began, in clock ticks since boot, which tells a recycled pid; 0 if unknown."""

    @classmethod
    def current(cls) -> Self:
        """This process."""
        pid = os.getpid()
        return cls(pid=pid, host=platform.node(), boot=_boot_id(), start_ticks=_start_ticks(pid) or 0)

    def alive(self) -> bool:
        """Whether the process still runs; a process of another host counts as running, since nobody can look."""
        if self.host != platform.node():
            return True
        if self.boot != _boot_id():
            return False
        ticks = _start_ticks(self.pid)
        if ticks is not None:
            return self.start_ticks in {0, ticks}
        return not _BOOT_ID.exists() and _signalable(self.pid)


class RunLock:
    """The right to write a run, held until `release` or the end of the process. A context manager.

    Where the file system has `flock`, the kernel holds the lock and the file's content only names the holder. Where
    it has not, the content alone is the lock.
    """

    def __init__(self, path: Path, *, flock: Flock = fcntl.flock) -> None:
        self._path = path
        self._flock = flock
        self._fd = -1
        self._by_content = False

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            RunLocked: another process holds it; the message names its pid and host.
            InfrastructureError: the lock file cannot be written.
        """
        if self._fd >= 0:
            return
        try:
            self._take()
        except OSError as error:
            raise InfrastructureError(f"the lock {self._path} cannot be taken: {error.strerror}") from error

    def release(self) -> None:
        """Give the lock back. Idempotent."""
        if self._fd < 0:
            return
        if self._by_content:
            self._path.unlink(missing_ok=True)
        else:
            os.ftruncate(self._fd, 0)
        os.close(self._fd)
        self._fd = -1

    def __enter__(self) -> Self:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""
        self.release()

    def _take(self) -> None:
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            self._exclude(fd)
        except OSError as error:
            os.close(fd)
            if error.errno not in _UNSUPPORTED:
                raise _locked(self._path, read_holder(self._path)) from error
            self._take_by_content()
            return
        _fill(fd)
        self._fd, self._by_content = fd, False

    def _exclude(self, fd: int) -> None:
        """Lock, trying again for a moment: `current_holder` takes a shared lock for as long as it looks."""
        for _ in range(_TRIES):
            try:
                self._flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_PAUSE_S)
            else:
                return
        self._flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _take_by_content(self) -> None:
        """Claim by an atomic link, so that of two claimants one fails."""
        holder = read_holder(self._path)
        if holder is not None and holder.alive():
            raise _locked(self._path, holder)
        claim = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fd = os.open(claim, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            _fill(fd)
            # A stale file goes first; if another claimant replaced it meanwhile, it is theirs and stays.
            if read_holder(self._path) == holder:
                self._path.unlink(missing_ok=True)
            os.link(claim, self._path)
        except FileExistsError:
            os.close(fd)
            raise _locked(self._path, read_holder(self._path)) from None
        finally:
            claim.unlink(missing_ok=True)
        self._fd, self._by_content = fd, True


def current_holder(path: Path, *, flock: Flock = fcntl.flock) -> Holder | None:
    """Who holds the lock at `path` now; None if nobody does. Changes nothing."""
    holder = read_holder(path)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return holder if holder is not None and holder.alive() else None
        return holder or Holder(pid=0, host="unknown", boot="", start_ticks=0)
    finally:
        os.close(fd)
    return None


def read_holder(path: Path) -> Holder | None:
    """What the lock file says, whether or not it is still true; None if it names nobody."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return Holder.model_validate_json(os.read(fd, 4096))
    except (OSError, ValidationError):
        return None
    finally:
        os.close(fd)


def _fill(fd: int) -> None:
    os.ftruncate(fd, 0)
    text = json.dumps(Holder.current().model_dump(mode="json"), sort_keys=True) + "\n"
    os.pwrite(fd, text.encode(), 0)
    os.fsync(fd)


def _locked(path: Path, holder: Holder | None) -> RunLocked:
    who = f"pid {holder.pid} on {holder.host}" if holder is not None else "another process"
    here = holder is None or holder.host == platform.node()
    return RunLocked(
        f"the run in {path.parent} is locked by {who}",
        hint="wait for it, or end that process; `curie status` shows its progress"
        if here
        else f"if that machine no longer runs it, delete {path}",
    )


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _start_ticks(pid: int) -> int | None:
    """Start time of a live process; None if it is gone, is a zombie, or /proc is missing."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return None if fields[0] in {"Z", "X"} else int(fields[19])


def _signalable(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
