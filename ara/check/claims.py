"""A40x entries in general, A41x claims: ids, keys, and statements without numbers."""

import re
from collections.abc import Iterator
from typing import get_args

from ara.check.context import CLAIMS, CONCEPTS, EXPERIMENTS, HEURISTICS, PROBLEM, RELATED, Context, says_nothing
from ara.check.dialect import colon_edits
from ara.check.model import Diagnostic, Edit, Rule, Severity
from ara.reader.markdown import Field, MarkdownFile, Section
from ara.schema.logic import ClaimStatus

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
NO_ID = Rule(
    "A401",
    _E,
    "Every second-level heading of an entry file is `ID: title`.",
    "Begin the heading with an id, the highest one plus one, and a colon.",
    "## Deeper is better",
)
TWICE = Rule(
    "A402",
    _E,
    "No id is used twice in a file.",
    "Give the later entry the next free id; ids are never reused.",
    "## C01: a ... ## C01: b",
)
NO_TITLE = Rule("A403", _E, "Every entry has a title.", "Write a short title behind the colon.", "## C01:")
BULLET = Rule(
    "A404",
    _W,
    "Keys of an entry are written `- **Key**: value`.",
    "Write the bullet in the one form that every reader takes.",
    "**Statement.** Deeper is better",
    fixable=True,
)
KEY_TWICE = Rule(
    "A405",
    _W,
    "No entry has the same key twice.",
    "Join the two values.",
    "- **Status**: supported (twice)",
)
ID_STYLE = Rule(
    "A406",
    _N,
    "Ids have at least two digits.",
    "Write C01 for C1, everywhere: C1 and C01 are different ids.",
    "## C1: Deeper is better",
)
DASHED = Rule(
    "A407",
    _W,
    "A colon stands between id and title of experiments, heuristics, works, observations and gaps.",
    "Write `## E01: title`.",
    "## E01 \u2014 Plain against residual",
    fixable=True,
)
STATEMENT = Rule(
    "A411",
    _E,
    "A claim has a Statement.",
    "Say what is claimed, without numbers.",
    "a claim without Statement",
)
STATUS = Rule("A412", _E, "A claim has a Status.", "Add its status.", "a claim without Status")
FALSIFICATION = Rule(
    "A413",
    _E,
    "A claim has Falsification criteria.",
    "Say which outcome would refute it.",
    "a claim without Falsification criteria",
)
PROOF = Rule(
    "A414",
    _E,
    "A claim has a Proof.",
    "Name the experiments that decide it: `[E01]`.",
    "a claim without Proof",
)
CONDITIONS = Rule(
    "A415",
    _W,
    "A claim has Conditions that say something.",
    "Say where the claim holds and where it was not tested.",
    "- **Conditions**: none",
)
SOURCES = Rule(
    "A416",
    _W,
    "A decided claim has Sources.",
    "Quote the lines that its values come from.",
    "a supported claim without Sources",
)
OTHER_KEYS = Rule(
    "A417",
    _N,
    "A claim has Evidence basis or Provenance, Dependencies and Tags.",
    "Add the key; `none` is a value.",
    "a claim without Tags",
)
STATUS_VALUE = Rule(
    "A418",
    _W,
    f"A claim's status is one of {', '.join(get_args(ClaimStatus))}, or revised.",
    "Use one of these words; remarks may follow it.",
    "- **Status**: proven",
)
NUMBERS = Rule(
    "A419", _W, "A Statement carries no numbers: they belong to the evidence.",
    "Say it in words and quote the number under Sources.", "- **Statement**: It gains 3.5 points",
)  # fmt: skip
RULES = (
    NO_ID, TWICE, NO_TITLE, BULLET, KEY_TWICE, ID_STYLE, DASHED, STATEMENT, STATUS, FALSIFICATION, PROOF, CONDITIONS,
    SOURCES, OTHER_KEYS, STATUS_VALUE, NUMBERS,
)  # fmt: skip

