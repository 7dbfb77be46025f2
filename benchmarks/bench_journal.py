"""Journal: size and time of 1,000 steps of 5 kB, one by one and from 8 threads, and the time to resume from them.

Goals (design, section 9): at most 1.2 x the payload on disk, at most 0.5 s to read and project. The peer is a bare
loop that writes the same lines and calls fsync for each. Run: `python benchmarks/bench_journal.py`.
"""

import os
import random
import string
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from curie.journal.events import Event, InboxReceived
from curie.journal.reader import read
from curie.journal.writer import Journal
from curie.state import project

STEPS = 1000
PAYLOAD = 5000
THREADS = 8


def steps() -> list[Event]:
    """1,000 events with 5 kB of text each."""
    draw = random.Random(1)  # noqa: S311 - filler text, not a secret
    letters = string.ascii_letters + string.digits + ' "\\\n'
    return [
        InboxReceived(kind="note", text="".join(draw.choices(letters, k=PAYLOAD)), sender="bench") for _ in range(STEPS)
    ]


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def bare(path: Path, lines: list[bytes]) -> float:
    """Seconds to write and sync lines without a journal."""
    begin = time.perf_counter()
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for line in lines:
        os.write(fd, line)
        os.fsync(fd)
    os.close(fd)
    return time.perf_counter() - begin


def serial(path: Path, events: list[Event]) -> float:
    """Seconds to append one by one, each durable before the next."""
    with Journal.open(path, clock=now) as journal:
        begin = time.perf_counter()
        for event in events:
            journal.append(event)
        return time.perf_counter() - begin


def concurrent(path: Path, events: list[Event]) -> float:
    """Seconds to append from threads that share fsyncs."""
    with Journal.open(path, clock=now) as journal:
        shares = [events[i::THREADS] for i in range(THREADS)]
        threads = [threading.Thread(target=lambda s=share: [journal.append(e) for e in s]) for share in shares]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - begin


def main() -> None:
    """Print what was measured."""
    events = steps()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        root = Path(folder)
        one = serial(root / "serial.jsonl", events)
        size = (root / "serial.jsonl").stat().st_size
        peer = bare(root / "bare", (root / "serial.jsonl").read_bytes().splitlines(keepends=True))
        many = concurrent(root / "threads.jsonl", events)
        begin = time.perf_counter()
        state = project(read(root / "serial.jsonl"))
        resume = time.perf_counter() - begin
    payload = STEPS * PAYLOAD
    print(f"size            {size / 1e6:6.2f} MB = {size / payload:.3f} x payload (goal 1.2)")
    print(f"append, serial  {1e3 * one / STEPS:6.2f} ms an event, bare write + fsync {1e3 * peer / STEPS:.2f} ms")
    print(f"append, {THREADS} threads {1e3 * many / STEPS:4.2f} ms an event")
    print(f"resume          {resume:6.3f} s for {len(state.notes)} events (goal 0.5 s)")


if __name__ == "__main__":
    main()
