"""The real command in a process of its own, in surroundings that belong to the test, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curie.journal.reader import read
from curie.state import RunState, project

CURIE = Path(sys.executable).with_name("curie")
PRINTS_X = "echo '{{\"y\": {x}}}'"


def study(command: str = PRINTS_X, *more: str, sandbox: str = "process") -> list[str]:
    """Arguments of a study with one exact metric, two groups, two blocks and no re-runs; `more` comes after."""
    return [
        *("run", "Does y grow with x?", "--command", command, "--vary", "x=1,2", "--repeat", "2"),
        *("--metric", "y:1:higher:deterministic", "--reproduce", "0", "--sandbox", sandbox, *more),
    ]


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What --json printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Place:
    """A folder to work in, with a home, a temporary folder and leases of its own."""

    root: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, root: Path) -> "Place":
        """The folders."""
        for name in ("cwd", "home", "tmp"):
            (root / name).mkdir(parents=True, exist_ok=True)
        return cls(root)

    @property
    def cwd(self) -> Path:
        """Where commands start."""
        return self.root / "cwd"

    @property
    def tmp(self) -> Path:
        """TMPDIR."""
        return self.root / "tmp"

    def env(self) -> dict[str, str]:
        """The whole environment of a command."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.tmp),
            "CURIE_LEASE_DIR": str(self.root / "leases"),
            **self.extra,
        }

    def spawn(self, arguments: Sequence[str], **options: Any) -> "subprocess.Popen[str]":
        """Start `curie` in a session of its own."""
        settings: dict[str, Any] = {
            "cwd": self.cwd,
            "env": self.env(),
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "errors": "replace",
            "start_new_session": True,
        }
        return subprocess.Popen([CURIE, *arguments], **{**settings, **options})

    def curie(self, *arguments: str, **options: Any) -> Done:
        """Run `curie` to its end; no traceback may show."""
        with ended(self.spawn(arguments, **options)) as process:
            out, err = process.communicate(timeout=40)
        assert "Traceback" not in (err or ""), err
        return Done(process.returncode, out or "", err or "")

    def processes(self) -> list[int]:
        """Processes that have to do with this place, by command line, environment or working directory."""
        return processes_of(self.root)

    def assert_nothing_left(self) -> None:
        """No process and no temporary file."""
        deadline = time.monotonic() + 4
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self.processes() == []
        assert list(self.tmp.iterdir()) == []


def state_of(run: Path) -> RunState:
    """What the journal of a run says."""
    return project(read(run / "journal.jsonl"))


def processes_of(folder: Path) -> list[int]:
    """Living processes that name a folder."""
    mark, found = str(folder).encode(), []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            text += os.fsencode((entry / "cwd").readlink())
        except OSError:
            continue
        if mark in text:
            found.append(int(entry.name))
    return found


@contextmanager
def ended(process: "subprocess.Popen[str]") -> Any:
    """A process that is dead and reaped at the end of the block, whatever happened."""
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def wait_for(run: Path, ready: Any, *, seconds: float = 30) -> RunState:
    """The first state of a run that is `ready`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (run / "journal.jsonl").exists():
            state = state_of(run)
            if ready(state):
                return state
        time.sleep(0.01)
    raise AssertionError(f"{run} did not get there within {seconds} s")
