"""The concluder: a sentence a kind of verdict, by reference to findings, and says what they do not show. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from curie.errors import CheckFailed
from curie.plan import Plan
from curie.records import Conclusion, Finding, Interval, Reproduction, Statement, Verdict
from curie.rigor import grounding
from curie.rigor.ledger import Ledger, reference
from curie.state import RunState

_MOST_NAMED = 4
_LEADS: dict[Verdict, tuple[str, str]] = {
    "supported": ("Supported:", "Supported on average, but reversed in some cells:"),
    "refuted": ("Refuted; instead", "Refuted on average, but reversed in some cells; instead"),
    "inconclusive": ("Not decided:", "Not decided, and reversed in some cells:"),
}
"""How a sentence begins; the second where a mean over cells would hide one in which it is the other way round."""


def conclude(
    plan: Plan,
    findings: Sequence[Finding],
    reproductions: Sequence[Reproduction] = (),
    sandbox: str | None = None,
    *,
    disturbed: bool = False,
) -> Conclusion:
    """The answer to the plan's question: a sentence per kind of verdict that occurred, and the limits, gravest first.

    Args:
        plan: what was asked.
        findings: the analyst's; calibrations answer no question and appear only among the limits.
        reproductions: what the re-runs gave.
        sandbox: name of the back end that the trials ran in, as the run's state holds it; None if it holds none.
        disturbed: whether a measured trial ran beside other load.
    """
    asked = [f for f in findings if not f.calibration]
    statements = tuple(
        _sentence(plan, lead, group)
        for verdict, leads in _LEADS.items()
        for mixed, lead in enumerate(leads)
        if (group := [f for f in asked if f.verdict == verdict and bool(f.reversed_in) == bool(mixed)])
    )
    nothing = Statement(text="Nothing was decided: the plan has no finding.")
    reversals = [f for f in asked if f.reversed_in]
    return Conclusion(
        statements=statements or (nothing,),
        limits=(
            *((_reversed(reversals),) if reversals else ()),
            *_doubts(plan, findings, reproductions, disturbed=disturbed),
            *_scope(plan, findings, sandbox),
        ),
    )


def refuse_ungrounded(conclusion: Conclusion, ledger: Ledger) -> None:
    """Refuse a conclusion that does not stand on records: to journal it would be a mistake of ours.

    Raises:
        CheckFailed: some statement or limit does not; every problem is named.
    """
    seen = grounding.ground((*conclusion.statements, *conclusion.limits), ledger)
    if seen.problems:
        listed = "\n".join(f"  {p.id}: {p.message}" for p in seen.problems)
        raise CheckFailed(f"The conclusion is not recorded, as it does not stand on records:\n{listed}")


def render(statement: Statement, findings: Sequence[Finding]) -> str:
    """The statement as people read it, its numbers from these findings; `grounding.render` knows the whole run.

    Raises:
        CheckFailed: a reference is unknown, or a number refers to nothing.
    """
    return grounding.render(statement, Ledger(RunState(findings={f.id: f for f in findings})))


def _reversed(findings: Sequence[Finding]) -> Statement:
    """Where the direction is the other way round."""
    alike: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.metric, finding.reversed_in), []).append(finding)
    parts = []
    for group in alike.values():
        first = group[0].id
        treatments = _listed([f"{{{{ref:{f.id}.treatment}}}}" for f in group])
        parts.append(f"in {{{{ref:{first}.reversed_in}}}} for {{{{ref:{first}.metric}}}} with {treatments}")
    text = f"Effects are means over the other variables; the direction reverses {'; '.join(parts)}."
    return Statement(text=text, findings=tuple(f.id for f in findings))


class _Relation(NamedTuple):
    """How a metric under the treatments stands to the reference: `is lower (better)` ... `than`."""

    words: str
    joiner: str


_UNDECIDED = _Relation("", "")
_SAME = _Relation("is the same", "as")
_EITHER_WAY = _Relation("differs, now one way and now the other,", "from what it is")


def _sentence(plan: Plan, lead: str, findings: Sequence[Finding]) -> Statement:
    """`Supported: time is lower with a (-20 %) and b (-10 %) than with c.`: a clause a metric and direction."""
    clauses: dict[tuple[str, _Relation, str], list[Finding]] = {}
    for finding in findings:
        clauses.setdefault((finding.metric, _relation(plan, finding), finding.reference), []).append(finding)
    text = "; ".join(_clause(relation, group) for (_, relation, _), group in clauses.items())
    return Statement(text=f"{lead} {text}.", findings=tuple(f.id for f in findings))


def _clause(relation: _Relation, findings: Sequence[Finding]) -> str:
    metric, reference = (f"{{{{ref:{findings[0].id}.{field}}}}}" for field in ("metric", "reference"))
    # Intervals of several treatments would bury the answer; the verdicts beside it have them all.
    alone = len(findings) == 1
    named = [f"{{{{ref:{f.id}.treatment}}}} ({_evidence(f, alone=alone)})" for f in findings[:_MOST_NAMED]]
    if len(findings) > _MOST_NAMED:
        named.append("others (see the findings)")
    if relation == _UNDECIDED:
        return f"whether {metric} differs from {reference} with {_listed(named)}"
    return f"{metric} {relation.words} with {_listed(named)} {relation.joiner} with {reference}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _relation(plan: Plan, finding: Finding) -> _Relation:
    """What the data says of the metric, as far as the rule decides it, and whether that is for the better."""
    if finding.verdict == "inconclusive" or finding.effect is None:
        return _UNDECIDED
    asked = next(h for h in plan.hypotheses if h.id == finding.hypothesis)
    margin = _plan("hypothesis", asked.id, "threshold") if asked.rule.threshold > 0 else None
    if (asked.direction, finding.verdict) in {("same", "supported"), ("different", "refuted")}:
        return _Relation(f"is practically the same, within {margin},", "as") if margin else _SAME
    if finding.verdict == "refuted" and margin and asked.direction != "same":
        return _Relation(f"is not {asked.direction} by more than {margin}", "than")
    if finding.effect == 0:
        return _SAME
    if finding.deterministic and _straddles(finding.interval):
        return _EITHER_WAY
    higher = finding.effect > 0
    better = plan.metric(finding.metric).better
    value = "" if better == "none" else " (better)" if higher == (better == "higher") else " (worse)"
    beyond = f" by more than {margin}" if margin else ""
    return _Relation(f"is {'higher' if higher else 'lower'}{value}{beyond}", "than")


def _straddles(span: Interval | None) -> bool:
    return span is not None and span.low is not None and span.high is not None and span.low < 0 < span.high


def _evidence(finding: Finding, *, alone: bool) -> str:
    """What stands behind a verdict: the effect, of a finding alone with its interval, or why there is none."""
    if finding.verdict == "inconclusive":
        return f"{{{{ref:{finding.id}.reason}}}}"
    parts = [f"{{{{ref:{finding.id}.effect}}}}"]
    if finding.relative is not None:
        parts.append(f"{{{{ref:{finding.id}.relative}}}}")
    if alone and finding.interval is not None and finding.interval.low is not None:
        parts.append(f"{{{{ref:{finding.id}.interval}}}}")
    return ", ".join(parts)


def _scope(plan: Plan, findings: Sequence[Finding], sandbox: str | None) -> list[Statement]:
    where = ", in the sandbox {{ref:run.sandbox.kind}}" if sandbox else ""
    varied = [v.name for v in plan.variables if v.role != "constant"]
    levels = "; ".join(f"{_plan('variable', v, 'name')} = {_plan('variable', v, 'levels')}" for v in varied)
    limits = [f"Measured on one machine{where}; another may differ.", f"Shown for these levels only: {levels}."]
    complete = sorted((f for f in findings if not f.calibration and f.n), key=lambda f: f.n)
    if complete:
        least, most = (f"{{{{ref:{f.id}.n}}}}" for f in (complete[0], complete[-1]))
        blocks = least if complete[0].n == complete[-1].n else f"{least} to {most}"
        over = "each with its own seed" if plan.replicate_over == "seed" else "each merely another run: no seed varies"
        limits.append(f"n is {blocks} blocks, {over}.")
    if plan.design == "full-factorial" and len(varied) > 1:
        limits.append("Effects are means over the other variables' levels; interactions are not tested.")
    return [Statement(text=text) for text in limits]


def _plan(*parts: str) -> str:
    return f"{{{{ref:{reference('plan', *parts)}}}}}"


def _doubts(
    plan: Plan, findings: Sequence[Finding], reproductions: Sequence[Reproduction], *, disturbed: bool
) -> list[Statement]:
    doubts = []
    if disturbed and any(metric.is_timing for metric in plan.metrics):
        counts = "{{ref:run.trials.disturbed}} of {{ref:run.trials.planned}}"
        doubts.append(Statement(text=f"{counts} trials ran beside other load on their cores, which moves times."))
    if plan.exploratory:
        doubts.append(Statement(text="Exploratory: outcomes had been seen when this plan was frozen."))
    if not reproductions:
        doubts.append(Statement(text="No trial was run again."))
    elif bad := sorted(r.key for r in reproductions if r.state in {"diverged", "failed", "timed_out"}):
        keys = ", ".join(f"{{{{ref:{reference('rerun', key, 'key')}}}}}" for key in bad)
        doubts.append(Statement(text=f"Did not reproduce: {keys}."))
    if biased := [f for f in findings if f.calibration and f.verdict == "supported"]:
        metrics = ", ".join(f"{{{{ref:{f.id}.metric}}}}" for f in biased)
        text = f"The control differs from its own twin in {metrics}: expect such differences by chance."
        doubts.append(Statement(text=text, findings=tuple(f.id for f in biased)))
    return doubts
