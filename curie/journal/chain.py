"""The hash chain: how one line is made of an event, and what a line that does not continue it tells."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue, TypeAdapter, ValidationError

from curie.canonical import canonical_json
from curie.errors import JournalTampered, UsageError
from curie.journal.events import EVENTS, Event

GENESIS = "0" * 64
"""What the first event names as its predecessor's hash."""

_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_FIELDS = frozenset({"seq", "time", "prev", "event", "hash"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal: an event in its place."""

    seq: int
    """From 1, without gaps."""
    time: datetime
    """When it was written, UTC. Order follows `seq`, never the clock."""
    event: Event
    hash: str
    """SHA-256 (hex) over the canonical JSON of seq, time, prev and event."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A line as parsed, before anything about it is believed."""

    seq: JsonValue
    time: JsonValue
    prev: JsonValue
    event: JsonValue
    hash: JsonValue
    line: bytes


def encode(entry: Entry, prev: str) -> bytes:
    """The line of an entry, newline included, given the predecessor's hash."""
    body = _body(entry.seq, _timestamp(entry.time), prev, EVENTS.dump_python(entry.event, mode="json"))
    return canonical_json({**body, "hash": entry.hash}) + b"\n"


def link(seq: int, time: datetime, prev: str, event: Event) -> Entry:
    """The entry that puts `event` behind the event whose hash is `prev`.

    Raises:
        ValueError: if the event holds NaN or infinity where JSON cannot say so.
    """
    body = _body(seq, _timestamp(time), prev, EVENTS.dump_python(event, mode="json"))
    return Entry(seq=seq, time=time, event=event, hash=_digest(body))


def decode(lines: Sequence[bytes], source: str) -> list[Entry]:
    """Entries of complete lines (without newlines), each checked against the chain.

    Args:
        lines: the journal's lines in file order.
        source: what to call the journal in a message.

    Raises:
        JournalTampered: a line does not parse or does not continue the chain.
        UsageError: the chain holds, but an event is of a kind or form that this version does not know.
    """
    entries: list[Entry] = []
    prev = GENESIS
    for number, line in enumerate(lines, start=1):
        raw = parse(line)
        if raw is None or not _continues(raw, number, prev):
            raise JournalTampered(
                f"{source}: {_diagnose(lines, number, prev)}",
                hint="the events before it are intact; restore the file from a copy to go on",
            )
        entry = _typed(raw, number, source)
        entries.append(entry)
        prev = entry.hash
    return entries


def parse(line: bytes) -> Raw | None:
    """The line's fields, or None if it is no journal line."""
    try:
        data = _OBJECT.validate_python(json.loads(line))
    except (ValueError, RecursionError):
        return None
    if set(data) != _FIELDS:
        return None
    return Raw(data["seq"], data["time"], data["prev"], data["event"], data["hash"], line)


def label(event: Mapping[str, JsonValue]) -> str:
    """An event's type and what it is about, for a message: `trial_finished control-r03`."""
    words = [str(event.get("type", "of unknown type"))]
    holders: list[Mapping[str, JsonValue]] = [event]
    holders += [v for k in ("record", "reproduction", "finding", "diagnostic") if isinstance(v := event.get(k), dict)]
    for holder in holders:
        subject = holder.get("key") or holder.get("id") or holder.get("name")
        if isinstance(subject, str):
            words.append(subject)
            break
    return " ".join(words)


def _timestamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _body(seq: JsonValue, time: JsonValue, prev: JsonValue, event: JsonValue) -> dict[str, JsonValue]:
    return {"seq": seq, "time": time, "prev": prev, "event": event}


def _digest(body: dict[str, JsonValue]) -> str:
    return hashlib.sha256(canonical_json(body)).hexdigest()


def _sound(raw: Raw) -> bool:
    """Whether the line is exactly what its own hash was computed over, byte by byte."""
    body = _body(raw.seq, raw.time, raw.prev, raw.event)
    try:
        return raw.hash == _digest(body) and raw.line == canonical_json({**body, "hash": raw.hash})
    except ValueError:
        return False


def _continues(raw: Raw, number: int, prev: str) -> bool:
    return raw.seq == number and raw.prev == prev and _sound(raw)


def _typed(raw: Raw, number: int, source: str) -> Entry:
    try:
        event = EVENTS.validate_python(raw.event)
        time = datetime.fromisoformat(str(raw.time))
    except (ValidationError, ValueError) as error:
        kind = label(raw.event) if isinstance(raw.event, dict) else "of unknown type"
        raise UsageError(
            f"{source}: event {number} ({kind}) is authentic, but this version of curie does not know its form",
            hint="it was written by a newer curie; use that version. Nothing was changed.",
        ) from error
    return Entry(seq=number, time=time, event=event, hash=str(raw.hash))


def _diagnose(lines: Sequence[bytes], number: int, prev: str) -> str:
    """What is wrong with line `number`, the first that does not continue the chain."""
    raw = parse(lines[number - 1])
    if raw is None:
        return f"event {number} was changed after it was written: the line is no journal entry"
    name = f"event {number} ({label(raw.event) if isinstance(raw.event, dict) else 'of unknown type'})"
    if not _sound(raw):
        return f"{name} was changed after it was written: its content does not match its hash"
    if raw.seq == number:
        return _diagnose_link(raw, number, prev, name)
    return _diagnose_order(lines, number, raw)


def _diagnose_link(raw: Raw, number: int, prev: str, name: str) -> str:
    if number == 1:
        return f"{name} does not begin the chain: it was taken from another journal"
    return (
        f"event {number - 1} was changed or replaced after it was written: "
        f"{name} was written behind another event ({str(raw.prev)[:12]}, found {prev[:12]})"
    )


def _diagnose_order(lines: Sequence[bytes], number: int, found: Raw) -> str:
    shown = f"event {found.seq} ({label(found.event) if isinstance(found.event, dict) else 'of unknown type'})"
    if not isinstance(found.seq, int) or found.seq < number:
        return f"{shown} was inserted after event {number - 1}"
    later = [parse(line) for line in lines[number:]]
    if not any(raw is not None and raw.seq == number for raw in later):
        gone = f"event {number} is" if found.seq == number + 1 else f"events {number} to {found.seq - 1} are"
        return f"{gone} missing: {shown} follows event {number - 1}"
    if any(raw is not None and raw.line == found.line for raw in later):
        return f"{shown} was inserted before event {number}"
    return f"the lines were reordered: {shown} stands where event {number} belongs"
