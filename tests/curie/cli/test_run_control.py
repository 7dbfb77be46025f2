"""Limits, interruption, continuation, and what other commands see meanwhile. Through the real command line."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

QUICK = ("-n", "2", "--reproduce", "0", "--json", "--sandbox", "process")
VARY = ("-c", "python3 trial.py {x}", "--vary", "x=1,2", "-m", "score:1:higher:deterministic")

SLOW = """
import json, sys, time
time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 0)
print(json.dumps({"score": float(sys.argv[1])}))
"""


EATS = """
import sys
x = bytearray(int(sys.argv[1]) << 20)
x[::4096] = b"1" * len(x[::4096])
print('{"score": 1}')
"""


def test_a_trial_that_takes_too_long(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """--timeout ends it as timed_out, with a reason; it is no pass, and not the run's failure."""
    source = "import sys, time\ntime.sleep(60 * (sys.argv[1] == '2'))\nprint('{\"score\": 1}')"
    ran = curie("run", "Q?", *VARY, *QUICK, "--repo", script(source), "--timeout", "0.3")
    assert ran.code == 0, ran.err
    assert ran.json["trials"]["timed_out"] == 2
    assert ran.json["findings"][0]["verdict"] == "inconclusive"
    assert "0.3 s" in next(r.reason for r in look(ran).records() if r.outcome == "timed_out")


