"""Does a comparison in a text have a finding behind it, and does the finding say so? Pure, and on the careful side.

A clause (between `.`, `!`, `?` or `;`) compares if it holds a comparative or superlative, a verb of change, or a word
of equality. Not asserted, and so free, is what stands after `whether`, and within three words after `if`, `may`,
`might`, `could` and the like. What is asserted carries the id of a finding, in the statement or as a reference, and

- not only inconclusive ones, unless the clause says that it is open;
- where it names one metric of the plan by name, one on that metric;
- `supported`, `refuted` and `inconclusive` occur only where a finding cited has that verdict;
- where every finding cited points one way and the clause names one way, the same way. `faster` and `slower` are read
  for times, `better` and `worse` by the metric's declared direction; a clause with a negation, or with both ways, is
  left to the reader, and so is one in which it does not show what is compared with what.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from curie.plan import Plan
from curie.records import Finding
from tasks.study import TIME_UNITS

_UP = (
    r"(?:higher|greater|larger|bigger|more|increas(?:e|es|ed|ing)|rais(?:e|es|ed|ing)|ris(?:e|es|ing)|rose|grows?|grew)"
)
_DOWN = (
    r"(?:lower(?:s|ed|ing)?|smaller|less|fewer|reduc(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|falls?|fell|drop(?:s|ped))"
)
_FAST = r"(?:faster|quicker|shorter|speed(?:s|ed)?\s+up|sped\s+up)"
_SLOW = r"(?:slower|longer|slow(?:s|ed)?\s+down)"
_GOOD = r"(?:better|best|superior|outperform(?:s|ed|ing)?|improv(?:e|es|ed|ing)|beats?|win(?:s|ning)?|won)"
_BAD = r"(?:worse|worst|inferior|degrad(?:e|es|ed|ing)|worsen(?:s|ed)?|harm(?:s|ed)?|hurts?|los(?:es|ing)|lost)"
_SAME = (
    r"(?:(?:the\s+)?same(?=\s+(?:as|for|with|in|under))|equal(?:s|ly)?|identical|equivalent|indistinguishable"
    r"|unchanged)"
)
_APART = r"(?:differ(?:s|ed|ent)?|differences?|unequal)"
_OTHER = (
    r"(?:than|exceed(?:s|ed|ing)?|surpass(?:es|ed)?|highest|lowest|fastest|slowest|largest|smallest|greatest"
    r"|(?:cheap|strong|weak|quiet|simpl|clos|earli|lat)er\b(?=\s+(?:than|with)))"
)
_KINDS = {"up": _UP, "down": _DOWN, "fast": _FAST, "slow": _SLOW, "good": _GOOD, "bad": _BAD, "same": _SAME}
_KIND = {name: re.compile(rf"\b{words}\b", re.IGNORECASE) for name, words in (_KINDS | {"apart": _APART}).items()}
_ANY = re.compile(rf"\b(?:{'|'.join((*_KINDS.values(), _APART, _OTHER))})\b", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:(?:whether|if|may|might|could|can|would|expect|such)\b(?:\W+\w+){0,2}\W*|to\s+)$", re.IGNORECASE
)
_WHETHER = re.compile(r"\bwhether\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:undecided|not\s+decided|inconclusive|open|unclear|unknown|whether|no\s+verdict)\b", re.IGNORECASE
)
_NOT = re.compile(r"\b(?:not|no|never|nor|neither|without|cannot|hardly|\w+n't|\w+n\u2019t)\b", re.IGNORECASE)
_VERDICT = re.compile(r"\b(supported|refuted|inconclusive)\b", re.IGNORECASE)
CLAUSE = re.compile(r"[.!?;](?=\s|$)")
"""Where a clause ends."""
_OPPOSITE = {"up": "down", "fast": "slow", "good": "bad", "same": "apart"}


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with what it cites."""

    text: str
    """Its references each replaced by one character."""
    cited: tuple[Finding, ...]
    """Findings that it, else its statement, cites."""
    treatment_at: int | None = None
    """Where a cited finding's treatment is referred to first."""
    reference_at: int | None = None
    """Where what it is compared with is referred to first."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What is wrong with a comparison."""

    id: str
    word: str
    at: int
    """Place in the clause."""
    why: str


