"""Two runs on one screen: the answer first, then what changed, every effect, every group, and what to beware of."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curie.compare.model import Comparison, Shift
from curie.report import one_line
from curie.rigor.grounding import number, percent, quantity

_STYLES = {"higher": "bold", "lower": "bold", "differs": "bold", "equal": "dim", "undecided": "dim"}
_SHOWN_CHANGES = 20


def show_comparison(console: Console, seen: Comparison) -> None:
    """Print a comparison."""
    _say(console, "Question", seen.question)
    _say(console, "Before", seen.before)
    _say(console, "After", seen.after)
    _say(console, "Answer", seen.answer)
    console.print()
    _changes(console, seen)
    if seen.effects:
        console.print()
        rows = [
            (e.hypothesis, e.statement, _verdicts(e.verdict_before, e.verdict_after), e.shift) for e in seen.effects
        ]
        console.print(_table("effect of", rows))
    if seen.groups:
        console.print()
        marks = [("", g.settings, "yes" if g.controlled else "no", g.shift) for g in seen.groups]
        console.print(_table("mean with", marks, third="comparable"))
    console.print()
    for label, lines in (("Only one run", seen.unmatched), ("Beware", seen.notes)):
        for place, line in enumerate(lines):
            _say(console, "" if place else label, line)


def _changes(console: Console, seen: Comparison) -> None:
    if not seen.changes:
        _say(console, "Changed", "nothing that is recorded")
    for place, change in enumerate(seen.changes[:_SHOWN_CHANGES]):
        _say(console, "" if place else "Changed", f"{change.aspect}: {change.before} -> {change.after}")
    if len(seen.changes) > _SHOWN_CHANGES:
        _say(console, "", f"and {len(seen.changes) - _SHOWN_CHANGES} more (--json lists all)")


def _table(title: str, rows: Sequence[tuple[str, str, str, Shift]], third: str = "verdicts") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("", title, third, "metric", "before", "after", "difference", "interval", "moved"):
        table.add_column(name, overflow="fold", justify="right" if name in {"before", "after"} else "left")
    for label, text, mark, shift in rows:
        table.add_row(
            Text(label),
            Text(one_line(text)),
            Text(mark),
            Text(one_line(shift.metric)),
            Text(_value(shift.before, shift.unit)),
            Text(_value(shift.after, shift.unit)),
            Text(_value(shift.difference, shift.unit)),
            Text(_interval(shift)),
            Text(_moved(shift), style=_STYLES[shift.direction]),
        )
    return table


def _moved(shift: Shift) -> str:
    if shift.direction == "undecided" and shift.smallest_visible is not None:
        return f"not shown (visible from {_value(shift.smallest_visible, shift.unit)})"
    if shift.method == "none":
        return f"not tested: {shift.reason}"
    return f"{shift.direction} (exact)" if shift.method == "exact" else shift.direction


def _interval(shift: Shift) -> str:
    seen = shift.interval
    if seen is None or seen.low is None or seen.high is None or seen.level is None:
        return "none"
    return f"[{number(seen.low)}, {number(seen.high)}] ({percent(seen.level)} CI)"


def _verdicts(before: str | None, after: str | None) -> str:
    first, second = before or "none", after or "none"
    return first if first == second else f"{first} -> {second}"


def _value(value: float | None, unit: str) -> str:
    return "none" if value is None else one_line(quantity(value, unit))


def _say(console: Console, label: str, text: str) -> None:
    console.print(Text(f"{label:<14}", style="bold") + Text(one_line(text)), soft_wrap=True)
