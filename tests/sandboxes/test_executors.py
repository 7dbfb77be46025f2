import os
import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from sandboxes import ExecLimits, ExecRequest, SandboxSpec
from sandboxes.conformance.support import wait_until
from sandboxes.executors import ExecutorClosedError, Job, LocalExecutor
from sandboxes.leases import CoreLeases, Lease, LeaseCancelledError, usable_cores
from sandboxes.process import ProcessSandbox
from sandboxes.program import base_python


@pytest.fixture
def leases(tmp_path: Path) -> CoreLeases:
    """Leases of two cores, whatever the machine has."""
    return CoreLeases(tmp_path / "leases", (0, 1))


def test_results_and_errors_come_back(leases: CoreLeases) -> None:
    """A future holds what its job returned, or raised."""
    with LocalExecutor(leases) as executor:
        good = executor.submit(Job("good", lambda lease: len(lease.cores), cores=2))
        bad = executor.submit(Job("bad", lambda _: 1 / 0))
        assert good.result(10) == 2
        with pytest.raises(ZeroDivisionError):
            bad.result(10)


def test_as_many_run_at_once_as_there_are_cores(leases: CoreLeases) -> None:
    """Two cores run two jobs at once, never three, each on a core of its own."""
    running: list[int] = []
    most = []
    lock = threading.Lock()

    def work(lease: Lease) -> None:
        with lock:
            running.extend(lease.cores)
            most.append(sorted(running))
        time.sleep(0.05)
        with lock:
            running.remove(lease.cores[0])

    with LocalExecutor(leases) as executor:
        for number in range(8):
            executor.submit(Job(str(number), work))
    assert max(map(len, most)) == 2
    assert [0, 1] in most


def test_exclusive_jobs_run_alone(leases: CoreLeases) -> None:
    """Nothing runs beside an exclusive job, and jobs begin in the order of submission."""
    spans: dict[str, tuple[float, float]] = {}

    def work(name: str) -> None:
        began = time.monotonic()
        time.sleep(0.03)
        spans[name] = (began, time.monotonic())

    with LocalExecutor(leases) as executor:
        for number in range(6):
            name = f"{number}"
            executor.submit(Job(name, lambda _, name=name: work(name), exclusive=number % 3 == 1))
    for alone in ("1", "4"):
        began, ended = spans[alone]
        assert all(e <= began or b >= ended for name, (b, e) in spans.items() if name != alone)
    assert max(spans["0"][1], spans["1"][1]) <= spans["2"][0]


def test_cancel_drops_waiting_jobs_and_stops_running_ones(leases: CoreLeases, workdir: Path) -> None:
    """Cancel closes the sandbox that a job runs in, gives up waits for cores, and drops the queue."""
    sandbox = ProcessSandbox(SandboxSpec(kind="process", workdir=workdir))

    def work(_: Lease) -> str:
        return sandbox.exec(ExecRequest(argv=("/bin/sh", "-c", "touch started; sleep 600"))).termination

    executor = LocalExecutor(leases, on_cancel=sandbox.close)
    with executor:
        running = executor.submit(Job("running", work, cores=2))
        waiting = executor.submit(Job("waiting", work))
        queued = executor.submit(Job("queued", work))
        wait_until((workdir / "started").exists, "the command runs")
        began = time.monotonic()
        executor.cancel()
        executor.cancel()
        assert running.result(10) == "cancelled"
        with pytest.raises(LeaseCancelledError):
            waiting.result(10)
        with pytest.raises(CancelledError):
            queued.result(10)
        with pytest.raises(ExecutorClosedError):
            executor.submit(Job("late", work))
    assert time.monotonic() - began < 5


def test_leaving_with_an_error_cancels(leases: CoreLeases) -> None:
    """An error in the body does not wait for the queue."""
    release = threading.Event()
    done = []

    def work(_: Lease) -> None:
        release.wait(10)
        done.append(1)

    def fail() -> None:
        with LocalExecutor(leases, on_cancel=release.set) as executor:
            for number in range(20):
                executor.submit(Job(str(number), work))
            wait_until(lambda: True, "queued")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert len(done) <= 2


def test_too_many_cores_are_refused(leases: CoreLeases) -> None:
    """A job that can never run is refused when it is submitted."""
    with LocalExecutor(leases) as executor, pytest.raises(ValueError, match="needs 3 cores"):
        executor.submit(Job("big", lambda _: None, cores=3))


@pytest.mark.skipif(len(usable_cores()) < 2, reason="needs two cores")
def test_an_exclusive_job_has_its_core_to_itself(tmp_path: Path, workdir: Path) -> None:
    """While an exclusive job runs, its command is pinned to its core and the driver's threads are elsewhere."""
    leases = CoreLeases(tmp_path / "leases")
    seen = []

    def work(lease: Lease) -> str:
        seen.append((lease.cores, os.sched_getaffinity(0)))
        with ProcessSandbox(SandboxSpec(kind="process", workdir=workdir)) as sandbox:
            code = "import os;print(*os.sched_getaffinity(0))"
            argv = (str(base_python()), "-I", "-c", code)
            return sandbox.exec(ExecRequest(argv=argv, limits=ExecLimits(cores=lease.cores))).stdout.text

    with LocalExecutor(leases) as executor:
        text = executor.submit(Job("alone", work, exclusive=True)).result(20)
    [(cores, driver)] = seen
    assert text.split() == [str(cores[0])]
    assert not driver & set(cores)
    assert os.sched_getaffinity(0) == set(usable_cores())
