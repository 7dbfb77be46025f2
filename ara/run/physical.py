"""Environment and parameters of a run: every variable, level, limit and seed. Pure."""

from collections.abc import Iterator, Sequence

from ara.run.facts import RunFacts
from ara.schema.physical import ConfigFile, Environment, Fact, Parameter, Section
from curie.design_groups import level_text
from curie.plan import Plan, Variable
from curie.profile.model import DataProfile
from curie.report import machine_text

PLAN = "src/configs/plan.json"
_ROLES = {
    "independent": "Varied: the plan asks for its effect",
    "nuisance": "Crossed and averaged over: it is no question",
    "constant": "Held constant in every group",
}


def environment_of(facts: RunFacts) -> Environment:
    """`src/environment.md`."""
    state = facts.dossier.state
    machine = state.created.machine if state.created else {}
    sections = [
        Section(title="Machine", facts=(Fact(name="Hardware", value=machine_text(machine)), *_machine(machine))),
        Section(title="Language and dependencies", facts=tuple(_software(facts))),
        Section(title="Sandbox", facts=tuple(_sandbox(facts))),
        Section(title="Data sources", facts=tuple(_data(facts))),
        Section(title="Random seeds", facts=tuple(_seeds(facts))),
    ]
    return Environment(sections=tuple(sections))


def _machine(machine: dict[str, object] | object) -> tuple[Fact, ...]:
    if not isinstance(machine, dict):
        return ()
    return tuple(Fact(name=str(name), value=str(value)) for name, value in machine.items() if value is not None)


def _software(facts: RunFacts) -> Iterator[Fact]:
    created, built = facts.dossier.state.created, facts.dossier.state.environment
    yield Fact(name="Experimenter", value=f"curie {created.curie_version if created else 'unknown'}")
    if built is None:
        yield Fact(name="Python environment", value="none declared: the command runs with what the machine has")
    else:
        yield Fact(name="Interpreter", value=built.interpreter)
        yield Fact(name="Environment digest (sha256)", value=built.digest)
        yield Fact(name="Packages", value=", ".join(built.resolved) or "none")
    programs = {r.executable.path: r.executable.sha256 for r in facts.dossier.records if r.executable}
    for path, digest in programs.items():
        yield Fact(name="Executable", value=f"{path} (sha256 {digest})")


def _sandbox(facts: RunFacts) -> Iterator[Fact]:
    sandbox = facts.dossier.state.sandbox
    if sandbox is None:
        yield Fact(name="Sandbox", value="none chosen yet")
        return
    yield Fact(name="Kind", value=sandbox.kind)
    yield Fact(name="Isolation", value=sandbox.isolation)
    yield Fact(name="Limits that were not enforceable", value="; ".join(sandbox.unenforced) or "none")


def _data(facts: RunFacts) -> Iterator[Fact]:
    inputs = facts.dossier.state.inputs
    if not inputs:
        yield Fact(name="Inputs", value="none declared")
    for name, declared in inputs.items():
        yield Fact(name=name, value=f"{declared.size_bytes} bytes, sha256 {declared.sha256}")
        if (profile := facts.dossier.state.profiles.get(name)) is not None:
            yield Fact(name=f"Profile of {name}", value=_profile(profile))


def _profile(profile: DataProfile) -> str:
    tables = [
        f"{t.path}: {t.rows} rows, {len(t.columns)} columns, {sum(c.missing for c in t.columns)} missing cells, "
        f"{t.duplicates} duplicate rows{f', target {t.target}' if t.target else ''}"
        for t in profile.tables
    ]
    return "; ".join([f"{profile.files} files", *tables])


def _seeds(facts: RunFacts) -> Iterator[Fact]:
    plan = facts.plan
    if plan is None:
        yield Fact(name="Plan seed", value="no plan was frozen")
        return
    yield Fact(
        name="Plan seed", value=f"{plan.seed} (order within blocks, the trials' seeds, the sample that is re-run)"
    )
    yield Fact(name="Replicated over", value=plan.replicate_over)
    by_block = {r.block: r.seed for r in facts.dossier.measured}
    shown = ", ".join(f"{block}: {seed}" for block, seed in sorted(by_block.items()))
    yield Fact(name="Seed of each block", value=shown or "no block has run")


