import math
import random

import pytest

from curie.nodes.analyst import analyse
from curie.plan import Plan
from curie.records import Finding, MetricComparison, Outcome, Reproduction, TrialRecord
from curie.rigor.stages import decide_blocks
from tasks.study import DeclaredHypothesis
from tests.curie.simulated import COUNT, TIME, plan, records


def noisy(of: Plan, effect: float, *, sd: float = 0.05, n: int | None = None, seed: int = 1) -> list[TrialRecord]:
    """Normal values around 1 with large block effects; every group but the control (and its twin) is shifted."""
    rng = random.Random(seed)  # noqa: S311 -- simulated noise
    drift = [rng.gauss(0, 1) for _ in range(1000)]
    return records(of, lambda g, b: 10 + drift[b] + rng.gauss(0, sd) + (effect if g.startswith("g") else 0.0), n)


def without(all_records: list[TrialRecord], key: str, outcome: Outcome) -> list[TrialRecord]:
    """The same records, but this trial ended otherwise."""
    return [r.model_copy(update={"outcome": outcome, "values": {}}) if r.key == key else r for r in all_records]


def test_a_clear_effect_is_supported_and_its_reverse_refuted() -> None:
    """Block effects twenty times as large as the noise do not hide it: the analysis is within blocks."""
    two = plan(hypotheses=(DeclaredHypothesis(metric="wall_s", direction="lower"),))
    faster, slower = (analyse(two, noisy(two, e))[0] for e in (-0.5, 0.5))
    assert (faster.verdict, slower.verdict) == ("supported", "refuted")
    assert faster.effect == pytest.approx(-0.5, abs=0.1)
    assert faster.interval is not None
    assert faster.interval.level == 0.95
    assert faster.p is not None
    assert faster.p < 0.05
    assert faster.relative == pytest.approx(-0.05, abs=0.02)
    assert "predicted side of 0 s" in faster.reason


def test_no_effect_is_inconclusive_and_says_what_would_decide_it() -> None:
    """The decider names a new run with more blocks, and their cost from this run's trials (2 s each)."""
    two = plan()
    finding = analyse(two, noisy(two, -0.02))[0]
    assert finding.verdict == "inconclusive"
    assert finding.decider is not None
    assert finding.decider.blocks is not None
    assert finding.decider.seconds == finding.decider.blocks * 2 * 2.0
    assert f"--repeat {10 + finding.decider.blocks}" in finding.decider.advice
    assert finding.smallest_visible is not None


def test_no_difference_is_refuted_only_inside_the_smallest_effect_of_interest() -> None:
    """`different` without a smallest effect can never be refuted; with one, no effect refutes it."""
    for effect, verdict in (({}, "inconclusive"), ({"wall_s": 0.3}, "refuted")):
        hypothesis = DeclaredHypothesis(metric="wall_s", direction="different")
        made = plan(hypotheses=(hypothesis,), min_effect=effect, repeat=10)
        assert analyse(made, noisy(made, 0.0))[0].verdict == verdict


@pytest.mark.parametrize("outcome", ["failed", "timed_out", "out_of_memory", "cancelled", "not_attempted"])
def test_one_missing_trial_makes_its_hypotheses_inconclusive(outcome: Outcome) -> None:
    """However clear the rest is; other groups' hypotheses stand; the reason counts by outcome."""
    three = plan(vary={"tool": ("a", "b", "c")})
    seen = without(noisy(three, -0.5), "g01-r03", outcome)
    first, second = analyse(three, seen)
    assert (first.verdict, second.verdict) == ("inconclusive", "supported")
    assert "1 trial" in first.reason
    assert (first.n, first.planned) == (9, 10)
    assert (first.p, first.interval) == (None, None)
    assert first.decider is not None
    assert first.decider.blocks is None
    expected = "run what is missing" if outcome == "not_attempted" else "fix the failures"
    assert first.decider.advice.startswith(expected)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1.7e308])
def test_a_value_that_is_not_finite_never_reaches_a_verdict(value: float) -> None:
    """NaN, infinity and what overflows count as missing or undecided, and no field of the finding holds them."""
    two = plan(repeat=8)
    seen = [r.model_copy(update={"values": {"wall_s": value if r.group == "g01" else -value}}) for r in noisy(two, 0)]
    finding = analyse(two, seen)[0]
    assert finding.verdict == "inconclusive"
    numbers = [v for v in finding.model_dump().values() if isinstance(v, float)]
    assert all(map(math.isfinite, numbers))


