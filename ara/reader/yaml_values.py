"""Reads YAML into values that know their place; built from parser events, so that nothing in a file can recurse."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ara.reader.places import Fault, FaultKind

MAX_DEPTH = 160
"""Deepest nesting of collections that is read."""
MAX_VALUES = 2_000_000
"""Most values of one file, its aliases expanded."""
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
# Line breaks of YAML that editors do not count as such.
_QUIET_BREAKS = str.maketrans({"\r": " ", "\x85": " ", "\u2028": " ", "\u2029": " "})


@dataclass(slots=True, eq=False)
class Scalar:
    """A text, number, truth value or nothing; `style` is '' when it is not quoted. Lines and columns from 1."""

    text: str
    line: int
    column: int
    style: str
    end_line: int
    end_column: int

    @property
    def is_null(self) -> bool:
        """Whether YAML reads it as nothing."""
        return not self.style and self.text in _NULLS


@dataclass(slots=True, eq=False)
class Sequence:
    """A list; `flow` when it is written in brackets."""

    line: int
    column: int
    flow: bool
    items: list["Value"] = field(default_factory=list)
    size: int = 1


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys with their values, in the order of the file; of a repeated key the first counts."""

    line: int
    column: int
    flow: bool
    pairs: dict[str, tuple[Scalar, "Value"]] = field(default_factory=dict)
    size: int = 1

    def get(self, key: str) -> "Value | None":
        """The value of a key, or None."""
        pair = self.pairs.get(key)
        return pair[1] if pair else None

    def text(self, key: str) -> str:
        """The text of a scalar that is not null; else ''."""
        value = self.get(key)
        return value.text if isinstance(value, Scalar) and not value.is_null else ""


Value = Scalar | Sequence | Mapping


class _Stop(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def parse_yaml(path: str, text: str, first_line: int = 1) -> tuple[Value | None, list[Fault]]:
    """The one document of a YAML text with all that is wrong with it; `first_line` is where the text starts."""
    builder = _Builder(path, first_line)
    quiet = text.translate(_QUIET_BREAKS) if not text.isascii() or "\r" in text else text
    last = first_line + text.count("\n")
    try:
        builder.feed(quiet)
    except _Stop as stop:
        builder.faults.append(stop.fault)
        return None, builder.faults
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(first_line + mark.line, last) if mark else None
        message = f"is not YAML: {error.problem or error.context}"
        builder.faults.append(Fault(FaultKind.SYNTAX, path, message, line, mark.column + 1 if mark else None))
        return None, builder.faults
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = first_line + quiet.count("\n", 0, position if isinstance(position, int) else 0)
        message = "is not YAML: a character that YAML does not allow"
        builder.faults.append(Fault(FaultKind.SYNTAX, path, message, line))
        return None, builder.faults
    return builder.root, builder.faults


class _Builder:
    """Turns events into values with one stack."""

    def __init__(self, path: str, first_line: int) -> None:
        self.path = path
        self.root: Value | None = None
        self.faults: list[Fault] = []
        self._first = first_line
        self._stack: list[Sequence | Mapping] = []
        self._keys: list[Scalar | None] = []
        self._anchors: dict[str, Value] = {}
        self._open_anchors: list[str | None] = []
        self._documents = 0

    def feed(self, text: str) -> None:
        """Read all events; libyaml yields them one at a time, so a bomb is stopped where it starts."""
        first, stack, keys, anchors = self._first, self._stack, self._keys, self._anchors
        add = self._add
        # The stubs know neither the kinds of events nor that libyaml always gives marks.
        for event in cast("Iterator[Any]", yaml.parse(text, Loader=yaml.CSafeLoader)):
            kind = event.__class__
            if kind is ScalarEvent:
                start, end = event.start_mark, event.end_mark
                scalar = Scalar(
                    event.value,
                    start.line + first,
                    start.column + 1,
                    "" if event.implicit[0] else event.style or "!",
                    end.line + first,
                    end.column + 1,
                )
                if event.anchor:
                    anchors[event.anchor] = scalar
                # The common case in place: nine of ten events are scalars.
                if stack and stack[-1].__class__ is Mapping and keys[-1] is None:
                    keys[-1] = scalar
                    stack[-1].size += 1
                else:
                    add(scalar)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._open(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close()
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self._documents += 1
                if self._documents > 1:
                    raise self._stop(FaultKind.SYNTAX, event, "holds a second document after ---")

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        start = _mark(event)
        make = Mapping if event.__class__ is MappingStartEvent else Sequence
        node = make(start.line + self._first, start.column + 1, bool(event.flow_style))
        if len(self._stack) >= MAX_DEPTH:
            raise self._stop(FaultKind.BOUNDS, event, f"is nested deeper than {MAX_DEPTH} levels")
        self._stack.append(node)
        self._keys.append(None)
        self._open_anchors.append(event.anchor)

    def _close(self) -> None:
        node = self._stack.pop()
        self._keys.pop()
        anchor = self._open_anchors.pop()
        if anchor:
            self._anchors[anchor] = node
        self._add(node)

    def _alias(self, event: AliasEvent) -> None:
        value = self._anchors.get(event.anchor or "")
        if value is None:
            raise self._stop(FaultKind.SYNTAX, event, f"alias *{event.anchor} names nothing, or itself")
        self._add(value)

    def _add(self, value: Value) -> None:
        if not self._stack:
            self.root = value
            return
        top = self._stack[-1]
        top.size += 1 if value.__class__ is Scalar else value.size  # type: ignore[union-attr]  # a scalar has none
        if top.size > MAX_VALUES:
            message = f"holds more than {MAX_VALUES} values once its aliases are expanded"
            raise _Stop(Fault(FaultKind.BOUNDS, self.path, message, top.line, top.column))
        if top.__class__ is Sequence:
            top.items.append(value)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = self._key(value)
            return
        self._keys[-1] = None
        pairs = top.pairs  # type: ignore[union-attr]  # what is no sequence is a mapping
        if key.text in pairs:
            message = f"key {key.text[:80]!r} is given twice; the first counts"
            self.faults.append(Fault(FaultKind.REPEATED_KEY, self.path, message, key.line, key.column))
        else:
            pairs[key.text] = (key, value)

    def _key(self, value: Value) -> Scalar:
        if isinstance(value, Scalar):
            return value
        message = "a key must be text"
        self.faults.append(Fault(FaultKind.SYNTAX, self.path, message, value.line, value.column))
        return Scalar(f"({value.line}:{value.column})", value.line, value.column, "!", value.line, value.column)

    def _stop(self, kind: FaultKind, event: yaml.Event, message: str) -> _Stop:
        mark = _mark(event)
        return _Stop(Fault(kind, self.path, message, mark.line + self._first, mark.column + 1))


def _mark(event: yaml.Event) -> yaml.Mark:
    return cast("yaml.Mark", event.start_mark)
