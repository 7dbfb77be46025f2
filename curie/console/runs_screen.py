"""The list of runs."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curie.report import one_line
from curie.runs import RunSummary


def show_runs(console: Console, runs: Sequence[RunSummary], folder: Path) -> None:
    """Print runs as a table; says where it looked if there are none."""
    if not runs:
        console.print(f"No such runs in {folder.absolute()}. `curie run sorting` makes one.", soft_wrap=True)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("run", "state", "trials", "verdicts", "reproduced", "tags", "question"):
        table.add_column(title, no_wrap=title in {"run", "state"}, overflow="fold")
    for run in runs:
        verdicts = Counter(run.verdicts.values())
        table.add_row(
            Text(run.id),
            Text(run.state),
            Text(f"{run.trials.get('succeeded', 0)} of {sum(run.trials.values())}"),
            Text(", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())),
            Text(f"{run.reproduced} of {run.rerun}" if run.rerun else "-"),
            Text(", ".join(run.tags)),
            Text(one_line(run.problem or run.question)),
        )
    console.print(table)