def objections(clause: Clause, plan: Plan | None) -> Iterator[Objection]:
    """What speaks against the comparisons of a clause."""
    yield from _verdicts(clause)
    word = next((m for m in _ANY.finditer(clause.text) if not _HEDGE.search(clause.text[: m.start()])), None)
    if word is None or _WHETHER.search(clause.text[: word.start()]):
        return
    missing = "grounding/comparison-without-finding"
    if not clause.cited:
        yield Objection(missing, word[0], word.start(), "compares, and cites no finding")
        return
    if all(f.verdict == "inconclusive" for f in clause.cited):
        if not _OPEN.search(clause.text):
            ids = ", ".join(f.id for f in clause.cited)
            yield Objection("grounding/contradiction", word[0], word.start(), f"is decided, and {ids} inconclusive")
        return
    named = [m.name for m in plan.metrics if re.search(rf"(?<![\w=]){m.name}(?!\w)", clause.text)] if plan else []
    if len(named) == 1 and named[0] not in {f.metric for f in clause.cited}:
        yield Objection(missing, word[0], word.start(), f"compares {named[0]}, and no finding cited is on it")
        return
    yield from _directions(clause, plan)


def _verdicts(clause: Clause) -> Iterator[Objection]:
    given = {f.verdict for f in clause.cited}
    for match in _VERDICT.finditer(clause.text):
        if given and match[0].lower() not in given and not _NOT.search(clause.text):
            why = f"is not what the findings cited are: {', '.join(sorted(given))}"
            yield Objection("grounding/contradiction", match[0], match.start(), why)


def _directions(clause: Clause, plan: Plan | None) -> Iterator[Objection]:
    """Words of direction against findings that all point one way."""
    if plan is None or _NOT.search(clause.text) or _WHETHER.search(clause.text):
        return
    decided = [f for f in clause.cited if f.verdict != "inconclusive" and not f.reversed_in]
    signs = {_signs(f, plan) for f in decided}
    if len(signs) != 1 or not (found := dict(signs.pop())):
        return
    words = {kind: match for kind, pattern in _KIND.items() if (match := pattern.search(clause.text))}
    turned = _turned(clause)
    for one, other in _OPPOSITE.items():
        said = [kind for kind in (one, other) if kind in words]
        if len(said) != 1 or one not in found or (turned is None and one != "same"):
            continue
        seen = found[one] != (turned is True and one != "same")
        if seen != (said[0] == one):
            match = words[said[0]]
            ids = ", ".join(f.id for f in decided)
            yield Objection("grounding/contradiction", match[0], match.start(), f"is the other way round in {ids}")


def _turned(clause: Clause) -> bool | None:
    """Whether the reference is said to be so compared with the treatment; None if the clause does not tell."""
    than = re.search(r"\bthan\b", clause.text, re.IGNORECASE)
    if than is None:
        return False if clause.reference_at is None else None
    places = (clause.treatment_at, clause.reference_at)
    before = [place is not None and place < than.start() for place in places]
    after = [place is not None and place > than.start() for place in places]
    if before == [True, False] or (after == [False, True] and not before[1]):
        return False
    return True if before == [False, True] and after == [True, False] else None


def _signs(finding: Finding, plan: Plan) -> tuple[tuple[str, bool], ...]:
    """What a decided finding says: `up` true for an increase, `same` true for practical equality, and so on."""
    asked = next((h for h in plan.hypotheses if h.id == finding.hypothesis), None)
    if asked is None or finding.effect is None:
        return ()
    if (asked.direction, finding.verdict) in {("same", "supported"), ("different", "refuted")}:
        return (("same", True),)
    bounds = finding.interval
    if finding.effect == 0 or bounds is None or bounds.low is None or bounds.high is None:
        return ()
    if bounds.low < 0 < bounds.high:
        return ()
    up = finding.effect > 0
    signs: list[tuple[str, bool]] = [("up", up)]
    if asked.direction in {"same", "different"}:
        signs.append(("same", False))
    metric = plan.metric(finding.metric)
    if metric.unit in TIME_UNITS:
        signs.append(("fast", not up))
    if metric.better != "none":
        signs.append(("good", up == (metric.better == "higher")))
    return tuple(signs)


def by_id(ids: Sequence[str], findings: Mapping[str, Finding]) -> tuple[Finding, ...]:
    """The findings of these ids, each once; what is unknown is left out."""
    return tuple(findings[name] for name in dict.fromkeys(ids) if name in findings)
