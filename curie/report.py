"""A result in words: counts, effects, intervals, the machine, as the screen and other texts say them. Pure."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from curie.records import Finding
from curie.result import ReproductionCounts, TrialCounts
from curie.rigor.numbers import confidence, duration, number, percent, quantity

CONTROL_CHARACTERS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Terminal escapes, whole; what breaks or ends a line; what turns the direction of text."""


def trials_text(counts: TrialCounts) -> str:
    """Outcomes that occurred, such as `39 succeeded, 1 timed out`."""
    named = counts.model_dump(exclude={"planned", "disturbed"})
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in named.items() if count]
    if counts.disturbed:
        parts.append(f"{counts.disturbed} marked as disturbed")
    return ", ".join(parts) or "none ran"


def reproduction_text(counts: ReproductionCounts) -> str:
    """The share that reproduced, and everything else by name."""
    if counts.sampled == 0:
        return "no trial was run again"
    others = counts.model_dump(exclude={"sampled", "reproduced", "uncompared"})
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in others.items() if count]
    text = ", ".join([f"{counts.reproduced} of {counts.sampled} re-run trials reproduced", *parts])
    return f"{text}; too few trials to compare {', '.join(counts.uncompared)}" if counts.uncompared else text


def effect_text(finding: Finding) -> str:
    """Effect in its unit, and relative to the reference side."""
    if finding.effect is None:
        return "none: no complete block"
    text = one_line(_signed(finding.effect, finding.unit))
    return (
        text
        if finding.relative is None
        else f"{text} ({'+' if finding.relative > 0 else ''}{percent(finding.relative)})"
    )


def interval_text(finding: Finding) -> str:
    """The interval with its confidence, or the range of an exact comparison."""
    seen = finding.interval
    if seen is None or seen.low is seen.high is None:
        return "none"
    low = "-inf" if seen.low is None else number(seen.low)
    high = "inf" if seen.high is None else number(seen.high)
    kind = "range" if seen.level is None else f"{confidence(seen.level)} CI"
    return f"[{low}, {high}] ({kind})"


def decider_text(finding: Finding) -> str:
    """What could decide the finding, and the cost."""
    decider = finding.decider
    if decider is None:
        return ""
    cost = [f"{decider.blocks} more blocks"] if decider.blocks else []
    if decider.seconds is not None:
        cost.append(f"about {duration(decider.seconds)}")
    return f"{decider.advice} ({', '.join(cost)})" if cost else decider.advice


def calibration_text(finding: Finding) -> str:
    """The control against its twin, in a sentence or two."""
    text = f"{finding.metric}, control against its twin: {effect_text(finding)}; {finding.verdict} as a difference."
    if finding.smallest_visible is None:
        return f"{text} It shows no spread, so it says nothing of the smallest visible effect."
    return f"{text} Smallest effect visible here: {visible_text(finding)}"


def visible_text(finding: Finding) -> str:
    """The smallest effect that this many blocks show."""
    seen = finding.smallest_visible
    return "unknown" if seen is None else one_line(quantity(seen, finding.unit))


def machine_text(facts: Mapping[str, JsonValue]) -> str:
    """The machine in a line."""
    memory = facts.get("memory_bytes")
    parts = (
        facts.get("processor") or facts.get("machine"),
        facts.get("cores") and f"{facts['cores']} cores",
        f"{memory / 2**30:.0f} GiB" if isinstance(memory, int | float) else None,
        " ".join(str(facts[name]) for name in ("system", "kernel") if facts.get(name)),
        facts.get("python") and f"Python {facts['python']}",
    )
    return ", ".join(str(part) for part in parts if part) or "unknown"


def one_line(text: str) -> str:
    """Text without line breaks, control characters and terminal escapes."""
    return CONTROL_CHARACTERS.sub(" ", text).strip()


def _signed(value: float, unit: str) -> str:
    return f"{'+' if value > 0 else ''}{quantity(value, unit)}"
