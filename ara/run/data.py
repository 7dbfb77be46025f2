"""The run's records as machine-readable files beside the tables: all trials, all measurements, every plan. Pure."""

import csv
import io
import json
from collections.abc import Iterator, Sequence

from ara.run.facts import RunFacts
from ara.run.physical import PLAN
from ara.run.rows import TrialRow
from ara.schema.evidence import Attachment
from curie.canonical import canonical_json

TRIALS_JSONL = "evidence/data/trials.jsonl"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
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
    names = list(dict.fromkeys(n for row in facts.rows if row.record for n in row.record.settings))
    header = [*_COLUMNS, *(f"setting.{n}" for n in names), *(f"metric.{m}" for m in metrics)]
    return _csv([header, *(_row(row, names, metrics) for row in facts.rows)])


def _row(row: TrialRow, names: Sequence[str], metrics: Sequence[str]) -> list[object]:
    record = row.record
    used = record.resources if record else None
    head: list[object] = [row.key, row.standing, row.outcome, row.purpose, row.group, row.block, row.position]
    head += [row.attempt, row.event, record.seed if record else None, record.exit_code if record else None]
    head += [used.wall_s, used.cpu_s, used.memory_peak_bytes, used.interference.disturbed] if used else [None] * 4
    head += [record.commit if record else None, record.sandbox if record else None, row.reason]
    settings = record.settings if record else {}
    values = record.values if record else {}
    return [
        *head,
        *(json.dumps(settings[n]) if n in settings else None for n in names),
        *(values.get(m) for m in metrics),
    ]


def _measurements(facts: RunFacts) -> bytes:
    header = ["key", "attempt", "event", "metric", "value", "unit", "step", "t_s", "source"]
    return _csv([header, *_points(facts.rows)])


def _points(rows: Sequence[TrialRow]) -> Iterator[list[object]]:
    for row in rows:
        for m in row.record.measurements if row.record else ():
            yield [row.key, row.attempt, row.event, m.metric, m.value, m.unit, m.step, m.t_s, m.source]


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: object) -> object:
    """Numbers in full, text that a spreadsheet would run as a formula behind an apostrophe."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        text = value.replace("\0", "\\0")
        return f"'{text}" if text.startswith(_FORMULA) else text
    return value
