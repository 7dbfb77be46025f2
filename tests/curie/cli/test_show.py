"""`curie show`: a trial's record and output, through the real command line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOISY = r"""
import sys
print("\x1b[31mred\x1b[0m")
print("warned", file=sys.stderr)
print('{"score": %s}' % sys.argv[1])
"""


@pytest.fixture
def run(curie: Any, script: Callable[[str], str]) -> Any:
    """A finished run whose trials print something on both streams, as its `--json` answer."""
    return curie("run", "Does more give more?", "-c", "python3 trial.py {x}", "--vary", "x=1,2",
                 "-m", "score:point:higher:deterministic", "-n", "2", "--sandbox", "process",
                 "--repo", script(NOISY), "--json").json  # fmt: skip


def test_a_trial_is_shown(curie: Any, run: Any) -> None:
    """Of the newest run or a named one: facts, then both streams without escapes."""
    shown = curie("show", "g01-r01")
    assert shown.code == 0
    assert shown.out.startswith("Trial         g01-r01: measure, group g01, repetition 1\nOutcome       succeeded\n")
    assert "Values        score = 2 point" in shown.out
    assert shown.out.endswith('bytes\nred\n{"score": 2}\n--- stderr: 7 bytes\nwarned\n')
    assert curie("show", run["run_id"], "g01-r01").out == shown.out
    (again,) = (line for line in curie("history").out.splitlines() if re.search(r"g01-r0\d-reproduce succeeded", line))
    assert "reproduce, group g01" in curie("show", again.split()[2]).out


def test_the_bytes_of_a_stream(curie: Any, curie_process: Any, run: Any) -> None:
    """As they were kept, escapes and all, and nothing else; also by a real process."""
    expected = '\x1b[31mred\x1b[0m\n{"score": 1}\n'
    assert curie("show", "control-gate", "--stdout").out == expected
    assert curie("show", "control-gate", "--stderr").out == "warned\n"
    assert curie_process("show", run["run_id"], "control-gate", "--stdout").out == expected


def test_the_record_as_json(curie: Any, run: Any) -> None:
    """The whole of it."""
    record = curie("show", "g01-r02", "--json").json
    assert (record["key"], record["values"], record["seed"] >= 0) == ("g01-r02", {"score": 2.0}, True)
    assert {"command", "commit", "stdout", "resources", "data_opened"} <= set(record)


def test_what_cannot_be_shown(curie: Any, run: Any) -> None:
    """An unknown trial names close ones; flags that contradict each other are refused."""
    ran = curie("show", "g01-r9")
    assert (ran.code, ran.out) == (2, "")
    assert "control-gate, " in ran.err
    assert "g01-r0" in ran.err
    assert "control-gate, " in curie("show").err
    assert curie("show", "g01-r01", "--stdout", "--json").code == 2
    assert curie("show", "nowhere", "g01-r01").code == 2


def test_a_changed_stream_is_said(curie: Any, run: Any) -> None:
    """Exit 1; the record and the other stream are shown all the same."""
    record = curie("show", "g01-r01", "--json").json
    artifact = Path(run["directory"], "artifacts", record["stdout"]["artifact"]["sha256"])
    artifact.chmod(0o644)
    artifact.write_bytes(b"forged")
    ran = curie("show", "g01-r01")
    assert ran.code == 1
    assert "was changed after it was stored" in ran.out
    assert ran.out.endswith("warned\n")
    assert curie("show", "g01-r01", "--stdout").code == 1
