"""A sandbox that runs nothing: it answers from a script and remembers what it was asked. For tests."""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from sandboxes.base import (
    CommandNotFoundError,
    ExecRequest,
    ExecResult,
    Isolation,
    Output,
    PathRefusedError,
    SandboxClosedError,
    SandboxSpec,
    Usage,
)
from sandboxes.files import checked_parts, read_below, write_below
from sandboxes.record import Measured, RecordFiles

Responder = Callable[[ExecRequest], ExecResult]


def completed(returncode: int = 0, stdout: bytes = b"", stderr: bytes = b"", wall_s: float = 0.0) -> ExecResult:
    """The result of a command that exited by itself."""
    return ExecResult(
        termination="exited",
        returncode=returncode,
        stdout=Output(head=stdout, total_bytes=len(stdout)),
        stderr=Output(head=stderr, total_bytes=len(stderr)),
        usage=Usage(wall_s=wall_s, cpu_s=wall_s),
    )


def succeed(_request: ExecRequest) -> ExecResult:
    """Answer every command with exit status 0 and no output."""
    return completed()


def scripted(script: Iterable[tuple[tuple[str, ...], ExecResult]]) -> Responder:
    """Answer by the first argv of `script` that the request's argv begins with, each answer once, in order.

    The responder raises CommandNotFoundError for what the script does not foresee.
    """
    waiting = list(script)
    lock = threading.Lock()

    def respond(request: ExecRequest) -> ExecResult:
        with lock:
            for number, (argv, result) in enumerate(waiting):
                if request.argv[: len(argv)] == argv:
                    del waiting[number]
                    return result
        raise CommandNotFoundError(f"the script does not foresee {request.argv}")

    return respond


class FakeSandbox:
    """Answers by a responder; files are real, below the working directory; records are written as by a real one."""

    def __init__(self, spec: SandboxSpec, respond: Responder = succeed) -> None:
        self.spec = spec
        self.requests: list[ExecRequest] = []
        """Every request, in the order of arrival."""
        self._respond = respond
        self._closed = False

    @property
    def isolation(self) -> Isolation:
        """Nothing runs, so nothing is isolated."""
        return Isolation(summary="fake: nothing runs")

    def exec(self, request: ExecRequest) -> ExecResult:
        """The responder's answer, kept in the record folder if there is one; see `Sandbox.exec`."""
        if self._closed:
            raise SandboxClosedError("the sandbox is closed")
        self.requests.append(request)
        result = self._respond(request)
        if request.record is None:
            return result
        with RecordFiles(request.record) as record:
            for fd, output in ((record.stdout, result.stdout), (record.stderr, result.stderr)):
                os.write(fd, output.head + output.tail)
            measured = _measured(result)
            data = measured.model_dump_json().encode()
            os.pwrite(record.result, data, 0)
            os.ftruncate(record.result, len(data))
            return record.exec_result(measured)

    def read_file(self, path: str, max_bytes: int = 1 << 20) -> bytes:
        """Bytes of a regular file in the working directory; see `Sandbox.read_file`."""
        return read_below(self.spec.workdir, self._parts(path), max_bytes)

    def write_file(self, path: str, data: bytes) -> None:
        """Create or replace a file in the working directory; see `Sandbox.write_file`."""
        write_below(self.spec.workdir, self._parts(path), data)

    def locate(self, host: Path) -> str:
        """The same path, if it lies below the working directory or a mount."""
        for root in (self.spec.workdir, *(mount.source for mount in self.spec.mounts)):
            if host.absolute().is_relative_to(root.absolute()):
                return str(host.absolute())
        raise PathRefusedError(f"{host} is below neither the working directory nor a mount")

    def close(self) -> None:
        """Refuse further calls."""
        self._closed = True

    def _parts(self, path: str) -> tuple[str, ...]:
        if self._closed:
            raise SandboxClosedError("the sandbox is closed")
        root = f"{self.spec.workdir.absolute()}/"
        return checked_parts(path.removeprefix(root))

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def _measured(result: ExecResult) -> Measured:
    return Measured(
        version=1,
        termination=result.termination,
        returncode=result.returncode,
        signal=result.signal,
        stdout_bytes=len(result.stdout.head + result.stdout.tail),
        stderr_bytes=len(result.stderr.head + result.stderr.tail),
        **result.usage.model_dump(),
    )
