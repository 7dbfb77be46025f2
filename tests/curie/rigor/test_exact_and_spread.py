import pytest

from curie.records import TrialRecord
from curie.rigor.contrasts import contrast_sds
from curie.rigor.exact import on_predicted_side
from curie.rigor.promise import expected_blocks, promised_power
from curie.schedule import pilot_blocks, trials_of
from tasks.study import Direction
from tests.curie.simulated import plan, record, records


@pytest.mark.parametrize(
    ("direction", "contrast", "threshold", "tolerance", "holds"),
    [
        ("higher", 1.0, 0.0, 0.0, True),
        ("higher", 0.0, 0.0, 0.0, False),
        ("higher", 1.0, 0.0, 1.0, False),
        ("lower", -2.0, 1.0, 0.5, True),
        ("lower", -1.0, 1.0, 0.0, False),
        ("different", -1.0, 0.0, 0.0, True),
        ("different", 0.5, 0.0, 0.5, False),
        ("same", 0.0, 0.0, 0.0, True),
        ("same", 0.1, 0.0, 0.0, False),
        ("same", 1.0, 1.0, 0.0, True),
    ],
)
def test_one_block_of_a_deterministic_metric(
    *, direction: Direction, contrast: float, threshold: float, tolerance: float, holds: bool
) -> None:
    """Equality is exact: a tie is neither higher nor different, and within the tolerance counts as a tie."""
    assert on_predicted_side(direction, contrast, threshold, tolerance) is holds


def pilot(values: dict[str, tuple[float, ...]]) -> list[TrialRecord]:
    """Pilot records of the two-level plan, by group and block."""
    slots = trials_of(pilot_blocks(plan(), len(values["control"])))
    return [record(s, {"wall_s": values[s.group][s.block - 1]}) for s in slots]


def test_the_pilot_s_spread_is_that_of_block_differences() -> None:
    """Differences 1, 2 and 3 have a standard deviation of 1; measured trials do not count beside a pilot."""
    two = plan()
    seen = pilot({"control": (10.0, 20.0, 30.0), "g01": (11.0, 22.0, 33.0)})
    assert contrast_sds(two, seen) == {"H1": pytest.approx(1.0)}
    assert contrast_sds(two, [*seen, *records(two, lambda *_: 5.0)]) == {"H1": pytest.approx(1.0)}
    assert contrast_sds(two, seen[:2]) == {}


def test_a_two_stage_plan_promises_its_power_for_any_piloted_spread() -> None:
    """The promise holds up to the cap."""
    staged = plan(min_effect={"wall_s": 1.0}, max_repeat=100)
    assert expected_blocks(staged) == (10, 100)
    power = {sd: promised_power(staged, {"H1": sd})[0].power for sd in (0.1, 2.0, 20.0)}
    assert power[0.1] == pytest.approx(1.0, abs=1e-6)
    assert power[2.0] == pytest.approx(0.8, abs=0.02)
    assert power[20.0] is not None
    assert power[20.0] < 0.2
