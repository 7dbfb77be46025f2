"""What has room on a first screen: a short answer, every verdict, what could change it, and then some limits. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from curie.page.bounds import Listed, bounded
from curie.page.facts import disturbed, timed
from curie.page.model import Report
from curie.page.phrase import Lit, Phrase, Ref, listed, refs
from curie.page.sentences import opening
from curie.records import Finding, Verdict
from curie.rigor.ledger import parse, reference

VERDICTS = 60
"""Rows of the table of verdicts, which scrolls; all verdicts stand below."""
_KINDS: tuple[Verdict, ...] = ("supported", "refuted", "inconclusive")
_SENTENCES = 2
_ANSWER = 300
"""Characters of the answer beside the count of verdicts; the whole one stands below."""
_LIMITS = 3
_LEAST_LIMITS = 1
_CONCERNS = 2
_REVERSALS = 1
_SCOPE = {("run", "sandbox"), ("plan", "variable")}
"""What the first limit cites that says how far the answer reaches; those before it doubt it."""


@dataclass(frozen=True, slots=True)
class First:
    """The first screen's own words; the rest of it is the report's."""

    kinds: tuple[Verdict, ...]
    """Verdicts that occur."""
    answer: tuple[Phrase, ...]
    """At most two sentences, shortened at a semicolon."""
    verdicts: Listed[Finding]
    warnings: tuple[Phrase, ...]
    """What could change the answer; all of it."""
    concerns: tuple[str, ...]
    """The gravest of the data."""
    limits: Listed[Phrase]
    """The other limits, the gravest first."""


def first(report: Report) -> First:
    """Of this report."""
    answer, _ = opening(report.answer[:_SENTENCES], report.ledger, _ANSWER)
    warnings, concerns = tuple(_warnings(report)), _concerns(report)
    others = tuple(limit for limit in report.limits if not _told(limit))
    doubts = next((n for n, limit in enumerate(others) if _reach(limit)), 0)
    room = max(doubts, _LEAST_LIMITS, _LIMITS - len(warnings) - len(concerns))
    return First(
        kinds=tuple(kind for kind in _KINDS if any(f.verdict == kind for f in report.verdicts)),
        answer=answer,
        verdicts=bounded(report.verdicts, VERDICTS),
        warnings=warnings,
        concerns=concerns,
        limits=bounded(others, room),
    )


def _warnings(report: Report) -> list[Phrase]:
    dossier = report.dossier
    found: list[Phrase] = []
    found += _reversals(report.verdicts)
    counts = dossier.result.reproduction
    if not counts.ok:
        agreed: Phrase = (Ref("run.reproduction.reproduced"), " of ", Ref("run.reproduction.sampled"))
        found.append(("Only ", *agreed, " re-run trials reproduced."))
    if disturbed(dossier):
        marked: Phrase = (Ref("run.trials.disturbed"), " of ", Ref("run.trials.planned"))
        metrics = listed((Lit("metric", name),) for name in timed(dossier))
        found.append((*marked, " trials were disturbed by other load, which moves ", *metrics, "."))
    return found


def _reversals(verdicts: Sequence[Finding]) -> list[Phrase]:
    """The hypotheses whose mean hides a cell, by where that is."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in verdicts:
        if finding.reversed_in:
            alike.setdefault(finding.reversed_in, []).append(finding)
    if not alike:
        return []
    if len(alike) > _REVERSALS:
        names = _names([f for group in alike.values() for f in group])
        return [("Reversed in some cells: ", *names, ".")]
    parts: list[Phrase] = [
        (*_names(group), " in ", Ref(reference(group[0].id, "reversed_in"))) for group in alike.values()
    ]
    return [("Reversed: ", *listed(parts, "; "), ".")]


def _names(findings: Sequence[Finding]) -> Phrase:
    return listed((Lit("key", f.hypothesis),) for f in findings)


def _concerns(report: Report) -> tuple[str, ...]:
    grave = [c.message for view in report.data for c in view.concerns.shown if c.severity != "note"]
    return tuple(grave[:_CONCERNS])


def _told(limit: Phrase) -> bool:
    """Whether a warning says the same in fewer words."""
    cited = [parse(ref) for ref in refs(limit)]
    return any(p[-1] == "reversed_in" or p[0] == "rerun" or p == ("run", "trials", "disturbed") for p in cited)


def _reach(limit: Phrase) -> bool:
    return any(tuple(parse(ref)[:2]) in _SCOPE for ref in refs(limit))
