"""The table of every trial of a run, as its artifact has it: what other tables and data are held against."""

from dataclasses import dataclass, field

from ara.check.context import Context

TABLE = "evidence/tables/table1_trials.md"
NONE = "none"
"""What stands in a cell without a value."""
_HEAD = ("trial", "standing", "outcome", "purpose", "group", "block", "position", "attempt", "event")


@dataclass(frozen=True, slots=True)
class Trial:
    """One row of the table of trials."""

    line: int
    cells: dict[str, str]
    """Column -> cell as it is written."""
    values: tuple[str, ...]
    """Cells of the metrics, in their order."""


@dataclass(slots=True)
class Trials:
    """The table of trials."""

    line: int
    metrics: tuple[str, ...]
    rows: list[Trial]
    by_key: dict[str, Trial] = field(default_factory=dict)
    """The attempt of each trial that counts."""
    by_event: dict[tuple[str, str], Trial] = field(default_factory=dict)


def read_trials(context: Context) -> Trials | None:
    """The table; None if no run wrote the artifact, so that nothing can be held against it."""
    document = context.document(TABLE)
    table = next(document.tables(), None) if document else None
    if table is None or tuple(table.header[: len(_HEAD)]) != _HEAD:
        return None
    width = len(_HEAD)
    found = Trials(table.line, tuple(table.header[width:]), [])
    for row in table.rows:
        cells = [*row.cells, *[""] * (width - len(row.cells))]
        trial = Trial(row.line, dict(zip(_HEAD, cells, strict=False)), tuple(cells[width:]))
        found.rows.append(trial)
        found.by_event[trial.cells["trial"], trial.cells["event"]] = trial
        if trial.cells["standing"] == "counts":
            found.by_key[trial.cells["trial"]] = trial
    return found
