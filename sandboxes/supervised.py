"""What process and bubblewrap share: one supervisor per exec, its record, and the way in for files."""

import contextlib
import errno
import os
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sandboxes.base import (
    CommandNotFoundError,
    ExecRequest,
    ExecResult,
    Isolation,
    PathRefusedError,
    SandboxClosedError,
    SandboxDiskFullError,
    SandboxSpec,
    SandboxUnavailableError,
    Usage,
)
from sandboxes.cgroups import ControlGroups, Group, Parent
from sandboxes.files import checked_parts, read_below, write_below
from sandboxes.inside.job import FAILED, STARTED, Command, Files
from sandboxes.processes import carriers
from sandboxes.program import anonymous_file, job_file, supervisor_argv
from sandboxes.record import Measured, RecordFiles, Refusal, read_stream
from sandboxes.running import Running

MARK: Final = "SANDBOX_EXEC"
"""Variable that finds an exec's processes again where there is neither a pid namespace nor a control group."""

_DRIVER_SLACK_S: Final = 15.0
_CLOSE_PATIENCE_S: Final = 5.0


class SupervisedSandbox(ABC):
    """A sandbox whose commands run below `sandboxes.inside.supervisor`."""

    uid: int | None = None
    """The unused uid (and gid) that commands run as; None: the caller's."""

    def __init__(self, spec: SandboxSpec, parents: tuple[Parent, ...]) -> None:
        """Prepare; `parents` are the folders where control groups can be made, if any.

        Raises:
            PathRefusedError: the working directory or a mount does not exist.
        """
        self.spec = spec
        self._workdir = _existing(spec.workdir)
        if not self._workdir.is_dir():
            raise PathRefusedError(f"the working directory {spec.workdir} is not a folder")
        self._groups = ControlGroups(parents)
        self._changed = threading.Condition()
        self._running: set[Running] = set()
        self._closed = threading.Event()

    @property
    @abstractmethod
    def isolation(self) -> Isolation:
        """What this sandbox isolates."""

    @abstractmethod
    def locate(self, host: Path) -> str:
        """The path inside of a host path; PathRefusedError if it is not visible."""

    @abstractmethod
    def _wrap(self, supervisor: Sequence[str], extras: Sequence[int]) -> Sequence[str]:
        """The command line that runs the supervisor where it belongs; `extras` as `_open_extras` gave them."""

    def _open_extras(self) -> list[int]:
        """Descriptors that the command line refers to, new for each exec; closed once it runs."""
        return []

    @abstractmethod
    def _inside_workdir(self) -> str:
        """The working directory as the command sees it."""

    @abstractmethod
    def _writable(self) -> Mapping[str, Path]:
        """Writable places: path inside -> host path."""

    def _environment(self, request: ExecRequest) -> dict[str, str]:
        return dict(request.env)

    def _process_limit(self, request: ExecRequest) -> int | None:
        return request.limits.pids

    def exec(self, request: ExecRequest) -> ExecResult:
        """Run one command to its end and kill its whole tree; see `Sandbox.exec`."""
        if self._closed.is_set():
            raise SandboxClosedError("the sandbox is closed")
        with RecordFiles(request.record, self.uid) as record, self._group(request) as group:
            mark = None if group else uuid.uuid4().hex
            began = time.monotonic()
            notices = self._supervise(request, record, group, mark)
            outcome = record.outcome()
            if isinstance(outcome, Measured):
                record.sync()
                return record.exec_result(outcome)
            if isinstance(outcome, Refusal):
                raise self._refused(request, outcome)
            self._raise_if_never_started(notices)
            return ExecResult(
                termination="cancelled" if self._closed.is_set() else "lost",
                returncode=None,
                stdout=read_stream(record.stdout),
                stderr=read_stream(record.stderr),
                usage=Usage(wall_s=time.monotonic() - began, cpu_s=0.0),
            )

    def _supervise(self, request: ExecRequest, record: RecordFiles, group: Group | None, mark: str | None) -> bytes:
        """Run the supervisor to its end, and make sure that nothing is left; returns its notices."""
        with self._start(request, record, group, mark) as running:
            notices, ended = running.wait(request.limits.timeout_s + _DRIVER_SLACK_S)
            if (not ended or record.outcome() is None) and not running.kill():
                raise SandboxUnavailableError(f"processes of {request.argv[0]} survived SIGKILL for 10 s")
            return notices

    @contextlib.contextmanager
    def _start(
        self, request: ExecRequest, record: RecordFiles, group: Group | None, mark: str | None
    ) -> Iterator[Running]:
        """A running supervisor, known to `close` for as long as it runs."""
        env = {} if mark is None else {MARK: mark}
        stdin = anonymous_file(request.stdin) if request.stdin else os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        files = Files(
            stdin,
            record.stdout,
            record.stderr,
            record.result,
            group.join if group else [],
            group.peak if group else None,
            group.oom if group else None,
            durable=request.record is not None,
        )
        job = job_file(self._command(request, env), files)
        extras = self._open_extras()
        try:
            with self._changed:
                if self._closed.is_set():
                    raise SandboxClosedError("the sandbox was closed before the command began")
                running = Running(
                    self._wrap(supervisor_argv(job), extras),
                    env,
                    [job, *extras, *files.numbers()],
                    lambda: _left_over(group, mark),
                )
                self._running.add(running)
        finally:
            for fd in (job, stdin, *extras):
                os.close(fd)
        record.hand_over()
        try:
            yield running
        except BaseException:
            running.kill()
            raise
        finally:
            running.close()
            with self._changed:
                self._running.discard(running)
                self._changed.notify_all()

    def _command(self, request: ExecRequest, extra: Mapping[str, str]) -> Command:
        limits = request.limits
        env = {**self._environment(request), **extra}
        if any("\0" in text for text in (*request.argv, *env, *env.values())) or any("=" in name for name in env):
            raise ValueError("an argument or variable holds a NUL, or a variable's name holds `=`")
        return Command(
            [os.fsencode(argument) for argument in request.argv],
            {os.fsencode(name): os.fsencode(value) for name, value in env.items()},
            os.fsencode(request.cwd or self._inside_workdir()),
            limits.timeout_s,
            request.orphan_grace_s,
            limits.output_bytes,
            list(limits.cores),
            None if self._groups.pids else self._process_limit(request),
            None if self._groups.memory else limits.memory_bytes,
            self.uid,
        )

    @contextlib.contextmanager
    def _group(self, request: ExecRequest) -> Iterator[Group | None]:
        group = self._groups.group(request.limits)
        try:
            yield group
        finally:
            if group is not None:
                group.close()

    def _refused(self, request: ExecRequest, refusal: Refusal) -> Exception:
        why = os.strerror(refusal.errno)
        if refusal.refused == "w":
            return PathRefusedError(f"the working directory {request.cwd} cannot be entered inside: {why}")
        return CommandNotFoundError(f"{request.argv[0]} cannot be run inside the sandbox: {why}")

    def _raise_if_never_started(self, notices: bytes) -> None:
        """Tell the sandbox's own failure from the command's."""
        if FAILED in notices:
            number, _, text = notices.partition(FAILED)[2].partition(b" ")
            if number.isdigit() and int(number) in {errno.ENOSPC, errno.EDQUOT}:
                raise SandboxDiskFullError(int(number), "no space for the record of an exec")
            raise SandboxUnavailableError(f"the sandbox failed: {text.decode('utf-8', 'replace').strip()}")
        if not notices.startswith(STARTED):
            if self._closed.is_set():
                raise SandboxClosedError("the sandbox was closed before the command began")
            shown = notices.decode("utf-8", "replace").strip() or "the supervisor ended without a word"
            raise SandboxUnavailableError(f"the command could not be started: {shown}")

    def read_file(self, path: str, max_bytes: int = 1 << 20) -> bytes:
        """Bytes of a regular file in the working directory or a writable mount; see `Sandbox.read_file`."""
        root, parts = self._resolve(path)
        return read_below(root, parts, max_bytes)

    def write_file(self, path: str, data: bytes) -> None:
        """Create or replace a file in the working directory or a writable mount; see `Sandbox.write_file`."""
        root, parts = self._resolve(path)
        write_below(root, parts, data, self.uid)

    def _resolve(self, path: str) -> tuple[Path, tuple[str, ...]]:
        if self._closed.is_set():
            raise SandboxClosedError("the sandbox is closed")
        if not path.startswith("/"):
            return self._workdir, checked_parts(path)
        places = sorted(self._writable().items(), key=lambda place: len(place[0]), reverse=True)
        for inside, host in places:
            if path.startswith(inside.rstrip("/") + "/"):
                return host, checked_parts(path[len(inside.rstrip("/")) + 1 :])
        raise PathRefusedError(f"{path} is in no writable folder of the sandbox: {', '.join(self._writable())}")

    def close(self) -> None:
        """Kill what runs and release what is held; idempotent. Returns when nothing runs any more."""
        with self._changed:
            self._closed.set()
            for running in self._running:
                running.cancel()
            if self._changed.wait_for(lambda: not self._running, _CLOSE_PATIENCE_S):
                return
            stuck = list(self._running)
        for running in stuck:
            running.kill()
        with self._changed:
            self._changed.wait_for(lambda: not self._running, _CLOSE_PATIENCE_S)

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def _left_over(group: Group | None, mark: str | None) -> list[int]:
    """Processes of an exec, found without its supervisor."""
    if group is not None:
        return group.members()
    return carriers(f"{MARK}={mark}".encode())


def _existing(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except OSError as error:
        raise PathRefusedError(f"{path} does not exist: {error}") from error
