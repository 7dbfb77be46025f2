"""Commands that look: plan, status, runs, history, verify, doctor, tasks, init. Through the real command line."""

import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from curie.cli.inspect_commands import SORT_KEYS, STATES, VERDICTS
from curie.compose import RunFlags, StudyFlags, compose
from curie.journal.events import RunStopped
from curie.journal.lock import RunLock
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.records import Verdict
from curie.runs import SortKey, State
from curie.starter import STARTER
from tests.curie import sample_run

RUN = ("-c", "python3 trial.py {x}", "--vary", "x=1,2", "-m", "score:1:higher:deterministic", "-n", "2",
       "--sandbox", "process")  # fmt: skip
ECHO = "import json, sys\nprint(json.dumps({'score': float(sys.argv[1])}))"


@pytest.fixture
def two_runs(curie: Any, script: Callable[[str], str]) -> list[str]:
    """Ids of two finished runs: one supports its hypothesis, the other refutes it."""
    repo = script(ECHO)
    first = curie("run", "Does more give more?", *RUN, "--repo", repo, "--hypothesis", "score:higher", "--json")
    second = curie("run", "Does more give less?", *RUN, "--repo", repo, "--hypothesis", "score:lower", "--json")
    return [first.json["run_id"], second.json["run_id"]]


def test_runs_are_listed_filtered_sorted_and_tagged(curie: Any, two_runs: list[str]) -> None:
    """Oldest first by default; text, tag, state and verdict filter; a tag stays and can be found."""
    first, second = two_runs

    def ids(*words: str) -> list[str]:
        return [run["id"] for run in curie("runs", "list", *words, "--json").json]

    assert [run["id"] for run in curie("runs", "--json").json] == ids() == [first, second]
    assert ids("--reverse") == [second, first]
    assert ids("--sort", "question") == [second, first]
    assert ids("--text", "GIVE LESS") == [second]
    assert ids("--verdict", "refuted") == [second]
    assert ids("--state", "running") == []
    assert curie("runs", "tag", first, "  für Ada ").out == f"{first}: tagged 'für Ada'\n"
    assert ids("--tag", "für Ada") == [first]
    assert "Does more give more?" in curie("runs").out
    assert "für Ada" in curie("runs", "list").out
    assert curie("verify", first).code == 0


@pytest.mark.parametrize("words", [("--sort", "size"), ("--state", "gone"), ("--verdict", "maybe")])
def test_an_unknown_filter_is_a_usage_error(curie: Any, words: tuple[str, str]) -> None:
    """It is named, with what there is."""
    ran = curie("runs", "list", *words)
    assert (ran.code, ran.out) == (2, "")
    assert words[1] in ran.err


@pytest.fixture
def finished(place: Path, tmp_path: Path) -> str:
    """Id of a finished run that was written by hand, where the run itself is not the point."""
    return sample_run.finished_run(tmp_path / "runs" / "r1").root.name


@pytest.mark.parametrize("tag", ["", "   ", "a" * 61, "two\nlines", "\x1b[31mred"])
def test_a_tag_that_is_none_is_refused(curie: Any, finished: str, tag: str) -> None:
    """Empty, too long, or with control characters."""
    ran = curie("runs", "tag", finished, tag)
    assert ran.code == 2
    assert "printable" in ran.err


def test_the_help_names_what_there_is(curie: Any) -> None:
    """Every state, verdict and sort key that the models know, in the help of the flags."""
    for named, known in ((STATES, State), (VERDICTS, Verdict), (SORT_KEYS, SortKey)):
        assert set(named) == set(get_args(known))
    shown = " ".join(curie("runs", "list", "--help").out.split())
    assert "running, finished, interrupted, budget, infrastructure, gate or damaged" in shown
    assert "supported, refuted or inconclusive" in shown


def test_a_run_with_a_folder_of_its_own_name(curie: Any, place: Path, tmp_path: Path) -> None:
    """It is listed by id and folder, addressed by either, and tagged under its id."""
    sample_run.finished_run(tmp_path / "runs" / "mine", "20260102-q")
    assert "folder: mine" in curie("runs").out
    for name in ("20260102", "mine"):
        assert curie("status", name, "--json").json["run_id"] == "20260102-q"
    assert curie("runs", "tag", "20260102", "x", "--json").json["run_id"] == "20260102-q"


def first_line(curie: Any, run: str) -> str:
    """The first line of `curie status`."""
    line: str = curie("status", run).out.splitlines()[0]
    return line


