"""What a tampered journal says: which event, of what type, and what was done to it."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curie.errors import JournalTampered
from curie.journal.reader import read
from curie.journal.writer import Journal
from tests.curie.sample_run import events, ticking, write_journal


def refusal(path: Path, lines: list[bytes]) -> str:
    """The message with which these lines are refused, for reading and for writing; the file stays as it is."""
    data = b"".join(lines)
    path.write_bytes(data)
    with pytest.raises(JournalTampered) as caught:
        read(path)
    with pytest.raises(JournalTampered):
        Journal.open(path, clock=ticking())
    assert path.read_bytes() == data
    return caught.value.message


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal lies."""
    return tmp_path / "journal.jsonl"


@pytest.fixture
def lines(path: Path) -> list[bytes]:
    """The lines of a whole run; line 7 is the first finished trial."""
    return write_journal(path, events())


def test_changed_measurement(path: Path, lines: list[bytes]) -> None:
    """An edited value names the event, its type and its trial."""
    lines[6] = lines[6].replace(b'"wall_s":1.0', b'"wall_s":9.0')
    assert "event 7 (trial_finished control-r01) was changed after it was written" in refusal(path, lines)


def test_changed_and_hashed_again(path: Path, lines: list[bytes]) -> None:
    """An edit whose own hash was recomputed breaks the link from the next event, and the edited one is named."""
    entry = json.loads(lines[6])
    entry["event"]["record"]["values"]["wall_s"] = 9.0
    body = {key: entry[key] for key in ("seq", "time", "prev", "event")}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    entry["hash"] = hashlib.sha256(canonical).hexdigest()
    lines[6] = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    assert "event 7 was changed or replaced" in refusal(path, lines)


def test_missing_line(path: Path, lines: list[bytes]) -> None:
    """A deleted line is called missing."""
    del lines[6]
    assert "event 7 is missing: event 8 (trial_started g01-r01) follows event 6" in refusal(path, lines)


def test_missing_lines(path: Path, lines: list[bytes]) -> None:
    """Several deleted lines are counted."""
    del lines[2:6]
    assert "events 3 to 6 are missing" in refusal(path, lines)


def test_reordered_lines(path: Path, lines: list[bytes]) -> None:
    """Two exchanged lines are called reordered."""
    lines[6], lines[8] = lines[8], lines[6]
    assert re.search(r"reordered: event 9 \(trial_finished g01-r01\) stands where event 7", refusal(path, lines))


def test_inserted_line(path: Path, lines: list[bytes]) -> None:
    """A repeated line is called inserted."""
    lines.insert(9, lines[6])
    assert "event 7 (trial_finished control-r01) was inserted after event 9" in refusal(path, lines)


def test_line_inserted_early(path: Path, lines: list[bytes]) -> None:
    """A copy that stands before its time is called inserted too."""
    lines.insert(4, lines[6])
    assert "event 7 (trial_finished control-r01) was inserted before event 5" in refusal(path, lines)


def test_first_line_of_another_journal(path: Path, lines: list[bytes]) -> None:
    """A chain without its beginning is refused."""
    assert "event 1 is missing" in refusal(path, lines[1:])


def test_garbage_line(path: Path, lines: list[bytes]) -> None:
    """A complete line that is no JSON is tampering, not a torn tail."""
    lines[-1] = b"not json\n"
    assert f"event {len(lines)} was changed" in refusal(path, lines)


@pytest.mark.parametrize("line", [b"[]\n", b"null\n", b"{}\n", b"[" * 100_000 + b"\n", b"\xff\n", b"\n", b"1e999\n"])
def test_any_odd_line_is_refused_without_a_traceback(line: bytes, path: Path, lines: list[bytes]) -> None:
    """Wrong JSON types, deep nesting, bad encoding and empty lines are named by number."""
    lines[3] = line
    assert "event 4" in refusal(path, lines)


def test_duplicate_key_is_seen(path: Path, lines: list[bytes]) -> None:
    """A key given twice, which parsers resolve differently, is a change."""
    lines[6] = lines[6].replace(b'"adopted":false', b'"adopted":true,"adopted":false')
    assert "event 7 (trial_finished control-r01) was changed" in refusal(path, lines)


def test_spaces_are_a_change(path: Path, lines: list[bytes]) -> None:
    """Lines are compared byte by byte: reformatting shows."""
    lines[6] = json.dumps(json.loads(lines[6])).encode() + b"\n"
    assert "event 7" in refusal(path, lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.data())
def test_no_single_byte_changes_unseen(data: st.DataObject, path: Path, lines: list[bytes]) -> None:
    """Any byte changed in any line but the last is noticed."""
    raw = bytearray(b"".join(lines))
    position = data.draw(st.integers(0, len(raw) - len(lines[-1]) - 2))
    value = data.draw(st.integers(1, 255).filter(lambda v: v != raw[position]))
    raw[position] = value
    path.write_bytes(bytes(raw))
    with pytest.raises(JournalTampered):
        read(path)