_ENTRY_FILES = (CLAIMS, EXPERIMENTS, HEURISTICS)
_WITH_IDS = (*_ENTRY_FILES, RELATED, PROBLEM)
_REQUIRED = (
    (STATEMENT, ("statement",)),
    (STATUS, ("status",)),
    (FALSIFICATION, ("falsification criteria", "falsification")),
    (PROOF, ("proof",)),
)
_OTHERS = (("evidence basis", "provenance"), ("dependencies",), ("tags",))
DECIDED = frozenset({"supported", "weakened", "refuted"})
"""Statuses that rest on data."""
_STATUSES = frozenset({*get_args(ClaimStatus), "revised"})
_LONGEST = 5_000
"""Characters of a line that are searched for numbers."""
_TWO_DIGITS = re.compile(r"^[A-Z]+\d{2,}")
_CODE = re.compile(r"`[^`]*`|\"[^\"]*\"")
# A number that stands for a result: no part of a name (VGG-16), of a setting (lr=0.1), of a size (3x3), of an id.
NUMBER = re.compile(
    r"(?<![\w=.,/^\-\u00d7])[\u2248~<>\u2264\u2265]?(?!(?:19|20)\d\d\b(?!\.))"
    r"\d+(?:[.,]\d+)*(?![\w.,]*[\w\u00d7])(?!(?:/\d+)*-[A-Za-z])"
)
"""A free-standing number in prose."""


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    for path in _WITH_IDS:
        document = context.document(path)
        if document is not None:
            yield from _entries(document)
    for section in context.claims.values():
        yield from _claim(section)


def status_of(claim: Section) -> str:
    """First word of a claim's status, in lower case."""
    field = claim.get("status")
    words = re.findall(r"[a-z]+", field.value.lower()) if field else []
    return words[0] if words else ""


def numbers_in(field: Field) -> Iterator[tuple[int, int, str]]:
    """Line, column and text of the free-standing numbers of a value; code and quoted words are left out."""
    for number, (line, text) in enumerate(field.lines):
        bare = _CODE.sub(lambda found: " " * len(found[0]), text[:_LONGEST])
        for match in NUMBER.finditer(bare):
            yield line, match.start() + (field.value_column if number == 0 else 1), match[0]


def _entries(document: MarkdownFile) -> Iterator[Diagnostic]:
    seen: dict[str, int] = {}
    path = document.path
    for section in document.sections:
        if not section.ident:
            if path in _ENTRY_FILES and section.level == 2:  # noqa: PLR2004 -- entries are second-level headings
                yield NO_ID.at(path, section, f"heading {section.title[:60]!r} has no id")
            continue
        if section.ident in seen:
            yield TWICE.at(path, section, f"{section.ident} is also in line {seen[section.ident]}")
        seen.setdefault(section.ident, section.line)
        if not section.name:
            yield NO_TITLE.at(path, section, f"{section.ident} has no title")
        if path != PROBLEM and not _TWO_DIGITS.match(section.ident):
            yield ID_STYLE.at(path, section, f"{section.ident} has one digit")
        if section.separator not in {":", ""} and path != CLAIMS:
            edits = colon_edits(document.source.lines[section.line - 1], section.line)
            yield DASHED.at(path, section, f"{section.ident} has a dash before its title", edits)
    for section in document.sections:
        if section.ident or path == CONCEPTS:
            yield from _bullets(path, section)


def _bullets(path: str, section: Section) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for field in section.fields:
        if field.key in seen:
            yield KEY_TWICE.at(path, field, f"{field.name} stands twice in {section.ident or section.title}")
        seen.add(field.key)
        if not field.canonical:
            edit = Edit(field.line, 1, field.value_column, f"- **{field.name}**: ")
            yield BULLET.at(path, field, f"{field.name} is not written `- **{field.name}**: value`", (edit,))


def _claim(section: Section) -> Iterator[Diagnostic]:
    ident = section.ident
    for rule, keys in _REQUIRED:
        field = section.get(*keys)
        if field is None or not field.value:
            yield rule.at(CLAIMS, field or section, f"{ident} has no {keys[0].capitalize()}")
    if says_nothing(section.get("conditions")):
        yield CONDITIONS.at(CLAIMS, section.get("conditions") or section, f"{ident} has no Conditions")
    status = status_of(section)
    if status in DECIDED and says_nothing(section.get("sources")):
        yield SOURCES.at(CLAIMS, section.get("sources") or section, f"{ident} is {status} and has no Sources")
    for keys in _OTHERS:
        if section.get(*keys) is None:
            yield OTHER_KEYS.at(CLAIMS, section, f"{ident} has no {' or '.join(k.capitalize() for k in keys)}")
    if status and status not in _STATUSES:
        yield STATUS_VALUE.at(CLAIMS, section.get("status"), f"{ident} has the unknown status {status!r}")
    statement = section.get("statement")
    if statement and (number := next(numbers_in(statement), None)):
        message = f"the Statement of {ident} holds the number {number[2]}"
        yield Diagnostic(NUMBERS.id, NUMBERS.severity, CLAIMS, number[0], number[1], message, NUMBERS.hint)
