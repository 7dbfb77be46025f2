"""The journal: durable appends, shared fsyncs, torn tails, full disks."""

import errno
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.errors import DiskFull, InfrastructureError, RunNotFound, UsageError
from curie.journal.events import EVENTS, Event, InboxReceived, TailDropped
from curie.journal.reader import complete_size, load, read
from curie.journal.writer import Journal
from tests.curie.sample_run import events, ticking, write_journal


def note(text: str) -> Event:
    """Any small event."""
    return InboxReceived(kind="note", text=text, sender="t")


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    """Every kind of event comes back equal, in order, numbered from 1."""
    path = tmp_path / "journal.jsonl"
    write_journal(path, events())
    entries = read(path)
    assert [entry.event for entry in entries] == events()
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))


def test_a_line_has_the_documented_form(tmp_path: Path) -> None:
    """A line holds seq, time, prev, event and hash; the first names 64 zeros."""
    first, second = (json.loads(line) for line in write_journal(tmp_path / "j", [note("a"), note("b")]))
    assert set(first) == {"seq", "time", "prev", "event", "hash"}
    assert (first["seq"], first["prev"], first["time"]) == (1, "0" * 64, "2026-01-01T00:00:00.000000Z")
    assert second["prev"] == first["hash"]


def test_reopening_goes_on_with_the_chain(tmp_path: Path) -> None:
    """A second writer continues where the first ended and hands over what it found."""
    path = tmp_path / "j"
    write_journal(path, [note("a")])
    with Journal.open(path, clock=ticking()) as journal:
        assert [entry.event for entry in journal.opened_with] == [note("a")]
        assert journal.append(note("b")) == 2
        assert (journal.events, journal.head) == (2, load(path).head)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), max_size=5))
def test_any_text_survives(texts: list[str]) -> None:
    """No text, control characters and line separators included, breaks a line apart or changes on the way."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        write_journal(path, [note(text) for text in texts])
        assert [entry.event for entry in read(path)] == [note(text) for text in texts]


def test_missing_journal_is_no_traceback(tmp_path: Path) -> None:
    """Reading what is not there says so."""
    with pytest.raises(RunNotFound, match="no journal"):
        read(tmp_path / "j")


def test_threads_share_fsyncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 8 x 25 concurrent appends each returns durable, and there are fewer fsyncs than appends."""
    syncs: list[int] = []
    slow = threading.Event()
    real = os.fsync

    def counted(fd: int) -> None:
        syncs.append(fd)
        slow.wait(0.002)
        real(fd)

    path = tmp_path / "j"
    with Journal.open(path, clock=ticking()) as journal:
        monkeypatch.setattr(os, "fsync", counted)
        numbers: list[int] = []
        durable: list[bool] = []

        def work() -> None:
            for _ in range(25):
                number = journal.append(note("x"))
                durable.append(journal.events >= number)
                numbers.append(number)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        monkeypatch.undo()
    assert sorted(numbers) == list(range(1, 201))
    assert all(durable)
    assert len(read(path)) == 200
    assert len(syncs) < 150


def test_tail_torn_at_every_byte_is_set_aside(tmp_path: Path) -> None:
    """Cut anywhere in the last line, the journal opens, keeps the bytes beside it, says so, and goes on."""
    lines = write_journal(tmp_path / "whole", [note("a"), note("b")])
    keep, last = lines[0], lines[1]
    for cut in range(1, len(last)):
        folder = tmp_path / str(cut)
        folder.mkdir()
        path = folder / "journal.jsonl"
        path.write_bytes(keep + last[:cut])
        assert [entry.event for entry in read(path)] == [note("a")]
        assert load(path).torn == last[:cut]
        with Journal.open(path, clock=ticking()) as journal:
            assert journal.append(note("c")) == 3
        assert (folder / "journal.torn-1").read_bytes() == last[:cut]
        dropped = TailDropped(bytes_dropped=cut, saved_as="journal.torn-1")
        assert [entry.event for entry in read(path)] == [note("a"), dropped, note("c")]


@pytest.mark.parametrize("tail", [b"\0" * 4096, b'{"event":{"ki\0\0\0\0', b'{"event"\0\0\0":1}\n', b"\0\0\n\0"])
def test_blocks_that_never_reached_the_disk_are_a_torn_tail(tail: bytes, tmp_path: Path) -> None:
    """NUL bytes, as a power cut leaves them, are set aside and not called tampering."""
    path = tmp_path / "journal.jsonl"
    write_journal(path, [note("a")])
    with path.open("ab") as file:
        file.write(tail)
    with Journal.open(path, clock=ticking()):
        pass
    assert (tmp_path / "journal.torn-1").read_bytes() == tail
    assert len(read(path)) == 2


def test_torn_files_are_never_overwritten(tmp_path: Path) -> None:
    """A second crash saves its tail under the next number."""
    path = tmp_path / "journal.jsonl"
    write_journal(path, [note("a")])
    for _ in range(2):
        with path.open("ab") as file:
            file.write(b'{"half')
        with Journal.open(path, clock=ticking()):
            pass
    assert {p.name for p in tmp_path.iterdir()} == {"journal.jsonl", "journal.torn-1", "journal.torn-2"}


