"""Is the plan a controlled experiment? Structure: control, groups, variables, placeholders, contrasts. Pure."""

import difflib
import itertools
import math
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from curie.design_groups import TWIN, level_text, same_value
from curie.plan import CONTROL, Group, InputDigest, Plan, Value, Variable
from curie.records import Diagnostic
from curie.rigor.lint_decisions import Prospect, decision_diagnostics, error, note, warning
from tasks.study import BUILTIN_METRICS

__all__ = ["LintContext", "Prospect", "lint"]

_SEED = "seed"
_NEAR = 0.8
"""Likeness of two names, from 0 to 1, from which one may be a slip for the other."""


@dataclass(frozen=True, kw_only=True)
class LintContext:
    """What lint may know besides the plan."""

    placeholders: AbstractSet[str]
    """Names that the command template asks for."""
    prospect: Prospect = field(default_factory=Prospect)
    """What is known of time and spread, and what the user insisted on."""
    unseen: tuple[str, ...] = ()
    """Words of the command that name files of the caller's, which the trials do not see."""


def lint(plan: Plan, context: LintContext) -> tuple[Diagnostic, ...]:
    """Everything that is wrong or doubtful about `plan`, errors first; a plan with an error must not be frozen.

    | id                           | severity | what                                                             |
    |------------------------------|----------|------------------------------------------------------------------|
    | lint/no-control              | error    | no control group                                                 |
    | lint/few-groups              | error    | fewer than two groups                                            |
    | lint/not-varied              | error    | a variable with one level in all groups                          |
    | lint/duplicate-level         | error    | two input files of a variable with the same content              |
    | lint/undefined-placeholder   | error    | the command asks for something that no variable gives            |
    | lint/unused-variable         | warning  | a variable that no placeholder hands to the command              |
    | lint/not-one-factor          | error    | a group of a one-factor design that differs in several, or none  |
    | lint/incomplete-factorial    | error    | a cell that is missing or there twice                            |
    | lint/constant-varies         | error    | a constant that is not the same in all groups                    |
    | lint/undefined-setting       | error    | a group without a level of a variable, or with an undeclared one |
    | lint/twin-differs            | error    | the control's twin has other settings                            |
    | lint/undefined-metric        | error    | a rule on a metric that is not declared                          |
    | lint/undefined-group         | error    | a contrast over a group that is not there                        |
    | lint/unbalanced-contrast     | error    | weights that do not sum to zero, or are all zero                 |
    | lint/exit-code               | note     | a trial that exits with an error counts as succeeded             |
    | lint/unseen-file             | warning  | a file of the current folder, which trials do not see            |
    | lint/near-builtin            | warning  | a metric whose name is nearly that of one built in               |
    | lint/pipe                    | warning  | a shell pipe, which hides the failure of all but its last part   |

    and those of `curie.rigor.lint_decisions`.
    """
    found = [*_groups(plan), *_variables(plan, context.placeholders), *_cells(plan), *_contrasts(plan)]
    found += [*_command(plan, context.unseen), *_metrics(plan)]
    if not any(d.id in {"lint/undefined-metric", "lint/undefined-group"} for d in found):
        found += decision_diagnostics(plan, context.prospect)
    order = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(found, key=lambda d: order[d.severity]))


def _command(plan: Plan, unseen: tuple[str, ...]) -> Iterator[Diagnostic]:
    if unseen:
        message = (
            f"{', '.join(unseen)} lies in the current folder, which trials do not see: they start in a copy of --repo, "
            "or in an empty folder without one"
        )
        hint = f"add --repo ., or --set file=@{unseen[0]} and {{file}} in the command"
        yield warning("unseen-file", message, hint)
    if plan.command.shell and "|" in plan.command.template.replace("||", ""):
        message = "a pipe succeeds if its last command does: a failure before it goes unnoticed"
        yield warning("pipe", message, "let the command check it, or write to a file in $CURIE_OUT and read that")


def _metrics(plan: Plan) -> Iterator[Diagnostic]:
    for metric in plan.metrics:
        if metric.name == "exit_code":
            yield note("exit-code", "exit_code is a metric: a trial that exits with an error counts as succeeded")
        if metric.name in BUILTIN_METRICS or metric.regex is not None:
            continue
        begun = [name for name in BUILTIN_METRICS if name.startswith(f"{metric.name}_")]
        if near := begun or difflib.get_close_matches(metric.name, BUILTIN_METRICS, n=1, cutoff=_NEAR):
            message = f"{metric.name} is not built in, so that the command has to emit it"
            yield warning("near-builtin", message, f"did you mean {near[0]}?")


def _groups(plan: Plan) -> Iterator[Diagnostic]:
    if not any(g.id == CONTROL for g in plan.groups):
        yield error("no-control", "no group is the control", "name the levels to compare with: --control NAME=LEVEL")
    if sum(g.id != TWIN for g in plan.groups) < 2:  # noqa: PLR2004 -- a comparison takes two
        yield error("few-groups", "there is nothing to compare: fewer than two groups", "give a variable two levels")
    if (twin := _find(plan, TWIN)) and (control := _find(plan, CONTROL)) and not _same(twin, control):
        yield error("twin-differs", "the control's twin has other settings than the control")


