"""The Markdown report: the same model as the screen, rendered by a template. Pure."""

import re
import shlex
from collections.abc import Callable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import JsonValue

from curie.design_groups import level_text
from curie.plan import Plan, Variable
from curie.records import Finding, Purpose, TrialRecord
from curie.result import ReproductionCounts, RunResult, TrialCounts
from curie.rigor.contrasts import mean
from curie.rigor.grounding import number, percent, quantity
from tasks.study import Frozen

CONTROL_CHARACTERS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Terminal escapes, whole; what breaks or ends a line; what turns the direction of text."""


_DISTURBED_SHOWN = 20


class GroupRow(Frozen):
    """A group's line of the table of means."""

    id: str
    label: str
    n: int
    """Trials that succeeded."""
    means: tuple[str, ...]
    """One a metric, without unit."""


class DisturbedRow(Frozen):
    """A marked trial's line."""

    key: str
    purpose: Purpose
    foreign: str
    """CPU seconds that others used on its cores."""
    wall: str
    """Its wall time."""
    share: float
    """The one over the other."""


def markdown(result: RunResult, records: tuple[TrialRecord, ...], machine: Mapping[str, JsonValue]) -> str:
    """The report of a run, finished or not."""
    environment = Environment(
        loader=PackageLoader("curie"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 -- Markdown; the cell and line filters take out what could break it
    )
    environment.filters.update(FILTERS)
    disturbed = disturbed_rows(records)
    telling = (*(r.key for r in result.failures), *(row.key for row in disturbed), *(r.key for r in records[-1:]))
    example = next(iter(telling), None)
    return environment.get_template("report.md.j2").render(
        result=result,
        plan=result.plan,
        trials=trials_text(result.trials),
        reproduction=reproduction_text(result.reproduction),
        machine=machine_text(machine),
        deciders=[f for f in result.findings if f.decider is not None],
        groups=group_rows(result.plan, records) if result.plan else (),
        tests={h.id: h.rule.test for h in result.plan.hypotheses} if result.plan else {},
        disturbed=disturbed,
        disturbed_shown=_DISTURBED_SHOWN,
        example=shlex.quote(example) if example else None,
        directory=shlex.quote(str(result.directory)),
    )


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
    kind = "range" if seen.level is None else f"{percent(seen.level)} CI"
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


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, as people say it."""
    for size, name in ((3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 -- tenths matter below ten


def group_rows(plan: Plan, records: tuple[TrialRecord, ...]) -> tuple[GroupRow, ...]:
    """Means by group over the measured trials that succeeded."""
    rows = []
    for group in plan.groups:
        good = [r for r in records if r.group == group.id and r.purpose == "measure" and r.outcome == "succeeded"]
        means = tuple(_mean([r.values[m.name] for r in good if m.name in r.values]) for m in plan.metrics)
        rows.append(GroupRow(id=group.id, label=group.label, n=len(good), means=means))
    return tuple(rows)


def disturbed_rows(records: tuple[TrialRecord, ...]) -> tuple[DisturbedRow, ...]:
    """The trials that are marked as disturbed, the most disturbed first."""
    rows = []
    for record in records:
        used = record.resources
        if used is None or not used.interference.disturbed:
            continue
        foreign = used.interference.foreign_cpu_s or 0.0
        row = DisturbedRow(
            key=record.key,
            purpose=record.purpose,
            foreign=quantity(foreign, "s"),
            wall=quantity(used.wall_s, "s"),
            share=foreign / used.wall_s if used.wall_s > 0 else 0.0,
        )
        rows.append(row)
    return tuple(sorted(rows, key=lambda row: (-row.share, row.key)))


def one_line(text: str) -> str:
    """Text without line breaks, control characters and terminal escapes."""
    return CONTROL_CHARACTERS.sub(" ", text).strip()


def _prose(text: str) -> str:
    """A line in which a user's text is text: no HTML begins."""
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _prose(text).replace("\\", "\\\\").replace("|", "\\|")


def _code(text: str) -> str:
    """Inline code whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{one_line(text)}{pad}{fence}"


def _levels(variable: Variable) -> str:
    return ", ".join(level_text(level) for level in variable.levels)


def _signed(value: float, unit: str) -> str:
    return f"{'+' if value > 0 else ''}{quantity(value, unit)}"


def _mean(values: list[float]) -> str:
    return number(mean(values)) if values else "none"


FILTERS: Mapping[str, Callable[..., str]] = {
    "cell": _cell,
    "code": _code,
    "decider": decider_text,
    "effect": effect_text,
    "interval": interval_text,
    "levels": _levels,
    "percent": percent,
    "line": _prose,
    "visible": visible_text,
}