def configs_of(facts: RunFacts) -> tuple[ConfigFile, ...]:
    """`src/configs/*.md`: what was set, why, and where it stands."""
    plan = facts.plan
    if plan is None:
        return ()
    return (
        ConfigFile(
            name="variables", title="Variables and their levels", parameters=tuple(map(_variable, plan.variables))
        ),
        ConfigFile(name="design", title="Design, rules and seed", parameters=tuple(_design(facts, plan))),
        ConfigFile(name="limits", title="What a trial may use", parameters=tuple(_limits(plan))),
        ConfigFile(name="groups", title="Groups and their settings", parameters=tuple(_groups(plan))),
    )


def _variable(variable: Variable) -> Parameter:
    levels = ", ".join(map(level_text, variable.levels))
    return Parameter(
        name=variable.name,
        value=levels,
        rationale=_ROLES[variable.role],
        search_range=levels if variable.role != "constant" else "not searched",
        sensitivity="unknown",
        source=PLAN,
    )


def _set(name: str, value: str, rationale: str, search_range: str = "not searched") -> Parameter:
    return Parameter(
        name=name, value=value, rationale=rationale, search_range=search_range, sensitivity="unknown", source=PLAN
    )


def _design(facts: RunFacts, plan: Plan) -> Iterator[Parameter]:
    digest = facts.dossier.state.plan_digest or "unknown"
    yield _set("plan digest", digest, "SHA-256 of the canonical JSON, frozen before the first trial of the revision")
    yield _set("revision", str(plan.revision), plan.reason or "The first plan")
    yield _set("design", plan.design, "How levels are combined to groups", "one-factor, full-factorial")
    yield _set("seed", str(plan.seed), "Seeds order, trials and the sample that is re-run")
    yield _set("replicate over", plan.replicate_over, "What differs from block to block", "seed, run")
    reps = plan.repetitions
    yield _set("repetitions", reps.kind, "How many blocks there are is fixed, or follows from the first stage's spread")
    yield _set(
        "blocks",
        str(facts.dossier.state.blocks_decided or reps.blocks),
        f"Aims at a power of {reps.power!r}",
        f"at most {reps.max_blocks}",
    )
    yield _set(
        "command", plan.command.template, "What a trial runs" + (", by /bin/sh -c" if plan.command.shell else "")
    )
    if plan.command.env:
        yield _set("environment variables", ", ".join(plan.command.env), "Passed through to the command by name")
    for metric in plan.metrics:
        value = f"unit {metric.unit}, better {metric.better}, reduce {metric.reduce}, tolerance {metric.tolerance!r}"
        if metric.regex is not None:
            value += f", pattern {metric.regex} over {metric.stream}"
        yield _set(f"metric {metric.name}", value, "Deterministic" if metric.deterministic else "Measured")
    for hypothesis in plan.hypotheses:
        rule = hypothesis.rule
        value = (
            f"direction {hypothesis.direction}, test {rule.test}, alpha {rule.alpha!r}, correction {rule.correction}"
        )
        weights = ", ".join(f"{group} {weight!r}" for group, weight in rule.contrast.weights.items())
        yield _set(
            f"rule {hypothesis.id}",
            f"{value}, threshold {rule.threshold!r} in {rule.metric}; contrast {weights}",
            hypothesis.statement or "Declared without words",
        )


def _limits(plan: Plan) -> Iterator[Parameter]:
    limits = plan.resources.limits
    yield _set("timeout_s", repr(limits.timeout_s), "Wall-clock seconds after which the whole process tree is killed")
    memory = "no limit beyond the machine's" if limits.memory_mb is None else str(limits.memory_mb)
    yield _set("memory_mb", memory, "Memory of the whole process tree, MiB")
    yield _set("output_mb", str(limits.output_mb), "Bytes on each output stream, MiB")
    yield _set("pids", str(limits.pids), "Processes and threads alive at once")
    yield _set("cores", str(plan.resources.cores), "Cores of a trial")
    yield _set("exclusive", "yes" if plan.resources.exclusive else "no", "Whether a trial runs alone, as times need")


def _groups(plan: Plan) -> Sequence[Parameter]:
    return [
        _set(
            group.id, ", ".join(f"{n}={level_text(v)}" for n, v in group.settings.items()) or "no setting", group.label
        )
        for group in plan.groups
    ]
