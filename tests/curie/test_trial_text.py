"""A trial as text: every fact of its record, and output that cannot steer a terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.errors import UsageError
from curie.journal.events import TrialFinished, TrialStarted
from curie.records import (
    ArtifactRef,
    DataOpened,
    Executable,
    Interference,
    StreamRef,
    TrialRecord,
    TrialResources,
)
from curie.state import RunState
from curie.trial_text import find_record, plain, record_text, stream_text
from tests.curie import sample_run


def full() -> TrialRecord:
    """A record in which every field says something."""
    return sample_run.record("g01-r02", "g01", 0.5, attempt=2).model_copy(
        update={
            "outcome": "failed",
            "reason": "exit status 3",
            "command": ("python3", "a b.py"),
            "commit": "c" * 40,
            "environment_digest": "e" * 64,
            "executable": Executable(path="/usr/bin/python3", sha256="f" * 64),
            "sandbox": "bubblewrap",
            "exit_code": 3,
            "outputs": (ArtifactRef(name="x.txt", sha256="a" * 64, size_bytes=9),),
            "data_opened": DataOpened(files=("in.csv",), attribution="trial"),
            "resources": TrialResources(
                wall_s=0.5,
                cpu_s=0.25,
                memory_peak_bytes=3 << 20,
                memory_method="cgroup",
                cores=(1, 3),
                interference=Interference(foreign_cpu_s=0.125, involuntary_switches=7, disturbed=True),
            ),
        }
    )


def test_every_fact_is_told() -> None:
    """Each on a line of its own, with units."""
    text = record_text(full(), {"wall_s": "s"})
    for fact in (
        "g01-r02: measure, group g01, repetition 2, attempt 2", "failed: exit status 3", "status 3", "tool=a",
        "Seed          7", "Block         1, position 0", "python3 'a b.py'", "/usr/bin/python3, sha256 ffff", "c" * 40,
        "e" * 64, "bubblewrap", "wall_s = 0.5 s",
        "0.5 s wall, 0.25 s CPU; memory 3.0 MiB at most (cgroup); pinned to 1, 3",
        "others used 0.125 CPU s on its cores; 7 involuntary context switches; marked as disturbed",
        "in.csv (seen: trial)", "x.txt, 9 bytes: artifacts/" + "a" * 64,
    ):  # fmt: skip
        assert fact in text, fact


def test_what_is_not_known_is_said() -> None:
    """A record with nothing in it has words and no zeros."""
    bare = sample_run.record("g01-r01", "g01", 1.0).model_copy(update={"block": 0, "values": {}, "settings": {}})
    text = record_text(bare, {})
    assert "Used          unknown" in text
    assert text.count("unknown") == 4
    assert "none: it ran before the blocks" in text
    killed = bare.model_copy(update={"signal": 9, "resources": TrialResources(wall_s=1, cpu_s=1)})
    assert "signal 9" in record_text(killed, {})
    assert "unknown what others used" in record_text(killed, {})


PIECES = st.sampled_from([b"\x1b", b"[", b"]0;", b"\x07", b"3", b"m", b"\n", b"a", b"\r"])


@given(st.binary(max_size=200) | st.lists(PIECES).map(b"".join))
def test_output_cannot_steer_a_terminal(data: bytes) -> None:
    """Whatever a trial prints: no control character but the line break is left."""
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", plain(data))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[1;31mred\x1b[0m\n", "red"),
        (b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1b(Bc", "abc"),
        (b"  a\tb\r\n\nc\n\n", "  a     b\n\nc\n"),
        (b"10%\r20%", "10% 20%"),
        (b"\xff", "\ufffd"),
    ],
)
def test_output_stays_as_it_was_written(data: bytes, text: str) -> None:
    """Indentation, blank lines and columns; colours and titles go."""
    assert plain(data) == text


def test_a_stream_says_how_much_of_it_there_is() -> None:
    """Whole, cut, empty and absent are told apart."""
    kept = ArtifactRef(name="stdout", sha256="a" * 64, size_bytes=2)
    assert stream_text("stdout", StreamRef(artifact=kept, total_bytes=2), b"a\n") == "--- stdout: 2 bytes\na"
    cut = StreamRef(artifact=kept, total_bytes=10**9, truncated=True)
    assert stream_text("stdout", cut, b"a\n").startswith("--- stdout: 1000000000 bytes, head and tail kept\n")
    assert stream_text("stderr", StreamRef(artifact=kept, total_bytes=0), b"") == "--- stderr: empty"
    assert stream_text("stderr", None, b"") == "--- stderr: not kept"


def test_a_trial_that_is_not_there() -> None:
    """Close keys, the first keys, or that there is nothing yet; a started one is told from an unknown one."""
    state = RunState()
    with pytest.raises(UsageError, match="No trial of this run has a record"):
        find_record(state, "g01-r01")
    for number in range(1, 12):
        state = state.apply(TrialFinished(record=sample_run.record(f"g01-r{number:02d}", "g01", 1.0)))
    state = state.apply(TrialStarted(key="g02-r01", attempt=1))
    assert find_record(state, "g01-r11").key == "g01-r11"
    with pytest.raises(
        UsageError, match=r"no trial 'g01-r1'\. 11 trials have a record: g01-r01, .*, g01-r08 \.\.\."
    ) as bad:
        find_record(state, "g01-r1")
    assert "g01-r11" in str(bad.value.hint)
    with pytest.raises(UsageError, match="has to be named"):
        find_record(state, "")
    with pytest.raises(UsageError, match="g02-r01 was started and has no record yet"):
        find_record(state, "g02-r01")
