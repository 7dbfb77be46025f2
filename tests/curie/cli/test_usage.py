"""What a user does wrong, and what the command line says of itself. Exit codes, hints, help."""

import importlib.metadata
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from curie import __version__
from curie.cli.app import app

GOOD = ("-c", "echo {x}", "--vary", "x=1,2", "-m", "wall_s")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Is it good?",), "Three ways forward"),
        (("sortin",), "sorting"),
        (("./nowhere",), "no task folder"),
        (("",), "empty"),
        (("missing.yaml",), "missing.yaml"),
        (("Q?", "-c", "echo {x}"), "--vary"),
        (("Q?", "-c", "echo {x}", "--vary", "x=1,2"), "--metric"),
        (("Q?", "-c", "echo {y}", "--vary", "x=1,2", "-m", "wall_s"), "{y}"),
        (("Q?", "-c", "echo {x", "--vary", "x=1,2", "-m", "wall_s"), "brace"),
        (("Q?", "-c", "echo 'x", "--vary", "x=1,2", "-m", "wall_s"), "quotation"),
        (("Q?", "-c", "", "--vary", "x=1,2", "-m", "wall_s"), "command"),
        (("Q?", "-c", "no-such-program {x}", "--vary", "x=1,2", "-m", "wall_s"), "no-such-program"),
        (("Q?", "-c", "echo {x}", "--vary", "x=1,,2", "-m", "wall_s"), "empty"),
        (("Q?", "-c", "echo {x}", "--vary", "x=1,1", "-m", "wall_s"), "twice"),
        (("Q?", "-c", "echo {x}", "--vary", "x=nan,1", "-m", "wall_s"), "finite"),
        (("Q?", "-c", "echo {x}", "--vary", "x=1,inf", "-m", "wall_s"), "finite"),
        (("Q?", "-c", "echo {x}", "--vary", "x", "-m", "wall_s"), "NAME=VALUE"),
        (("Q?", "-c", "echo {x}", "--vary", "x=[1,", "-m", "wall_s"), "JSON"),
        (("Q?", "-c", "echo {x}", "--vary", "x=1,2", "--vary", "x=3,4", "-m", "wall_s"), "twice"),
        (("Q?", "-c", "echo {x}", "--vary", "x=@gone,1", "-m", "wall_s"), "gone does not exist"),
        (("Q?", "-c", "echo {seed}", "--vary", "seed=1,2", "-m", "wall_s"), "reserved"),
        (("Q?", *GOOD, "--control", "x=3"), "not one of its levels"),
        (("Q?", *GOOD, "--control", "y=3"), "not varied"),
        (("Q?", *GOOD, "--set", "x=3"), "both varied and set"),
        (("Q?", *GOOD, "--nuisance", "x"), "nuisance"),
        (("Q?", *GOOD, "-m", "wall_s:ms:lower"), "measured in 's'"),
        (("Q?", *GOOD, "-m", "a:1:bigger"), "bigger"),
        (("Q?", *GOOD, "--hypothesis", "wall_s"), "direction"),
        (("Q?", *GOOD, "--hypothesis", "wall_s:up"), "direction"),
        (("Q?", *GOOD, "--hypothesis", "other:lower"), "no metric 'other'"),
        (("Q?", *GOOD, "--hypothesis", "wall_s:lower:min=inf"), "finite"),
        (("Q?", *GOOD, "--hypothesis", "wall_s:lower:min=x"), "min"),
        (("Q?", *GOOD, "--min-effect", "-1"), "finite number >= 0"),
        (("Q?", *GOOD, "--min-effect", "nan"), "finite number >= 0"),
        (("Q?", *GOOD, "--min-effect", "other=1"), "no metric 'other'"),
        (("Q?", *GOOD, "--design", "latin"), "design"),
        (("Q?", *GOOD, "--alpha", "2"), "alpha"),
        (("Q?", *GOOD, "--alpha", "nan"), "alpha"),
        (("Q?", *GOOD, "--sandbox", "docker"), "sandbox"),
        (("Q?", *GOOD, "--wheelhouse", "."), "--requirements"),
        (("Q?", *GOOD, "--requirements", "gone.txt"), "gone.txt does not exist"),
        (("Q?", *GOOD, "--repo", "gone"), "gone does not exist"),
        (("Q?", *GOOD, "--timeout", "nan"), "timeout"),
        (("Q?", *GOOD, "--max-time", "nan"), "max"),
        (("Q?", *GOOD, "-n", "0"), "--repeat"),
        (("Q?", *GOOD, "--no-such-flag"), "--no-such-flag"),
    ],
)
def test_a_request_that_cannot_be_carried_out(curie: Any, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    """Exit 2, nothing on stdout, a message that names what is wrong, no traceback, and no run left behind."""
    ran = curie("run", *words)
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert "unexpected" not in ran.err
    runs = tmp_path / "runs"
    assert not runs.exists() or list(runs.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: [1\n",
        "- 1\n",
        "",
        "question: Q?\ncommand: echo {x}\nvary: {x: [1, 2]}\nmetrics: [wall_s]\ncolour: red\n",
        "question: Q?\ncommand: echo {x}\nvary: {x: [1, .nan]}\nmetrics: [wall_s]\n",
        "question: Q?\ncommand: echo {x}\nvary: {x: [1, 2]}\nmetrics: [wall_s]\nlimits: {timeout_s: .inf}\n",
    ],
)
def test_a_file_that_cannot_be_read(curie: Any, place: Path, text: str) -> None:
    """No YAML, no mapping, unknown key, NaN: exit 2, and the file is named."""
    (place / "e.yaml").write_text(text, encoding="utf-8")
    ran = curie("run", "e.yaml")
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert "e.yaml" in ran.err or "finite" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("words", [("status",), ("history",), ("verify",), ("resume",), ("status", "nope")])
def test_no_such_run(curie: Any, words: tuple[str, ...]) -> None:
    """Where no run is, every command says so."""
    ran = curie(*words, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert "run" in ran.err


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command below one, by its words."""
    yield words
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*words, name))


@pytest.mark.parametrize("words", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_has_help(curie: Any, words: tuple[str, ...]) -> None:
    """`--help` of every command exits 0, and every flag in it says what it is for."""
    ran = curie(*words, "--help")
    assert ran.code == 0, ran.err
    assert "Usage: " in ran.out
    assert not re.search(r"^  (-\\w, )?--[\\w-]+( +[A-Z]+)?$", ran.out, re.MULTILINE)


def test_version(curie: Any) -> None:
    """The version is the distribution's."""
    assert curie("--version").out == f"curie {__version__}\n"
    assert importlib.metadata.version("curie-lab") == __version__


def test_a_question_longer_than_a_file_name(curie: Any) -> None:
    """A question is no path."""
    assert curie("plan", "Is it " + "very " * 100 + "good?", *GOOD, "--json").code == 0


def test_what_a_question_holds_steers_no_terminal(curie: Any) -> None:
    """Escapes, markup and line breaks in question and levels come out as text, on screen and in the report."""
    question = "Is \x1b[31mred\x1b[0m [bold]bold[/bold]\nor | not?"
    levels = r'["[red]a|b[/red]", "\u001b[2Jc\u0007"]'
    ran = curie("run", question, "-c", "echo {x}", "--vary", f"x={levels}", "-m", "wall_s",
                "-m", "exit_code:\x1b[31m:lower:deterministic:regex=.*", "-n", "2", "--reproduce", "0")  # fmt: skip
    shown = ran.out + ran.err
    assert ran.code in {0, 1, 2}, shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[bold]bold[/bold] or | not?" in shown


def test_json_is_the_only_thing_on_stdout_with_colours_forced(curie_process: Any) -> None:
    """A machine-readable answer has no colours, whatever the environment says."""
    ran = curie_process("runs", "--json", env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-256color"})
    assert ran.json == []


def test_on_a_terminal_there_is_a_bar_and_without_one_plain_lines(curie: Any) -> None:
    """A pseudo-terminal gets a live bar, which leaves no residue; a pipe gets lines without escapes, each once."""
    words = ("run", "Q?", "-c", "sleep {x}", "--vary", "x=0.01,0.02", "-m", "wall_s", "-n", "2", "--reproduce", "0")
    plain = curie(*words)
    assert plain.code == 0, plain.err
    assert "\x1b" not in plain.err + plain.out
    lines = plain.err.splitlines()
    assert len(lines) == len(set(lines))
    assert "4 of 4 trials done" in plain.err
    shown = _on_terminal([sys.executable, "-c", "from curie.cli.app import main; main()", *words])
    assert "━" in shown
    assert "4/4" in shown


def _on_terminal(argv: list[str]) -> str:
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(argv, stdout=theirs, stderr=theirs, stdin=theirs, env=env) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        assert process.wait(timeout=30) == 0
    os.close(ours)
    return shown.decode()
