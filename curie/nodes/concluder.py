"""The concluder: answers in at most three sentences, by reference to findings, and says what they do not show. Pure."""

from collections.abc import Sequence

from curie.design_groups import level_text
from curie.plan import Plan
from curie.records import Conclusion, Finding, Reproduction, Statement, Verdict
from curie.rigor.grounding import resolve

_MOST_NAMED = 4
_LEADS: dict[Verdict, str] = {"supported": "Supported", "refuted": "Refuted", "inconclusive": "Not decided"}


def conclude(
    plan: Plan,
    findings: Sequence[Finding],
    reproductions: Sequence[Reproduction] = (),
    sandbox: str | None = None,
) -> Conclusion:
    """The answer to the plan's question: one sentence per verdict that occurred, and the limits.

    Args:
        plan: what was asked.
        findings: the analyst's; calibrations answer no question and appear only among the limits.
        reproductions: what the re-runs gave.
        sandbox: name of the back end that the trials ran in.
    """
    asked = [f for f in findings if not f.calibration]
    statements = tuple(
        _sentence(lead, [f for f in asked if f.verdict == verdict])
        for verdict, lead in _LEADS.items()
        if any(f.verdict == verdict for f in asked)
    )
    nothing = Statement(text="Nothing was decided: the plan has no finding.")
    return Conclusion(
        statements=statements or (nothing,),
        limits=(*_scope(plan, findings, sandbox), *_doubts(plan, findings, reproductions)),
    )


def render(statement: Statement, findings: Sequence[Finding]) -> str:
    """The statement as people read it, its numbers from the findings.

    Raises:
        CheckFailed: a reference is unknown, or a number refers to nothing.
    """
    return resolve(statement, findings)


def _sentence(lead: str, findings: Sequence[Finding]) -> Statement:
    named = findings[:_MOST_NAMED]
    parts = [f"{{{{ref:{f.id}.statement}}}} ({_evidence(f)})" for f in named]
    more = "; and more, see the findings" if len(findings) > len(named) else ""
    return Statement(text=f"{lead}: {'; '.join(parts)}{more}.", findings=tuple(f.id for f in findings))


def _evidence(finding: Finding) -> str:
    """What stands behind a verdict: the effect with its interval, or why there is none."""
    if finding.verdict == "inconclusive":
        return f"{{{{ref:{finding.id}.reason}}}}"
    parts = [f"difference {{{{ref:{finding.id}.effect}}}}"]
    if finding.relative is not None:
        parts.append(f"{{{{ref:{finding.id}.relative}}}}")
    if finding.interval is not None and finding.interval.low is not None:
        parts.append(f"{{{{ref:{finding.id}.interval}}}}")
    return ", ".join(parts)


def _scope(plan: Plan, findings: Sequence[Finding], sandbox: str | None) -> list[str]:
    where = f", in the sandbox {sandbox}" if sandbox else ""
    varied = "; ".join(
        f"{v.name} = {', '.join(map(level_text, v.levels))}" for v in plan.variables if v.role != "constant"
    )
    limits = [f"Measured on one machine{where}; another may differ.", f"Shown for these levels only: {varied}."]
    complete = [f.n for f in findings if not f.calibration]
    if complete:
        least, most = min(complete), max(complete)
        blocks = f"{least}" if least == most else f"{least} to {most}"
        over = "each with its own seed" if plan.replicate_over == "seed" else "which differ by run only, not by seed"
        limits.append(f"n is {blocks} blocks, {over}.")
    if plan.design == "full-factorial" and sum(v.role != "constant" for v in plan.variables) > 1:
        limits.append("Effects are means over the other variables' levels; interactions are not tested.")
    return limits


def _doubts(plan: Plan, findings: Sequence[Finding], reproductions: Sequence[Reproduction]) -> list[str]:
    doubts = []
    if plan.exploratory:
        doubts.append("Exploratory: outcomes had been seen when this plan was frozen.")
    if not reproductions:
        doubts.append("No trial was run again.")
    elif bad := sorted(r.key for r in reproductions if r.state in {"diverged", "failed", "timed_out"}):
        doubts.append(f"Did not reproduce: {', '.join(bad)}.")
    if biased := [f.metric for f in findings if f.calibration and f.verdict == "supported"]:
        doubts.append(
            f"The control differs from its own twin in {', '.join(biased)}: expect such differences by chance."
        )
    return doubts
