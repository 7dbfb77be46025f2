"""The run lock: one holder, named to the second; a dead holder keeps nothing."""

import errno
import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from curie.errors import RunLocked
from curie.journal.lock import Holder, RunLock, current_holder, read_holder

HOLD = """
import sys, time
from pathlib import Path
from curie.journal.lock import RunLock
RunLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def no_flock(_fd: int, _operation: int) -> None:
    """A file system without flock."""
    raise OSError(errno.ENOTSUP, "Operation not supported")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the lock lies."""
    return tmp_path / "lock"


@pytest.fixture
def other(path: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_second_holder_is_refused_by_name(path: Path, other: "subprocess.Popen[str]") -> None:
    """A held lock refuses with exit code 3 and names pid and host."""
    with pytest.raises(RunLocked, match=f"pid {other.pid} on {platform.node()}") as caught:
        RunLock(path).acquire()
    assert caught.value.exit_code == 3
    holder = current_holder(path)
    assert holder is not None
    assert holder.pid == other.pid


def test_killed_holder_keeps_nothing(path: Path, other: "subprocess.Popen[str]") -> None:
    """After kill -9 the lock can be taken at once."""
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert current_holder(path) is None
    with RunLock(path):
        assert read_holder(path) == Holder.current()


def test_released_lock_names_nobody(path: Path) -> None:
    """Release frees the lock and clears its content; both calls may be repeated."""
    lock = RunLock(path)
    lock.acquire()
    lock.acquire()
    lock.release()
    lock.release()
    assert (read_holder(path), current_holder(path)) == (None, None)


def test_without_flock_a_live_holder_is_respected(path: Path, other: "subprocess.Popen[str]") -> None:
    """Where flock is not supported, the content alone refuses a second holder."""
    assert current_holder(path, flock=no_flock) is not None
    with pytest.raises(RunLocked, match=f"pid {other.pid}"):
        RunLock(path, flock=no_flock).acquire()


def _dead(holder: Holder) -> Holder:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return holder.model_copy(update={"pid": child.pid})


@pytest.mark.parametrize(
    "stale",
    [
        _dead,
        lambda h: h.model_copy(update={"start_ticks": h.start_ticks + 1}),
        lambda h: h.model_copy(update={"boot": "another boot"}),
    ],
    ids=["dead pid", "recycled pid", "other boot"],
)
@pytest.mark.parametrize("flock", [None, no_flock], ids=["flock", "content only"])
def test_stale_lock_is_taken_over(
    stale: Callable[[Holder], Holder], flock: Callable[[int, int], None] | None, path: Path
) -> None:
    """A lock left by a dead process, a recycled pid or an earlier boot does not stand in the way."""
    path.write_text(json.dumps(stale(Holder.current()).model_dump()))
    lock = RunLock(path) if flock is None else RunLock(path, flock=flock)
    with lock:
        assert read_holder(path) == Holder.current()
        with pytest.raises(RunLocked, match=str(os.getpid())):
            RunLock(path, **({} if flock is None else {"flock": flock})).acquire()
    assert read_holder(path) is None


def test_without_flock_another_host_is_believed(path: Path) -> None:
    """Nobody can look into another machine: its lock is respected, and the way out is named."""
    path.write_text(json.dumps(Holder(pid=1, host="elsewhere", boot="b", start_ticks=1).model_dump()))
    with pytest.raises(RunLocked, match="pid 1 on elsewhere") as caught:
        RunLock(path, flock=no_flock).acquire()
    assert "delete" in str(caught.value.hint)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff\0", b"{}"])
def test_unreadable_content_is_stale(content: bytes, path: Path) -> None:
    """A lock file that names nobody is no lock."""
    path.write_bytes(content)
    with RunLock(path, flock=no_flock):
        assert read_holder(path) == Holder.current()