def test_status_begins_with_the_state(curie: Any, finished: str, tmp_path: Path) -> None:
    """Finished, running with its writer, cut off, and each way to stop, with how far it came."""
    assert first_line(curie, finished) == "Finished: 4 of 4 trials done."
    paths = RunPaths.create(tmp_path / "runs" / "s")
    with RunLock(paths.lock), Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
        journal.append(sample_run.created("s"))
        assert first_line(curie, "s") == f"Running: process {os.getpid()} on {platform.node()}, no plan yet."
        journal.append_many(sample_run.events(run_id="s")[1:9])
        assert first_line(curie, "s") == f"Running: process {os.getpid()} on {platform.node()}, 2 of 4 trials done."
    assert first_line(curie, "s") == "Interrupted: 2 of 4 trials done; its process is gone."
    begins = {
        "interrupted": "Interrupted",
        "budget": "Stopped by budget",
        "infrastructure": "Stopped by the infrastructure",
        "gate": "Stopped at the gate: the control trial did not succeed",
    }
    for reason, words in begins.items():
        with Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
            journal.append(RunStopped.model_validate({"reason": reason, "detail": "why \x1b[2J"}))
        assert first_line(curie, "s") == f"{words}: 2 of 4 trials done; why."


def test_verify_knows_no_head_of_a_broken_chain(curie: Any, finished: str, tmp_path: Path) -> None:
    """What cannot be known is called unknown, and is no row of zeros."""
    journal = tmp_path / "runs" / finished / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b'"wall_s":0.5', b'"wall_s":0.1'))
    ran = curie("verify", finished)
    assert ran.code == 1
    assert ran.out.endswith("head unknown\n")


def test_history_tells_every_event(curie: Any, finished: str) -> None:
    """In order, for people a line each, for programs a list."""
    told = curie("history", finished, "--json").json
    assert [line["seq"] for line in told] == list(range(1, len(told) + 1))
    assert (told[0]["type"], told[-1]["type"]) == ("run_created", "run_finished")
    assert len(curie("history", finished).out.splitlines()) == len(told)


def test_verify_passes_and_names_a_changed_artifact(curie: Any, finished: str, tmp_path: Path) -> None:
    """Exit 0 and intact; exit 1 once a byte of an artifact is another one."""
    assert curie("verify", finished, "--json").json["ok"]
    artifact = max((tmp_path / "runs" / finished / "artifacts").iterdir(), key=lambda path: path.stat().st_size)
    artifact.chmod(0o644)
    artifact.write_bytes(b"forged")
    ran = curie("verify", finished)
    assert ran.code == 1
    assert artifact.name[:12] in ran.out
    assert curie("verify", finished, "--json").json["ok"] is False


def test_the_newest_run_and_a_prefix(curie: Any, finished: str, tmp_path: Path) -> None:
    """Without RUN the newest is meant; a prefix that fits two is refused and names them; a path is a run too."""
    sample_run.finished_run(tmp_path / "runs" / "r2", "r2")
    assert curie("status", "--json").json["run_id"] == "r2"
    assert curie("status", str(tmp_path / "runs" / finished), "--json").json["run_id"] == finished
    ran = curie("status", "r")
    assert ran.code == 2
    assert "r1, r2" in ran.err


def test_a_plan_is_shown_and_nothing_is_run(curie: Any, place: Path, tmp_path: Path) -> None:
    """The hash is that of the run; time and power are unknown without a pilot or a sd; no run directory appears."""
    flags = ("Q?", "-c", "sleep {x}", "--vary", "x=0.01,0.02", "-m", "wall_s:s:lower", "-n", "3")
    ran = curie("plan", *flags, "--json")
    assert ran.code == 0, ran.err
    plan = ran.json
    assert (plan["seconds"], plan["trial_s"], plan["pilot_trials"]) == (None, None, 0)
    assert [promise["power"] for promise in plan["power"]] == [None]
    assert len(plan["trials"]) == 6
    shown = curie("plan", *flags)
    assert "unknown" in shown.out
    assert plan["plan_hash"] in shown.out
    assert not (tmp_path / "runs").exists()
    run = curie("run", *flags, "--json", "--reproduce", "0")
    assert run.json["plan_hash"] == plan["plan_hash"]


