"""C2 number 36: locales, terminals and streams: no crash, plain output, and nothing that a reader does stops a run."""

import os
import pty
import subprocess
import threading
from collections.abc import Callable

import pytest

from curie.verify import verify
from tests.faults.command_line import CURIE, PRINTS_X, Place, state_of, study

LOCALES = [
    {"LC_ALL": "C"},
    {"LC_ALL": "no_SUCH.locale"},
    {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "ascii"},
    {"TERM": "dumb"},
    {"NO_COLOR": "1"},
    {"COLUMNS": "20"},
]


@pytest.mark.slow
@pytest.mark.parametrize("extra", LOCALES, ids=lambda extra: " ".join(map("=".join, extra.items())))
def test_locales(place: Place, extra: dict[str, str]) -> None:
    """Any locale and any of these variables: the run ends, its output is plain, its files are UTF-8."""
    arguments = ["run", "Größer — 数?", *study(PRINTS_X, "--out", "run")[2:]]
    done = place.curie(*arguments, env={**place.env(), **extra})
    assert done.code == 0, done
    assert "\x1b" not in done.out + done.err
    assert "Größer — 数?" in (place.cwd / "run" / "report" / "report.md").read_text(encoding="utf-8")


def in_terminal(place: Place, arguments: list[str], columns: int, extra: dict[str, str]) -> tuple[int, str]:
    """Run in a terminal; exit code and everything that it showed."""
    master, slave = pty.openpty()
    os.set_blocking(master, True)
    shown: list[bytes] = []

    def read() -> None:
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                return
            if not part:
                return
            shown.append(part)

    reader = threading.Thread(target=read)
    env = {**place.env(), "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "10", **extra}
    process = subprocess.Popen(
        [CURIE, *arguments], cwd=place.cwd, env=env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    reader.start()
    code = process.wait(timeout=60)
    reader.join(timeout=10)
    os.close(master)
    return code, b"".join(shown).decode("utf-8", "replace")


@pytest.mark.parametrize(("columns", "extra"), [(20, {}), (80, {}), (20, {"NO_COLOR": "1"}), (1, {})])
def test_terminals(place: Place, columns: int, extra: dict[str, str]) -> None:
    """In a terminal of any width the run ends and shows its answer; with NO_COLOR it shows no colour."""
    code, shown = in_terminal(place, study(PRINTS_X, "--out", "run"), columns, extra)
    assert code == 0, shown
    assert "Traceback" not in shown
    if columns > 1:
        assert "Supported" in shown
    if extra:
        assert "\x1b[3" not in shown


CLOSED: list[tuple[str, int]] = [
    ("{curie} | head -0", 0),
    ("{curie} >&-", 0),
    ("{curie} 2>&-", 0),
    ("{curie} <&-", 0),
    ("{curie} <&- >&- 2>&-", 0),
    ("{curie} 2> >(head -0)", 0),
    ("{curie} 2>/dev/full", 0),
    ("{curie} >/dev/full", 5),
]


def in_shell(place: Place, line: str, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    """A line of bash, in which {curie} is the command with `arguments`."""
    script = "set -o pipefail; " + line.format(curie='"$@"')
    return subprocess.run(
        ["bash", "-c", script, "bash", CURIE, *arguments],
        cwd=place.cwd, env=place.env(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(("line", "code"), CLOSED)
def test_closed_streams(place: Place, line: str, code: int) -> None:
    """Whichever stream is closed, full or abandoned, the experiment is carried out and recorded to its end."""
    done = in_shell(place, line, study(PRINTS_X, "--out", "run"))
    assert done.returncode == code, done
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if code:
        assert "standard output" in done.stderr
    assert state_of(place.cwd / "run").finished is not None
    assert verify(place.cwd / "run").ok


LOOKS: list[Callable[[], list[str]]] = [
    lambda: ["--help"],
    lambda: ["--version"],
    lambda: ["tasks", "list", "--json"],
    lambda: ["history", "run"],
    lambda: ["status", "run"],
]


@pytest.mark.slow
def test_closed_streams_of_commands_that_look(place: Place) -> None:
    """Commands that only print do not fail because nobody reads, and say so where nothing can be written."""
    assert place.curie(*study(PRINTS_X, "--out", "run")).code == 0
    for arguments in LOOKS:
        for line, code in (("{curie} | head -0", 0), ("{curie} >&-", 0), ("{curie} >/dev/full", 5)):
            done = in_shell(place, line, arguments())
            assert (done.returncode, "Traceback" in done.stderr) == (code, False), (arguments(), line, done)


def test_an_abandoned_pipe_hides_no_failure(place: Place) -> None:
    """`curie verify | head -0` still says by its exit code that something was changed."""
    assert place.curie(*study(PRINTS_X, "--out", "run")).code == 0
    report = place.cwd / "run" / "report" / "report.md"
    report.write_text("All is well.", encoding="utf-8")
    assert in_shell(place, "{curie} | head -0", ["verify", "run"]).returncode == 1
