import asyncio
import contextlib
import inspect
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import curie
from curie.api import Run
from curie.arguments import StudyArguments
from curie.errors import JournalTampered, PlanRefused, RunNotFound, UsageError
from curie.signals import cancel_on_signals, raise_interrupt
from tests.curie import sample_run

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "python-api.md"
HOSTILE = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own, with runs, cache and leases apart from the user's."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in ("cache", "lease"):
        monkeypatch.setenv(f"CURIE_{name.upper()}_DIR", str(tmp_path / name))
    monkeypatch.delenv("CURIE_RUNS_DIR", raising=False)
    return tmp_path / "work"


def small(question: str = "Does more give more?", **more: Any) -> Run:
    """Two groups, two blocks, no time: it takes about a second."""
    given: dict[str, Any] = {
        "command": "sh -c 'echo $0' {level}",
        "vary": {"level": [1, 2]},
        "metrics": [curie.Metric(name="size", unit="B", better="higher", deterministic=True, regex=r"(\d+)")],
        "repeat": 2,
        "sandbox": "process",
    }
    return curie.experiment(question, **{**given, **more})


def test_a_question_is_asked_and_read(place: Path) -> None:
    """Answer, verdicts, trials, tables, report and check of one real run; `load` opens the same."""
    run = small()
    assert (run.result.phase, run.verdicts) == ("finished", {"H1": "supported"})
    assert run.findings[0].effect == 1.0
    assert run.answer
    assert run.answer.startswith("Supported")
    assert len([t for t in run.trials if t.purpose == "measure"]) == 4
    measured = [row for row in run.rows() if row["purpose"] == "measure"]
    assert sorted((row["setting.level"], row["metric.size"]) for row in measured) == [(1, 1.0)] * 2 + [(2, 2.0)] * 2
    assert run.report is not None
    assert run.report.is_file()
    assert run.path.parent == place / "runs"
    assert run.verify().ok
    assert curie.load().id == curie.load(run.id[:20]).id == curie.load(run.path).id == run.id
    assert run.resume().id == run.id
    assert run.export("trials.json", what="trials") == (Path("trials.json"),)
    assert len(json.loads(Path("trials.json").read_text())["tables"]["trials"]["rows"]) == len(run.rows())
    assert repr(run) == f"<curie.Run {run.id}: H1 supported>"


def test_a_frame_of_a_run() -> None:
    """The rows as pandas has them; an unknown table is a usage error, as is a missing pandas."""
    pandas = pytest.importorskip("pandas")
    frame = small().frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame[frame["purpose"] == "measure"].groupby("setting.level")["metric.size"].mean().to_dict() == {
        1: 1.0,
        2: 2.0,
    }


def test_without_pandas_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And rows work all the same."""
    run = curie.load(sample_run.finished_run(tmp_path / "r1").root)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="needs pandas") as error:
        run.frame()
    assert "curie-lab[frame]" in (error.value.hint or "")
    assert len(run.rows("findings")) == 1
    with pytest.raises(UsageError, match="no table"):
        run.rows("row")  # type: ignore[arg-type]  # wrong on purpose


def test_errors_are_ours(tmp_path: Path) -> None:
    """Usage, lint, a run that is not there and a damaged one, each by its own class; none leaves a run behind."""
    with pytest.raises(UsageError, match="nothing varies"):
        small(vary=None)
    with pytest.raises(PlanRefused):
        small(vary={"level": [1]})
    with pytest.raises(RunNotFound):
        curie.load()
    assert not list(Path("runs").glob("*"))
    paths = sample_run.finished_run(tmp_path / "r1")
    paths.journal.write_bytes(paths.journal.read_bytes().replace(b'"value":0.5', b'"value":0.4', 1))
    with pytest.raises(JournalTampered):
        curie.load(paths.root)


def test_a_failed_gate_is_returned(place: Path) -> None:
    """The run says what happened; no exception hides it."""
    run = small(command="sh -c 'echo broken >&2; exit 3' {level}")
    assert run.result.phase == "gate"
    assert run.verdicts == {"H1": "inconclusive"}
    assert "control trial" in (run.answer or "")


def test_in_a_notebook_it_works_and_shows_no_script() -> None:
    """Called inside a running event loop, in a thread that is not the main one, with stdout and stderr redirected."""
    out, err = io.StringIO(), io.StringIO()

    async def cell() -> Run:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            return small(HOSTILE, progress=True)

    shown: list[Run] = []
    worker = threading.Thread(target=lambda: shown.append(asyncio.run(cell())))
    worker.start()
    worker.join(60)
    html = shown[0]._repr_html_()
    assert "<script" not in html
    assert "\x1b" not in html
    assert "&lt;script&gt;" in html
    assert all(text in html for text in ("H1", "supported", "report", "1 B"))
    assert out.getvalue() == ""
    assert "trials done" in err.getvalue()
    assert len(html) < 5000


def test_nothing_is_told_unasked(capfd: pytest.CaptureFixture[str]) -> None:
    """Without a terminal a run is silent."""
    small()
    assert capfd.readouterr() == ("", "")


def test_importing_is_cheap() -> None:
    """`import curie` loads none of the libraries that the API needs; the names are there all the same."""
    script = (
        "import sys, curie\n"
        "heavy = {'pydantic', 'rich', 'langgraph', 'scipy', 'pandas', 'mlflow'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert {'experiment', 'load', 'Run', 'Metric'} <= set(dir(curie))\n"
        "assert callable(curie.experiment)\n"
        "try: curie.nothing\nexcept AttributeError as e: assert 'nothing' in str(e)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


INTERRUPTED = """
import curie
from curie.errors import Interrupted
try:
    curie.experiment("Slow?", command="sh -c 'echo 1; sleep $0' {s}", vary={"s": [0.2, 0.3]}, repeat=20,
                     sandbox="process", metrics=["m:1:none:regex=(1)"], out="run")
