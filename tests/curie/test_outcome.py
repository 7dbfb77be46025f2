"""How an attempt ends, by the trial contract."""

from pathlib import Path

import pytest

from curie.attempts import AttemptPaths
from curie.outcome import Ending, outcome_of
from curie.plan import Plan
from sandboxes.base import ExecResult, Output, Termination, Usage
from tasks.study import Metric
from tests.curie import sample_run


def ending(
    tmp_path: Path, *metrics: Metric, termination: Termination = "exited", code: int | None = 0, stderr: bytes = b""
) -> Ending:
    """The ending of an attempt that printed `{"score": 2}`."""
    plan: Plan = sample_run.plan().model_copy(update={"metrics": metrics or (Metric(name="score"),)})
    paths = AttemptPaths(tmp_path / "trials" / "control-r01" / "attempt-1")
    paths.create()
    (paths.record / "stdout").write_bytes(b'{"score": 2}\n')
    (paths.record / "stderr").write_bytes(stderr)
    result = ExecResult(
        termination=termination,
        returncode=code,
        signal=None if code is not None else 9,
        stdout=Output(head=b'{"score": 2}\n'),
        stderr=Output(head=stderr),
        usage=Usage(wall_s=1.0, cpu_s=0.5),
    )
    return outcome_of(plan, result, paths)


def test_a_success_has_every_value(tmp_path: Path) -> None:
    """Exit 0 and every metric."""
    seen = ending(tmp_path)
    assert (seen.outcome, seen.reason, seen.values) == ("succeeded", None, {"score": 2.0})


def test_a_number_printed_before_a_failure_does_not_count(tmp_path: Path) -> None:
    """Exit 1 is failed, with the last line of stderr as its reason, and no measurement is kept."""
    seen = ending(tmp_path, code=1, stderr=b"first\nValueError: no\n\n")
    assert (seen.outcome, seen.reason, seen.measurements) == ("failed", "exit status 1: ValueError: no", ())


def test_an_exit_code_that_is_a_metric_is_no_failure(tmp_path: Path) -> None:
    """Unless a signal ended the command: then there is no exit code."""
    code = Metric(name="exit_code")
    assert ending(tmp_path, code, code=3).values == {"exit_code": 3.0}
    killed = ending(tmp_path, code, code=None)
    assert (killed.outcome, killed.reason) == ("failed", "killed by signal 9")


@pytest.mark.parametrize(
    ("termination", "outcome"),
    [
        ("timed_out", "timed_out"),
        ("out_of_memory", "out_of_memory"),
        ("output_limit", "failed"),
        ("cancelled", "cancelled"),
        ("lost", "failed"),
    ],
)
def test_no_other_ending_is_a_pass(tmp_path: Path, termination: Termination, outcome: str) -> None:
    """Whatever was printed before it; each has a reason."""
    seen = ending(tmp_path, termination=termination, code=None)
    assert (seen.outcome, seen.values) == (outcome, {})
    assert seen.reason


def test_memory_that_could_not_be_measured_is_no_zero(tmp_path: Path) -> None:
    """A built-in metric without a value is a missing metric."""
    seen = ending(tmp_path, Metric(name="max_rss_bytes", unit="B"))
    assert (seen.outcome, seen.reason) == ("failed", "metric max_rss_bytes was not emitted")
