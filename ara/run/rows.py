"""Every trial of a run as a row: measured, gate, re-run, superseded, interrupted, and those never attempted. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from curie.dossier import Dossier
from curie.journal.chain import Entry
from curie.journal.events import RunFinished, TrialFinished, TrialInterrupted
from curie.records import TrialRecord
from curie.schedule import GATE_KEY, TrialSlot, blocks, gate

Standing = Literal["counts", "superseded", "interrupted", "unfinished", "not_attempted"]
"""`superseded`: a later attempt counts instead; `unfinished`: started, and no event says how it ended."""


@dataclass(frozen=True)
class TrialRow:
    """One attempt at a trial, or a planned trial without any."""

    key: str
    standing: Standing
    outcome: str
    """The record's, else the standing."""
    group: str
    purpose: str
    block: int | None
    position: int | None
    attempt: int
    """0 if there was none."""
    event: int | None
    """Sequence number of the event that tells of it."""
    reason: str
    record: TrialRecord | None = None


def events_of(dossier: Dossier) -> tuple[Entry, ...]:
    """The run's events without its end, so that an artifact that is made again after the end is the same."""
    entries = dossier.entries
    while entries and isinstance(entries[-1].event, RunFinished):
        entries = entries[:-1]
    return entries


def trial_rows(dossier: Dossier) -> tuple[TrialRow, ...]:
    """Finished attempts in the order of their events, then interrupted and unfinished ones, then what was not begun."""
    slots = {slot.key: slot for slot in planned_slots(dossier)}
    finished = list(_finished(dossier))
    groups = {row.key: row.group for row in finished} | {key: slot.group for key, slot in slots.items()}
    begun = {row.key for row in finished}
    rows = [*finished, *_interrupted(dossier, groups)]
    for key, attempt in dossier.state.open_attempts.items():
        rows.append(_bare(key, "unfinished", groups, attempt, None, "no event says how it ended"))
    begun |= set(dossier.state.open_attempts)
    why = (
        f"the run stopped first: {dossier.state.stopped.detail}"
        if dossier.state.stopped
        else "the run did not reach it"
    )
    rows += [_planned(slot, why) for key, slot in slots.items() if key not in begun]
    return tuple(rows)


def planned_slots(dossier: Dossier) -> Sequence[TrialSlot]:
    """The gate and every measured trial that the latest plan asks for, as far as its stages are decided."""
    plan = dossier.state.plan
    if plan is None:
        return ()
    decided = dossier.state.blocks_decided or plan.repetitions.blocks
    return (gate(plan), *(slot for block in blocks(plan, decided) for slot in block.slots))


def _finished(dossier: Dossier) -> Iterator[TrialRow]:
    for entry in dossier.entries:
        if not isinstance(entry.event, TrialFinished):
            continue
        record = entry.event.record
        latest = dossier.state.trials.get(record.key)
        yield TrialRow(
            key=record.key,
            standing="counts" if latest == record else "superseded",
            outcome=record.outcome,
            group=record.group,
            purpose=record.purpose,
            block=record.block,
            position=record.position,
            attempt=record.attempt,
            event=entry.seq,
            reason=record.reason or "",
            record=record,
        )


def _interrupted(dossier: Dossier, groups: dict[str, str]) -> Iterator[TrialRow]:
    for entry in dossier.entries:
        if isinstance(entry.event, TrialInterrupted):
            event = entry.event
            yield _bare(event.key, "interrupted", groups, event.attempt, entry.seq, event.reason)


def _bare(
    key: str, standing: Standing, groups: dict[str, str], attempt: int, event: int | None, reason: str
) -> TrialRow:
    purpose = "gate" if key == GATE_KEY else "unknown"
    return TrialRow(key, standing, standing, groups.get(key, "unknown"), purpose, None, None, attempt, event, reason)


def _planned(slot: TrialSlot, why: str) -> TrialRow:
    return TrialRow(
        slot.key, "not_attempted", "not_attempted", slot.group, slot.purpose, slot.block, slot.position, 0, None, why
    )
