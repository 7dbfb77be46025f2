"""A42x experiments, A43x problem, A44x concepts, A45x heuristics, A46x related work: the keys of each entry."""

import re
from collections.abc import Iterator
from typing import get_args

from ara.check.claims import numbers_in
from ara.check.context import CONCEPTS, EXPERIMENTS, HEURISTICS, PROBLEM, RELATED, Context, ids_in, says_nothing
from ara.check.model import Diagnostic, Profile, Rule, Severity
from ara.reader.markdown import MarkdownFile, Section
from ara.schema.logic import Relation, Sensitivity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
_SKILL = frozenset({Profile.SKILL})
VERIFIES = Rule(
    "A421",
    _E,
    "An experiment says which claims it Verifies.",
    "Add `- **Verifies**: [C01]`.",
    "an experiment without Verifies",
)
PLAN_KEYS = Rule(
    "A422",
    _E,
    "An experiment has Setup, Procedure, Metrics and Expected outcome.",
    "Add the key.",
    "an experiment without Procedure",
)
MORE_KEYS = Rule(
    "A423",
    _W,
    "An experiment has Evidence, Run, Baselines and Dependencies.",
    "Add the key; `none` or `pending` is a value.",
    "an experiment without Run",
)
EXPECTED_NUMBER = Rule(
    "A424",
    _W,
    "An expected outcome names a direction, no exact number.",
    "Say which way it should go; numbers belong to the evidence.",
    "- **Expected outcome**: about 3.5 points better",
)
PROBLEM_PARTS = Rule(
    "A431",
    _E,
    "The problem has Observations, Gaps and a Key Insight.",
    "Add the section.",
    "problem.md without `## Gaps`",
)
PROBLEM_KEYS = Rule(
    "A432",
    _W,
    "Observations have Statement, Evidence and Implication; gaps have Statement, Caused by, Existing "
    "attempts and Why they fail; the insight has Insight, Derived from and Enables.",
    "Add the key.",
    "### G1: ... without Caused by",
)
PROBLEM_REF = Rule(
    "A433",
    _E,
    "Observations that gaps and the insight name are in problem.md.",
    "Correct the id.",
    "- **Caused by**: O9",
)
DEFINITION = Rule(
    "A441",
    _E,
    "Every concept has a Definition.",
    "Define the term, or move what is no term out of concepts.md.",
    "## Degradation without Definition",
)
CONCEPT_KEYS = Rule(
    "A442",
    _N,
    "A concept has Notation, Boundary conditions and Related concepts.",
    "Add the key; `none` is a value.",
    "a concept without Notation",
)
TARGETS = Rule(
    "A443",
    _N,
    "Targets of the prompts: five concepts, three experiments, eight nodes.",
    "Nothing to do where the source holds no more.",
    "four concepts",
    profiles=_SKILL,
)
HEURISTIC_KEYS = Rule(
    "A451",
    _W,
    "A heuristic has Rationale, Sensitivity and Bounds.",
    "Add the key.",
    "a heuristic without Bounds",
)
SENSITIVITY = Rule(
    "A452",
    _W,
    "A sensitivity is low, medium, high or unknown.",
    "Begin with one of these words.",
    "- **Sensitivity**: large",
)
HEURISTIC_ORIGIN = Rule(
    "A453",
    _N,
    "A heuristic has Code ref and Source.",
    "Add the key; `none` is a value.",
    "a heuristic without Source",
)
RELATED_KEYS = Rule(
    "A461",
    _W,
    "A related work has DOI, Type and Delta.",
    "Add the key; a DOI may be any stable identifier.",
    "a related work without Delta",
)
RELATION = Rule(
    "A462", _W, f"The type of a related work is one of {', '.join(get_args(Relation))}.",
    "Begin with one of these words.", "- **Type**: similar",
)  # fmt: skip
RULES = (
    VERIFIES, PLAN_KEYS, MORE_KEYS, EXPECTED_NUMBER, PROBLEM_PARTS, PROBLEM_KEYS, PROBLEM_REF, DEFINITION,
    CONCEPT_KEYS, TARGETS, HEURISTIC_KEYS, SENSITIVITY, HEURISTIC_ORIGIN, RELATED_KEYS, RELATION,
)  # fmt: skip

