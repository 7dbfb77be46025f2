"""Leases of CPU cores across processes and users: one flock file per core, released by the holder's death."""

import contextlib
import errno
import fcntl
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandboxes.base import SandboxError
from sandboxes.program import above_standard

_FIRST_POLL_S: Final = 0.001
_LONGEST_POLL_S: Final = 0.02
_FOLDER_MODE: Final = 0o1777
_FILE_MODE: Final = 0o666
_QUEUE: Final = "queue"


class LeaseTimeoutError(SandboxError, TimeoutError):
    """The cores were not free in time."""


class LeaseCancelledError(SandboxError):
    """The wait for cores was cancelled."""


@dataclass(frozen=True)
class Lease:
    """Cores that are ours until the lease is left."""

    cores: tuple[int, ...]
    exclusive: bool = False
    """Whether nobody else holds any core of the folder meanwhile."""
    spare: tuple[int, ...] = ()
    """With an exclusive lease: cores held so that nobody works there, free for the driver."""


class CoreLeases:
    """Hands out the cores that this process may use, among all processes that name the same folder.

    Each core is a file there, locked while it is leased. Whoever waits holds the lock of the file `queue`, so
    requests are served in the order in which they come to its head, and an exclusive one cannot starve.
    """

    def __init__(self, folder: Path, cores: Sequence[int] | None = None) -> None:
        """Use `folder` (created if missing: sticky, for all users) and `cores`; None: those of the affinity mask.

        Raises:
            SandboxError: the folder is a link, or no folder.
        """
        self.cores = tuple(cores) if cores is not None else usable_cores()
        self.folder = folder
        _make_folder(folder)
        self._released = threading.Condition()

    @contextmanager
    def acquire(
        self,
        count: int,
        *,
        exclusive: bool = False,
        cancel: threading.Event | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[Lease]:
        """Hold `count` cores; with `exclusive`, all are held, and those beyond `count` are spare.

        Raises:
            ValueError: there are not that many cores.
            LeaseTimeoutError: not free within `timeout_s` seconds.
            LeaseCancelledError: `cancel` was set first.
        """
        if not 1 <= count <= len(self.cores):
            raise ValueError(f"{count} cores asked for; this process may use {len(self.cores)}")
        held: dict[int, int] = {}
        try:
            wanted = len(self.cores) if exclusive else count
            self._collect(held, wanted, _Patience(cancel, timeout_s))
            cores = tuple(sorted(held))
            # the last ones: the driver and the kernel's own work tend to sit on the first
            yield Lease(cores[-count:], exclusive, cores[:-count])
        finally:
            for fd in held.values():
                os.close(fd)
            with self._released:
                self._released.notify_all()

    def _collect(self, held: dict[int, int], wanted: int, patience: "_Patience") -> None:
        """Take free cores, from the last, until there are enough; what is taken is put into `held`."""
        queue = _open_lock(self.folder, _QUEUE)
        try:
            self._wait(lambda: _try_lock(queue), patience)

            def enough() -> bool:
                for core in reversed(self.cores):
                    if core not in held and len(held) < wanted:
                        fd = _open_lock(self.folder, f"core-{core}")
                        if _try_lock(fd):
                            held[core] = fd
                        else:
                            os.close(fd)
                return len(held) == wanted

            self._wait(enough, patience)
        finally:
            os.close(queue)

    def _wait(self, ready: Callable[[], bool], patience: "_Patience") -> None:
        pause = _FIRST_POLL_S
        patience.check_cancelled()
        while not ready():
            patience.check()
            with self._released:
                self._released.wait(pause)  # a release by this process wakes us, one elsewhere is polled for
            pause = min(_LONGEST_POLL_S, pause * 2)
            patience.check_cancelled()  # before trying again: what cancels us may be what frees the cores


@contextmanager
def pin_driver(cores: Sequence[int]) -> Iterator[None]:
    """Keep all threads of this process, and what they start meanwhile, on `cores`; restored at the end."""
    before = {task: os.sched_getaffinity(task) for task in _tasks()}
    mine = os.sched_getaffinity(0)
    try:
        for task in before:
            _set_affinity(task, set(cores))
        yield
    finally:
        for task in _tasks():
            _set_affinity(task, before.get(task, mine))


def usable_cores() -> tuple[int, ...]:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


class _Patience:
    """How long a wait may go on."""

    def __init__(self, cancel: threading.Event | None, timeout_s: float | None) -> None:
        self._cancel = cancel
        self._deadline = None if timeout_s is None else time.monotonic() + timeout_s

    def check_cancelled(self) -> None:
        """Raise if the wait is no longer wanted."""
        if self._cancel is not None and self._cancel.is_set():
            raise LeaseCancelledError("the wait for cores was cancelled")

    def check(self) -> None:
        """Raise if the wait has lasted long enough."""
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise LeaseTimeoutError("the cores were not free in time; other runs hold them")


def _make_folder(folder: Path) -> None:
    with contextlib.suppress(FileExistsError):
        folder.mkdir(parents=True)
        folder.chmod(_FOLDER_MODE)
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise SandboxError(f"{folder} is not a folder of its own (a link to one is refused); choose another for leases")


def _open_lock(folder: Path, name: str) -> int:
    """Open a lock file, created if missing; other users' links are not followed.

    It is opened for reading, which suffices for flock, and not with O_CREAT if it is there, because the kernel
    refuses that in a sticky folder for files of others (fs.protected_regular).
    """
    parent = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with contextlib.suppress(FileExistsError):
            made = os.open(name, flags | os.O_CREAT | os.O_EXCL, _FILE_MODE, dir_fd=parent)
            with contextlib.closing(os.fdopen(made, "rb")):
                os.fchmod(made, _FILE_MODE)
        fd = above_standard(os.open(name, flags, dir_fd=parent))
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EACCES, errno.EPERM}:
            raise SandboxError(f"{folder / name} cannot be used as a lock: {error}") from error
        raise
    finally:
        os.close(parent)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise SandboxError(f"{folder / name} is no regular file and cannot be used as a lock")
    return fd


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tasks() -> list[int]:
    return [int(task.name) for task in Path("/proc/self/task").iterdir()]


def _set_affinity(task: int, cores: set[int]) -> None:
    with contextlib.suppress(ProcessLookupError):  # a thread that has just ended
        os.sched_setaffinity(task, cores)
