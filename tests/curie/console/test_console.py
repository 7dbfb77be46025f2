"""What people see: progress with and without a terminal, the screens at any width."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from curie.console.progress import ProgressConsole
from curie.console.runs_screen import show_runs
from curie.console.screen import show_result
from curie.console.terminal import make_console
from curie.journal.events import (
    BlocksDecided,
    EnvironmentBuilt,
    RunResumed,
    TailDropped,
    TrialFinished,
    TrialReproduced,
    TrialStarted,
)
from curie.records import Reproduction
from curie.result import RunResult, summarise
from curie.runs import list_runs
from curie.state import RunState
from tests.curie import sample_run


def plain() -> tuple[Console, io.StringIO]:
    """A console that is no terminal, and what it writes."""
    out = io.StringIO()
    return make_console(out), out


class Clock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def outcome(question: str = "Is b faster than a?", directory: str = "/runs/r1") -> RunResult:
    """The result of the sample run."""
    state = RunState()
    for event in sample_run.events():
        state = state.apply(event)
    return summarise(state, Path(directory), None).model_copy(update={"question": question})


def test_plain_progress_is_lines_without_duplicates() -> None:
    """Milestones once, trials every five seconds, the end once, however many events there are."""
    console, out = plain()
    clock = Clock()
    with ProgressConsole(console, clock) as progress:
        for event in sample_run.events():
            clock.now += 1.5
            progress.on_event(event)
    lines = out.getvalue().splitlines()
    assert len(lines) == len(set(lines))
    assert "Plan frozen, sha256" in out.getvalue()
    assert sum("4 of 4 trials done" in line for line in lines) == 1
    assert any(re.search(r"[123] of 4 trials done, (\d running, )?0 failed, about \d+ s left", line) for line in lines)
    assert "\x1b" not in out.getvalue()


def test_what_a_trial_says_is_text() -> None:
    """Escapes, line breaks and markup in a reason come out as one harmless line."""
    console, out = plain()
    record = sample_run.record("g01-r01", "g01", 1.0).model_copy(
        update={"outcome": "failed", "reason": "\x1b[2J\x1b]0;title\x07[red]no[/red]\nsecond"}
    )
    ProgressConsole(console).on_event(TrialFinished(record=record))
    assert out.getvalue().count("\n") == 1
    assert not set("\x1b\x07") & set(out.getvalue())
    assert "[red]no[/red] second" in out.getvalue()


def test_a_resumed_run_counts_what_was_done_before() -> None:
    """Silence about the past, the right count, and a time left by the pace of now."""
    console, out = plain()
    clock = Clock()
    progress = ProgressConsole(console, clock)
    events = sample_run.events()
    progress.catch_up(events[:9])
    assert out.getvalue() == ""
    progress.on_event(RunResumed(curie_version="0.1.0"))
    clock.now = 6.0
    progress.on_event(events[10])
    assert "3 of 4 trials done" in out.getvalue()
    assert "about 6 s left" in out.getvalue()


def test_a_second_stage_an_environment_and_a_torn_tail_are_told() -> None:
    """And a re-run that is no pass."""
    console, out = plain()
    progress = ProgressConsole(console)
    progress.catch_up(sample_run.events()[:5])
    progress.on_event(BlocksDecided(blocks=3, reason="By the spread."))
    progress.on_event(EnvironmentBuilt(digest="a" * 64, resolved=("x==1",), interpreter="python3.11", cached=True))
    progress.on_event(TailDropped(bytes_dropped=7, saved_as="torn"))
    progress.on_event(TrialReproduced(reproduction=Reproduction(key="g01-r01", state="diverged")))
    for text in ("3 blocks in all", "from the cache", "7 bytes", "g01-r01: diverged"):
        assert text in out.getvalue()


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    """It shows done of total and what runs, and the milestones stay above it."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, color_system=None)
    with ProgressConsole(console) as progress:
        for event in sample_run.events():
            progress.on_event(event)
        progress.on_event(TrialStarted(key="g01-r09", attempt=1))
    assert "4/4" in out.getvalue()
    assert "1 running" in out.getvalue()
    assert "Plan frozen" in out.getvalue()
    assert out.getvalue().endswith("\x1b[?25h\r\x1b[1A\x1b[2K") or "\x1b[2K" in out.getvalue()


@pytest.mark.parametrize("width", [20, 60, 200])
def test_the_result_fits_any_width(width: int) -> None:
    """A path or hash is in one piece at each; a table of verdicts needs 60 columns to be read."""
    out = io.StringIO()
    directory = "/runs/a-long-directory/20260102-030405-sorting-1f2e"
    shown = outcome(directory=directory)
    show_result(Console(file=out, width=width, color_system=None), shown)
    text = out.getvalue()
    assert directory in text
    assert str(shown.plan_hash) in text
    if width >= 60:
        assert "supported  -0.5 s" in text


def test_markup_and_escapes_in_a_question_are_text() -> None:
    """On the screen of a colour terminal, where they could do harm."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=200, color_system="standard")
    show_result(console, outcome(question="[blink]x[/blink] :boom: \x1b]52;c;aGk=\x07\x1b[2J"))
    assert "[blink]x[/blink] :boom:" in out.getvalue()
    assert "\x1b]" not in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    assert "\x07" not in out.getvalue()


def test_runs_are_two_lines_each(tmp_path: Path) -> None:
    """Facts and question, at any width, and a damaged one says why."""
    sample_run.finished_run(tmp_path / "r1")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "journal.jsonl").write_text("x\n", encoding="utf-8")
    out = io.StringIO()
    show_runs(Console(file=out, width=20, color_system=None), list_runs(tmp_path), tmp_path)
    assert "r1   finished        4 of 4 trials succeeded, 1 supported, 1 of 1 reproduced, tags: first" in out.getvalue()
    assert "    Is b faster than a?" in out.getvalue()
    assert "bad  damaged" in out.getvalue()


def test_no_runs(tmp_path: Path) -> None:
    """It says where it looked and what to do."""
    console, out = plain()
    show_runs(console, [], tmp_path)
    assert str(tmp_path) in out.getvalue()
    assert "curie run sorting" in out.getvalue()


def test_a_console_without_a_terminal_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fixed width and no colour, whatever the caller's window is."""
    monkeypatch.setenv("COLUMNS", "33")
    console, out = plain()
    console.print("[red]x[/red]", style="red")
    assert (console.width, out.getvalue()) == (100, "[red]x[/red]\n")
