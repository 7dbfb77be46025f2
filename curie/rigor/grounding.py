"""Does every number in a text exist? References to findings, and their rendering. Pure.

A statement's numbers are references, `{{ref:F-H1.effect}}`; what a reference shows comes from the record. A numeral
that stands in the text itself is refused.
"""

import re
from collections.abc import Sequence

from curie.errors import CheckFailed
from curie.records import Finding, Statement
from curie.rigor.numbers import confidence, number, percent, quantity

__all__ = ["number", "percent", "quantity", "resolve"]

_REFERENCE = re.compile(r"\{\{ref:(?P<id>[A-Za-z0-9_-]+)\.(?P<field>[a-z_]+)\}\}")


def resolve(statement: Statement, findings: Sequence[Finding]) -> str:
    """The statement with every reference replaced by what the finding says.

    References are `{{ref:<finding id>.<field>}}` with the fields statement, treatment,
    reference, reversed_in, reason, verdict, metric, effect, relative,
    standardized, low, high, interval, level, p, p_adjusted, n, planned and smallest_visible.

    Raises:
        CheckFailed: a reference names no such finding or field, or a value that the finding does not have; or a
            numeral stands in the text outside references.
    """
    known = {f.id: f for f in findings}
    bare = _REFERENCE.sub("", statement.text)
    if "{{" in bare or "}}" in bare:
        raise CheckFailed(f"a reference is not well formed: {statement.text}", hint="write {{ref:F-H1.effect}}")
    if numeral := re.search(r"\d+", bare):
        raise CheckFailed(f"the number {numeral[0]} refers to no record: {statement.text}")
    return _REFERENCE.sub(lambda match: _value(known, match["id"], match["field"]), statement.text)


def _value(known: dict[str, Finding], finding_id: str, field: str) -> str:
    if finding_id not in known:
        raise CheckFailed(f"no finding {finding_id}; there are {', '.join(known) or 'none'}")
    finding = known[finding_id]
    shown = _text(finding, field)
    if shown is None:
        shown = _bound(finding, field) if field in {"low", "high", "level", "interval"} else _number(finding, field)
    if shown is None:
        raise CheckFailed(f"{finding_id} has no {field}")
    return shown


def _text(finding: Finding, field: str) -> str | None:
    texts: dict[str, str] = {
        "statement": finding.statement,
        "treatment": finding.treatment,
        "reference": finding.reference,
        "reversed_in": " and ".join(f"({cell})" for cell in finding.reversed_in),
        "reason": finding.reason,
        "verdict": finding.verdict,
        "metric": finding.metric,
    }
    return texts.get(field)


def _number(finding: Finding, field: str) -> str | None:
    quantities = {"effect": finding.effect, "smallest_visible": finding.smallest_visible}
    if (value := quantities.get(field)) is not None:
        return quantity(value, finding.unit)
    if field == "relative":
        return None if finding.relative is None else percent(finding.relative)
    pure: dict[str, float | None] = {
        "standardized": finding.standardized,
        "p": finding.p,
        "p_adjusted": finding.p_adjusted,
        "n": finding.n,
        "planned": finding.planned,
    }
    value = pure.get(field)
    return None if value is None else number(value)


def _bound(finding: Finding, field: str) -> str | None:
    bounds = finding.interval
    if bounds is None or bounds.low is None or bounds.high is None:
        return None
    if field == "level":
        return None if bounds.level is None else confidence(bounds.level)
    if field != "interval":
        return quantity(bounds.low if field == "low" else bounds.high, finding.unit)
    span = f"{number(bounds.low)} to {quantity(bounds.high, finding.unit)}"
    if bounds.level is None:
        same = bounds.low == bounds.high
        return f"{quantity(bounds.low, finding.unit)} in every block" if same else f"{span} over the blocks"
    return f"{confidence(bounds.level)} interval {span}"
