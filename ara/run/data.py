"""The run's records as machine-readable files beside the tables: all trials, all measurements, every plan. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence

from ara.run.facts import RunFacts
from ara.run.physical import PLAN
from ara.run.rows import TrialRow
from ara.schema.evidence import Attachment
from curie.canonical import canonical_json
from curie.export.csv_format import lines
from curie.export.tables import Cell, Column, Table, TableName
from tasks.study import Setting

TRIALS_JSONL = "evidence/data/trials.jsonl"
_COLUMNS = (
    "key", "standing", "outcome", "purpose", "group", "block", "position", "attempt", "event", "seed", "exit_code",
    "wall_s", "cpu_s", "memory_peak_bytes", "disturbed", "commit", "sandbox", "reason",
)  # fmt: skip


def data_files(facts: RunFacts) -> tuple[Attachment, ...]:
    """Records, measurements and plans, byte for byte reproducible from the journal."""
    state = facts.dossier.state
    files = [
        Attachment(
            path=TRIALS_JSONL, data=_jsonl(facts), description="Every trial's complete record, one JSON object a line"
        ),
        Attachment(path="evidence/data/trials.csv", data=_trials(facts), description="Every trial, one row each"),
        Attachment(
            path="evidence/data/measurements.csv",
            data=_measurements(facts),
            description="Every measurement of every trial, each point of a series",
        ),
        Attachment(
            path="evidence/data/findings.jsonl",
            data=_lines([f.model_dump(mode="json") for f in state.findings.values()]),
            description="Every finding, with interval, p values and reason",
        ),
        Attachment(
            path="evidence/data/reproductions.jsonl",
            data=_lines([r.model_dump(mode="json") for r in state.reproductions.values()]),
            description="Every re-run, compared with its original",
        ),
    ]
    for seq, event in facts.plan_events:
        last = event.plan == facts.plan and event.digest == state.plan_digest
        path = PLAN if last else f"src/configs/plan_revision_{event.plan.revision}_event_{seq}.json"
        text = f"Plan revision {event.plan.revision}, canonical JSON: its SHA-256 is the plan's digest"
        if not any(file.path == path for file in files):
            files.append(Attachment(path=path, data=canonical_json(event.plan.canonical()), description=text))
    return tuple(files)


def _jsonl(facts: RunFacts) -> bytes:
    return _lines(
        [
            {
                "key": row.key,
                "standing": row.standing,
                "outcome": row.outcome,
                "group": row.group,
                "block": row.block,
                "position": row.position,
                "attempt": row.attempt,
                "event": row.event,
                "reason": row.reason,
                "record": row.record.model_dump(mode="json") if row.record else None,
            }
            for row in facts.rows
        ]
    )


def _lines(items: Sequence[object]) -> bytes:
    # ASCII only: what a trial printed may hold lone surrogates and separators that break lines elsewhere.
    return b"".join(json.dumps(item, sort_keys=True, allow_nan=False).encode() + b"\n" for item in items)


def _trials(facts: RunFacts) -> bytes:
    metrics = [m.name for m in facts.plan.metrics] if facts.plan else []
    levels: dict[str, list[Setting]] = {}
    for row in facts.rows:
        for name, level in row.record.settings.items() if row.record else ():
            levels.setdefault(name, []).append(level)
    as_json = {name: not _alike(seen) for name, seen in levels.items()}
    header = [*_COLUMNS, *(f"setting.{n}" for n in levels), *(f"metric.{m}" for m in metrics)]
    return _csv("trials", header, [_row(row, as_json, metrics) for row in facts.rows])


def _alike(levels: Sequence[Setting]) -> bool:
    """Whether levels can stand in one column as they are: all texts, all truth values, or all numbers."""
    kinds = {type(level) for level in levels if level is not None}
    return kinds in ({str}, {bool}) or kinds <= {int, float}


def _row(row: TrialRow, as_json: Mapping[str, bool], metrics: Sequence[str]) -> tuple[Cell, ...]:
    record = row.record
    used = record.resources if record else None
    head: list[Cell] = [row.key, row.standing, row.outcome, row.purpose, row.group, row.block, row.position]
    head += [row.attempt, row.event, record.seed if record else None, record.exit_code if record else None]
    head += [used.wall_s, used.cpu_s, used.memory_peak_bytes, used.interference.disturbed] if used else [None] * 4
    head += [record.commit if record else None, record.sandbox if record else None, row.reason]
    settings = record.settings if record else {}
    values = record.values if record else {}
    return (
        *head,
        *(_level(settings[n], as_json=encoded) if n in settings else None for n, encoded in as_json.items()),
        *(values.get(m) for m in metrics),
    )


def _level(level: Setting, *, as_json: bool) -> Cell:
    return json.dumps(level, ensure_ascii=False) if as_json or isinstance(level, tuple) else level


def _measurements(facts: RunFacts) -> bytes:
    header = ["key", "attempt", "event", "metric", "value", "unit", "step", "t_s", "source"]
    return _csv("measurements", header, list(_points(facts.rows)))


def _points(rows: Sequence[TrialRow]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        for m in row.record.measurements if row.record else ():
            yield (row.key, row.attempt, row.event, m.metric, m.value, m.unit, m.step, m.t_s, m.source)


def _csv(name: TableName, header: Sequence[str], rows: Sequence[tuple[Cell, ...]]) -> bytes:
    """The file as `curie export` writes its own, so that one reader reads both."""
    columns = tuple(Column(name=column, type="text") for column in header)
    return "".join(lines(Table(name, columns, tuple(rows)))).encode("utf-8", "backslashreplace")
