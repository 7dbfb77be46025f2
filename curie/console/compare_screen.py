"""Two runs on one screen: the answer first, then what changed, every effect, every group, and what to beware of."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curie.compare.model import Comparison, EffectShift, GroupShift, Shift
from curie.console.terminal import labelled
from curie.report import one_line
from curie.rigor.grounding import number, percent, quantity

_SHOWN_CHANGES = 20


def show_comparison(console: Console, seen: Comparison) -> None:
    """Print a comparison."""
    labelled(console, "Question", seen.question)
    labelled(console, "Before", seen.before)
    labelled(console, "After", seen.after)
    labelled(console, "Answer", seen.answer)
    _changes(console, seen)
    for effect in seen.effects:
        _effect(console, effect)
    if seen.groups:
        console.print()
        console.print(_groups(seen))
    console.print()
    for label, lines in (("Only one run", seen.unmatched), ("Beware", seen.notes)):
        for place, line in enumerate(lines):
            labelled(console, "" if place else label, line)


def _changes(console: Console, seen: Comparison) -> None:
    if not seen.changes:
        labelled(console, "Changed", "nothing that is recorded")
    for place, change in enumerate(seen.changes[:_SHOWN_CHANGES]):
        labelled(console, "" if place else "Changed", f"{change.aspect}: {change.before} -> {change.after}")
    if len(seen.changes) > _SHOWN_CHANGES:
        labelled(console, "", f"and {len(seen.changes) - _SHOWN_CHANGES} more (--json lists all)")


def _effect(console: Console, effect: EffectShift) -> None:
    """What was asked, then the effect in both runs and whether it moved."""
    shift = effect.shift
    console.print()
    labelled(console, f"Effect {effect.hypothesis}", effect.statement)
    labelled(console, "", f"{_verdicts(effect.verdict_before, effect.verdict_after)}: {_both(shift)}")
    labelled(console, "", f"{_moved(shift)}{_interval(shift)}")


def _groups(seen: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("mean with", "metric", "before", "after", "difference", "moved"):
        right = name in {"before", "after", "difference"}
        table.add_column(name, overflow="fold", no_wrap=right, justify="right" if right else "left")
    for group in seen.groups:
        table.add_row(*(Text(cell) for cell in _row(group)))
    return table


def _row(group: GroupShift) -> tuple[str, ...]:
    shift = group.shift
    values = (_value(value, shift.unit) for value in (shift.before, shift.after, shift.difference))
    metric = one_line(shift.metric) if group.controlled else f"{one_line(shift.metric)} (time)"
    return (one_line(group.settings), metric, *values, _moved(shift))


def _both(shift: Shift) -> str:
    unit = shift.unit
    difference = _value(shift.difference, unit)
    return f"{_value(shift.before, unit)} before, {_value(shift.after, unit)} after, difference {difference}"


def _moved(shift: Shift) -> str:
    if shift.method == "none":
        return f"not compared: {shift.reason}"
    if shift.direction == "undecided":
        seen = shift.smallest_visible
        return "not shown" if seen is None else f"not shown; a change of {_value(seen, shift.unit)} would be"
    return f"{shift.direction} (exact)" if shift.method == "exact" else shift.direction


def _interval(shift: Shift) -> str:
    seen = shift.interval
    if seen is None or seen.low is None or seen.high is None or seen.level is None:
        return ""
    return f" ({percent(seen.level)} CI of the difference: {number(seen.low)} to {quantity(seen.high, shift.unit)})"


def _verdicts(before: str | None, after: str | None) -> str:
    first, second = before or "no verdict", after or "no verdict"
    return first if first == second else f"{first} -> {second}"


def _value(value: float | None, unit: str) -> str:
    return "none" if value is None else one_line(quantity(value, unit))
