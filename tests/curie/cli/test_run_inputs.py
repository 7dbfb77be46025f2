"""What a trial is given: files, data, code, variables. Through the real command line, in both sandboxes."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BOTH = pytest.mark.parametrize("sandbox", ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
QUICK = ("-n", "2", "--reproduce", "0", "--json")
SIZE = ("-m", "size:1:lower:deterministic")

READ = """
import json, sys
from pathlib import Path
path = Path(sys.argv[1])
files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
print(json.dumps({"size": sum(len(p.read_bytes()) for p in files)}))
"""


@BOTH
def test_an_input_is_a_file_or_a_folder_with_any_name(
    curie: Any, look: Any, script: Callable[[str], str], place: Path, sandbox: str
) -> None:
    """`--vary f=@a,@b` mounts both; spaces and letters beyond ASCII are no trouble; the record names digests."""
    (place / "naïve file.txt").write_text("12345", encoding="utf-8")
    (place / "folder").mkdir()
    (place / "folder" / "a b.txt").write_text("123", encoding="utf-8")
    vary = "f=@naïve file.txt,@folder"
    ran = curie("run", "Q?", "-c", "python3 trial.py {f}", "--vary", vary, *SIZE, "--repo", script(READ), *QUICK,
                "--sandbox", sandbox)  # fmt: skip
    assert ran.code == 0, ran.err
    assert [r.values["size"] for r in look(ran).records()] == [5.0, 5.0, 3.0, 3.0]
    assert look(ran).records()[0].settings["f"].startswith("naïve file.txt@sha256:")


@BOTH
def test_a_constant_input_and_a_value_with_spaces_and_quotes(
    curie: Any, look: Any, script: Callable[[str], str], place: Path, sandbox: str
) -> None:
    """`--set x=@PATH` is one argument, and so is a value that holds spaces, quotes, `$` and backslashes."""
    (place / "in put").write_bytes(b"xyz")
    text = """it's "two" $HOME \\ words"""
    source = (
        "import json, sys\n"
        f"print(json.dumps({{'size': len(open(sys.argv[1], 'rb').read()) + 100 * (sys.argv[2] == {text!r})}}))"
    )
    ran = curie("run", "Q?", "-c", "python3 trial.py {f} {text} {n}", "--set", "f=@in put", "--set", f"text={text}",
                "--vary", "n=1,2", *SIZE, "--repo", script(source), *QUICK, "--sandbox", sandbox)  # fmt: skip
    assert ran.code == 0, ran.err
    assert {r.values["size"] for r in look(ran).records()} == {103.0}


@BOTH
def test_a_shell_command_quotes_what_it_fills_in(curie: Any, look: Any, place: Path, sandbox: str) -> None:
    """With --shell pipes work, `{{` is a brace, and no value is ever run."""
    ran = curie("run", "Q?", "--shell", "-c", """printf '{{"size": %s}}\\n' "$(printf %s {text} | wc -c)" """,
                "--vary", 'text=["a; echo b", "$(id)", "\'"]', *SIZE, *QUICK, "--sandbox", sandbox)  # fmt: skip
    assert ran.code == 0, ran.err
    assert [r.values["size"] for r in look(ran).records()] == [9.0, 9.0, 5.0, 5.0, 1.0, 1.0]


@BOTH
def test_data_is_mounted_and_cannot_be_written(
    curie: Any, look: Any, script: Callable[[str], str], place: Path, sandbox: str
) -> None:
    """CURIE_DATA names the folder given by --data."""
    (place / "data").mkdir()
    (place / "data" / "x").write_text("1234", encoding="utf-8")
    source = "import json, os\nd = os.environ['CURIE_DATA']\nprint(json.dumps({'size': len(open(d + '/x').read())}))"
    ran = curie("run", "Q?", "-c", "python3 trial.py {n}", "--vary", "n=1,2", *SIZE, "--data", "data",
                "--repo", script(source), *QUICK, "--sandbox", sandbox)  # fmt: skip
    assert {r.values["size"] for r in look(ran).records()} == {4.0}
    assert look(ran).state.plan.data.name == "data"


CONTRACT = """
import json, os
from pathlib import Path
trial = json.loads(os.environ["CURIE_TRIAL"])
out = Path(os.environ["CURIE_OUT"])
(out / "deep").mkdir()
(out / "deep" / "trial.json").write_text(json.dumps(trial))
mark = Path(os.environ["CURIE_CHECKPOINT"]) / "mark"
mark.write_text("here")
with open(os.environ["CURIE_METRICS"], "a") as file:
    for step, value in enumerate([4.0, 1.0, 2.0]):
        for name in ("last", "best", "mean", "area"):
            file.write(json.dumps({"metric": name, "value": value, "unit": "J", "step": step}) + "\\n")
"""


@BOTH
def test_the_trial_contract(
    curie: Any, look: Any, script: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, sandbox: str
) -> None:
    """CURIE_TRIAL, _OUT, _CHECKPOINT and _METRICS do what the contract says; a series has every reducer."""
    monkeypatch.setenv("GIVEN", "value")
    metrics = [word for name in ("last", "best", "mean", "area")
               for word in ("-m", f"{name}:J:lower:deterministic:reduce={name}")]  # fmt: skip
    vary = 'n=[1, 0.5, true, null, [1, "b"], "x"]'
    ran = curie("run", "Q?", "-c", "python3 trial.py {n} {seed}", "--vary", vary, *metrics,
                "--repo", script(CONTRACT), "--env", "GIVEN", *QUICK, "--sandbox", sandbox)  # fmt: skip
    assert ran.code == 0, ran.err
    records = look(ran).records()
    assert all(r.values == {"last": 2.0, "best": 1.0, "mean": 7 / 3, "area": 4.0} for r in records)
    assert len(records[0].measurements) == 12
    seen = [json.loads(look(ran).output(r, "deep/trial.json")) for r in records]
    assert [trial["settings"]["n"] for trial in seen[::2]] == [1, 0.5, True, None, [1, "b"], "x"]
    assert [trial["seed"] for trial in seen] == [r.seed for r in records]


