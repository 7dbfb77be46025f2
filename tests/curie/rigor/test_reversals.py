from hypothesis import given
from hypothesis import strategies as st

from curie.nodes.analyst import analyse
from curie.nodes.concluder import conclude, render
from tests.curie.simulated import TIME, plan, records

CROSSED = plan(
    vary={"tool": ("a", "b"), "order": ("random", "sorted")},
    nuisance=("order",),
    metrics=(TIME,),
    command="run {tool} {order} {seed}",
)
ORDER = {g.id: g.settings["order"] for g in CROSSED.groups}
TOOL = {g.id: g.settings["tool"] for g in CROSSED.groups}


def value(group: str, block: int, *, sorted_effect: float) -> float:
    """Tool b is 2 s faster on random input, `sorted_effect` slower or faster on sorted input, with a little noise."""
    effect = sorted_effect if ORDER[group] == "sorted" else -2.0
    return 10 + (effect if TOOL[group] == "b" else 0.0) + 0.01 * ((block * 7 + len(group)) % 5)


def test_a_mean_that_hides_a_reversal_says_so() -> None:
    """The verdict stays, by the frozen rule; the answer says that it is a mean, and the first limit names the cell."""
    seen = analyse(CROSSED, records(CROSSED, lambda g, b: value(g, b, sorted_effect=0.5)))
    assert (seen[0].verdict, seen[0].reversed_in) == ("supported", ("order=sorted",))
    said = conclude(CROSSED, seen)
    assert render(said.statements[0], seen).startswith("Supported on average, but reversed in some cells: wall_s is")
    assert "the direction reverses in (order=sorted) for wall_s with tool=b" in render(said.limits[0], seen)


@given(st.floats(min_value=-5, max_value=-0.2))
def test_effects_in_one_direction_are_no_reversal(effect: float) -> None:
    """However unequal the cells are."""
    seen = analyse(CROSSED, records(CROSSED, lambda g, b: value(g, b, sorted_effect=effect)))
    assert seen[0].reversed_in == ()


def test_noise_around_zero_is_no_reversal() -> None:
    """A cell whose difference is within three standard errors of 0 is not said to reverse."""
    noise = [0.3, -0.25, 0.4, -0.35, 0.1, -0.2, 0.15, -0.05, 0.2, -0.1]
    seen = analyse(
        CROSSED,
        records(
            CROSSED,
            lambda g, b: value(g, b, sorted_effect=0.0) + (noise[(b - 1) % 10] if g != "control" else 0.0),
        ),
    )
    assert seen[0].reversed_in == ()


def test_a_design_without_other_variables_has_no_cells() -> None:
    """One pair of groups is the effect itself."""
    two = plan()
    assert analyse(two, records(two, lambda g, b: (0.0 if g == "control" else 1.0) + b * 0.01))[0].reversed_in == ()
