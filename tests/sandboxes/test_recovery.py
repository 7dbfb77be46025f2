import json
import os
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes import Backends, ExecRequest, SandboxError, SandboxSpec, SandboxUnavailableError, recover
from sandboxes.cgroups import ControlGroups, find_parents
from sandboxes.conformance.support import marked, wait_until
from sandboxes.processes import descendants
from sandboxes.record import Measured, parse_result

ROOT = Path(__file__).resolve().parents[2]
KINDS = ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)]
DRIVER = """
import sys
from pathlib import Path
from sandboxes import *
kind, workdir, record, grace, script = sys.argv[1:]
with open_sandbox(SandboxSpec(kind=kind, workdir=Path(workdir))) as sandbox:
    sandbox.exec(ExecRequest(argv=("/bin/sh", "-c", script), record=Path(record), orphan_grace_s=float(grace)))
"""


def abandon(kind: str, workdir: Path, script: str, grace_s: float) -> Path:
    """Start a driver, kill -9 it while its command runs, and return the record folder."""
    try:
        Backends().probe(kind)
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    record = workdir.parent / "record"
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, kind, str(workdir), str(record), str(grace_s), f"echo up; {script}"],
        cwd=ROOT,
    )
    wait_until(lambda: (record / "stdout").exists() and (record / "stdout").read_bytes() == b"up\n", "it runs")
    driver.kill()
    driver.wait()
    return record


@pytest.mark.parametrize("kind", KINDS)
def test_an_orphan_within_its_grace_is_adopted(kind: str, workdir: Path) -> None:
    """After kill -9 of the driver the command goes on, and another process adopts its complete result."""
    record = abandon(kind, workdir, "sleep 1; echo done; exit 4", grace_s=20)
    assert recover(record, wait_s=0) is None, "it still runs"
    result = recover(record, wait_s=10)
    assert result is not None
    assert (result.termination, result.returncode) == ("exited", 4)
    assert result.stdout.text == "up\ndone\n"
    assert 1 <= result.usage.wall_s < 3


@pytest.mark.parametrize("kind", KINDS)
def test_an_orphan_beyond_its_grace_is_killed_whole(kind: str, workdir: Path) -> None:
    """When the grace is over the tree is killed, nothing is left, and there is nothing to adopt."""
    token = uuid.uuid4().hex
    record = abandon(kind, workdir, f"setsid sh -c 'trap : TERM; while :; do sleep 1; : {token}; done'", grace_s=0.3)
    started = time.monotonic()
    assert recover(record, wait_s=10) is None
    assert time.monotonic() - started < 5
    wait_until(lambda: not marked(token), "the tree is gone")


@pytest.mark.parametrize("kind", KINDS)
def test_a_living_orphans_record_is_not_overwritten(kind: str, workdir: Path, backends: Backends) -> None:
    """A second exec into the record folder of a command that still runs is refused."""
    record = abandon(kind, workdir, "sleep 2", grace_s=20)
    with backends.open(SandboxSpec(kind="process", workdir=workdir)) as sandbox:
        with pytest.raises(SandboxError, match="still runs"):
            sandbox.exec(ExecRequest(argv=("true",), record=record))
        assert recover(record, wait_s=10) is not None
        assert sandbox.exec(ExecRequest(argv=("true",), record=record)).ok


def test_groups_of_dead_drivers_are_removed(workdir: Path) -> None:
    """The control groups that a killed driver left are removed by the next sandbox, and only those."""
    parents = find_parents()
    if not parents:
        pytest.skip("no control groups here")
    record = abandon("process", workdir, "sleep 1", grace_s=5)
    assert recover(record, wait_s=10) is not None

    def empty(group: Path) -> bool:
        """An orphan that still runs, of another test, keeps its group."""
        try:
            return not (group / "cgroup.procs").read_text()
        except OSError:
            return False

    def left() -> list[str]:
        found = [path for parent in parents for path in parent.folder.glob("sandbox-*")]
        dead = [path for path in found if not Path(f"/proc/{path.name.split('-')[1]}").exists()]
        return [path.name for path in dead if empty(path)]

    before = left()
    assert before
    ControlGroups(parents)
    assert not set(before) & set(left())  # other tests' drivers may have died meanwhile


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_supervisor_is_lost_and_leaves_nothing(kind: str, workdir: Path, backends: Backends) -> None:
    """SIGKILL of the supervisor itself gives `lost`, no result to adopt, and no process."""
    token = uuid.uuid4().hex
    script = f"setsid sh -c 'sleep 600; : {token}' & sleep 600; : {token}"
    record = workdir.parent / "record"
    try:
        sandbox = backends.open(SandboxSpec(kind=kind, workdir=workdir))
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    with sandbox, ThreadPoolExecutor(1) as pool:
        future = pool.submit(sandbox.exec, ExecRequest(argv=("/bin/sh", "-c", script), record=record))
        wait_until(lambda: len(marked(token)) >= 2, "it runs")
        [supervisor] = [
            pid
            for pid in descendants(os.getpid())
            if b"marshal" in Path(f"/proc/{pid}/cmdline").read_bytes()
            and b"bwrap" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        ]
        os.kill(supervisor, signal.SIGKILL)
        result = future.result(15)
    assert result.termination == "lost"
    assert not marked(token)
    assert recover(record, wait_s=1) is None


MEASURED = Measured(
    version=1, termination="exited", returncode=0, signal=None, wall_s=1.5, cpu_s=1.25, memory_peak_bytes=4096,
    memory_method="cgroup", involuntary_switches=3, foreign_cpu_s=None, stdout_bytes=0, stderr_bytes=0,
)  # fmt: skip


@given(st.data())
def test_torn_results_are_none(data: st.DataObject) -> None:
    """Every proper prefix of a result, also padded as a crash leaves it, is no result."""
    whole = MEASURED.model_dump_json().encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert parse_result(whole) == MEASURED
    assert parse_result(whole[:cut]) is None
    assert parse_result(whole[:cut] + b"\0" * (4096 - cut)) is None


@given(
    st.binary(max_size=300) | st.recursive(st.none() | st.integers(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_garbage_results_are_none(garbage: bytes) -> None:
    """Whatever else lies in the file is no result either, and no traceback."""
    assert parse_result(garbage) is None


def test_records_that_do_not_fit_are_none(tmp_path: Path) -> None:
    """No folder, an empty one, a link as the result, streams that are shorter than the result says: all None."""
    assert recover(tmp_path / "missing", wait_s=0) is None
    assert recover(tmp_path, wait_s=0) is None
    (tmp_path / "result.json").write_text(MEASURED.model_copy(update={"stdout_bytes": 5}).model_dump_json())
    assert recover(tmp_path, wait_s=0) is None
    (tmp_path / "stdout").write_bytes(b"12345")
    assert recover(tmp_path, wait_s=0) is not None
    (tmp_path / "result.json").rename(tmp_path / "elsewhere")
    (tmp_path / "result.json").symlink_to(tmp_path / "elsewhere")
    assert recover(tmp_path, wait_s=0) is None
