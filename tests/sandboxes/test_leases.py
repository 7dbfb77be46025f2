import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandboxes import SandboxError
from sandboxes.conformance.support import wait_until
from sandboxes.leases import CoreLeases, LeaseCancelledError, LeaseTimeoutError, pin_driver, usable_cores

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from sandboxes.leases import CoreLeases
with CoreLeases(Path(sys.argv[1]), (0, 1, 2, 3)).acquire(int(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def leases(tmp_path: Path) -> CoreLeases:
    """Leases of four cores, whatever the machine has."""
    return CoreLeases(tmp_path / "leases", (0, 1, 2, 3))


def test_leases_do_not_overlap(leases: CoreLeases) -> None:
    """Cores held at the same time are distinct, as many as asked for, and free again afterwards."""
    with leases.acquire(1) as one, leases.acquire(3) as three:
        assert sorted(one.cores + three.cores) == [0, 1, 2, 3]
        with pytest.raises(LeaseTimeoutError), leases.acquire(1, timeout_s=0.05):
            pass
    with leases.acquire(4) as four:
        assert four.cores == (0, 1, 2, 3)


def test_an_exclusive_lease_holds_all_and_spares_the_first(leases: CoreLeases) -> None:
    """With an exclusive lease nobody else gets a core, and the driver is left the first ones."""
    with leases.acquire(2, exclusive=True) as lease:
        assert (lease.cores, lease.spare, lease.exclusive) == ((2, 3), (0, 1), True)
        with pytest.raises(LeaseTimeoutError), leases.acquire(1, timeout_s=0.05):
            pass


def test_other_processes_are_respected_and_their_death_releases(leases: CoreLeases, tmp_path: Path) -> None:
    """Cores leased by another process are not handed out until it dies, by kill -9 too."""
    argv = [sys.executable, "-c", HOLDER, str(tmp_path / "leases"), "3"]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with leases.acquire(1) as lease:
            assert lease.cores == (0,)
        with pytest.raises(LeaseTimeoutError), leases.acquire(2, timeout_s=0.05):
            pass
        holder.kill()
        with leases.acquire(4, timeout_s=10):
            pass


def test_an_exclusive_request_does_not_starve(leases: CoreLeases) -> None:
    """Requests that come after a waiting exclusive one wait behind it, however many there are."""
    stop = threading.Event()
    served = []

    def busy() -> None:
        while not stop.is_set():
            with leases.acquire(1):
                time.sleep(0.01)

    with ThreadPoolExecutor(8) as pool:
        for _ in range(8):
            pool.submit(busy)
        try:
            for _ in range(3):
                with leases.acquire(1, exclusive=True, timeout_s=10) as lease:
                    served.append(lease)
        finally:
            stop.set()
    assert len(served) == 3


def test_a_wait_can_be_cancelled(leases: CoreLeases) -> None:
    """The cancel event ends a wait at once."""
    cancel = threading.Event()
    with leases.acquire(4), ThreadPoolExecutor(1) as pool:

        def wait() -> None:
            with leases.acquire(1, cancel=cancel):
                pass

        future = pool.submit(wait)
        time.sleep(0.05)
        cancel.set()
        with pytest.raises(LeaseCancelledError):
            future.result(5)


@pytest.mark.parametrize("count", [0, 5])
def test_impossible_counts_are_value_errors(leases: CoreLeases, count: int) -> None:
    """Asking for no core or for more than there are is refused at once."""
    with pytest.raises(ValueError, match="cores asked for"), leases.acquire(count):
        pass


def test_the_affinity_mask_is_respected(tmp_path: Path) -> None:
    """By default only cores that this process may use are handed out."""
    first = usable_cores()[0]
    with pin_driver((first,)):
        assert CoreLeases(tmp_path / "leases").cores == (first,)
    assert CoreLeases(tmp_path / "leases").cores == usable_cores()


def test_links_of_other_users_are_not_followed(tmp_path: Path) -> None:
    """A link in the place of the folder or of a lock file is refused, and its target is not touched."""
    target = tmp_path / "target"
    folder = tmp_path / "leases"
    leases = CoreLeases(folder, (0,))
    (folder / "queue").symlink_to(target)
    with pytest.raises(SandboxError, match="cannot be used as a lock"), leases.acquire(1):
        pass
    assert not target.exists()
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(SandboxError, match="link"):
        CoreLeases(tmp_path / "link", (0,))


def test_a_fifo_as_a_lock_is_refused_without_waiting(tmp_path: Path) -> None:
    """A FIFO that somebody planted neither blocks nor is used."""
    leases = CoreLeases(tmp_path, (0,))
    os.mkfifo(tmp_path / "core-0")
    with pytest.raises(SandboxError, match="no regular file"), leases.acquire(1, timeout_s=1):
        pass


def test_the_folder_serves_all_users(tmp_path: Path) -> None:
    """The folder is open to all but sticky, and its files can be locked by all, whatever the umask."""
    before = os.umask(0o077)
    try:
        with CoreLeases(tmp_path / "leases", (0,)).acquire(1):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "leases").stat().st_mode & 0o7777 == 0o1777
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "leases").iterdir()} == {0o666}


def test_pin_driver_moves_all_threads_and_restores_them() -> None:
    """Every thread of the process keeps to the cores, and gets its own mask back."""
    first = usable_cores()[0]
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        wait_until(lambda: thread.native_id is not None, "the thread is up")
        tasks = (0, thread.native_id or 0)
        before = [os.sched_getaffinity(task) for task in tasks]
        with pin_driver((first,)):
            assert [os.sched_getaffinity(task) for task in tasks] == [{first}] * 2
        assert [os.sched_getaffinity(task) for task in tasks] == before
    finally:
        stop.set()
        thread.join()


def test_nothing_stays_open(leases: CoreLeases) -> None:
    """Twenty leases, some given up, leave no open file."""
    with leases.acquire(2):
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(20):
            with leases.acquire(1):
                pass
            with pytest.raises(LeaseTimeoutError), leases.acquire(3, timeout_s=0.001):
                pass
        assert len(list(Path("/proc/self/fd").iterdir())) == before
