"""A plan on one screen: what would be compared, how it would be decided, what it would cost."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curie.design_groups import level_text
from curie.plan import Hypothesis, Plan
from curie.preview import Preview
from curie.report import one_line
from curie.rigor.numbers import duration, percent, quantity

_SHOWN_GROUPS = 20


def show_plan(console: Console, seen: Preview) -> None:
    """Print a plan."""
    plan = seen.plan
    _say(console, f"Question   {plan.question}")
    _say(console, f"Command    {plan.command.template}")
    _say(console, f"Sandbox    {seen.isolation}")
    _say(console, f"Design     {plan.design}, {plan.repetitions.kind} repetitions: {_blocks(plan)}")
    _say(console, f"Plan hash  {seen.digest}")
    console.print()
    for variable in plan.variables:
        _say(console, f"{variable.role:<12} {variable.name}: {', '.join(map(level_text, variable.levels))}")
    for metric in plan.metrics:
        kind = (
            "compared exactly" if metric.deterministic else "a time: trials run alone" if metric.is_timing else "tested"
        )
        _say(console, f"metric       {metric.name} in {metric.unit}, better {metric.better}, {kind}")
    console.print()
    if plan.hypotheses:
        console.print(_hypotheses(seen))
        if any(hypothesis.rule.threshold > 0 for hypothesis in plan.hypotheses):
            _say(console, "Power is for a true effect of twice the smallest one of interest, the threshold.")
    console.print()
    for group in plan.groups[:_SHOWN_GROUPS]:
        _say(console, f"group {group.id:<8} {group.label}")
    if len(plan.groups) > _SHOWN_GROUPS:
        _say(console, f"and {len(plan.groups) - _SHOWN_GROUPS} more groups")
    order = ", ".join(slot.group for slot in seen.schedule[0].slots[:_SHOWN_GROUPS])
    _say(console, f"First block, in this order: {order}{', ...' if len(plan.groups) > _SHOWN_GROUPS else ''}")
    console.print()
    _say(
        console,
        f"Trials     {sum(len(block.slots) for block in seen.schedule)}, one control trial before, re-runs after",
    )
    _say(console, f"Time       {_time(seen)}")
    for diagnostic in seen.diagnostics:
        _say(console, f"{diagnostic.severity.capitalize()}: {diagnostic.message} ({diagnostic.id})")
        if diagnostic.hint:
            console.print(f"    try: {one_line(diagnostic.hint)}", soft_wrap=True)
    if seen.refused:
        _say(console, "This plan would be refused.")


def _hypotheses(seen: Preview) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("", "hypothesis", "test", "decided by", "power"):
        table.add_column(title, overflow="fold")
    powers = {promise.hypothesis: promise.power for promise in seen.promises}
    for hypothesis in seen.plan.hypotheses:
        rule = hypothesis.rule
        table.add_row(
            Text(hypothesis.id),
            Text(one_line(hypothesis.statement)),
            Text(rule.test),
            Text(_rule(seen.plan, hypothesis)),
            Text("-" if rule.test == "exact" else _power(powers.get(hypothesis.id))),
        )
    return table


def _rule(plan: Plan, hypothesis: Hypothesis) -> str:
    rule = hypothesis.rule
    threshold = quantity(rule.threshold, plan.metric(rule.metric).unit)
    if rule.test == "exact":
        return f"every block beyond {threshold}"
    family = "alone" if hypothesis.calibration else f"{rule.correction}-adjusted"
    return f"interval beyond {threshold}, alpha {rule.alpha:g} {family}"


def _power(power: float | None) -> str:
    return "unknown" if power is None else percent(power)


def _blocks(plan: Plan) -> str:
    repetitions = plan.repetitions
    if repetitions.kind == "fixed":
        return f"{repetitions.blocks} blocks of {len(plan.groups)} groups"
    return f"{repetitions.blocks} blocks of {len(plan.groups)} groups first, {repetitions.max_blocks} at most"


def _time(seen: Preview) -> str:
    if seen.seconds is None:
        return "unknown: --pilot N measures it"
    least, most = seen.seconds
    text = f"about {duration(least)}" if least == most else f"about {duration(least)} to {duration(most)}"
    return f"{text}, from {seen.pilot_trials} pilot trials"


def _say(console: Console, text: str) -> None:
    console.print(one_line(text), soft_wrap=True)
