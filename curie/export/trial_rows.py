"""Every attempt of every trial of a run, and every trial that the plan asks for and nobody made. Pure."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from curie.dossier import Dossier
from curie.export.rows import MeasurementRow, TrialRow
from curie.journal.events import TrialFinished, TrialInterrupted, TrialStarted
from curie.plan import InputDigest, Plan, Value
from curie.records import TrialRecord
from curie.result import RunResult
from curie.schedule import TrialSlot, blocks, gate, original_key, rerun, trials_of
from tasks.study import Setting

_DIGITS = 12


@dataclass
class Attempt:
    """What the journal tells of one attempt."""

    key: str
    number: int
    started: datetime | None = None
    finished: datetime | None = None
    record: TrialRecord | None = None
    adopted: bool | None = None
    interrupted: str | None = None
    """Why it ended without a result."""
    superseded: bool = field(default=False)


def attempts_of(dossier: Dossier) -> tuple[Attempt, ...]:
    """Every attempt, in the order in which they began; the same attempt recorded twice is two."""
    found: list[Attempt] = []
    for entry in dossier.entries:
        event = entry.event
        if isinstance(event, TrialStarted):
            found.append(Attempt(key=event.key, number=event.attempt, started=entry.time))
        elif isinstance(event, TrialInterrupted):
            attempt = _open(found, event.key, event.attempt)
            attempt.finished, attempt.interrupted = entry.time, event.reason
        elif isinstance(event, TrialFinished):
            attempt = _open(found, event.record.key, event.record.attempt)
            attempt.finished, attempt.record, attempt.adopted = entry.time, event.record, event.adopted
    latest = {attempt.key: attempt for attempt in found}
    for attempt in found:
        attempt.superseded = latest[attempt.key] is not attempt
    return tuple(found)


def _open(found: list[Attempt], key: str, number: int) -> Attempt:
    """The attempt that an end belongs to; a new one where the journal tells of an end alone."""
    for attempt in reversed(found):
        if (attempt.key, attempt.number) == (key, number) and attempt.finished is None:
            return attempt
    found.append(Attempt(key=key, number=number))
    return found[-1]


def trial_rows(dossier: Dossier) -> tuple[TrialRow, ...]:
    """A row for every attempt, then one for every planned trial without an attempt, in the plan's order."""
    maker = _RowMaker(dossier)
    made = attempts_of(dossier)
    rows = [maker.attempted(attempt) for attempt in made]
    tried = {attempt.key for attempt in made}
    rows += [maker.not_attempted(slot) for slot in planned_slots(dossier) if slot.key not in tried]
    return tuple(rows)


def planned_slots(dossier: Dossier) -> tuple[TrialSlot, ...]:
    """The gate and the measured trials that the plan asks for, as far as its stages are decided."""
    plan = dossier.state.plan
    if plan is None:
        return ()
    decided = dossier.state.blocks_decided or plan.repetitions.blocks
    return (gate(plan), *trials_of(blocks(plan, decided)))


def measurement_rows(dossier: Dossier) -> Iterator[MeasurementRow]:
    """Every emitted number, attempt by attempt."""
    run_id = dossier.result.run_id
    for attempt in attempts_of(dossier):
        if (record := attempt.record) is None:
            continue
        for index, point in enumerate(record.measurements):
            yield MeasurementRow(
                run_id=run_id,
                key=record.key,
                attempt=record.attempt,
                superseded=attempt.superseded,
                purpose=record.purpose,
                group=record.group,
                repetition=record.repetition,
                index=index,
                **point.model_dump(),
            )


def shown_level(value: Value) -> Setting:
    """A level as a column holds it; an input file is its name and the beginning of its digest."""
    return f"{value.name}#{value.sha256[:_DIGITS]}" if isinstance(value, InputDigest) else value


