"""A742-A744: trials and measurements that are there twice are there the same: in table, data, results and figures."""

import csv
import io
import json
from collections.abc import Iterator, Sequence

from ara.check.context import Context
from ara.check.model import Diagnostic, Rule, Severity
from ara.check.trial_table import NONE, TABLE, Trial, Trials, read_trials
from ara.reader.inventory import MAX_BYTES
from ara.reader.markdown import Row, Table
from ara.writer.text import cell

_E = Severity.ERROR
TRIALS = Rule(
    "A742",
    _E,
    "evidence/data/trials.jsonl and trials.csv hold the trials of table1_trials.md, with their outcomes and values.",
    "Restore the one that was changed: the journal of the run has every trial.",
    "an emptied trials.jsonl",
)
DATA = Rule(
    "A743",
    _E,
    "Every line of evidence/data/trials.jsonl is a JSON object, and trials.csv is a table with its columns.",
    "Restore the file.",
    "half a line",
)
VALUE = Rule(
    "A744",
    _E,
    "A measurement that a metric's table, a result or a figure repeats is the one of table1_trials.md.",
    "Restore the value that was changed.",
    "| g01-r01 | g01 | 1 | 9.9 | where the trial gave 0.9",
)
RULES = (TRIALS, DATA, VALUE)

_JSONL, _CSV = "evidence/data/trials.jsonl", "evidence/data/trials.csv"
_SHARED = (("trial", "key"), ("standing", "standing"), ("outcome", "outcome"), ("group", "group"), ("event", "event"))
"""Column of the table, and what the data calls it."""
_METRIC_TABLE = ("trial", "group", "block")
_FIGURE = ("trial", "group", "metric", "value")
_RESULT = ("run_id", "params", "metric", "value", "export_id")


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group; an artifact that no run wrote has no such tables, and nothing is said of it."""
    trials = read_trials(context)
    if trials is None:
        return
    yield from _data(context, trials)
    for folder in ("tables", "results", "figures"):
        for path in context.located.files(f"evidence/{folder}"):
            document = context.document(path)
            if document is not None and path != TABLE:
                for table in document.tables():
                    yield from _repeated(path, table, trials)


def _data(context: Context, trials: Trials) -> Iterator[Diagnostic]:
    for path, read in ((_JSONL, _json_rows), (_CSV, _csv_rows)):
        if not 0 <= context.located.inventory.files.get(path, -1) <= MAX_BYTES:
            continue
        source = context.located.source(path)
        if source is None:
            continue
        rows: list[tuple[int, dict[str, str], tuple[str, ...] | None]] = []
        problem: tuple[int, str] | None = None
        for number, told, values in read(source.text, trials.metrics):
            if told is None:
                problem = problem or (number, "this line is no row of trials")
            else:
                rows.append((number, told, values))
        if problem is not None:
            yield DATA.at(path, problem[0], problem[1])
            continue
        yield from _compared(path, rows, trials)


def _compared(
    path: str, rows: Sequence[tuple[int, dict[str, str], tuple[str, ...] | None]], trials: Trials
) -> Iterator[Diagnostic]:
    if len(rows) != len(trials.rows):
        yield TRIALS.at(TABLE, trials.line, f"there are {len(trials.rows)} trials here and {len(rows)} in {path}")
        return
    for trial, (number, told, values) in zip(trials.rows, rows, strict=True):
        where = f"line {number} of {path}"
        for column, key in _SHARED:
            if trial.cells[column] != told[key]:
                message = f"{column} is {trial.cells[column]!r} here and {told[key]!r} in {where}"
                yield TRIALS.at(TABLE, trial.line, message)
                break
        else:
            if values is not None and values != trial.values:
                yield TRIALS.at(TABLE, trial.line, f"the values of {trial.cells['trial']} differ from {where}")


_Read = Iterator[tuple[int, dict[str, str] | None, tuple[str, ...] | None]]
"""Line, the shared columns as the table writes them, values of the metrics; no columns where the line is no row."""


def _json_rows(text: str, metrics: Sequence[str]) -> _Read:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line:
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict) or any(key not in row for _, key in _SHARED):
            yield number, None, None
            continue
        record = row.get("record")
        values = record.get("values") if isinstance(record, dict) else {}
        named = {cell(name): value for name, value in values.items()} if isinstance(values, dict) else {}
        shown = tuple(_exact(named.get(metric.partition(" (")[0])) for metric in metrics)
        yield number, {key: _text(row[key]) for _, key in _SHARED}, shown


def _csv_rows(text: str, metrics: Sequence[str]) -> _Read:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(reader, [])
        columns = {name: index for index, name in enumerate(header)}
        measured = [index for name, index in columns.items() if name.startswith("metric.")]
        if any(key not in columns for _, key in _SHARED) or len(measured) != len(metrics):
            yield 1, None, None
            return
        first = reader.line_num + 1
        for row in reader:
            # A cell may hold line ends: a row is where it begins.
            number, first = first, reader.line_num + 1
            if len(row) != len(header):
                yield number, None, None
                continue
            told = {key: cell(row[columns[key]]) if row[columns[key]] else NONE for _, key in _SHARED}
            yield number, told, tuple(row[index] or NONE for index in measured)
    except csv.Error:
        yield reader.line_num, None, None


def _text(value: object) -> str:
    return NONE if value is None else cell(str(value))


def _exact(value: object) -> str:
    return repr(value) if isinstance(value, float | int) and not isinstance(value, bool) else NONE


def _repeated(path: str, table: Table, trials: Trials) -> Iterator[Diagnostic]:
    """Rows `trial | group | block | <metric>`, `trial | group | metric | value`, `run_id | ... | export_id`."""
    header = tuple(table.header)
    for row in table.rows if header in {_FIGURE, _RESULT} or header[:-1] == _METRIC_TABLE else ():
        cells = row.cells
        if len(cells) != len(header) or cells[0] == NONE:
            continue
        if header == _RESULT:
            trial, told = trials.by_event.get((cells[0], cells[4])), (cells[2], cells[3])
        else:
            told = (cells[2], cells[3]) if header == _FIGURE else (header[3], cells[3])
            trial = trials.by_key.get(cells[0])
        yield from _same(path, row, trials, trial, told)


def _same(path: str, row: Row, trials: Trials, trial: Trial | None, told: tuple[str, str]) -> Iterator[Diagnostic]:
    metric, value = told
    if trial is None:
        yield VALUE.at(path, row, f"{row.cells[0]} is no such trial of {TABLE}")
        return
    names = [m if m == metric else m.partition(" (")[0] for m in trials.metrics]
    position = names.index(metric) if metric in names else len(trial.values)
    real = trial.values[position] if position < len(trial.values) else NONE
    if value not in {real, trial.cells["outcome"] if real == NONE else real}:
        yield VALUE.at(
            path, row, f"{metric} of {row.cells[0]} is {value} here and {real} in line {trial.line} of {TABLE}"
        )
