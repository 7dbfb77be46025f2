"""What the checks of a back end are made of: expectations, and commands that are hard to get rid of."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sandboxes.base import ExecLimits, ExecRequest, ExecResult, Sandbox
from sandboxes.processes import all_pids
from sandboxes.program import base_python

Factory = Callable[[], Sandbox]
"""Opens a sandbox over the same working directory each time."""
Check = Callable[[Factory, Path], None]
"""A behaviour; it gets the factory and the working directory, and may write into folders beside the latter."""

DAEMON: Final = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    time.sleep(600)
print("up", flush=True)
time.sleep(float(sys.argv[2]))
"""
"""A parent with a child in a session of its own and a grandchild that outlives both; argv[1] marks all three."""


def expect(holds: bool, what: str, seen: object = None) -> None:  # noqa: FBT001 - reads like assert
    """Raise AssertionError saying what should have held, and what was seen."""
    if not holds:
        raise AssertionError(f"{what}; seen: {seen!r}")


def marked(token: str) -> list[int]:
    """Processes of this machine with `token` in their command line, in whatever namespace."""
    found = []
    for pid in all_pids():
        try:
            if token.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


def shell(sandbox: Sandbox, script: str, *arguments: str, limits: ExecLimits | None = None) -> ExecResult:
    """Run a shell script with arguments."""
    return sandbox.exec(
        ExecRequest(argv=("/bin/sh", "-c", script, "sh", *arguments), limits=limits or ExecLimits(timeout_s=30))
    )


def daemon(token: str, seconds: float, limits: ExecLimits, record: Path | None = None) -> ExecRequest:
    """A request for `DAEMON`, marked by `token`; its parent ends after `seconds`."""
    python = str(base_python())
    return ExecRequest(argv=(python, "-I", "-S", "-c", DAEMON, token, str(seconds)), limits=limits, record=record)


def record_beside(workdir: Path) -> Path:
    """A record folder beside the working directory."""
    return workdir.parent / f"{workdir.name}-record"


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait up to 10 s for a condition."""
    deadline = time.monotonic() + 10
    while not condition():
        expect(time.monotonic() < deadline, what)
        time.sleep(0.01)


def refuses(kind: type[Exception], call: Callable[..., object], *arguments: object) -> None:
    """Expect an error of this kind."""
    try:
        value = call(*arguments)
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was due; got {value!r}")
