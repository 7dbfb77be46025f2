"""All rules in one place, and running them."""

import gc
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from ara.check import (
    claims,
    derived,
    dialect,
    digests,
    evidence,
    evidence_index,
    logic,
    logs,
    manifest,
    physical,
    presence,
    reading,
    recorded,
    references,
    tree,
    tree_rules,
    verdicts,
)
from ara.check.context import Context
from ara.check.model import Diagnostic, Profile, Rule
from ara.reader.artifact import Located

_LONGEST_WORD = 80
_LONGEST_MESSAGE = 600
_LONG_WORD = re.compile(rf"(\S{{{_LONGEST_WORD}}})\S+")

Group = Callable[[Context], Iterator[Diagnostic]]

_GROUPS: tuple[tuple[tuple[Rule, ...], Group], ...] = (
    (dialect.RULES, dialect.check),
    (presence.RULES, presence.check),
    (digests.RULES, digests.check),
    (manifest.RULES, manifest.check),
    (claims.RULES, claims.check),
    (logic.RULES, logic.check),
    (physical.RULES, physical.check),
    (references.RULES, references.check),
    (tree_rules.RULES, tree.check),
    (evidence.RULES, evidence.check),
    (evidence_index.RULES, evidence_index.check),
    (logs.RULES, logs.check),
    (derived.RULES, derived.check),
    (recorded.RULES, recorded.check),
    (verdicts.RULES, verdicts.check),
    (reading.RULES, reading.check),
)
_TREE_GROUPS = (dialect.check, tree.check, reading.check)


def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of their groups."""
    return tuple(rule for rules, _ in _GROUPS for rule in rules)


def diagnose(located: Located, profile: Profile) -> list[Diagnostic]:
    """Run the rules of a profile over an artifact, or those of the tree over a tree alone; sorted by place."""
    left_out = {rule.id for rule in all_rules() if profile not in rule.profiles}
    context = Context(located)
    found: dict[Diagnostic, None] = {}
    was = gc.isenabled()
    gc.disable()  # a hundred thousand live values would be walked again and again, and nothing here makes cycles
    try:
        for _, group in _GROUPS:
            if not located.lone_tree or group in _TREE_GROUPS:
                found.update(dict.fromkeys(d for d in group(context) if d.rule not in left_out))
    finally:
        if was:
            gc.enable()
    return sorted((_clamped(located, d) for d in found), key=_order)


def rules_checked(located: Located, profile: Profile) -> int:
    """How many rules were applied."""
    groups = [rules for rules, group in _GROUPS if not located.lone_tree or group in _TREE_GROUPS]
    return sum(1 for rules in groups for rule in rules if profile in rule.profiles)


def _clamped(located: Located, found: Diagnostic) -> Diagnostic:
    """At a line that an editor can go to, since a parser may point behind the last; quoting no more than is read."""
    message = found.message
    if len(message) > _LONGEST_WORD:
        message = _LONG_WORD.sub("\\1\u2026", message)
        message = message if len(message) <= _LONGEST_MESSAGE else f"{message[: _LONGEST_MESSAGE - 1]}\u2026"
    source = located.source(found.file) if found.line is not None else None
    if source is None or found.line is None or found.line <= len(source.lines):
        return found if message == found.message else replace(found, message=message)
    return replace(found, message=message, line=len(source.lines), column=1)


def _order(found: Diagnostic) -> tuple[str, int, int, str, str]:
    return found.file, found.line or 0, found.column or 0, found.rule, found.message