def _variables(plan: Plan, placeholders: AbstractSet[str]) -> Iterator[Diagnostic]:
    names = {v.name for v in plan.variables}
    for name in sorted(placeholders - names - {_SEED}):
        hint = f"declare it with --vary {name}=A,B or --set {name}=VALUE; a literal brace is written {{{{"
        yield error("undefined-placeholder", f"the command asks for {{{name}}}, which nothing gives", hint)
    for variable in plan.variables:
        if variable.name not in placeholders:
            hint = f"put {{{variable.name}}} into the command, unless the code reads CURIE_TRIAL"
            message = f"{variable.name} is not in the command: it reaches the trial only through CURIE_TRIAL"
            # Code of the user's own may well read it there; a bare command cannot.
            yield (
                note("unused-variable", message, hint)
                if plan.code_digest
                else warning("unused-variable", message, hint)
            )
        if variable.role != "constant" and len(variable.levels) < 2:  # noqa: PLR2004 -- to vary takes two
            hint = f"give it two levels, or declare it constant: --set {variable.name}=VALUE"
            yield error("not-varied", f"{variable.name} is never varied: it has one level", hint)
        for a, b in itertools.combinations(variable.levels, 2):
            if isinstance(a, InputDigest) and isinstance(b, InputDigest) and a.sha256 == b.sha256:
                yield error("duplicate-level", f"{variable.name}: {a.name} and {b.name} have the same content")


def _cells(plan: Plan) -> Iterator[Diagnostic]:
    groups = [g for g in plan.groups if g.id != TWIN]
    broken = False
    for group in plan.groups:
        for variable in plan.variables:
            if complaint := _setting(group, variable):
                broken = True
                yield complaint
        for name in sorted(group.settings.keys() - {v.name for v in plan.variables}):
            yield error("undefined-setting", f"group {group.id} sets {name}, which is no variable of the plan")
    if broken or not groups:
        return
    varied = [v for v in plan.variables if v.role != "constant"]
    yield from _crossing(groups, varied) if plan.design == "full-factorial" else _single_changes(plan, groups, varied)


def _setting(group: Group, variable: Variable) -> Diagnostic | None:
    """What is wrong with the group's level of the variable, if anything is."""
    if variable.name not in group.settings:
        return error("undefined-setting", f"group {group.id} has no level of {variable.name}")
    level = group.settings[variable.name]
    if any(same_value(level, known) for known in variable.levels):
        return None
    shown = f"group {group.id} has {variable.name}={level_text(level)}"
    if variable.role == "constant":
        return error("constant-varies", f"{shown}, but it is constant at {level_text(variable.levels[0])}")
    return error("undefined-setting", f"{shown}, which is not one of its levels")


def _crossing(groups: list[Group], varied: list[Variable]) -> Iterator[Diagnostic]:
    for cell in itertools.product(*(v.levels for v in varied)):
        wanted: dict[str, Value] = {v.name: level for v, level in zip(varied, cell, strict=True)}
        holders = [g.id for g in groups if all(same_value(g.settings[n], level) for n, level in wanted.items())]
        if len(holders) != 1:
            shown = ", ".join(f"{n}={level_text(level)}" for n, level in wanted.items())
            there = f"there more than once ({', '.join(holders)})" if holders else "missing"
            yield error("incomplete-factorial", f"the cell {shown} of the full factorial is {there}")


def _single_changes(plan: Plan, groups: list[Group], varied: list[Variable]) -> Iterator[Diagnostic]:
    control = _find(plan, CONTROL)
    if control is None:
        return
    for group in groups:
        changed = [v.name for v in varied if not same_value(group.settings[v.name], control.settings[v.name])]
        if group.id != CONTROL and len(changed) != 1:
            what = f"differs from the control in {' and '.join(changed)}" if changed else "equals the control"
            yield error("not-one-factor", f"group {group.id} of the one-factor design {what}")


def _contrasts(plan: Plan) -> Iterator[Diagnostic]:
    metrics, groups = {m.name for m in plan.metrics}, {g.id for g in plan.groups}
    for hypothesis in plan.hypotheses:
        rule = hypothesis.rule
        if rule.metric not in metrics:
            yield error("undefined-metric", f"{hypothesis.id} is about {rule.metric}, which is no metric of the plan")
        for name in sorted(rule.contrast.weights.keys() - groups):
            yield error("undefined-group", f"{hypothesis.id} compares group {name}, which is not in the plan")
        weights = rule.contrast.weights.values()
        if not any(weights) or not abs(math.fsum(weights)) < 1e-9:  # noqa: PLR2004 -- rounding of 1/k
            yield error("unbalanced-contrast", f"{hypothesis.id}: the weights of its contrast do not sum to zero")


def _find(plan: Plan, group_id: str) -> Group | None:
    return next((g for g in plan.groups if g.id == group_id), None)


def _same(a: Group, b: Group) -> bool:
    return a.settings.keys() == b.settings.keys() and all(same_value(a.settings[n], b.settings[n]) for n in a.settings)
