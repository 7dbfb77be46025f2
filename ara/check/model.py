"""What a rule is and what it reports."""

from dataclasses import dataclass
from enum import StrEnum

from ara.reader.markdown import Field, Row, Section
from ara.reader.tree import Node
from ara.reader.yaml_values import Mapping, Scalar, Sequence


class Severity(StrEnum):
    """How much a diagnostic matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Profile(StrEnum):
    """Which expectations an artifact is held to."""

    NATIVE = "native"
    """What this package writes; the default."""
    SKILL = "skill"
    """The prompts' own checklist: its targets for counts and screenshots count too, as notes."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Put `new` in place of columns `start` to `end` (from 1, `end` excluded) of a line.

    With `line` None the lines of `new` are appended to the file; with `whole` the line break goes too.
    """

    line: int | None
    start: int
    end: int
    new: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One violation of a rule, at its place. Lines and columns count from 1; None for a file that is missing."""

    rule: str
    severity: Severity
    file: str
    line: int | None
    column: int | None
    message: str
    hint: str
    fixable: bool = False
    edits: tuple[Edit, ...] = ()

    @property
    def place(self) -> str:
        """`file:line:column`, as far as it is known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


Anchor = Field | Row | Section | Node | Scalar | Sequence | Mapping | int | None
"""What a diagnostic can be pinned to: anything with a line, a line, or nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as data."""

    id: str
    severity: Severity
    sentence: str
    """What must hold."""
    hint: str
    """What to do where it does not."""
    example: str
    """Something that breaks it."""
    fixable: bool = False
    profiles: frozenset[Profile] = frozenset(Profile)

    def at(self, file: str, anchor: Anchor, message: str, edits: tuple[Edit, ...] = ()) -> Diagnostic:
        """A diagnostic of this rule."""
        line = anchor if isinstance(anchor, int) else getattr(anchor, "line", None)
        column = getattr(anchor, "column", None)
        if line is not None and column is None:
            column = 1
        fixable = self.fixable and bool(edits)
        return Diagnostic(self.id, self.severity, file, line, column, message, self.hint, fixable, edits)
