from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.designer import DesignFacts, design
from curie.errors import PlanRefused
from curie.plan import InputDigest
from curie.rigor.lint import LintContext, lint
from curie.rigor.power import fixed_power
from tasks.study import DeclaredHypothesis, InputFile, Metric
from tests.curie.simulated import COUNT, TIME, plan, study

FACTORS = {"algorithm": ("insertion", "merge", "heap"), "size": (100, 1000)}


def test_one_variable_gives_a_group_per_level_and_a_prediction_each() -> None:
    """One variable is a one-factor design: the control, every other level, and `lower` for a metric to be lowered."""
    made = plan(command="run {tool}", vary={"tool": ("a", "b", "c")}, control={"tool": "b"})
    assert [(g.id, g.settings["tool"], g.label) for g in made.groups] == [
        ("control", "b", "tool=b"),
        ("g01", "a", "tool=a"),
        ("g02", "c", "tool=c"),
    ]
    assert made.hypotheses[0].statement == "tool=a differs in wall_s from tool=b"
    assert made.hypotheses[0].rule.contrast.weights == {"g01": 1.0, "control": -1.0}
    assert made.resources.exclusive


def test_main_effects_average_over_the_other_variables() -> None:
    """In a factorial a level is compared with the control's level over all cells of the others."""
    made = plan(command="run {algorithm} {size}", vary=FACTORS)
    first = made.hypotheses[0]
    assert first.statement == "algorithm=merge differs in wall_s from algorithm=insertion"
    assert sum(w > 0 for w in first.rule.contrast.weights.values()) == 2
    assert len(made.groups) == 6
    assert len(made.hypotheses) == 3


def test_a_nuisance_is_crossed_and_never_tested() -> None:
    """A nuisance variable multiplies the groups and adds no hypothesis."""
    made = plan(command="run {algorithm} {size}", vary=FACTORS, nuisance=("size",))
    assert len(made.groups) == 6
    assert all(h.statement.startswith("algorithm=") for h in made.hypotheses)


def test_one_factor_with_a_nuisance_is_refused() -> None:
    """Averaging needs crossed cells."""
    with pytest.raises(PlanRefused, match="nuisance variable size"):
        plan(vary=FACTORS, nuisance=("size",), design="one-factor")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"algorithm": "quick"}, "not a level"),
        ({"speed": 1}, "not varied"),
        ({"algorithm": "insertion"}, "with itself"),
        ({"algorithm": "merge", "size": 1000}, "one-factor design"),
    ],
)
def test_a_hypothesis_about_no_group_is_refused(settings: dict[str, object], message: str) -> None:
    """What a hypothesis compares must be in the design, and the message says what is not."""
    declared = DeclaredHypothesis.model_validate({"metric": "wall_s", "direction": "lower", "settings": settings})
    with pytest.raises(PlanRefused, match=message):
        plan(vary=FACTORS, design="one-factor", hypotheses=(declared,))


def test_a_metric_without_a_better_direction_predicts_a_difference() -> None:
    """No direction is invented."""
    made = plan(metrics=(Metric(name="loss"),))
    assert made.hypotheses[0].direction == "different"
    assert made.hypotheses[0].statement == "tool=b differs in loss from tool=a"


def test_the_twin_is_outside_the_family_and_of_stochastic_metrics_only() -> None:
    """--aa adds a group like the control and a calibration per metric that varies by chance."""
    made = plan(aa=True, metrics=(TIME, COUNT))
    twin, control = made.group("aa"), made.control
    assert twin.settings == control.settings
    assert [(h.id, h.rule.metric) for h in made.hypotheses if h.calibration] == [("AA1", "wall_s")]


@pytest.mark.parametrize(
    ("changes", "kind", "blocks"),
    [
        ({"repeat": 3}, "fixed", 3),
        ({}, "fixed", 10),
        ({"metrics": (COUNT,)}, "fixed", 2),
        ({"metrics": (COUNT,), "command": "run {tool} {seed}"}, "fixed", 5),
        ({"min_effect": {"wall_s": 0.1}}, "two-stage", 10),
        ({"min_effect": {"wall_s": 0.1}, "max_repeat": 7}, "fixed", 7),
        ({"min_effect": {"wall_s": 1.0}, "sd": {"wall_s": 1.0}}, "fixed", 10),
        ({"min_effect": {"wall_s": 0.1}, "sd": {"wall_s": 1.0}}, "fixed", 100),
        ({"min_effect": {"wall_s": 9.0}, "sd": {"wall_s": 1.0}}, "fixed", 6),
        ({"command": "run {tool}", "vary": {"tool": tuple(range(41))}}, "fixed", 11),
    ],
)
def test_repetitions_follow_from_what_is_declared(changes: dict[str, object], kind: str, blocks: int) -> None:
    """Every row of the table in `repetitions_of`, its caps and its floor included."""
    made = plan(**changes)
    assert (made.repetitions.kind, made.repetitions.blocks) == (kind, blocks)


def test_a_declared_spread_buys_the_power_and_no_block_more() -> None:
    """The fixed number of blocks is the smallest one with the power."""
    n = plan(min_effect={"wall_s": 0.5}, sd={"wall_s": 1.0}).repetitions.blocks
    assert fixed_power(n - 1, 0.5, 0.05) < 0.8 <= fixed_power(n, 0.5, 0.05)


def test_seeds_replicate_only_where_the_trial_can_read_one() -> None:
    """An escaped brace is no placeholder; a repository can read CURIE_TRIAL."""
    assert plan().replicate_over == "run"
    assert plan(command="run {tool} {{seed}}").replicate_over == "run"
    assert plan(command="run {tool} {seed}").replicate_over == "seed"
    assert plan(repo=Path("code")).replicate_over == "seed"


def test_input_files_enter_the_plan_by_content() -> None:
    """A level that is a file becomes its digest, and a file that was not digested is refused."""
    a, b = Path("some where/a.txt"), Path("b.txt")
    asked = study(vary={"tool": (InputFile(path=a), InputFile(path=b))})
    digests = {("tool", p): InputDigest(name=p.name, sha256=str(i) * 64) for i, p in enumerate((a, b))}
    made = design(asked, DesignFacts(seed=1, inputs=digests))
    assert made.hypotheses[0].statement == "tool=b.txt differs in wall_s from tool=a.txt"
    with pytest.raises(PlanRefused, match="not digested"):
        design(asked, DesignFacts(seed=1))


levels = st.lists(
    st.integers(0, 99) | st.booleans() | st.text("abc", min_size=1), min_size=2, max_size=3, unique_by=repr
)


@given(
    vary=st.dictionaries(st.sampled_from(["u", "v", "w"]), levels, min_size=1, max_size=3),
    kind=st.sampled_from(["one-factor", "full-factorial"]),
    aa=st.booleans(),
)
def test_every_designed_plan_is_clean_of_lint_errors_and_the_same_twice(
    *, vary: dict[str, list[object]], kind: str, aa: bool
) -> None:
    """The designer never makes a plan that lint refuses; contrasts sum to zero; equal input gives an equal hash."""
    command = " ".join(["run", *(f"{{{name}}}" for name in vary)])
    made, again = (plan(aa=aa, command=command, vary=vary, design=kind) for _ in range(2))
    assert made.digest() == again.digest()
    assert all(abs(sum(h.rule.contrast.weights.values())) < 1e-9 for h in made.hypotheses)
    assert not [d for d in lint(made, LintContext(placeholders=frozenset(vary))) if d.severity == "error"]
