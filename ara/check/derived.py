"""A741: means of a derived table recompute from the table that it names."""

from collections.abc import Iterator, Sequence

from ara.check.context import Context
from ara.check.model import Diagnostic, Rule, Severity
from ara.check.trial_table import NONE, TABLE, Trial, Trials, read_trials
from ara.reader.markdown import MarkdownFile, Table
from curie.rigor.contrasts import mean
from curie.rigor.numbers import number

MEAN = Rule(
    "A741",
    Severity.ERROR,
    "The means of a derived table are those of the measured trials that succeeded, as its parent has them.",
    "Compute them again from the table under Derived from.",
    "a mean of 9.777 over trials between 0.3 and 1.9",
)
RULES = (MEAN,)


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    trials = read_trials(context)
    for path in context.located.files("evidence/tables") if trials else ():
        document = context.document(path)
        table = _derived(document) if document else None
        if table is not None and trials is not None:
            yield from _means(path, table, trials)


def _derived(document: MarkdownFile) -> Table | None:
    """The table of means by group over the trials; None if this is another page."""
    parent = document.find("derived from")
    if parent is None or parent.value.strip("` ") != TABLE.rpartition("/")[2]:
        return None
    table = next(document.tables(), None)
    return table if table and table.header[:1] == ["group"] and "n" in table.header else None


def _means(path: str, table: Table, trials: Trials) -> Iterator[Diagnostic]:
    good: dict[str, list[Trial]] = {}
    for trial in trials.rows:
        kind = (trial.cells["standing"], trial.cells["purpose"], trial.cells["outcome"])
        if kind == ("counts", "measure", "succeeded"):
            good.setdefault(trial.cells["group"], []).append(trial)
    for row in table.rows:
        told = dict(zip(table.header, row.cells, strict=False))
        group = told.get("group", "")
        for name, value in _reckoned(good.pop(group, []), trials.metrics).items():
            if name in table.header and told.get(name) != value:
                message = f"{name} of {group} is {told.get(name, 'missing')} here and {value} by {TABLE}"
                yield MEAN.at(path, row, message)
    for group in good:
        yield MEAN.at(path, table.line, f"there is no row of {group}, which has trials in {TABLE}")


def _reckoned(group: Sequence[Trial], metrics: Sequence[str]) -> dict[str, str]:
    """Number of trials and mean of every metric, as they are shown: three significant digits."""
    real = {"n": str(len(group))}
    for position, metric in enumerate(metrics):
        values = _floats([t.values[position] for t in group if position < len(t.values)])
        real[metric] = "no number" if values is None else number(mean(values)) if values else NONE
    return real


def _floats(cells: Sequence[str]) -> list[float] | None:
    try:
        return [float(text) for text in cells if text != NONE]
    except ValueError:
        return None