_TERM_LEVEL = 2
_LEAST = {"concepts": 5, "experiments": 3, "nodes": 8}
_OBSERVATION = ("statement", "evidence", "implication")
_GAP = ("statement", "caused by", "existing attempts", "why they fail")
_INSIGHT = ("insight", "derived from", "enables")


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    for section in context.experiments.values():
        yield from _experiment(section)
    if problem := context.document(PROBLEM):
        yield from _problem(problem)
    if concepts := context.document(CONCEPTS):
        yield from _concepts(concepts)
    for section in context.heuristics.values():
        yield from _lacking(HEURISTICS, section, ("rationale", "sensitivity", "bounds"), HEURISTIC_KEYS)
        yield from _lacking(HEURISTICS, section, ("code ref", "source"), HEURISTIC_ORIGIN)
        yield from sensitivity(HEURISTICS, section)
    for section in context.related.values():
        yield from _lacking(RELATED, section, ("doi", "type", "delta"), RELATED_KEYS)
        yield from _word(RELATED, section, "type", get_args(Relation), RELATION)
    yield from _targets(context)


def sensitivity(path: str, section: Section) -> Iterator[Diagnostic]:
    """A sensitivity that is none of the four words."""
    yield from _word(path, section, "sensitivity", get_args(Sensitivity), SENSITIVITY)


def _lacking(path: str, section: Section, keys: tuple[str, ...], rule: Rule) -> Iterator[Diagnostic]:
    missing = [key.capitalize() for key in keys if (f := section.get(key)) is None or not f.value]
    if missing:
        yield rule.at(path, section, f"{section.ident or section.title} has no {', no '.join(missing)}")


def _word(path: str, section: Section, key: str, words: tuple[str, ...], rule: Rule) -> Iterator[Diagnostic]:
    field = section.get(key)
    first = re.match(r"[*_`]*([\w-]+)", field.value.lower()) if field else None
    if field and field.value and not (first and first[1] in words):
        yield rule.at(path, field, f"{key.capitalize()} of {section.ident or section.title} is {field.value[:40]!r}")


def _experiment(section: Section) -> Iterator[Diagnostic]:
    yield from _lacking(EXPERIMENTS, section, ("verifies",), VERIFIES)
    yield from _lacking(EXPERIMENTS, section, ("setup", "procedure", "metrics", "expected outcome"), PLAN_KEYS)
    yield from _lacking(EXPERIMENTS, section, ("evidence", "run", "baselines", "dependencies"), MORE_KEYS)
    expected = section.get("expected outcome")
    if expected and (number := next(numbers_in(expected), None)):
        message = f"the expected outcome of {section.ident} holds the number {number[2]}"
        rule = EXPECTED_NUMBER
        yield Diagnostic(rule.id, rule.severity, EXPERIMENTS, number[0], number[1], message, rule.hint)


def _problem(document: MarkdownFile) -> Iterator[Diagnostic]:
    titles = {section.title.lower() for section in document.sections}
    observed = {section.ident for section in document.entries()}
    for part in ("observations", "gaps", "key insight"):
        if part not in titles:
            yield PROBLEM_PARTS.at(PROBLEM, 1, f"there is no section {part.title()!r}")
    for section in document.sections:
        if re.match(r"O\d", section.ident):
            yield from _lacking(PROBLEM, section, _OBSERVATION, PROBLEM_KEYS)
        elif re.match(r"G\d", section.ident):
            yield from _lacking(PROBLEM, section, _GAP, PROBLEM_KEYS)
        elif section.title.lower() == "key insight":
            yield from _lacking(PROBLEM, section, _INSIGHT, PROBLEM_KEYS)
        for key in ("caused by", "derived from"):
            field = section.get(key)
            for ident, _ in ids_in(field.value, "O") if field else ():
                if ident not in observed:
                    yield PROBLEM_REF.at(PROBLEM, field, f"{ident} is no observation of problem.md")


def _concepts(document: MarkdownFile) -> Iterator[Diagnostic]:
    for section in document.sections:
        if section.level != _TERM_LEVEL:
            continue
        if says_nothing(section.get("definition")):
            yield DEFINITION.at(CONCEPTS, section.get("definition") or section, f"{section.title!r} is not defined")
        yield from _lacking(CONCEPTS, section, ("notation", "boundary conditions", "related concepts"), CONCEPT_KEYS)


def _targets(context: Context) -> Iterator[Diagnostic]:
    concepts = context.document(CONCEPTS)
    terms = sum(1 for s in concepts.sections if s.level == _TERM_LEVEL) if concepts else 0
    tree = context.located.tree_path
    real = {"concepts": (CONCEPTS, terms), "experiments": (EXPERIMENTS, len(context.experiments))}
    real["nodes"] = (tree, len(context.tree.nodes) if context.tree else 0)
    for what, (path, count) in real.items():
        if context.located.source(path) is not None and count < _LEAST[what]:
            yield TARGETS.at(path, 1, f"{count} {what}, fewer than {_LEAST[what]}")
