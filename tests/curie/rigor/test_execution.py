import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.plan import Plan
from curie.records import Outcome, Reproduction, TrialRecord
from curie.rigor.execution import compare, comparisons_in, confirm, needs_confirmation
from tests.curie.simulated import COUNT, TIME, one, plan

TIMED = plan()
COUNTED = plan(metrics=(COUNT.model_copy(update={"tolerance": 0.5}),))
BOTH = plan(metrics=(TIME, COUNT))


def peers(*values: float) -> list[TrialRecord]:
    """Measured trials of one group."""
    return [one("g01", {"wall_s": v}, repetition=i) for i, v in enumerate(values, start=1)]


def again(of: Plan, original: TrialRecord, values: dict[str, float], others: list[TrialRecord]) -> Reproduction:
    """The comparison of a re-run that gave `values`."""
    return compare(of, original, one("g01", values, "reproduce"), others, family=1)


def test_a_time_inside_the_prediction_interval_reproduces() -> None:
    """The interval is mean +- t s sqrt(1 + 1/n) of the group's trials."""
    group = peers(1.0, 1.1, 0.9, 1.05, 0.95)
    seen = again(TIMED, group[0], {"wall_s": 1.12}, group)
    assert seen.state == "reproduced"
    assert seen.comparisons[0].state == "inside"
    assert seen.comparisons[0].low == pytest.approx(1.0 - 4.6041 * 0.0790569 * math.sqrt(1.2), abs=1e-4)


def test_a_time_outside_asks_for_a_second_look_before_it_diverges() -> None:
    """One re-run outside is not confirmed; two are; the second inside is a pass."""
    group = peers(1.0, 1.1, 0.9, 1.05, 0.95)
    first = again(TIMED, group[0], {"wall_s": 9.0}, group)
    assert (first.state, first.confirmed) == ("diverged", False)
    assert needs_confirmation(TIMED, first)
    twice = confirm(TIMED, first, again(TIMED, group[0], {"wall_s": 8.0}, group))
    assert (twice.state, twice.confirmed) == ("diverged", True)
    once = confirm(TIMED, first, again(TIMED, group[0], {"wall_s": 1.0}, group))
    assert (once.state, once.confirmed) == ("reproduced", True)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("failed", "failed"),
        ("out_of_memory", "failed"),
        ("timed_out", "timed_out"),
        ("cancelled", "not_attempted"),
        ("not_attempted", "not_attempted"),
    ],
)
def test_a_rerun_without_a_result_is_never_a_pass(outcome: Outcome, state: str) -> None:
    """Nor as a confirmation: what was in doubt stays in doubt."""
    group = peers(1.0, 1.1, 0.9)
    rerun = one("g01", {}, "reproduce").model_copy(update={"outcome": outcome})
    seen = compare(TIMED, group[0], rerun, group, family=1)
    assert (seen.state, seen.key) == (state, "g01-r01")
    doubt = again(TIMED, group[0], {"wall_s": 99.0}, group)
    assert confirm(TIMED, doubt, seen).state in {"failed", "timed_out", "diverged"}


def test_a_deterministic_metric_is_equal_within_its_tolerance_or_diverged_at_once() -> None:
    """A difference disproves determinism: no second look can restore it."""
    original = one("g01", {"comparisons": 10.0})
    assert again(COUNTED, original, {"comparisons": 10.5}, []).state == "reproduced"
    changed = again(COUNTED, original, {"comparisons": 10.6}, [])
    assert changed.state == "diverged"
    assert not needs_confirmation(COUNTED, changed)


def test_a_count_that_changes_in_the_confirming_rerun_diverges() -> None:
    """The second look may find what the first did not."""
    values = {"wall_s": 1.0, "comparisons": 5.0}
    group = [one("g01", {**values, "wall_s": w}, repetition=i) for i, w in enumerate((1.0, 1.1, 0.9), start=1)]
    first = again(BOTH, group[0], {**values, "wall_s": 50.0}, group)
    second = again(BOTH, group[0], {"wall_s": 1.0, "comparisons": 6.0}, group)
    assert confirm(BOTH, first, second).state == "diverged"


@pytest.mark.parametrize("others", [(), (1.0,), (1.0, 1.1), (1.0, 1.0, 1.0)])
def test_too_few_trials_or_none_that_vary_cannot_say(others: tuple[float, ...]) -> None:
    """Then a re-run is not comparable, unless it is equal."""
    original = one("g01", {"wall_s": 1.0})
    assert again(TIMED, original, {"wall_s": 1.2}, peers(*others)).state == "not_comparable"
    assert again(TIMED, original, {"wall_s": 1.0}, peers(*others)).state == "reproduced"


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
def test_a_rerun_without_a_finite_value_failed(value: float | None) -> None:
    """A NaN is not inside anything."""
    group = peers(1.0, 1.1, 0.9)
    values = {} if value is None else {"wall_s": value}
    assert again(TIMED, group[0], values, group).state == "failed"


@given(seed=st.integers(0, 10**6), family=st.integers(1, 50))
def test_more_comparisons_widen_the_interval(seed: int, family: int) -> None:
    """The 1 % is shared by the run's comparisons."""
    rng = random.Random(seed)  # noqa: S311 -- simulated noise
    group = peers(*(rng.gauss(1, 0.1) for _ in range(6)))
    rerun = one("g01", {"wall_s": 1.0}, "reproduce")
    wide, narrow = (compare(TIMED, group[0], rerun, group, k).comparisons[0] for k in (family + 1, family))
    assert wide.low is not None
    assert narrow.low is not None
    assert wide.low < narrow.low


def test_honest_runs_are_rarely_accused() -> None:
    """800 runs of ten honest re-runs each: at most 1 % (+ 4 SE) have any outside its interval."""
    rng = random.Random(5)  # noqa: S311 -- simulated noise
    family = comparisons_in(TIMED, 10)
    accused = 0
    for _ in range(800):
        groups = [peers(*(rng.gauss(1, 0.1) for _ in range(10))) for _ in range(10)]
        reruns = [one("g01", {"wall_s": rng.gauss(1, 0.1)}, "reproduce") for _ in range(10)]
        states = {compare(TIMED, g[0], r, g, family).state for g, r in zip(groups, reruns, strict=True)}
        accused += "diverged" in states
    assert accused / 800 <= 0.01 + 4 * math.sqrt(0.01 * 0.99 / 800)