def test_a_pilot_tells_time_and_power(curie: Any, tmp_path: Path) -> None:
    """--pilot runs a few blocks for it, elsewhere, and the numbers follow from them."""
    ran = curie("plan", "Q?", "-c", "sleep {x}", "--vary", "x=0.01,0.05", "-m", "wall_s:s:lower", "-n", "4",
                "--min-effect", "0.02", "--pilot", "3", "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.json["pilot_trials"] == 6
    assert 0.02 < ran.json["trial_s"] < 2
    assert ran.json["seconds"][0] > 8 * 0.02
    assert 0 <= ran.json["power"][0]["power"] <= 1
    assert not (tmp_path / "runs").exists()


def test_a_plan_that_would_be_refused(curie: Any) -> None:
    """One level is no comparison: exit 2, by plan and by run, and --json still prints the plan with its errors."""
    flags = ("Q?", "-c", "sleep {x}", "--vary", "x=0.01", "-m", "wall_s:s:lower")
    plan = curie("plan", *flags, "--json")
    assert (plan.code, plan.json["refused"]) == (2, True)
    assert any(d["severity"] == "error" for d in plan.json["diagnostics"])
    assert "refused" in curie("run", *flags).err
    shown = curie("plan", *flags)
    assert shown.out.endswith("This plan would be refused.\n")
    assert "\n    try: " in shown.out


@pytest.mark.slow
def test_a_pilot_that_is_interrupted_tells_nothing(curie: Any, place: Path) -> None:
    """Exit 130: half a pilot is no ground for a promise, and its trials end with it."""
    words = ("plan", "Q?", "-c", "sleep {x}", "--vary", "x=0.3,0.4", "-m", "wall_s", "--pilot", "50")
    argv = [sys.executable, "-c", "from curie.cli.app import main; main()", *words]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert "Interrupted" in err


def test_doctor(curie: Any) -> None:
    """It looks at everything an experiment stands on, for people and for programs."""
    items = curie("doctor", "--json").json
    assert {"python", "machine", "bubblewrap", "process", "cores", "git", "disk", "runs", "venv"} <= {
        item["name"] for item in items
    }
    assert all(item["state"] in {"ok", "note", "fails"} for item in items)
    assert curie("doctor").out.startswith("ok       python")


def test_tasks(curie: Any) -> None:
    """The list has `sorting`; show tells its variables, and nothing that only a judge may see."""
    assert "sorting" in {task["id"] for task in curie("tasks", "list", "--json").json}
    assert "sorting" in curie("tasks", "list").out
    shown = curie("tasks", "show", "sorting", "--json")
    assert "private" not in shown.json
    assert "curie run sorting" in curie("tasks", "show", "sorting").out
    missing = curie("tasks", "show", "sortin")
    assert missing.code == 2
    assert "sorting" in missing.err


def test_init_writes_what_the_flags_say(curie: Any, place: Path) -> None:
    """The starter file and the same words as flags give one plan; a file that is there is kept without --force."""
    assert curie("init", "--json").json == {"path": str(place / "experiment.yaml")}
    question = yaml.safe_load(STARTER)["question"]
    flags = (question, "-c", "sleep {seconds}", "--vary", "seconds=0.02,0.05", "--control", "seconds=0.02",
             "-m", "wall_s:s:lower")  # fmt: skip
    assert curie("plan", "experiment.yaml", "--json").json == curie("plan", *flags, "--json").json
    refused = curie("init")
    assert refused.code == 2
    assert "--force" in refused.err
    assert curie("init", "--force").code == 0
    ran = curie("run", "experiment.yaml", "--json", "-n", "3", "--reproduce", "0")
    assert (ran.code, ran.json["trials"]["succeeded"]) == (0, 6)


def test_every_commented_line_of_the_starter_is_valid(place: Path) -> None:
    """Somebody who takes the comment signs away gets a file that can be read."""
    lines = [line.removeprefix("# ") if _is_option(line) else line for line in STARTER.splitlines()]
    (place / "data").mkdir()
    (place / "requirements.txt").write_text("", encoding="utf-8")
    (place / "all.yaml").write_text("\n".join(lines), encoding="utf-8")
    study = compose("all.yaml", StudyFlags(), RunFlags(), place).study
    assert (study.repeat, study.cores, study.limits.memory_mb) == (10, 1, 1024)
    assert study.hypotheses[0].direction == "higher"
    assert json.loads(study.model_dump_json())["data"] == str(place / "data")


def _is_option(line: str) -> bool:
    key = line.removeprefix("# ").split(":")[0]
    return line.startswith("#   - ") or (line.startswith("# ") and key.isidentifier() and key.islower())