@pytest.mark.parametrize("state", ["diverged", "failed", "timed_out"])
def test_a_rerun_that_did_not_pass_blocks_the_verdict(state: str) -> None:
    """A time-out or failure is never a pass, and the finding names the trial."""
    two = plan()
    rerun = Reproduction.model_validate({"key": "g01-r02", "state": state})
    finding = analyse(two, noisy(two, -0.5), [rerun])[0]
    assert finding.verdict == "inconclusive"
    assert "g01-r02" in finding.reason


@pytest.mark.parametrize("state", ["reproduced", "not_attempted", "not_comparable"])
def test_other_reruns_block_nothing(state: str) -> None:
    """Only what speaks against a trial does."""
    two = plan()
    rerun = Reproduction.model_validate({"key": "g01-r02", "state": state})
    assert analyse(two, noisy(two, -0.5), [rerun])[0].verdict == "supported"


def test_a_divergence_blocks_its_own_metric_only() -> None:
    """A re-run whose count changed does not shake the time that reproduced."""
    both = plan(metrics=(TIME, COUNT))
    outside = MetricComparison(metric="comparisons", original=1, rerun=2, low=1, high=1, state="outside")
    inside = MetricComparison(metric="wall_s", original=1, rerun=2, low=0, high=3, state="inside")
    rerun = Reproduction(key="g01-r02", state="diverged", comparisons=(outside, inside))
    seen = noisy(both, -0.5)
    time, count = analyse(both, [_counted(r) for r in seen], [rerun])
    assert (time.verdict, count.verdict) == ("supported", "inconclusive")


def test_a_deterministic_metric_is_compared_and_never_tested() -> None:
    """Every block on one side decides exactly; a tie is not `lower`; some of each decides nothing."""
    fewer = DeclaredHypothesis(metric=COUNT.name, direction="lower")
    exact = plan(metrics=(COUNT,), command="run {tool} {seed}", repeat=10, hypotheses=(fewer,))
    lower = _exact(exact, lambda group, block: block + (0 if group == "g01" else 5))
    tie = _exact(exact, lambda _, block: block)
    mixed = _exact(exact, lambda group, block: (1 if block <= 7 else 9) if group == "g01" else 5)
    assert (lower.verdict, lower.effect, lower.p, lower.deterministic) == ("supported", -5.0, None, True)
    assert tie.verdict == "refuted"
    assert (mixed.verdict, mixed.reason) == ("inconclusive", "holds in 7 of 10 blocks")


def test_tolerance_counts_as_equality() -> None:
    """A difference within the tolerance is none."""
    metric = COUNT.model_copy(update={"tolerance": 2.0})
    exact = plan(metrics=(metric,))
    assert _exact(exact, lambda group, _: 10 if group == "g01" else 12).verdict == "refuted"
    assert _exact(exact, lambda group, _: 9 if group == "g01" else 12).verdict == "supported"


def test_a_metric_that_is_not_deterministic_after_all_is_found_out() -> None:
    """Two values for the same settings contradict the declaration, whichever side they are on."""
    exact = plan(metrics=(COUNT,))
    finding = _exact(exact, lambda group, block: block if group == "g01" else 100)
    assert finding.verdict == "inconclusive"
    assert "declared deterministic" in finding.reason


def test_equal_differences_in_all_blocks_are_decided_by_signs_alone() -> None:
    """Five blocks cannot reach 5 %, six can; the finding says how many and names the alternative."""
    for n, verdict in ((5, "inconclusive"), (6, "supported")):
        two = plan(repeat=n)
        finding = analyse(two, records(two, lambda g, b: b - (0.5 if g == "g01" else 0.0)))[0]
        assert finding.verdict == verdict
        assert "deterministic" in finding.reason
        if n == 5:
            assert "6 blocks" in finding.reason
            assert finding.decider is not None
            assert finding.decider.blocks == 1


def test_no_difference_at_all_is_not_certainty() -> None:
    """Ten blocks that gave exactly the threshold decide nothing."""
    two = plan()
    finding = analyse(two, records(two, lambda _, b: float(b)))[0]
    assert finding.verdict == "inconclusive"
    assert "threshold itself" in finding.reason


def test_one_block_decides_nothing() -> None:
    """A single block has no spread, whatever it shows."""
    one = plan(repeat=1)
    finding = analyse(one, records(one, lambda g, _: 1.0 if g == "g01" else 99.0))[0]
    assert (finding.verdict, finding.n, finding.reason) == ("inconclusive", 1, "one block shows no spread")
    assert finding.effect == -98.0


def test_many_questions_are_answered_at_a_stricter_level() -> None:
    """With twenty hypotheses a p of 0.04 is no finding: Holm over the plan."""
    many = plan(vary={"tool": tuple(range(21))})
    first = analyse(many, noisy(many, -0.03, seed=4))
    assert all(f.p_adjusted is not None and f.p is not None and f.p_adjusted >= f.p for f in first)
    assert all((f.verdict != "inconclusive") == (f.p_adjusted is not None and f.p_adjusted <= 0.05) for f in first)
    assert any(f.p is not None and f.p < 0.05 and f.verdict == "inconclusive" for f in first)