except (Interrupted, KeyboardInterrupt):
    print("stopped", flush=True)
"""


def test_a_second_signal_raises_and_does_not_end_the_process() -> None:
    """The first asks to stop; the second is a KeyboardInterrupt; then the handlers are what they were."""
    before = signal.getsignal(signal.SIGINT)
    cancelled = threading.Event()
    with pytest.raises(KeyboardInterrupt), cancel_on_signals(cancelled, raise_interrupt):  # noqa: PT012 - two signals
        signal.raise_signal(signal.SIGINT)
        assert cancelled.is_set()
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_is_an_exception_and_the_run_goes_on(place: Path, times: int) -> None:
    """A process that is interrupted, once or twice at once, lives on with all its variables; then the run resumes."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    script = [sys.executable, "-c", INTERRUPTED]
    process = subprocess.Popen(script, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    journal = place / "run" / "journal.jsonl"
    until = time.monotonic() + 60
    while time.monotonic() < until and not (journal.exists() and b'"trial_finished"' in journal.read_bytes()):
        time.sleep(0.05)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "stopped\n", "")
    run = curie.load("run")
    assert run.result.phase == "interrupted"
    before = {t.key for t in run.trials}
    assert 1 <= len(before) < 40
    again = run.resume(max_time_s=0.5)
    assert before < {t.key for t in again.trials}
    assert again.result.phase in {"budget", "finished"}


@pytest.mark.slow
def test_a_users_script_type_checks(tmp_path: Path) -> None:
    """Strict mypy knows arguments and results of the installed package, and refuses a wrong one."""
    script = tmp_path / "user.py"
    script.write_text(
        "import curie\n"
        "run = curie.experiment('q?', command='t {x}', vary={'x': [1, 2]}, metrics=['m'])\n"
        "reveal_type(run.verdicts)\n"
        "reveal_type(run.findings[0].effect)\n"
        "curie.experiment('q?', repeat='many')\n"
    )
    words = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={tmp_path / 'cache'}",
        str(script),
    ]
    env = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    told = [line for line in done.stdout.splitlines() if line.startswith("user.py")]
    assert "user.py:3" in told[0]
    assert "dict[" in told[0]
    assert re.search(r"float \| None", told[1])
    assert "user.py:5: error" in told[2]
    assert '"repeat"' in told[2]
    assert len(told) == 3


def documented(heading: str) -> list[str]:
    """First cells of the tables under a heading of docs/python-api.md."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def test_the_page_lists_arguments_and_members() -> None:
    """All of them, in order; and each argument stands in the docstring, with the command line's flags behind it."""
    arguments = list(inspect.signature(curie.experiment).parameters)[1:]
    assert [n for n in documented("curie.experiment") if n[0].islower()] == arguments
    assert documented("Run") == [n for n in vars(Run) if not n.startswith("_")]
    told = re.findall(r"^    (\w+): ", inspect.getdoc(curie.experiment) or "", re.MULTILINE)
    assert told[: len(arguments) + 1] == ["question", *arguments]
    assert set(StudyArguments.__dataclass_fields__) <= set(arguments)


def test_the_program_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """As it stands there."""
    source = re.search(r"```python\n(import curie.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert source is not None
    exec(compile(source[1], str(PAGE), "exec"), {})  # noqa: S102 - it is our own page
    assert "{'H1': 'supported'}" in capsys.readouterr().out
