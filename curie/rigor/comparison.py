"""Does a comparison in a text have a finding behind it, and does the finding say so? Pure, and on the careful side.

A clause (between `.`, `!`, `?` or `;`) compares if it holds a comparative or superlative, a verb of change, or a word
of equality. Not asserted, and so free, is what stands after `whether`, and within three words after `if`, `may`,
`might`, `could` and the like. What is asserted carries the id of a finding, in the statement or as a reference, and

- not only inconclusive ones, unless the clause says that it is open;
- where it names one metric of the plan by name, one on that metric;
- `supported`, `refuted` and `inconclusive` occur only where a finding cited has that verdict;
- words of sameness (`equal`, `no difference`, `no effect`, `does not differ`) occur only with a supported `same`, a
  refuted `different` or an effect of exactly 0;
- where every finding cited points one way and the clause names one way, the same way. `faster` and `slower` are read
  for times, `better` and `worse` by the metric's declared direction; a clause with a negation, or with both ways, is
  left to the reader, and so is one in which it does not show what is compared with what. Settings and levels that are
  written out (`lev=bb`, `bb`) count as sides as references to them do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from curie.plan import Plan
from curie.records import Finding
from tasks.study import TIME_UNITS

_UP = (
    r"(?:higher|highest|greater|greatest|larger|largest|bigger|more|increas(?:e|es|ed|ing)|rais(?:e|es|ed|ing)"
    r"|ris(?:e|es|ing)|rose|grows?|grew|exceed(?:s|ed|ing)?|surpass(?:es|ed)?)"
)
_DOWN = (
    r"(?:lower(?:s|ed|ing)?|lowest|smaller|smallest|less|fewer|reduc(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|falls?|fell"
    r"|drop(?:s|ped))"
)
_FAST = r"(?:faster|fastest|quicker|shorter|speed(?:s|ed)?\s+up|sped\s+up)"
_SLOW = r"(?:slower|slowest|longer|slow(?:s|ed)?\s+down)"
_GOOD = r"(?:better|best|superior|outperform(?:s|ed|ing)?|improv(?:e|es|ed|ing)|beats?|win(?:s|ning)?|won)"
_BAD = r"(?:worse|worst|inferior|degrad(?:e|es|ed|ing)|worsen(?:s|ed)?|harm(?:s|ed)?|hurts?|los(?:es|ing)|lost)"
_SAME = (
    r"(?:(?:the\s+)?same(?=\s+(?:as|for|with|in|under))|practically\s+the\s+same|equal(?:s|ly)?|identical|equivalent"
    r"|indistinguishable|unchanged|unaffected"
    r"|no\s+(?:\w+\s+){0,2}(?:differences?|effects?|influence|impact|gain|benefit|change)|no\s+different"
    r"|(?:does|do|did|is|are|was|were)(?:\s+not|n't|n\u2019t)\s+(?:\w+\s+)?"
    r"(?:differ(?:ent)?|matter|chang(?:e|ed)|affect(?:ed)?))"
)
_APART = r"(?:differ(?:s|ed|ent)?|differences?|unequal)"
_OTHER = (
    r"(?:than"
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
_THAN = re.compile(
    r"\b(?:than|over|compared\s+(?:to|with)|relative\s+to|versus|vs|against|instead\s+of|exceed(?:s|ed|ing)?"
    r"|surpass(?:es|ed)?|outperform(?:s|ed|ing)?|beats?)\b",
    re.IGNORECASE,
)
"""Between what is said to be so and what it is compared with."""
_ARTICLES = frozenset({"a", "an", "the", "i", "it", "is", "in", "on", "as", "at", "no", "of", "to", "with", "than"})
"""Levels with such a name are read as one only at the end of a phrase or before a verb."""
_VERB = (
    r"(?:is|was|has|had|does|did|outperforms?|beats?|exceeds?|surpass(?:es)?|rais(?:es|ed)|lower(?:s|ed)|and|takes?)"
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
    yield from _sameness(clause, plan)
    yield from _directions(clause, plan)


def _sameness(clause: Clause, plan: Plan | None) -> Iterator[Objection]:
    """Words of sameness need a finding that says so: a supported `same`, a refuted `different`, or an effect of 0."""
    match = _KIND["same"].search(clause.text)
    if (
        plan is None
        or match is None
        or re.search(r"\b(?:not|never|hardly|n't)\s+(?:\w+\s+)?$", clause.text[: match.start()])
    ):
        return
    decided = [f for f in clause.cited if f.verdict != "inconclusive"]
    directions = {h.id: h.direction for h in plan.hypotheses}
    known = [f for f in decided if f.hypothesis in directions]
    if known and not any(_is_same(f, directions[f.hypothesis]) or f.effect == 0 for f in known):
        ids = ", ".join(f.id for f in known)
        yield Objection("grounding/contradiction", match[0], match.start(), f"is not what {ids} found")


def _is_same(finding: Finding, direction: str) -> bool:
    return (direction, finding.verdict) in {("same", "supported"), ("different", "refuted")}


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
    treatment, reference = clause.treatment_at, clause.reference_at
    for than in _THAN.finditer(clause.text):
        before = [place is not None and place < than.start() for place in (treatment, reference)]
        after = [place is not None and place > than.start() for place in (treatment, reference)]
        if before == [True, False] or (after == [False, True] and not before[1]):
            return False
        if before == [False, True] and after == [True, False]:
            return True
        if treatment is not None and reference is not None and after == [True, True]:
            between = clause.text[than.end() : min(treatment, reference)]
            if re.fullmatch(r"\s*(?:(?:with|that|of|under|for|in)\s+)*", between):
                return treatment < reference
    return False if reference is None else None


def side_at(text: str, sides: Sequence[str]) -> int | None:
    """Where one of these settings, such as `lev=bb`, or its level alone stands in the text first; None if nowhere."""
    return min((at for side in sides for at in _places(text, side)), default=None)


def _places(text: str, side: str) -> Iterator[int]:
    if not side:
        return
    yield from (m.start() for m in re.finditer(rf"(?<![\w=]){re.escape(side)}(?![\w=]|\.\d)", text))
    name, equals, level = side.partition("=")
    if not equals or "," in side or "=" in level or not re.fullmatch(r"[^\W\d][\w.-]*", level):
        return
    closing = rf"(?=\s*(?:$|[.,;:!?)])|\s+{_VERB}\b)" if level.lower() in _ARTICLES else r"(?![\w=])"
    yield from (m.start() for m in re.finditer(rf"(?<![\w=]){re.escape(level)}{closing}", text))
    yield from (m.start() for m in re.finditer(rf"{re.escape(name)}\s=\s{re.escape(level)}(?!\w)", text))


def _signs(finding: Finding, plan: Plan) -> tuple[tuple[str, bool], ...]:
    """What a decided finding says: `up` true for an increase, `same` true for practical equality, and so on."""
    asked = next((h for h in plan.hypotheses if h.id == finding.hypothesis), None)
    if asked is None or finding.effect is None:
        return ()
    if _is_same(finding, asked.direction):
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