ENVIRONMENT = """
import json, os
print(json.dumps({"size": len(os.environ.get("GIVEN", "")), "home": 0}))
assert "SECRET" not in os.environ
"""


def test_only_variables_that_are_named_are_passed(
    curie: Any, look: Any, script: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """--env passes one; the rest of the caller's environment stays outside; one that is not set is refused."""
    monkeypatch.setenv("GIVEN", "value")
    monkeypatch.setenv("SECRET", "key")
    flags = ("-c", "python3 trial.py {n}", "--vary", "n=1,2", *SIZE, "--repo", script(ENVIRONMENT), *QUICK)
    ran = curie("run", "Q?", *flags, "--env", "GIVEN", "--sandbox", "process")
    assert {r.values["size"] for r in look(ran).records()} == {5.0}
    refused = curie("run", "Q?", *flags, "--env", "NOT_SET")
    assert (refused.code, refused.out) == (2, "")
    assert "NOT_SET" in refused.err


@BOTH
def test_the_code_is_the_working_tree_with_its_changes(curie: Any, look: Any, place: Path, sandbox: str) -> None:
    """A dirty tree is snapshotted as it is, its script runs as `./run.sh {x}`, ignored files stay out."""
    repo = place / "my repo"
    repo.mkdir()
    (repo / "run.sh").write_text("#!/bin/sh\necho old\n", encoding="utf-8")
    (repo / ".gitignore").write_text("ignored\n", encoding="utf-8")
    (repo / "run.sh").chmod(0o755)
    git = ("git", "-C", str(repo), "-c", "user.name=u", "-c", "user.email=u@example.org")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run([*git, *words], check=True)
    (repo / "run.sh").write_text('#!/bin/sh\necho "{\\"size\\": $1$(cat new)}"\ntest ! -e ignored\n', encoding="utf-8")
    (repo / "new").write_text("0", encoding="utf-8")
    (repo / "ignored").write_text("", encoding="utf-8")
    ran = curie("run", "Q?", "-c", "./run.sh {x}", "--vary", "x=1,2", *SIZE, "--repo", "my repo", *QUICK,
                "--sandbox", sandbox)  # fmt: skip
    assert ran.code == 0, ran.err
    assert [r.values["size"] for r in look(ran).records()] == [10.0, 10.0, 20.0, 20.0]
    snapshot = look(ran).state.snapshot
    assert snapshot.dirty
    assert snapshot.excluded == ("ignored",)


HOSTILE = """
import json, os, shutil
from pathlib import Path
out, metrics = Path(os.environ["CURIE_OUT"]), Path(os.environ["CURIE_METRICS"])
x = __import__("sys").argv[1]
if x == "no-out":
    out.rmdir()
elif x == "names":
    Path(os.fsdecode(os.fsencode(out) + b"/\\xff.bin")).write_bytes(b"1")
    (out / "link").symlink_to("/etc/passwd")
    os.mkfifo(out / "pipe")
elif x == "no-metrics":
    metrics.unlink()
elif x == "fifo":
    metrics.unlink()
    os.mkfifo(metrics)
elif x == "folder":
    metrics.unlink()
    metrics.mkdir()
elif x == "link":
    metrics.unlink()
    metrics.symlink_to("/etc/passwd")
print(json.dumps({"size": 1}))
"""


@BOTH
def test_what_a_trial_does_to_its_folders_stops_no_run(
    curie: Any, look: Any, script: Callable[[str], str], sandbox: str
) -> None:
    """A removed CURIE_OUT, names that are not UTF-8, links, FIFOs in place of files: the run goes on and says so."""
    kinds = ("plain", "no-out", "names", "no-metrics", "fifo", "folder", "link")
    ran = curie("run", "Q?", "-c", "python3 trial.py {x}", "--vary", f"x={','.join(kinds)}", *SIZE, "-n", "2",
                "--reproduce", "0", "--json", "--repo", script(HOSTILE), "--sandbox", sandbox)  # fmt: skip
    assert ran.code == 0, ran.err
    outcomes = {r.settings["x"]: r.outcome for r in look(ran).records()}
    good = ("plain", "no-out", "names", "no-metrics")
    assert outcomes == {x: "succeeded" if x in good else "failed" for x in kinds}
    kept = next(r for r in look(ran).records() if r.settings["x"] == "names").outputs
    assert [ref.name for ref in kept] == ["\ufffd.bin"]


def test_a_level_that_is_not_utf8_is_refused_by_name(curie: Any, place: Path) -> None:
    """A byte that no record can hold ends with a message, not with a traceback, and leaves no run behind."""
    ran = curie("run", "Q?", "-c", "echo {x}", "--vary", os.fsdecode(b"x=a,\xff"), "-m", "wall_s", "-n", "2")
    assert ran.code == 2
    assert "UTF-8" in ran.err


def test_a_level_with_a_nul_is_refused_by_name(curie: Any, place: Path) -> None:
    """No program can be given a NUL."""
    text = 'question: Q?\ncommand: echo {x}\nvary: {x: ["a", "b\\0c"]}\nmetrics: [wall_s]\n'
    (place / "e.yaml").write_text(text, encoding="utf-8")
    ran = curie("run", "e.yaml", "-n", "2")
    assert ran.code == 2
    assert "NUL" in ran.err
