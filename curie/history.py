"""A run's events as lines that a person can read. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from curie.journal.chain import Entry
from curie.journal.events import (
    BlocksDecided,
    ConclusionRecorded,
    DataProfiled,
    DiagnosticRecorded,
    EnvironmentBuilt,
    Event,
    FindingRecorded,
    InboxReceived,
    InputDeclared,
    PlanFrozen,
    RunCreated,
    RunFinished,
    RunResumed,
    RunStopped,
    SandboxChosen,
    SnapshotTaken,
    TailDropped,
    TrialFinished,
    TrialInterrupted,
    TrialReproduced,
    TrialStarted,
)
from curie.records import Finding
from curie.state import Control, ResultEvent, SetUp, TrialEvent
from tasks.study import Frozen

_SHORT = 12
_WIDE = 240


class HistoryLine(Frozen):
    """One event for people."""

    seq: int
    time: datetime
    type: str
    text: str
    """What happened, on one line, without control characters."""


def history(entries: Iterable[Entry]) -> list[HistoryLine]:
    """A line for every event, in order."""
    return [
        HistoryLine(seq=entry.seq, time=entry.time, type=entry.event.type, text=_plain(describe(entry.event)))
        for entry in entries
    ]


def describe(event: Event) -> str:
    """What an event says, in a sentence without a full stop."""
    if isinstance(event, SetUp):
        return _set_up(event)
    if isinstance(event, TrialEvent):
        return _trial(event)
    if isinstance(event, ResultEvent):
        return _result(event)
    if isinstance(event, Control):
        return _control(event)
    assert_never(event)


def _input(event: InputDeclared | DataProfiled) -> str:
    if isinstance(event, InputDeclared):
        size = _count(event.size_bytes, "byte")
        return f"input {event.name}: {event.path}, {size}, sha256 {event.sha256[:_SHORT]}"
    found = event.profile
    return f"data profile {found.name}: {_count(len(found.tables), 'table')} in {_count(found.files, 'file')}"


def _set_up(event: SetUp) -> str:
    match event:
        case RunCreated():
            return f"run {event.run_id} created ({event.mode}): {event.question}"
        case SnapshotTaken():
            state = "with uncommitted changes" if event.dirty else "clean"
            return f"code snapshot {event.commit[:_SHORT]}: {_count(event.files, 'file')}, {state}"
        case InputDeclared() | DataProfiled():
            return _input(event)
        case EnvironmentBuilt():
            made = "found in the cache" if event.cached else "built"
            return f"environment {event.digest[:_SHORT]} {made}: {_count(len(event.resolved), 'package')}"
        case SandboxChosen():
            return f"sandbox {event.kind}: {event.isolation}"
        case PlanFrozen() | BlocksDecided():
            return _decided(event)


def _decided(event: PlanFrozen | BlocksDecided) -> str:
    if isinstance(event, BlocksDecided):
        return f"{_count(event.blocks, 'block')} in all: {event.reason}"
    why = f" ({event.plan.reason})" if event.plan.reason else ""
    return f"plan revision {event.plan.revision} frozen{why}: {event.digest[:_SHORT]}"


def _trial(event: TrialEvent) -> str:
    match event:
        case TrialStarted():
            return f"{event.key} started{_attempt(event.attempt)}"
        case TrialInterrupted():
            return f"{event.key} interrupted{_attempt(event.attempt)}: {event.reason}"
        case TrialFinished():
            record = event.record
            values = ", ".join(f"{name}={value:.6g}" for name, value in record.values.items())
            adopted = " (result found on disk)" if event.adopted else ""
            detail = "; ".join(part for part in (values, record.reason) if part)
            return f"{record.key} {record.outcome}{_attempt(record.attempt)}{adopted}" + (
                f": {detail}" if detail else ""
            )
        case TrialReproduced():
            again = event.reproduction
            return f"{again.key} run again: {again.state}" + (f" ({again.reason})" if again.reason else "")


def _attempt(number: int) -> str:
    return f", attempt {number}" if number > 1 else ""


def _result(event: ResultEvent) -> str:
    match event:
        case FindingRecorded():
            return _finding(event.finding)
        case ConclusionRecorded():
            return f"conclusion of {_count(len(event.conclusion.statements), 'statement')}"
        case DiagnosticRecorded():
            diagnostic = event.diagnostic
            return f"{diagnostic.severity} {diagnostic.id}: {diagnostic.message}"


def _finding(finding: Finding) -> str:
    effect = "no effect could be estimated" if finding.effect is None else f"{finding.effect:.6g} {finding.unit}"
    return f"{finding.hypothesis} {finding.verdict}: {finding.statement} ({effect}, n={finding.n})"


def _control(event: Control) -> str:
    match event:
        case RunResumed():
            return f"resumed with curie {event.curie_version}"
        case TailDropped():
            return f"half-written line of {_count(event.bytes_dropped, 'byte')} set aside as {event.saved_as}"
        case RunStopped():
            return f"stopped ({event.reason}): {event.detail}"
        case InboxReceived():
            return f"{event.kind} from {event.sender}" + (f": {event.text}" if event.text else "")
        case RunFinished():
            return f"finished: {_count(event.events, 'event')} before this, {_count(len(event.files), 'file')}"


def _count(number: int, thing: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    """One line that cannot steer a terminal, of bounded length."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= _WIDE else line[: _WIDE - 1] + "…"
