"""C2 number 34: runs in a row in one process leave no descriptor, thread, process, temporary file or lease."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from curie.compose import RunFlags, StudyFlags, compose
from curie.config import Settings
from curie.runner import Surroundings, start
from sandboxes.leases import CoreLeases
from sandboxes.processes import descendants

SANDBOXES = ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)]


def held() -> tuple[int, int, int]:
    """Open descriptors, threads and child processes of this process."""
    return len(os.listdir("/proc/self/fd")), threading.active_count(), len(descendants(os.getpid()))  # noqa: PTH208 -- a count


def runs_in_a_row(folder: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str, count: int) -> None:
    """Run a short study `count` times and compare with what was held after the first ones."""
    temporary = folder / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    settings = Settings(lease_dir=folder / "leases")
    flags = StudyFlags(command="echo '{{\"y\": {x}}}'", vary=("x=1,2",), metric=("y:1:higher:deterministic",), repeat=1)
    request = compose("Does y grow?", flags, RunFlags(sandbox=sandbox), folder)
    before = held()
    for number in range(count):
        root = folder / "run"
        start(request, root, f"r{number}", Surroundings(settings=settings))
        shutil.rmtree(root)
        if number == 1:
            before = held()
    deadline = time.monotonic() + 2
    while held() != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert held() == before
    assert list(temporary.iterdir()) == []
    leases = CoreLeases(settings.lease_dir)
    with leases.acquire(len(leases.cores), exclusive=True, timeout_s=1):
        pass
    groups = [path for path in Path("/sys/fs/cgroup").glob(f"**/sandbox-{os.getpid()}-*")]  # noqa: C416 -- glob is lazy
    assert groups == []


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_six_runs_in_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str) -> None:
    """Six runs hold no more than two."""
    runs_in_a_row(tmp_path, monkeypatch, sandbox, 6)


@pytest.mark.soak
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_two_hundred_runs_in_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str) -> None:
    """Two hundred runs hold no more than two."""
    runs_in_a_row(tmp_path, monkeypatch, sandbox, 200)
