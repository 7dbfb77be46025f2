"""From the rows of a run to tables with typed columns: the one form that every format is written from. Pure."""

import json
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic.fields import FieldInfo

from curie.dossier import Dossier
from curie.export.rows import FindingRow, MeasurementRow, Row, TrialRow, Unit
from curie.export.trial_rows import measurement_rows, trial_rows
from curie.plan import Hypothesis, Plan
from curie.records import Finding
from tasks.study import Frozen, Setting

SCHEMA_VERSION = 1
"""Raised when a column is renamed, retyped or dropped; new columns come without it."""

TableName = Literal["trials", "measurements", "findings", "columns"]
TABLES: tuple[TableName, ...] = ("trials", "measurements", "findings", "columns")
ColumnType = Literal["text", "integer", "number", "boolean", "time"]
Cell = str | int | float | bool | datetime | None
_PLAIN: Mapping[type, ColumnType] = {str: "text", int: "integer", float: "number", bool: "boolean", datetime: "time"}
_EXACT_INTEGER = 2**53
_LONG = 2**63
_ROWS: Mapping[TableName, type[Row]] = {"trials": TrialRow, "measurements": MeasurementRow, "findings": FindingRow}


class Column(Frozen):
    """What a column holds."""

    name: str
    type: ColumnType
    """`integer` fits 64 bits; `time` is UTC; lists and mixed levels are `text` that holds JSON."""
    unit: str | None = None
    """None: it has none, or another column tells it."""
    about: str = ""
    """What it means, in a sentence."""
    encoded: bool = False
    """Whether every text of it is JSON, because its values are of several types or lists."""


def storable(cell: Cell) -> Cell:
    r"""The cell as UTF-8 can hold it: a lone surrogate becomes `\udcXX`."""
    return cell.encode("utf-8", "backslashreplace").decode() if isinstance(cell, str) else cell


@dataclass(frozen=True)
class Table:
    """Rows under typed columns."""

    name: TableName
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    """One cell a column; None where a value is unknown or does not apply."""

    def records(self) -> list[dict[str, Cell]]:
        """The rows, each by column name."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


class Facts(Frozen):
    """What an export says of its run."""

    schema_version: int
    run_id: str
    question: str
    state: str
    mode: str
    plan_sha256: str | None
    journal_head: str
    """Hash of the last event that was read."""
    journal_events: int
    answer: str | None


def facts_of(dossier: Dossier) -> Facts:
    """The facts of a run's export."""
    result = dossier.result
    return Facts(
        schema_version=SCHEMA_VERSION,
        run_id=result.run_id,
        question=result.question,
        state=result.phase,
        mode=result.mode,
        plan_sha256=result.plan_hash,
        journal_head=dossier.head,
        journal_events=len(dossier.entries),
        answer=result.answer,
    )


def table_of(dossier: Dossier, name: TableName) -> Table:
    """One table of a run."""
    if name == "trials":
        return _trials(dossier)
    if name == "measurements":
        return _plain(name, measurement_rows(dossier))
    if name == "findings":
        return _plain(name, finding_rows(dossier))
    return _columns(dossier)


def finding_rows(dossier: Dossier) -> tuple[FindingRow, ...]:
    """A row for every finding, calibration included, in the order in which they were recorded."""
    plan = dossier.state.plan
    rules = {h.id: h for h in plan.hypotheses} if plan else {}
    found = dossier.state.findings.values()
    return tuple(_finding_row(dossier.result.run_id, f, rules.get(f.hypothesis)) for f in found)


def fixed_columns(name: TableName) -> tuple[Column, ...]:
    """The columns that a table has in every run."""
    if name == "columns":
        return tuple(Column(name=n, type="text", about=about) for n, about in _ABOUT_COLUMNS.items())
    return tuple(_column(n, field) for n, field in _ROWS[name].model_fields.items() if not field.exclude)


_ABOUT_COLUMNS = {
    "table": "Table that the column belongs to.",
    "column": "Name of the column.",
    "type": "`text`, `integer`, `number`, `boolean` or `time`.",
    "unit": "Unit of its numbers.",
    "about": "What it means.",
}


def _columns(dossier: Dossier) -> Table:
    """A table about the other tables: what a CSV file cannot say itself."""
    told: list[tuple[Cell, ...]] = []
    for name in _ROWS:
        columns = _trials(dossier).columns if name == "trials" else fixed_columns(name)
        told += [(name, c.name, c.type, c.unit, c.about) for c in columns]
    return Table(name="columns", columns=fixed_columns("columns"), rows=tuple(told))


