"""kill -9 at random moments while four threads append: what was acknowledged is there, and the chain holds."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curie.journal.reader import read

WRITER = """
import os, random, sys, threading, time
from pathlib import Path
from curie.journal.events import InboxReceived
from curie.journal.writer import Journal
from tests.curie.sample_run import ticking
journal = Journal.open(Path(sys.argv[1]), clock=ticking())
def work():
    while True:
        size = random.randrange(20_000)
        os.write(1, b"%d\\n" % journal.append(InboxReceived(kind="note", text="x" * size, sender="t")))
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(60)
"""


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """After each of 12 kills the journal holds at least every event whose append had returned."""
    path = tmp_path / "journal.jsonl"
    wait = random.Random(1)  # noqa: S311 - moments to kill at, not a secret
    highest = 0
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait.uniform(0.0, 0.1))
        process.send_signal(signal.SIGKILL)
        acknowledged = [int(number) for number in process.stdout.read().split()]
        process.wait()
        process.stdout.close()
        highest = max([highest, *acknowledged])
        assert len(read(path)) >= highest
    assert highest > 12
