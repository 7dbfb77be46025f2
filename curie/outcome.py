"""How an attempt ended, by the trial contract: its outcome, a reason in a sentence, and its metrics."""

from typing import assert_never

from pydantic import Field

from curie.attempts import AttemptPaths
from curie.metrics import Collected, Sources, collect
from curie.plan import Plan
from curie.records import Measurement, Outcome
from sandboxes.base import ExecResult
from tasks.study import Frozen

_LINE = 200


class Ending(Frozen):
    """What becomes of an attempt."""

    outcome: Outcome
    reason: str | None
    measurements: tuple[Measurement, ...] = ()
    values: dict[str, float] = Field(default_factory=dict)


def outcome_of(plan: Plan, result: ExecResult, paths: AttemptPaths) -> Ending:
    """Apply the contract to a finished attempt.

    A command that ended otherwise than by exit status 0 has not succeeded, whatever it printed, unless the plan
    declares `exit_code` as a metric; a metric that is missing or not finite is a failure too.
    """
    outcome, reason = _termination(plan, result)
    if outcome != "succeeded":
        return Ending(outcome=outcome, reason=reason)
    found = collect(plan.metrics, _sources(result, paths))
    if found.problems:
        return Ending(outcome="failed", reason=_reason(found), measurements=found.measurements)
    return Ending(outcome="succeeded", reason=None, measurements=found.measurements, values=found.values)


def _termination(plan: Plan, result: ExecResult) -> tuple[Outcome, str | None]:
    match result.termination:
        case "exited":
            return _exited(plan, result)
        case "timed_out":
            return "timed_out", f"still running after {plan.resources.limits.timeout_s:g} s"
        case "out_of_memory":
            return "out_of_memory", "killed for using more memory than its limit"
        case "output_limit":
            limit = plan.resources.limits.output_mb
            return "failed", f"stopped for printing more than {limit} MiB on one stream (limits.output_mb)"
        case "cancelled":
            return "cancelled", "cancelled"
        case "lost":
            return "failed", "the supervisor vanished without a result"
        case _:
            assert_never(result.termination)


def _exited(plan: Plan, result: ExecResult) -> tuple[Outcome, str | None]:
    if result.returncode == 0:
        return "succeeded", None
    if result.returncode is not None and any(m.name == "exit_code" and m.builtin for m in plan.metrics):
        return "succeeded", None
    how = f"killed by signal {result.signal}" if result.signal else f"exit status {result.returncode}"
    last = _last_line(result.stderr.text)
    return "failed", f"{how}: {last}" if last else how


def _sources(result: ExecResult, paths: AttemptPaths) -> Sources:
    builtin: dict[str, float] = {"wall_s": result.usage.wall_s, "cpu_s": result.usage.cpu_s}
    if result.usage.max_rss_bytes is not None:
        builtin["max_rss_bytes"] = float(result.usage.max_rss_bytes)
    if result.returncode is not None:
        builtin["exit_code"] = float(result.returncode)
    return Sources(
        metrics_file=paths.metrics,
        stdout=paths.record / "stdout",
        stderr=paths.record / "stderr",
        builtin=builtin,
    )


def _reason(found: Collected) -> str:
    return "; ".join(found.problems)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_LINE] if lines else ""
