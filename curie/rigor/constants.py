"""The plan's and environment's constants: the only tokens with numerals that a text may hold without a reference. Pure.

- A name, as a whole word: of a variable, metric, group, hypothesis, finding, trial, input, table or column, and a level
  that is a word with a digit in it, such as `b1`. It begins with a letter; `x10` as a level is left out, as it reads as
  a factor.
- A level only as `name=value` or `name = value`, never bare: a `10` that equals a level proves nothing. A variable with
  the name of a metric or of a statistic is left out, as its value would read as a result.
- `alpha=...`, `power=...` and `seed=...` of the plan.
- Versions with their name (`Python 3.11.4`, `Python 3.11`, `Python 3`, `numpy==1.26.4`, `numpy 1.26.4`), the
  processor's and the kernel's name, whole digests, and the standards `UTF-8`, `UTF-16` and `SHA-256`.

What stands beside it must not turn a constant into a quantity: `size=10 %`, `Python 3 blocks` and `reached g01-r01
points` are refused.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curie.design_groups import level_text
from curie.plan import Plan
from curie.rigor.quantities import COUNTED, MEASURED, REACHED
from curie.state import RunState

_NAME = re.compile(r"[^\W\d][\w.@/+-]*")
_FACTOR = re.compile(r"[xXeE][-+]?\d[\d.,]*")
_RESULTS = frozenset(
    {"n", "p", "effect", "mean", "sd", "median", "min", "max", "low", "high", "interval", "level", "d"}
)
_STANDARDS = ("UTF-8", "UTF-16", "SHA-256")
_OPENING = frozenset("([{\"'`\u201c\u2018")
_CLOSING = frozenset(")]}\"'`\u201d\u2019")
_PUNCTUATION = frozenset(".,:;!?")
_DRESSED = re.compile(
    r"\s*(?:[%\u2030\u00d7*/^\u00f7]|(?:per\s?cent|per|times|fold|x|ppm|percentage)\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Constants:
    """What may stand in a text as it is."""

    words: frozenset[str]
    """Without spaces and brackets; looked up as a whole."""
    phrases: tuple[str, ...]
    """The others; looked for one by one."""

    def hold(self, text: str, start: int, end: int) -> bool:
        """Whether what stands at `start` to `end` of `text` is, or lies in, a constant that stands by itself."""
        if text[start:end] in self.words:
            named = not REACHED.search(text[:start]) and not MEASURED.match(text[end:])
            return named and stands_alone(text, start, end)
        return any(
            first <= start
            and end <= first + len(phrase)
            and stands_alone(text, first, first + len(phrase))
            and not (phrase[-1].isdigit() and COUNTED.match(text[first + len(phrase) :]))
            for phrase in self.phrases
            for first in _occurrences(text, phrase, start)
        )


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing before or after belongs to the same word, or makes a quantity of it."""
    before = text[start - 1] if start else " "
    if not (before.isspace() or before in _OPENING):
        return False
    rest = text[end:].lstrip("".join(_CLOSING))
    if rest and rest[0] in _PUNCTUATION:
        return len(rest) == 1 or rest[1].isspace() or rest[1] in _CLOSING
    return (not rest or rest[0].isspace() or len(rest) < len(text) - end) and not _DRESSED.match(rest)


def constants_of(state: RunState) -> Constants:
    """The constants of a run's plan, records and surroundings."""
    found = {*_surroundings(state), *state.trials, *state.findings}
    if state.plan is not None:
        found |= {*_names(state.plan), *_settings(state.plan)}
    for profile in state.profiles.values():
        found |= {name for t in profile.tables for name in (t.path, *(c.name for c in t.columns)) if _is_name(name)}
    words = frozenset(text for text in found if not re.search(r"[\s(){}\[\]<>\"'`;]", text))
    return Constants(words=words, phrases=tuple(sorted(found - words, key=len, reverse=True)))


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _names(plan: Plan) -> Iterator[str]:
    """Names as whole words."""
    yield from (v.name for v in plan.variables)
    yield from (m.name for m in plan.metrics)
    yield from (g.id for g in plan.groups)
    for asked in plan.hypotheses:
        yield from (asked.id, f"F-{asked.id}")
    for variable in plan.variables:
        texts = map(level_text, variable.levels)
        yield from (t for t in texts if _is_name(t) and re.search(r"\d", t) and not _FACTOR.fullmatch(t))


def _settings(plan: Plan) -> Iterator[str]:
    """Levels and numbers of the plan, with their names."""
    taken = _RESULTS | {m.name for m in plan.metrics}
    fixed = {"power": f"{plan.repetitions.power:.15g}", "seed": str(plan.seed)}
    if plan.hypotheses:
        fixed["alpha"] = f"{plan.hypotheses[0].rule.alpha:.15g}"
    pairs = [(v.name, level_text(level)) for v in plan.variables for level in v.levels]
    for name, value in (*pairs, *fixed.items()):
        if name not in taken:
            yield from (f"{name}={value}", f"{name} = {value}")


def _surroundings(state: RunState) -> Iterator[str]:
    """Versions with their names, standards, and digests."""
    yield from _STANDARDS
    if state.created is not None:
        facts = {name: value for name, value in state.created.machine.items() if isinstance(value, str)}
        if version := facts.get("python"):
            parts = version.split(".")
            yield from (f"Python {'.'.join(parts[:most])}" for most in range(1, len(parts) + 1))
        if "system" in facts and "kernel" in facts:
            yield f"{facts['system']} {facts['kernel']}"
        yield from _present((facts.get("processor"), facts.get("machine")))
        yield f"curie {state.created.curie_version}"
    if state.environment is not None:
        for pinned in state.environment.resolved:
            yield from (pinned, pinned.replace("==", " "))
    if state.snapshot is not None:
        yield from (state.snapshot.commit, state.snapshot.tree)
    yield from _present((state.plan_digest, *(given.sha256 for given in state.inputs.values())))


def _present(texts: Iterable[str | None]) -> Iterator[str]:
    yield from (text for text in texts if text)


def _occurrences(text: str, phrase: str, around: int) -> Iterator[int]:
    """Where `phrase` stands in `text` such that it could hold the character at `around`."""
    at = text.find(phrase, max(0, around - len(phrase)))
    while 0 <= at <= around:
        yield at
        at = text.find(phrase, at + 1)