def _plain(name: TableName, rows: Iterable[Row]) -> Table:
    columns = fixed_columns(name)
    names = [column.name for column in columns]
    return Table(name=name, columns=columns, rows=tuple(tuple(_cell(getattr(r, n)) for n in names) for r in rows))


def _trials(dossier: Dossier) -> Table:
    rows = trial_rows(dossier)
    base = _plain("trials", rows)
    plan = dossier.state.plan
    settings = [
        _setting_column(name, [row.settings.get(name) for row in rows if name in row.settings])
        for name in _names([v.name for v in plan.variables] if plan else [], [row.settings for row in rows])
    ]
    metrics = [
        _metric_column(name, plan) for name in _names([m.name for m in plan.metrics] if plan else [], _values(rows))
    ]
    cells = tuple(
        (
            *fixed,
            *(_level(row.settings, c) for c in settings),
            *(row.metrics.get(c.name.removeprefix("metric.")) for c in metrics),
        )
        for fixed, row in zip(base.rows, rows, strict=True)
    )
    return Table(name="trials", columns=(*base.columns, *settings, *metrics), rows=cells)


def _values(rows: Sequence[TrialRow]) -> list[Mapping[str, float]]:
    return [row.metrics for row in rows]


def _names(planned: Iterable[str], seen: Iterable[Mapping[str, object]]) -> list[str]:
    """Names in the plan's order, then others by name."""
    first = list(planned)
    return [*first, *sorted({name for mapping in seen for name in mapping} - set(first))]


def _metric_column(name: str, plan: Plan | None) -> Column:
    unit = next((m.unit for m in plan.metrics if m.name == name), None) if plan else None
    return Column(name=f"metric.{name}", type="number", unit=unit, about=f"Metric {name}, reduced to one value.")


def _setting_column(name: str, levels: Sequence[Setting]) -> Column:
    """One type if the levels share one; else text that holds each level as JSON."""
    present = [level for level in levels if level is not None]
    kinds = {type(level) for level in present}
    kind: ColumnType = "text"
    if kinds == {bool}:
        kind = "boolean"
    elif kinds == {int} and all(-_LONG <= int(str(level)) < _LONG for level in present):
        kind = "integer"
    elif kinds and kinds <= {int, float} and all(_fits(level) for level in present):
        kind = "number"
    encoded = kind == "text" and kinds - {str} != set()
    how = "as JSON" if encoded else "as it was declared"
    return Column(name=f"setting.{name}", type=kind, about=f"Level of {name}, {how}.", encoded=encoded)


def _fits(level: Setting) -> bool:
    """Whether a number keeps its value as a floating-point number."""
    return not isinstance(level, int) or abs(level) <= _EXACT_INTEGER


def _level(settings: Mapping[str, Setting], column: Column) -> Cell:
    name = column.name.removeprefix("setting.")
    if name not in settings:
        return None
    level = settings[name]
    if column.encoded:
        return json.dumps(level, ensure_ascii=False)
    return float(level) if column.type == "number" and isinstance(level, int | float) else _cell(level)


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool | datetime):
        return value
    return json.dumps(value, ensure_ascii=False)


def _column(name: str, field: FieldInfo) -> Column:
    unit = next((m.name for m in field.metadata if isinstance(m, Unit)), None)
    encoded = typing.get_origin(field.annotation) is tuple
    return Column(name=name, type=_type(field.annotation), unit=unit, about=field.description or "", encoded=encoded)


def _type(annotation: object) -> ColumnType:
    """The column type of a field: its first plain type; a literal or a tuple is text."""
    if isinstance(annotation, type) and annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return _type(next(a for a in typing.get_args(annotation) if a is not types.NoneType))
    return "text"


def _finding_row(run_id: str, finding: Finding, hypothesis: Hypothesis | None) -> FindingRow:
    shared = {n: getattr(finding, n) for n in FindingRow.model_fields if n in Finding.model_fields}
    interval, decider = finding.interval, finding.decider
    return FindingRow.model_validate(
        {
            **shared,
            "run_id": run_id,
            "direction": hypothesis.direction if hypothesis else None,
            "test": hypothesis.rule.test if hypothesis else None,
            "threshold": hypothesis.rule.threshold if hypothesis else None,
            "alpha": hypothesis.rule.alpha if hypothesis else None,
            "low": interval.low if interval else None,
            "high": interval.high if interval else None,
            "level": interval.level if interval else None,
            "decider_blocks": decider.blocks if decider else None,
            "decider_s": decider.seconds if decider else None,
            "advice": decider.advice if decider else None,
        }
    )
