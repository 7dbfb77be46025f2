"""Can the plan decide what it asks? Rules, levels, blocks, power and time. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from curie.plan import Hypothesis, Plan
from curie.records import Diagnostic
from curie.rigor.power import least_attainable_p, least_blocks
from curie.rigor.promise import expected_seconds, promised_power
from curie.rigor.stages import family, worst_alpha


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """What is known of time and spread before the run, and what the user insisted on."""

    sds: Mapping[str, float] = field(default_factory=dict)
    """Standard deviation of a block contrast by hypothesis, declared or from a pilot."""
    trial_s: float | None = None
    """Mean wall-clock seconds of a trial, from a pilot."""
    max_time_s: float | None = None
    lanes: int = 1
    """Trials that can run at once."""
    repeat_given: bool = False
    """The number of blocks is the user's word, not the designer's."""


def error(name: str, message: str, hint: str | None = None) -> Diagnostic:
    """A diagnostic that forbids to freeze the plan."""
    return Diagnostic(id=f"lint/{name}", severity="error", message=message, hint=hint)


def warning(name: str, message: str, hint: str | None = None) -> Diagnostic:
    """A diagnostic that a reader of the result has to know."""
    return Diagnostic(id=f"lint/{name}", severity="warning", message=message, hint=hint)


def note(name: str, message: str, hint: str | None = None) -> Diagnostic:
    """A diagnostic that explains."""
    return Diagnostic(id=f"lint/{name}", severity="note", message=message, hint=hint)


def decision_diagnostics(plan: Plan, prospect: Prospect) -> tuple[Diagnostic, ...]:
    """What is wrong or doubtful about the plan's decisions; its metrics and groups must be defined.

    | id                           | severity | what                                                              |
    |------------------------------|----------|-------------------------------------------------------------------|
    | lint/no-hypothesis           | error    | nothing is predicted                                              |
    | lint/wrong-test              | error    | a test on a deterministic metric, or an exact one on another      |
    | lint/never-deterministic     | error    | a built-in time or memory metric declared deterministic           |
    | lint/unequal-alpha           | error    | rules of one family with different alpha                          |
    | lint/threshold               | error    | a threshold that is not a finite number of at least 0             |
    | lint/same-without-effect     | error    | "no difference" without a smallest effect of interest             |
    | lint/least-p                 | error    | too few blocks if they all agree; a note if the user chose them    |
    | lint/one-block               | warning  | one block of a metric that varies by chance decides nothing       |
    | lint/not-exclusive           | warning  | timing beside other trials                                        |
    | lint/low-power               | warning  | power below the target at the declared or piloted spread          |
    | lint/power-unknown           | note     | no spread, or no smallest effect of interest, is declared         |
    | lint/over-time               | warning  | more than --max-time; names a cheaper plan                        |
    """
    found = [*_rules(plan), *_blocks(plan, prospect), *_power(plan, prospect), *_time(plan, prospect)]
    if plan.resources.exclusive is False and any(m.is_timing for m in plan.metrics):
        found.append(warning("not-exclusive", "times are measured beside other trials, which disturb them"))
    return tuple(found)


def _rules(plan: Plan) -> Iterator[Diagnostic]:
    if not any(not h.calibration for h in plan.hypotheses):
        yield error("no-hypothesis", "the plan predicts nothing", "declare a metric, or --hypothesis")
    if len({h.rule.alpha for h in family(plan)}) > 1:
        yield error("unequal-alpha", "the hypotheses of one family have different alpha")
    for hypothesis in plan.hypotheses:
        yield from _rule(plan, hypothesis)


def _rule(plan: Plan, hypothesis: Hypothesis) -> Iterator[Diagnostic]:
    rule = hypothesis.rule
    metric = plan.metric(rule.metric)
    expected = "exact" if metric.deterministic else _TESTS[plan.repetitions.kind]
    if rule.test != expected:
        yield error("wrong-test", f"{hypothesis.id}: {metric.name} needs the test {expected}, not {rule.test}")
    if not (rule.threshold >= 0 and math.isfinite(rule.threshold)):
        yield error("threshold", f"{hypothesis.id}: the threshold {rule.threshold} is not a finite number from 0 up")
    if metric.deterministic and metric.builtin and metric.name not in _EXACT_BUILTINS:
        yield error("never-deterministic", f"{metric.name} is never the same twice: it cannot be deterministic")
    if hypothesis.direction == "same" and rule.threshold == 0 and not metric.deterministic:
        hint = f"say what counts as no difference: --min-effect {metric.name}=VALUE"
        yield error("same-without-effect", f"{hypothesis.id}: no data can show that two means are equal", hint)


def _blocks(plan: Plan, prospect: Prospect) -> Iterator[Diagnostic]:
    tested, blocks = family(plan), plan.repetitions.max_blocks
    if not tested:
        return
    if blocks == 1:
        yield warning("one-block", "one block shows no spread: nothing can be decided", "use --repeat 10")
    alpha = worst_alpha(plan)
    if least_attainable_p(blocks) > alpha:
        least = least_blocks(alpha)
        count = "1 hypothesis" if len(tested) == 1 else f"{len(tested)} hypotheses"
        message = (
            f"with {blocks} blocks sign flips cannot get below p = {least_attainable_p(blocks):.3g}, and the adjusted "
            f"level of {count} is {alpha:.3g}: if all blocks give one and the same difference, nothing is decided"
        )
        hint = f"use --repeat {least} or more, or ask fewer questions"
        yield note("least-p", message, hint) if prospect.repeat_given else error("least-p", message, hint)


def _power(plan: Plan, prospect: Prospect) -> Iterator[Diagnostic]:
    promises = promised_power(plan, prospect.sds)
    for promise in promises:
        if promise.power is not None and promise.power < plan.repetitions.power:
            most = plan.repetitions.max_blocks
            message = (
                f"{promise.hypothesis} has power {promise.power:.2f} with at most {most} blocks, "
                f"below the {plan.repetitions.power:g} aimed at"
            )
            yield warning("low-power", message, "allow more blocks, or a larger smallest effect of interest")
    unknown = [p.hypothesis for p in promises if p.power is None]
    if unknown:
        hint = "declare --min-effect, and run --pilot or declare a standard deviation"
        yield note("power-unknown", f"the power of {', '.join(unknown)} is unknown", hint)


def _time(plan: Plan, prospect: Prospect) -> Iterator[Diagnostic]:
    blocks, limit, trial_s = plan.repetitions.blocks, prospect.max_time_s, prospect.trial_s
    seconds = expected_seconds(plan, trial_s, blocks, prospect.lanes)
    if seconds is None or trial_s is None or limit is None or seconds <= limit:
        return
    message = f"{len(plan.groups)} groups x {blocks} blocks take about {seconds:.0f} s, more than {limit:g} s"
    yield warning("over-time", message, _cheaper(plan, blocks, limit / seconds))


def _cheaper(plan: Plan, blocks: int, share: float) -> str:
    """A plan that takes that share of the time, as far as there is one."""
    varied = [v for v in plan.variables if v.role != "constant"]
    alone = 1 + sum(len(v.levels) - 1 for v in varied)
    affordable = math.floor(len(plan.groups) * share)
    if plan.design == "full-factorial" and alone < len(plan.groups) and all(v.role != "nuisance" for v in varied):
        fits = "fits" if alone <= affordable else "is cheaper"
        return f"a one-factor design has {alone} groups and {fits}; it cannot average over the other variables"
    fitting = math.floor(blocks * share)
    if fitting >= least_blocks(worst_alpha(plan)):
        return f"--repeat {fitting} fits; or use fewer levels"
    if affordable > 1:
        return f"use fewer levels: {affordable} groups fit"
    return "allow more time, or make the trial shorter"


_EXACT_BUILTINS = frozenset({"exit_code"})
_TESTS = {"fixed": "block-t", "two-stage": "block-t-stein"}