@pytest.mark.parametrize("sandbox", ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
def test_a_trial_that_takes_too_much_memory(
    curie: Any, script: Callable[[str], str], place: Path, sandbox: str
) -> None:
    """`limits.memory_mb` of the file holds: the trial does not succeed, and the others do."""
    repo = script(EATS)
    text = (
        "question: Q?\ncommand: python3 trial.py {x}\nvary: {x: [1, 400]}\n"
        f"metrics: ['score:1:higher:deterministic']\nrepo: {repo}\nlimits: {{memory_mb: 100}}\n"
    )
    (place / "e.yaml").write_text(text, encoding="utf-8")
    ran = curie("run", "e.yaml", *QUICK[:-1], sandbox)
    assert ran.code == 0, ran.err
    assert ran.json["trials"]["succeeded"] == 2
    assert ran.json["trials"]["out_of_memory"] + ran.json["trials"]["failed"] == 2


def test_a_flag_keeps_the_limits_of_the_file(curie: Any, place: Path) -> None:
    """--timeout changes one limit and leaves the others."""
    text = "question: Q?\ncommand: echo {x}\nvary: {x: [1, 2]}\nmetrics: [wall_s]\nlimits: {memory_mb: 77, pids: 9}\n"
    (place / "e.yaml").write_text(text, encoding="utf-8")
    limits = curie("plan", "e.yaml", "--timeout", "5", "--json").json["plan"]["resources"]["limits"]
    assert limits == {"timeout_s": 5.0, "memory_mb": 77, "output_mb": 256, "pids": 9}


def test_cores(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """--cores pins a trial; more than the machine has is refused before anything runs."""
    source = "import json, os\nprint(json.dumps({'score': len(os.sched_getaffinity(0))}))"
    one = curie("run", "Q?", *VARY, *QUICK, "--repo", script(source), "--cores", "1")
    assert {r.values["score"] for r in look(one).records()} == {1.0}
    many = curie("run", "Q?", *VARY, *QUICK, "--repo", script(source), "--cores", "9999")
    assert (many.code, many.out) == (2, "")
    assert "9999 cores" in many.err


def test_a_spent_budget_is_resumed_to_the_same_findings(
    curie: Any, look: Any, script: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """--max-time: exit 4 and a partial result; `resume` finishes with what an unbroken run finds."""
    flags = ("run", "Q?", "-c", "python3 trial.py {x} {wait}", "--vary", "x=1,2", "--set", "wait=0.15", "-n", "9",
             "--reproduce", "0", "-m", "score:1:higher:deterministic:timing", "--repo", script(SLOW),
             "--sandbox", "process")  # fmt: skip
    cut = curie(*flags, "--max-time", "1.8", "--json", "--out", "cut")
    assert (cut.code, cut.json["state"]) == (4, "budget")
    done = cut.json["trials"]["succeeded"]
    assert 0 < done < 18
    assert cut.json["trials"]["not_attempted"] == 18 - done
    assert Path(cut.json["report"]).exists()
    resumed = curie("resume", "cut", "--max-time", "60")
    assert resumed.code == 0, resumed.err
    assert "18 of 18 trials done" in resumed.err
    whole = curie(*flags, "--json")
    again = curie("resume", "cut", "--json")
    assert again.json["findings"] == whole.json["findings"]
    assert again.json["plan_hash"] == whole.json["plan_hash"]
    assert again.json == curie("resume", "cut", "--json").json


def test_a_finished_run_is_only_told_again(curie: Any, place: Path, script: Callable[[str], str]) -> None:
    """`resume` of a finished run, and `status`, print the object that `run` printed; the journal stays as it is."""
    ran = curie("run", "Q?", *VARY, *QUICK, "--repo", script(SLOW), "--out", "here")
    journal = (place / "here" / "journal.jsonl").read_bytes()
    assert curie("resume", "here", "--json").json == ran.json
    assert curie("status", "here", "--json").json == {**ran.json, "writer_pid": None}
    assert (place / "here" / "journal.jsonl").read_bytes() == journal
    assert json.loads((place / "here" / "report" / "result.json").read_text(encoding="utf-8")) == ran.json


def test_a_directory_holds_one_run(curie: Any, script: Callable[[str], str]) -> None:
    """A second run in the same --out is refused, and the first is untouched."""
    first = curie("run", "Q?", *VARY, *QUICK, "--repo", script(SLOW), "--out", "here")
    assert first.code == 0
    second = curie("run", "Q?", *VARY, *QUICK, "--repo", script(SLOW), "--out", "here")
    assert (second.code, second.out) == (2, "")
    assert curie("status", "here", "--json").json["run_id"] == first.json["run_id"]


@pytest.fixture
def running(place: Path, script: Callable[[str], str]) -> Any:
    """A run that goes on in a process of its own for as long as the test, and its directory."""
    words = ("run", "How long?", "-c", "python3 trial.py {x} {wait}", "--vary", "x=1,2", "--set", "wait=0.3",
             "-n", "100", "-m", "score:1:higher:deterministic", "--repo", script(SLOW), "--sandbox", "process",
             "--out", "going on")  # fmt: skip
    argv = [sys.executable, "-c", "from curie.cli.app import main; main()", *words]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        journal = place / "going on" / "journal.jsonl"
        until(lambda: journal.exists() and b'"trial_finished"' in journal.read_bytes())
        yield process, place / "going on"
        if process.poll() is None:
            process.kill()


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_run_that_goes_on_is_seen_and_tagged(curie: Any, running: Any) -> None:
    """`status` shows it and its writer, `runs tag` reaches it by the inbox, `resume` is refused with exit 3."""
    process, folder = running
    seen = curie("status", str(folder), "--json").json
    assert (seen["state"], seen["writer_pid"]) == ("running", process.pid)
    assert f"process {process.pid}" in curie("status", str(folder)).out
    tagged = curie("runs", "tag", str(folder), "while it ran", "--json")
    assert tagged.json == {"run_id": seen["run_id"], "tag": "while it ran", "pending": True}
    locked = curie("resume", str(folder), "--json")
    assert (locked.code, locked.out) == (3, "")
    assert str(process.pid) in locked.err
    until(lambda: curie("status", str(folder), "--json").json["tags"] == ["while it ran"])


@pytest.mark.slow
def test_an_interrupt_and_a_kill_are_told_apart_from_running(curie: Any, running: Any) -> None:
    """Ctrl-C: exit 130 and a hint; a killed driver's run is `interrupted`, not running, and names resume."""
    process, folder = running
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "resume" in err
    assert curie("status", str(folder), "--json").json["state"] == "interrupted"
    assert "curie resume" in curie("status", str(folder)).out


@pytest.mark.slow
def test_a_killed_driver_is_no_running_run(curie: Any, running: Any) -> None:
    """After kill -9 the journal has no last word; `status` and `runs` say interrupted."""
    process, folder = running
    process.kill()
    process.wait()
    assert curie("status", str(folder), "--json").json["state"] == "interrupted"
    shutil.copytree(folder, Path(os.environ["CURIE_RUNS_DIR"]) / "copy")
    assert [run["state"] for run in curie("runs", "--json").json] == ["interrupted"]
