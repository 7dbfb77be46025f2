"""A run in a notebook's cell: a small table, every text escaped, no script. Pure."""

from html import escape
from pathlib import Path

from curie.records import Finding
from curie.report import one_line
from curie.result import RunResult
from curie.rigor.grounding import number

_CELL = 'style="text-align:left;padding:0.2em 1em 0.2em 0"'
_HEADINGS = ("Hypothesis", "Verdict", "Effect", "Interval", "Blocks")


def run_as_text(result: RunResult) -> str:
    """The run on one line, for a prompt."""
    verdicts = ", ".join(f"{f.hypothesis} {f.verdict}" for f in result.findings) or result.phase
    return one_line(f"<curie.Run {result.run_id}: {verdicts}>")


def run_as_html(result: RunResult, report: Path | None) -> str:
    """Question, answer, verdicts and where the report lies."""
    answer = result.answer or f"No answer yet: the run is {result.phase}."
    parts = [f"<p><strong>{_text(result.question)}</strong><br>{_text(answer)}</p>"]
    if result.findings:
        head = "".join(f'<th scope="col" {_CELL}>{name}</th>' for name in _HEADINGS)
        rows = "".join(_row(finding) for finding in result.findings)
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    where = f"Report: <code>{_text(str(report))}</code>" if report is not None else "No report yet"
    parts.append(f"<p>{where}<br>Run: <code>{_text(str(result.directory))}</code></p>")
    return f"<div>{''.join(parts)}</div>"


def _row(finding: Finding) -> str:
    cells = (
        f"{finding.hypothesis}: {finding.statement}",
        finding.verdict,
        "unknown" if finding.effect is None else f"{number(finding.effect)} {finding.unit}",
        _interval(finding),
        f"{finding.n} of {finding.planned}",
    )
    return f"<tr>{''.join(f'<td {_CELL}>{_text(cell)}</td>' for cell in cells)}</tr>"


def _interval(finding: Finding) -> str:
    found = finding.interval
    if found is None:
        return "none"
    low = "unbounded" if found.low is None else number(found.low)
    high = "unbounded" if found.high is None else number(found.high)
    return f"{low} to {high} {finding.unit}"


def _text(text: str) -> str:
    """One line, escaped, without characters that steer."""
    return escape(one_line(text))
