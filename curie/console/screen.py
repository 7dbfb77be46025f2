"""The end of a run on one screen: what was asked, how it was measured, and what came out."""

import shlex

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curie.console.terminal import INDENT, labelled
from curie.records import Finding
from curie.report import (
    calibration_text,
    decider_text,
    effect_text,
    interval_text,
    one_line,
    reproduction_text,
    trials_text,
)
from curie.result import RunResult
from curie.schedule import GATE_KEY

_STYLES = {"supported": "green", "refuted": "red", "inconclusive": "yellow"}
_SHOWN_FAILURES = 5


def show_result(console: Console, result: RunResult) -> None:
    """Print a run's result."""
    console.print()
    labelled(console, "Question", result.question)
    labelled(console, "Answer", result.answer or "none yet")
    if result.stopped is not None:
        labelled(console, "Stopped", result.stopped)
    labelled(console, "Mode", _mode(result))
    labelled(console, "Sandbox", result.isolation or "none chosen")
    for limit in result.unenforced:
        labelled(console, "", f"not enforced: {limit}")
    labelled(console, "Plan", f"frozen, sha256 {result.plan_hash}" if result.plan_hash else "none")
    labelled(console, "Trials", f"{result.trials.planned} planned: {trials_text(result.trials)}")
    labelled(console, "Reproduction", reproduction_text(result.reproduction))
    if result.findings and result.phase != "gate":
        console.print()
        console.print(_verdicts(result.findings))
        if sum(not f.deterministic for f in result.findings) > 1:
            console.print("Levels of the intervals differ because they are Holm-adjusted over the plan.", style="dim")
    if result.phase != "gate":
        _open_questions(console, result)
    _calibration(console, result)
    _troubles(console, result)
    _limits(console, result)
    _where(console, result)


def _mode(result: RunResult) -> str:
    return f"{result.mode} study: no language model took part" if result.mode == "declared" else result.mode


def _verdicts(findings: tuple[Finding, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("", "hypothesis", "verdict", "effect", "interval", "n"):
        table.add_column(title, overflow="fold", justify="right" if title == "n" else "left")
    for finding in findings:
        verdict = f"{finding.verdict}{' (exact)' if finding.deterministic else ''}"
        table.add_row(
            Text(finding.hypothesis),
            Text(one_line(finding.statement)),
            Text(verdict, style=_STYLES[finding.verdict]),
            Text(effect_text(finding)),
            Text(interval_text(finding)),
            Text(str(finding.n) if finding.n == finding.planned else f"{finding.n} of {finding.planned}"),
        )
    return table


def _open_questions(console: Console, result: RunResult) -> None:
    undecided = [f for f in result.findings if f.verdict == "inconclusive"]
    if undecided:
        console.print()
    for finding in undecided:
        labelled(console, finding.hypothesis, f"inconclusive: {finding.reason}")
        if finding.decider is not None:
            labelled(console, "", f"to decide: {decider_text(finding)}")


def _calibration(console: Console, result: RunResult) -> None:
    for finding in result.calibration:
        labelled(console, finding.hypothesis, calibration_text(finding))


def _troubles(console: Console, result: RunResult) -> None:
    shown = [d for d in result.diagnostics if d.severity != "note"]
    if shown or result.failures or result.divergences:
        console.print()
    for diagnostic in shown:
        labelled(console, diagnostic.severity.capitalize(), diagnostic.message)
        if diagnostic.hint:
            labelled(console, "", f"try: {diagnostic.hint}")
    for record in result.failures[:_SHOWN_FAILURES]:
        labelled(console, "Failed", f"{record.key}: {record.outcome}: {record.reason or 'no reason given'}")
    if len(result.failures) > _SHOWN_FAILURES:
        labelled(console, "", f"and {len(result.failures) - _SHOWN_FAILURES} more, see the report")
    for reproduction in result.divergences:
        labelled(console, "Re-run", f"{reproduction.key}: {reproduction.state}: {reproduction.reason or ''}")


def _limits(console: Console, result: RunResult) -> None:
    if result.limits and result.phase != "gate":
        console.print()
    for number, limit in enumerate(result.limits if result.phase != "gate" else ()):
        labelled(console, "" if number else "Limits", limit)


def _where(console: Console, result: RunResult) -> None:
    console.print()
    directory = shlex.quote(str(result.directory))
    _whole(console, "Run", str(result.directory))
    if result.report is not None:
        _whole(console, "Report", str(result.report))
    if result.phase == "gate":
        _whole(console, "Look", f"curie show {directory} {GATE_KEY}")
        labelled(console, "Next", "mend the command and run it again; this run is kept as it is")
    elif result.phase in {"interrupted", "budget", "infrastructure"}:
        _whole(console, "Next", f"curie resume {directory}")
    elif result.phase != "running":
        _whole(console, "Next", f"curie verify {directory}")
        _whole(console, "", f"curie history {directory}")


def _whole(console: Console, label: str, text: str) -> None:
    """A label and a text that is to be copied: never wrapped."""
    console.print(Text(f"{label:<{INDENT}}", style="bold") + Text(one_line(text)), soft_wrap=True)
