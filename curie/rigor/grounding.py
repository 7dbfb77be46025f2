"""Does every number in a text exist, and every comparison? References, free numerals, comparisons; and rendering. Pure.

A statement's numbers are references, `{{ref:F-H1.effect}}` (`curie.rigor.ledger` has the grammar); what a reference
shows comes from the record. A numeral that stands in the text itself (`curie.rigor.numerals`) is refused, unless it
belongs to a constant of the plan or the environment (`curie.rigor.constants`). A comparison cites a finding and agrees
with it (`curie.rigor.comparison`). A reference stands by itself: a sign before it or a unit, a percent sign or `times`
after it would make another number of it; and what the words beside it call it, it is (`curie.rigor.quantities`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curie.errors import CheckFailed
from curie.records import Diagnostic, Statement
from curie.rigor.comparison import CLAUSE, Clause, by_id, objections, side_at
from curie.rigor.constants import Constants, constants_of
from curie.rigor.ledger import SEGMENT, Cited, Ledger, parse
from curie.rigor.numbers import number, percent, quantity
from curie.rigor.numerals import numerals
from curie.rigor.quantities import counted_as, disagreement
from tasks.study import TIME_UNITS, Frozen

__all__ = ["Grounding", "check_text", "ground", "number", "percent", "quantity", "render", "resolve", "show"]

_REFERENCE = re.compile(rf"\{{\{{ref:({SEGMENT}(?:\.{SEGMENT})*)\}}\}}")
_STAND_IN = "\ufffc"
"""OBJECT REPLACEMENT CHARACTER: stands for a reference while the words around it are looked at."""
_UNITS = "|".join(sorted((re.escape(unit) for unit in TIME_UNITS), key=len, reverse=True))
_BEFORE = re.compile(r"(?:^|[\s(\[{\"'=\u201c\u2018\u2013\u2014])$")
_SCALED = r"\b(?:half|thirds?|quarters?|tenths?|twice|thrice|double|triple|\w+fold)(?:\s+(?:of|the))*"
"""Words that scale what follows, also where a metric or level of the plan has such a word for a name."""
_SIGNED = re.compile(
    rf"(?:\b(?:minus|negative|times|divided\s+by|plus)|{_SCALED}|[\u2212\u00d7\u00f7*/^+~])\s*$", re.IGNORECASE
)
_AFTER = re.compile(r"$|[\s)\]}\"'\u201d\u2019\u2013\u2014]|[.,;:!?](?=$|[\s)\]}\"'\u201d\u2019])")
_DRESSED = re.compile(
    rf"\s*(?:[%\u2030\u00d7*/^\u00f7]|(?:per\s?cent|percentage|ppm|times|fold|x|[kKMGT]i?B|bytes?|{_UNITS})(?!\w))"
)


class Grounding(Frozen):
    """How many of a conclusion's statements stand on records, and what is wrong with the others."""

    statements: int
    grounded: int
    """Statements without a problem."""
    problems: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reference:
    """A reference in a text."""

    start: int
    end: int
    ref: str
    cited: Cited | None
    trouble: str | None = None


def check_text(statement: Statement, ledger: Ledger, constants: Constants | None = None) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a statement, in order of kind; empty if it stands on records.

    Ids are `grounding/malformed-reference`, `grounding/unknown-reference`, `grounding/free-numeral`,
    `grounding/comparison-without-finding` and `grounding/contradiction`; a message names the token and its place.

    Args:
        statement: the text with its references, and the findings that it carries.
        ledger: what may be cited.
        constants: tokens that may stand in the text as they are; those of the ledger's run if None.
    """
    references = _references(statement.text, ledger)
    known = constants if constants is not None else constants_of(ledger.state)
    return (
        *_broken(statement, references, ledger),
        *_free(statement.text, references, known),
        *_compared(statement, references, ledger),
    )


def render(statement: Statement, ledger: Ledger, constants: Constants | None = None) -> str:
    """The statement as people read it.

    Raises:
        CheckFailed: `check_text` reports something; the message holds all of it.
    """
    problems = check_text(statement, ledger, constants)
    if problems:
        raise CheckFailed("; ".join(p.message for p in problems), hint=problems[0].hint)
    return show(statement, ledger)


def resolve(statement: Statement, ledger: Ledger) -> str:
    """As `render`, with the constants of the ledger's own run."""
    return render(statement, ledger)


def show(statement: Statement, ledger: Ledger) -> str:
    """The statement with every reference that resolves replaced, checked or not: for what is in a journal already."""
    shown, at = [], 0
    for reference in _references(statement.text, ledger):
        shown += [statement.text[at : reference.start], reference.cited.text if reference.cited else ""]
        at = reference.start if reference.cited is None else reference.end
    return "".join((*shown, statement.text[at:]))


def ground(statements: Sequence[Statement], ledger: Ledger) -> Grounding:
    """What the check says of all these statements."""
    constants = constants_of(ledger.state)
    found = [check_text(statement, ledger, constants) for statement in statements]
    return Grounding(
        statements=len(found),
        grounded=sum(not problems for problems in found),
        problems=tuple(problem for problems in found for problem in problems),
    )