def test_a_calibration_does_not_cost_the_family_anything() -> None:
    """The A/A finding has its own level and leaves the others' p as it is."""
    alone, twinned = plan(), plan(aa=True)
    seen = noisy(twinned, -0.5)
    plain = analyse(alone, [r for r in seen if r.group != "aa"])[0]
    with_twin, calibration = analyse(twinned, seen)
    assert with_twin.p_adjusted == plain.p_adjusted
    assert (calibration.calibration, calibration.verdict, calibration.decider) == (True, "inconclusive", None)
    assert calibration.smallest_visible is not None


def test_two_stages_depend_on_the_first_stage_s_spread_alone() -> None:
    """Shifting the effect changes no number of blocks; a larger spread asks for more, up to the cap."""
    staged = plan(min_effect={"wall_s": 0.1}, max_repeat=40)
    counts = {decide_blocks(staged, noisy(staged, e, n=10)).blocks for e in (-5.0, 0.0, 5.0)}
    assert len(counts) == 1
    assert decide_blocks(staged, noisy(staged, 0.0, sd=5.0, n=10)).blocks == 40
    assert decide_blocks(staged, noisy(staged, 0.0, sd=1e-3, n=10)).blocks == 10


def test_the_second_stage_counts_as_planned() -> None:
    """A run that stopped after the first stage lacks trials, and does not pretend otherwise."""
    staged = plan(min_effect={"wall_s": 0.1}, max_repeat=40)
    finding = analyse(staged, noisy(staged, -5.0, sd=5.0, n=10))[0]
    assert (finding.verdict, finding.n, finding.planned) == ("inconclusive", 10, 40)
    assert "not attempted" in finding.reason


def test_the_same_records_in_any_order_give_the_same_findings() -> None:
    """The analyst is a function of the records as a set."""
    two = plan(aa=True)
    seen = noisy(two, -0.05)
    assert analyse(two, seen) == analyse(two, list(reversed(seen)))


def test_only_measured_trials_count() -> None:
    """The gate, the pilot and re-runs are not data."""
    two = plan()
    extra = [r.model_copy(update={"purpose": "reproduce", "values": {"wall_s": 1e9}}) for r in noisy(two, -0.5)]
    assert analyse(two, [*extra, *noisy(two, -0.5), *extra]) == analyse(two, noisy(two, -0.5))


def test_findings_of_an_exploratory_revision_say_so() -> None:
    """A plan frozen after outcomes were seen marks every finding."""
    two = plan().model_copy(update={"exploratory": True})
    assert all(f.exploratory for f in analyse(two, noisy(two, -0.5)))


def _counted(record: TrialRecord) -> TrialRecord:
    return record.model_copy(update={"values": {**record.values, "comparisons": 3.0 if record.group == "g01" else 4.0}})


def _exact(of: Plan, value: object) -> Finding:
    assert callable(value)
    return analyse(of, records(of, lambda group, block: float(value(group, block))), (equal_rerun(of),))[0]


def equal_rerun(of: Plan) -> Reproduction:
    """A re-run of the control that gave every metric's value once more."""
    seen = tuple(
        MetricComparison(metric=m.name, original=1.0, rerun=1.0, low=1.0, high=1.0, state="equal") for m in of.metrics
    )
    return Reproduction(key="control-r01", state="reproduced", comparisons=seen)


def test_exactness_that_nobody_has_seen_decides_nothing() -> None:
    """With a seed a block and no re-run, no value was ever measured twice: noise could pass as exact."""
    exact = plan(metrics=(COUNT,), command="run {tool} {seed}", repeat=10)
    seen = records(exact, lambda group, block: block + (0.0 if group == "g01" else 5.0))
    (finding,) = analyse(exact, seen)
    assert finding.verdict == "inconclusive"
    assert "nothing was run twice with the same seed" in finding.reason
    assert analyse(exact, seen, (equal_rerun(exact),))[0].verdict == "supported"


def test_no_finite_values_overflow_the_analysis() -> None:
    """Values near the largest float end in a finding, whatever it says."""
    two = plan(repeat=4)
    signs = {"control": 1.0, "g01": -1.0}
    opposite = records(two, lambda g, b: signs[g] * 1.7e308 * (1 - 0.1 * b))
    assert analyse(two, opposite)[0].verdict == "inconclusive"
    same_sign = records(two, lambda _g, b: 1.7e308 * (1 - 0.01 * b))
    assert analyse(two, same_sign)[0].verdict == "inconclusive"
