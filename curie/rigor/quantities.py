"""Is what a text calls a quantity the kind of quantity that it cites? Pure, by the words beside a reference.

`The p value is {{ref:F-H1.effect}}` and `{{ref:F-H1.effect}} dollars` cite what exists and say what is false. A word of
a kind directly before or after a reference is held against the field that the reference ends in. Words that name no
kind known here pass.
"""

import re

from tasks.study import TIME_UNITS

_P = frozenset({"p", "p_adjusted"})
_EFFECT = frozenset(
    {"effect", "effect_signed", "relative", "relative_signed", "standardized", "smallest_visible", "interval"}
)
_BLOCKS = frozenset({"n", "planned", "blocks", "blocks_complete", "max_blocks", "decider_blocks"})
_TRIALS = frozenset(
    {"n", "planned", "trials", "records", "superseded", "reruns", "reproduced", "succeeded", "failed", "timed_out"}
    | {"invalid", "skipped", "not_attempted", "disturbed", "sampled", "uncompared", "diverged", "total", "excluded"}
    | {"aborted", "denied", "cancelled", "interrupted", "out_of_memory", "killed"}
)
_BEFORE: tuple[tuple[str, frozenset[str]], ...] = (
    (r"adjusted\s+p(?:[-\s]?values?)?", frozenset({"p_adjusted"})),
    (r"p(?:[-\s]?values?)?", _P),
    (r"(?:confidence\s+)?interval", frozenset({"interval", "level", "low", "high"})),
    (r"confidence", frozenset({"interval", "level"})),
    (r"effect(?:\s+size)?|differences?", _EFFECT),
    (r"n|sample\s+size", frozenset({"n", "planned"})),
    (r"mean|average", frozenset({"mean"})),
    (r"median", frozenset({"median"})),
    (r"sd|standard\s+deviation", frozenset({"sd"})),
    (r"minimum", frozenset({"min", "minimum"})),
    (r"maximum", frozenset({"max", "maximum"})),
    (r"(?:random\s+)?seed", frozenset({"seed"})),
    (r"alpha", frozenset({"alpha"})),
    (r"power", frozenset({"power"})),
    (r"exit\s+(?:code|status)", frozenset({"exit_code"})),
)
_LINK = r"(?:\s+(?:is|was|of|equals|are|were|at|being))?\s*[:=(]?\s*"
_NOUNS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"blocks?|replicates?|repetitions?", _BLOCKS),
    (r"trials?|runs?|re-?runs?", _TRIALS),
    (r"groups?|arms?", frozenset({"groups"})),
    (r"hypothes[ie]s", frozenset({"hypotheses", *("supported", "refuted", "inconclusive")})),
    (r"metrics?", frozenset({"metrics"})),
    (r"variables?|factors?", frozenset({"variables"})),
    (r"findings?", frozenset({"findings", "supported", "refuted", "inconclusive"})),
    (r"cores?", frozenset({"cores"})),
)
_MONEY = r"dollars?|euros?|pounds?|cents?|francs?|yen|USD|EUR|GBP|CHF|\$|\u20ac|\u00a3"
_SPANS = r"(?:milli|micro|nano)?seconds?|minutes?|hours?|days?|weeks?|months?|years?"
_OTHER_UNITS = r"points?(?!\s+(?:to|at|out)\b)|degrees?|watts?|joules?|meters?|metres?|grams?|kilograms?|users?|people"
_NEVER = rf"{_MONEY}|{_SPANS}|{_OTHER_UNITS}"
_UNITS = "|".join(sorted((re.escape(unit) for unit in TIME_UNITS), key=len, reverse=True))

_BEFORE_WORDS = tuple((re.compile(rf"(?<![\w-])(?:{word}){_LINK}$", re.IGNORECASE), ok) for word, ok in _BEFORE)
_AFTER_WORDS = tuple((re.compile(rf"\s+(?:{word})(?![\w-])", re.IGNORECASE), ok) for word, ok in _NOUNS)
_NEVER_AFTER = re.compile(rf"\s*(?:{_NEVER})(?!\w)", re.IGNORECASE)
_NEVER_BEFORE = re.compile(r"[$\u20ac\u00a3]\s*$")

COUNTED = re.compile(
    r"\s+(?:(?:[kKMGT]i?)?bytes?|rows?|files?|blocks?|trials?|runs?|groups?|levels?|seeds?|failures?|samples?|values?"
    rf"|percent|hypothes[ie]s|{_UNITS}|{_NEVER})(?!\w)",
    re.IGNORECASE,
)
"""A noun of quantity after a version (`Python 3 blocks`), which makes a count of it."""
MEASURED = re.compile(
    rf"\s+(?:percent|(?:[kKMGT]i?)?bytes?|{_UNITS}|{_NEVER})(?!\w)(?=\s*(?:$|[.,;:!?)]|\w))", re.IGNORECASE
)
"""A unit after a name, as in `reached g01-r01 points`, which makes a measurement of it."""
REACHED = re.compile(
    r"\b(?:reache[ds]|scored|gained|saved|saves|totals?|amount(?:s|ed)?\s+to|worth|equals?)\s+$", re.IGNORECASE
)
"""A verb that takes a quantity, before a name."""

_PLAN_COUNTS = (
    (re.compile(r"\W*hypothes[ie]s\b", re.IGNORECASE), "plan.hypotheses"),
    (re.compile(r"\W*groups?\b", re.IGNORECASE), "plan.groups"),
    (re.compile(r"\W*metrics?\b", re.IGNORECASE), "plan.metrics"),
    (re.compile(r"\W*(?:variables?|factors?)\b", re.IGNORECASE), "plan.variables"),
    (re.compile(r"\W*(?:blocks?|repetitions?)\b", re.IGNORECASE), "plan.blocks"),
    (re.compile(r"\W*trials?\b", re.IGNORECASE), "plan.trials"),
)


def disagreement(before: str, after: str, path: tuple[str, ...], unit: str | None) -> str | None:
    """What the words beside a reference call it, where that is not what it is; None if they agree.

    Args:
        before: the text up to the reference, other references blanked.
        after: the text behind it, likewise.
        path: the reference's segments; its last one is the field.
        unit: the unit that belongs to its value; None or `1` if it has none.
    """
    field = path[-1]
    if match := _NEVER_AFTER.match(after):
        word = match[0].strip()
        return None if unit not in {None, "1"} and word == unit else word
    if match := _NEVER_BEFORE.search(before):
        return match[0].strip()
    for pattern, kinds in _AFTER_WORDS:
        if match := pattern.match(after):
            named = match[0].strip()
            return None if field in kinds or "trials" in path or "reproduction" in path or named in path else named
    for pattern, kinds in _BEFORE_WORDS:
        if match := pattern.search(before):
            return None if field in kinds or _metric_is(match[0], path) else match[0].strip()
    return None


def counted_as(after: str) -> str:
    """The reference that says how many there are of what `after` begins with, else an example of a reference."""
    return next((ref for pattern, ref in _PLAN_COUNTS if pattern.match(after)), "F-H1.effect")


def _metric_is(word: str, path: tuple[str, ...]) -> bool:
    """Whether the word is the name of the metric that is cited, such as a metric called `power`."""
    return word.split(maxsplit=1)[0].rstrip(":=(") in path
