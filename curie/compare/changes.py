"""What is not the same in two runs: code, data, settings, packages, sandbox, machine, versions. Pure."""

from collections.abc import Iterator, Mapping

from curie.compare.model import Change
from curie.design_groups import level_text
from curie.dossier import Dossier
from curie.journal.events import EnvironmentBuilt
from curie.plan import Plan

_ABSENT = "none"
_SHORT = 12


def changes(before: Dossier, after: Dossier) -> tuple[Change, ...]:
    """Every difference that could matter to what was measured, in the order in which a reader would ask for them."""
    first, second = dict(_aspects(before)), dict(_aspects(after))
    names = [*first, *(name for name in second if name not in first)]
    return tuple(
        Change(aspect=name, before=first.get(name, _ABSENT), after=second.get(name, _ABSENT))
        for name in names
        if first.get(name) != second.get(name)
    )


def _aspects(run: Dossier) -> Iterator[tuple[str, str]]:
    """Name and text of everything that is compared."""
    state = run.state
    if state.created is not None:
        yield "question", state.created.question
        yield "curie", state.created.curie_version
    if state.plan is not None:
        yield from _plan(state.plan)
    if state.snapshot is not None:
        yield "code", f"tree {state.snapshot.tree[:_SHORT]}"
    for name, declared in state.inputs.items():
        yield f"input {name.split('=', 1)[0]}", f"{declared.size_bytes} bytes, sha256 {declared.sha256[:_SHORT]}"
    if state.environment is not None:
        yield from _packages(state.environment)
    if state.sandbox is not None:
        yield "sandbox", state.sandbox.kind
    if state.created is not None:
        yield from _machine(state.created.machine)


def _plan(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "command", plan.command.template
    for variable in plan.variables:
        yield f"{variable.role} {variable.name}", ", ".join(map(level_text, variable.levels))
    for metric in plan.metrics:
        kind = "deterministic" if metric.deterministic else "measured"
        yield f"metric {metric.name}", f"{metric.unit}, better {metric.better}, {kind}"
    yield "design", plan.design
    yield "replicated over", plan.replicate_over
    yield "repetitions", f"{plan.repetitions.kind}, {plan.repetitions.blocks} to {plan.repetitions.max_blocks} blocks"
    yield "seed", str(plan.seed)
    yield "cores of a trial", str(plan.resources.cores)


def _packages(environment: EnvironmentBuilt) -> Iterator[tuple[str, str]]:
    yield "interpreter", environment.interpreter
    for pinned in environment.resolved:
        name, _, version = pinned.partition("==")
        yield f"package {name}", version or pinned


def _machine(facts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        yield f"machine {name}", str(value)
