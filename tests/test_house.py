"""The house itself: make's targets, the safety catch against other machines, and the demo's forgery."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_make_lists_its_targets() -> None:
    """`make` alone explains every target that the contributing guide names."""
    shown = subprocess.check_output(["make", "-s", "-C", str(ROOT)], text=True)
    assert [line.split()[1] for line in shown.splitlines()] == ["help", "demo", "test", "check", "fmt", "bench", "soak"]


def test_tests_call_no_other_machine() -> None:
    """A connection to any address but this machine's fails before a packet leaves (192.0.2.0/24 is nobody's)."""
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"tried to reach 192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_the_demo_forges_one_measurement_and_nothing_else(tmp_path: Path) -> None:
    """One number of one finished trial changes; every other byte of the journal stays."""
    lines = ['{"event":{"type":"run_created"}}\n']
    lines += [f'{{"event":{{"type":"trial_finished","value":{n}.5}}}}\n' for n in range(1, 4)]
    journal = tmp_path / "journal.jsonl"
    journal.write_text("".join(lines), encoding="utf-8")
    subprocess.run([sys.executable, ROOT / "examples" / "edit_one_measurement.py", journal], check=True)
    lines[2] = lines[2].replace("2.5", "0.25")
    assert journal.read_text(encoding="utf-8") == "".join(lines)