def _references(text: str, ledger: Ledger) -> list[_Reference]:
    found = []
    for match in _REFERENCE.finditer(text):
        try:
            cited, trouble = ledger.cite(match[1]), None
        except CheckFailed as error:
            cited, trouble = None, f"{error} ({error.hint})" if error.hint else str(error)
        found.append(_Reference(match.start(), match.end(), match[1], cited, trouble))
    return found


def _problem(kind: str, text: str, at: int, said: str, hint: str | None = None) -> Diagnostic:
    message = f"{said}, at character {at + 1} of: {text}"
    return Diagnostic(id=f"grounding/{kind}", severity="error", message=message, hint=hint)


def _broken(statement: Statement, references: Sequence[_Reference], ledger: Ledger) -> Iterator[Diagnostic]:
    text = statement.text
    bare = _without(text, references, " ")
    for match in re.finditer(r"\{\{|\}\}|\{\s*ref\s*:", bare):
        if match.start() == 0 or bare[match.start() - 1] != "{":
            said = f"{text[match.start() : match.start() + 40]!r} is no well-formed reference"
            yield _problem("malformed-reference", text, match.start(), said, "write {{ref:F-H1.effect}}")
    for reference in references:
        if reference.trouble is not None:
            yield _problem("unknown-reference", text, reference.start, reference.trouble)
        elif reference.cited is not None and re.search(r"\d", reference.cited.text):
            yield from _dressed(text, bare, reference)
            yield from _called(text, bare, reference, ledger)
    for name in statement.findings:
        if name not in ledger.state.findings:
            there = ", ".join(ledger.state.findings) or "none"
            yield _problem("unknown-reference", text, 0, f"no finding {name!r}; there are {there}")


def _dressed(text: str, bare: str, reference: _Reference) -> Iterator[Diagnostic]:
    """What stands beside a reference and makes another number of it."""
    before, after = bare[: reference.start], bare[reference.end :]
    touched = text[: reference.start].endswith("}}") or text[reference.end :].startswith("{{")
    if (
        touched
        or not _BEFORE.search(before)
        or _SIGNED.search(before)
        or not _AFTER.match(after)
        or _DRESSED.match(after)
    ):
        beside = text[max(0, reference.start - 10) : reference.end + 10].strip()
        said = f"what stands beside {reference.ref} makes another number of it: {beside!r}"
        yield _problem("malformed-reference", text, reference.start, said, "its unit and sign come with a reference")


def _called(text: str, bare: str, reference: _Reference, ledger: Ledger) -> Iterator[Diagnostic]:
    """What the words beside a reference call it, and it is not."""
    path = parse(reference.ref)
    word = disagreement(bare[: reference.start], bare[reference.end :], path, _unit(path, ledger))
    if word is not None:
        said = f"{reference.ref} is no {word!r}"
        yield _problem("contradiction", text, reference.start, said, "its unit comes with it; cite what you name")


def _unit(path: tuple[str, ...], ledger: Ledger) -> str | None:
    """The unit of the metric that a reference is on."""
    finding, plan = ledger.state.findings.get(path[0]), ledger.state.plan
    if finding is not None:
        return finding.unit
    return next((m.unit for m in plan.metrics if m.name in path), None) if plan else None


def _free(text: str, references: Sequence[_Reference], constants: Constants) -> Iterator[Diagnostic]:
    bare = _without(text, references, " ")
    # Behind `{{` that belongs to no reference everything is text, and numerals in it are numerals.
    for numeral in numerals(bare):
        if not constants.hold(bare, numeral.start, numeral.end):
            said = f"the number {numeral.token!r} refers to no record"
            hint = f"cite a record: {{{{ref:{counted_as(bare[numeral.end :])}}}}}"
            yield _problem("free-numeral", text, numeral.start, said, hint)


def _compared(statement: Statement, references: Sequence[_Reference], ledger: Ledger) -> Iterator[Diagnostic]:
    text, findings = statement.text, ledger.state.findings
    whole = _without(text, references, _STAND_IN)
    start = 0
    for end in (*(match.end() for match in CLAUSE.finditer(whole)), len(text)):
        inside = [r for r in references if start <= r.start < end]
        ids = [parse(r.ref)[0] for r in inside if parse(r.ref)[0] in findings] or list(statement.findings)
        cited, words = by_id(ids, findings), whole[start:end]
        treatment, reference = (_first(inside, field, start) for field in ("treatment", "reference"))
        clause = Clause(
            text=words,
            cited=cited,
            treatment_at=treatment if treatment is not None else side_at(words, [f.treatment for f in cited]),
            reference_at=reference if reference is not None else side_at(words, [f.reference for f in cited]),
        )
        for objection in objections(clause, ledger.state.plan):
            kind = objection.id.removeprefix("grounding/")
            yield _problem(kind, text, start + objection.at, f"{objection.word!r} {objection.why}")
        start = end


def _first(references: Sequence[_Reference], field: str, offset: int) -> int | None:
    return next((r.start - offset for r in references if parse(r.ref)[-1] == field), None)


def _without(text: str, references: Sequence[_Reference], filler: str) -> str:
    """The text with every reference blanked, so that places stay what they are."""
    parts, at = [], 0
    for reference in references:
        parts += [text[at : reference.start], filler * (reference.end - reference.start)]
        at = reference.end
    return "".join((*parts, text[at:]))
