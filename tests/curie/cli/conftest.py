"""The command line under test: in this process, where starting Python is not the point, or as a real process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from curie.cli.app import app
from curie.cli.guard import guarded
from curie.journal.reader import read
from curie.paths import RunPaths
from curie.records import TrialRecord
from curie.state import RunState, project
from curie.store import ArtifactStore


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as the one JSON value that it has to be."""
        return json.loads(self.out)


Curie = Callable[..., Ran]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own, with runs, cache and leases apart from the user's."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("runs", "cache", "lease"):
        monkeypatch.setenv(f"CURIE_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return work


@pytest.fixture
def curie(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Curie:
    """Runs a command line in this process: the same app and the same guard as the console script."""

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["curie", *words])
        capsys.readouterr()
        code = guarded(app, debug=False)
        seen = capsys.readouterr()
        return Ran(code=code, out=seen.out, err=seen.err)

    return run


def argv(*words: str) -> list[str]:
    """The console script as a process, without depending on PATH."""
    return [sys.executable, "-c", "from curie.cli.app import main; main()", *words]


@pytest.fixture
def curie_process(place: Path) -> Curie:
    """Runs a command line as a process of its own."""

    def run(*words: str, env: Mapping[str, str] | None = None, timeout: float = 60) -> Ran:
        done = subprocess.run(
            argv(*words),
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    return run


@pytest.fixture
def script(place: Path) -> Callable[[str], str]:
    """Writes a Python trial below `code/` and gives the flags that run it: `--repo`, and what stands in the command."""

    def write(source: str) -> str:
        (place / "code").mkdir(exist_ok=True)
        (place / "code" / "trial.py").write_text(source, encoding="utf-8")
        return str(place / "code")

    return write


@dataclass(frozen=True)
class Seen:
    """A run on disk, as the tests look into it."""

    paths: RunPaths

    @property
    def state(self) -> RunState:
        """Its state by its journal."""
        return project(read(self.paths.journal))

    def records(self, purpose: str = "measure") -> list[TrialRecord]:
        """Its trials of one purpose, by key."""
        return sorted((r for r in self.state.trials.values() if r.purpose == purpose), key=lambda r: r.key)

    def output(self, record: TrialRecord, name: str) -> bytes:
        """What a trial left in CURIE_OUT."""
        ref = next(ref for ref in record.outputs if ref.name == name)
        return ArtifactStore(self.paths.artifacts).get(ref)


@pytest.fixture
def look() -> Callable[[Ran], Seen]:
    """The run that a `--json` answer tells of."""
    return lambda ran: Seen(RunPaths.at(Path(ran.json["directory"])))
