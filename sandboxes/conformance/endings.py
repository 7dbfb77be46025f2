"""How commands end: time-outs, floods, closing, and what must not be left."""

import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from sandboxes.base import ExecLimits, ExecRequest
from sandboxes.conformance.support import Factory, daemon, expect, marked, record_beside, shell, wait_until

FLOOD_CAP: Final = 1 << 20


def kills_the_tree_on_timeout(make: Factory, _: Path) -> None:
    """A time-out kills children that changed session, double-forked and ignore SIGTERM."""
    token = uuid.uuid4().hex
    with make() as sandbox:
        started = time.monotonic()
        result = sandbox.exec(daemon(token, 600, ExecLimits(timeout_s=1.0)))
        took = time.monotonic() - started
    expect(result.termination == "timed_out" and result.stdout.head == b"up\n", "it timed out", result)
    expect(result.returncode is None and took < 3, "within two seconds", took)  # noqa: PLR2004 - timeout + 2 s
    expect(not marked(token), "nothing is left", marked(token))


def kills_the_tree_at_the_end(make: Factory, _: Path) -> None:
    """What a command leaves behind when it exits by itself is killed too."""
    token = uuid.uuid4().hex
    with make() as sandbox:
        result = sandbox.exec(daemon(token, 0.05, ExecLimits(timeout_s=30)))
    expect(result.ok, "the command itself succeeded", result)
    expect(not marked(token), "nothing is left", marked(token))


def ends_when_closed(make: Factory, _: Path) -> None:
    """Closing while a command runs cancels it, and leaves nothing."""
    token = uuid.uuid4().hex
    sandbox = make()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(sandbox.exec, daemon(token, 600, ExecLimits(timeout_s=60)))
        wait_until(lambda: len(marked(token)) >= 3, "the daemon is up")  # noqa: PLR2004 - parent, child, grandchild
        started = time.monotonic()
        sandbox.close()
        result = future.result(10)
    expect(result.termination == "cancelled" and time.monotonic() - started < 5, "cancelled", result)  # noqa: PLR2004
    expect(not marked(token), "nothing is left", marked(token))


def leaves_nothing_open(make: Factory, _: Path) -> None:
    """Twenty execs leave no process, thread or open file behind."""
    with make() as sandbox:
        shell(sandbox, "true")
        before = len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208 - a count only
        for _turn in range(20):
            shell(sandbox, "true")
        after = len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208 - a count only
    expect(before == after, "open files and threads are back", (before, after))


def stops_a_flood(make: Factory, workdir: Path) -> None:
    """Endless output is stopped at the limit, and what is kept is not longer."""
    with make() as sandbox:
        request = ExecRequest(
            argv=("/bin/sh", "-c", "yes >&2"), limits=ExecLimits(output_bytes=FLOOD_CAP), record=record_beside(workdir)
        )
        result = sandbox.exec(request)
    expect(result.termination == "output_limit" and result.returncode is None, "stopped for its output", result)
    expect(result.stderr.total_bytes == FLOOD_CAP, "cut at the limit", result.stderr.total_bytes)