class _RowMaker:
    """What all rows of a run share."""

    def __init__(self, dossier: Dossier) -> None:
        self._result: RunResult = dossier.result
        self._plan: Plan | None = dossier.state.plan
        self._reproductions = dossier.state.reproductions
        self._records = dossier.state.trials
        self._slots = {slot.key: slot for slot in planned_slots(dossier)}

    def attempted(self, attempt: Attempt) -> TrialRow:
        record = attempt.record
        place = self._slot(attempt.key) if record is None else _slot_of(record)
        facts: dict[str, object] = {
            "attempt": attempt.number,
            "superseded": attempt.superseded,
            "started": attempt.started,
            "finished": attempt.finished,
            "adopted": attempt.adopted,
            "outcome": "interrupted" if attempt.interrupted or self._result.phase != "running" else "running",
            "reason": attempt.interrupted or (None if self._result.phase == "running" else self._result.stopped),
        }
        if record is not None:
            facts |= _recorded(record)
        settings = record.settings if record is not None else {}
        return self._row(attempt.key, place, facts, settings)

    def not_attempted(self, slot: TrialSlot) -> TrialRow:
        facts: dict[str, object] = {"attempt": 0, "superseded": False, "outcome": "not_attempted"}
        facts["reason"] = None if self._result.phase == "running" else self._result.stopped
        return self._row(slot.key, slot, facts, {})

    def _slot(self, key: str) -> TrialSlot | None:
        """Where an attempt without a record belongs: the plan knows, or the trial that it repeats."""
        original = self._records.get(original_key(key))
        if key in self._slots or original is None:
            return self._slots.get(key)
        return rerun(original, "confirm" if key.endswith("-confirm") else "reproduce")

    def _row(
        self, key: str, place: TrialSlot | None, facts: dict[str, object], recorded: Mapping[str, Setting]
    ) -> TrialRow:
        again = self._reproductions.get(key)
        columns: dict[str, object] = dict.fromkeys(TrialRow.model_fields)
        columns |= {"run_id": self._result.run_id, "key": key, "metrics": {}}
        columns |= {"rerun_of": None if original_key(key) == key else original_key(key)}
        columns |= {"reproduction": again.state if again is not None else None}
        columns |= facts
        columns["settings"] = dict(recorded)
        if place is not None:
            names = ("purpose", "group", "repetition", "block", "position", "seed")
            columns |= {name: getattr(place, name) for name in names}
            columns |= self._group(place.group, recorded)
        return TrialRow.model_validate(columns)

    def _group(self, group_id: str, recorded: Mapping[str, Setting]) -> dict[str, object]:
        """Label and settings. A record holds an input as the path that its trial saw; the plan holds what it was."""
        group = next((g for g in self._plan.groups if g.id == group_id), None) if self._plan else None
        if group is None:
            return {}
        planned = {name: shown_level(value) for name, value in group.settings.items()}
        kept = {n: v for n, v in recorded.items() if not isinstance(group.settings.get(n), InputDigest)}
        return {"label": group.label, "settings": {**planned, **kept}}


def _slot_of(record: TrialRecord) -> TrialSlot:
    return TrialSlot.model_validate({name: getattr(record, name) for name in TrialSlot.model_fields})


def _recorded(record: TrialRecord) -> dict[str, object]:
    used, program = record.resources, record.executable
    facts: dict[str, object] = {
        "outcome": record.outcome,
        "reason": record.reason,
        "exit_code": record.exit_code,
        "signal": record.signal,
        "sandbox": record.sandbox,
        "command": shlex.join(record.command) if record.command else None,
        "commit": record.commit,
        "environment_digest": record.environment_digest,
        "stdout_sha256": record.stdout.artifact.sha256 if record.stdout else None,
        "stderr_sha256": record.stderr.artifact.sha256 if record.stderr else None,
        "metrics": record.values,
    }
    if program is not None:
        facts |= {"executable": program.path, "executable_sha256": program.sha256}
    if used is not None:
        names = ("wall_s", "cpu_s", "span_s", "memory_peak_bytes", "memory_method")
        facts |= {name: getattr(used, name) for name in names}
        facts |= used.interference.model_dump()
    return facts
