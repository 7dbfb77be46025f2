"""The list of runs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from curie.report import one_line
from curie.runs import RunSummary

_INDENT = "    "


def show_runs(console: Console, runs: Sequence[RunSummary], folder: Path) -> None:
    """Print two lines a run, its facts and its question; says where it looked if there are none."""
    if not runs:
        console.print(f"No such runs in {folder.absolute()}. `curie run sorting` makes one.", soft_wrap=True)
        return
    widest = max(len(run.id) for run in runs)
    for run in runs:
        head = Text(f"{run.id:<{widest}}  ", style="bold")
        console.print(head + Text(f"{run.state:<14}  {', '.join(_facts(run))}".rstrip()), soft_wrap=True)
        for text in (run.question, run.problem):
            if text:
                console.print(Text(_INDENT + one_line(text)), soft_wrap=True)


def _facts(run: RunSummary) -> Iterator[str]:
    if run.planned:
        yield f"{run.trials.get('succeeded', 0)} of {run.planned} trials succeeded"
    yield from (f"{count} {verdict}" for verdict, count in Counter(run.verdicts.values()).items())
    if run.rerun:
        yield f"{run.reproduced} of {run.rerun} reproduced"
    if run.path.name != run.id:
        yield f"folder: {one_line(run.path.name)}"
    if run.tags:
        yield f"tags: {'; '.join(run.tags)}"