@given(st.binary(max_size=60))
def test_complete_size_splits_without_loss(data: bytes) -> None:
    """The complete part is a prefix that ends with a newline or is empty, whatever the bytes."""
    size = complete_size(data)
    assert 0 <= size <= len(data)
    assert size == 0 or data[size - 1 : size] == b"\n"


def test_newer_event_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    """An authentic event of an unknown kind is a usage error; even a torn tail behind it stays."""
    path = tmp_path / "j"
    lines = write_journal(path, [note("a")])
    entry = json.loads(lines[0])
    entry["event"] = {"type": "from_the_future", "x": 1}
    path.write_bytes(_sealed(entry) + b'{"torn')
    before = path.read_bytes()
    with pytest.raises(UsageError, match=r"event 1 \(from_the_future\)") as caught:
        Journal.open(path, clock=ticking())
    assert "newer curie" in str(caught.value.hint)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["j"]


def _sealed(entry: dict[str, object]) -> bytes:
    """A line with a right hash over whatever it holds."""
    body = {key: entry[key] for key in ("seq", "time", "prev", "event")}
    raw = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    full = {**body, "hash": hashlib.sha256(raw).hexdigest()}
    return json.dumps(full, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_closed_journal_refuses(tmp_path: Path) -> None:
    """An append after close is an error, not a lost event."""
    journal = Journal.open(tmp_path / "j", clock=ticking())
    journal.close()
    journal.close()
    with pytest.raises(InfrastructureError, match="closed"):
        journal.append(note("a"))


def test_journal_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """A symlink in the journal's place is not followed for writing."""
    (tmp_path / "target").write_bytes(b"")
    (tmp_path / "j").symlink_to(tmp_path / "target")
    with pytest.raises(InfrastructureError, match="cannot be written"):
        Journal.open(tmp_path / "j", clock=ticking())


@pytest.fixture
def file_limit() -> Iterator[int]:
    """No file may grow beyond this many bytes, as with a full quota."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield 4096
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_room_keeps_every_earlier_event(tmp_path: Path, file_limit: int) -> None:
    """An append that does not fit says so and leaves an intact journal; a smaller one still fits."""
    path = tmp_path / "j"
    with Journal.open(path, clock=ticking()) as journal:
        journal.append(note("a" * 2000))
        with pytest.raises(DiskFull, match="no space is left") as caught:
            journal.append_many([note("b"), note("c" * 2000)])
        assert "curie resume" in str(caught.value.hint)
        assert [entry.event for entry in read(path)] == [note("a" * 2000)]
        assert load(path).torn == b""
        assert journal.append(note("small")) == 2
    assert len(read(path)) == 2


def test_failed_fsync_is_never_called_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After fsync failed, that append and all later ones fail, and the file ends with the last durable event."""
    path = tmp_path / "j"
    journal = Journal.open(path, clock=ticking())
    journal.append(note("a"))

    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        journal.append(note("b"))
    monkeypatch.undo()
    with pytest.raises(DiskFull):
        journal.append(note("c"))
    assert [entry.event for entry in read(path)] == [note("a")]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="mounting a small disk needs root")
def test_full_disk(tmp_path: Path) -> None:
    """On a real full file system the journal stays intact, and goes on once there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        (disk / "ballast").write_bytes(b"x" * 30_000)
        with Journal.open(disk / "j", clock=ticking()) as journal:
            kept = journal.append(note("first"))
            with pytest.raises(DiskFull):
                journal.append(note("x" * 100_000))
            assert [entry.event for entry in read(disk / "j")] == [note("first")]
            (disk / "ballast").unlink()
            assert journal.append(note("x" * 30_000)) == kept + 1
        assert load(disk / "j").torn == b""
    finally:
        subprocess.run(["umount", str(disk)], check=True)


KILLED = """
import os, signal, sys
from pathlib import Path
from curie.journal.events import InboxReceived
from curie.journal.writer import Journal
from tests.curie.sample_run import ticking
stage, number = sys.argv[2], int(sys.argv[3])
def die(at, n):
    if (at, n) == (stage, number):
        os.kill(os.getpid(), signal.SIGKILL)
with Journal.open(Path(sys.argv[1]), clock=ticking(), failpoint=die) as journal:
    for i in range(5):
        journal.append(InboxReceived(kind="note", text=str(i), sender="t"))
"""


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("stage", "extra"), [("before", 0), ("written", 1), ("durable", 1)])
def test_killed_at_a_failpoint(stage: str, extra: int, number: int, tmp_path: Path) -> None:
    """Kill -9 around an append leaves a whole journal: without the event before it, with it after."""
    path = tmp_path / "j"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), stage, str(number)], check=False, cwd=Path(__file__).parents[3]
    )
    assert done.returncode == -signal.SIGKILL
    assert [entry.event for entry in read(path)] == [note(str(i)) for i in range(number - 1 + extra)]


def test_every_event_validates_from_its_dump() -> None:
    """The union reads back every kind of event that it dumps."""
    for event in events():
        assert EVENTS.validate_json(EVENTS.dump_json(event)) == event
