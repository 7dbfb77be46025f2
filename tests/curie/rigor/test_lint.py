import pytest

from curie.plan import Contrast, Plan
from curie.records import Diagnostic
from curie.rigor.lint import LintContext, Prospect, lint
from curie.rigor.promise import declared_sds, expected_seconds, promised_power
from tasks.study import DeclaredHypothesis, Metric
from tests.curie.simulated import plan

FACTORS = {"a": (1, 2, 3), "b": (1, 2, 3)}


def found(of: Plan, placeholders: str = "tool", **prospect: object) -> dict[str, Diagnostic]:
    """Diagnostics by the name after `lint/`."""
    context = LintContext(placeholders=frozenset(placeholders.split()), prospect=Prospect(**prospect))  # type: ignore[arg-type]
    return {d.id.removeprefix("lint/"): d for d in lint(of, context)}


def changed(of: Plan, **fields: object) -> Plan:
    """The plan with other fields, however wrong."""
    return of.model_copy(update=fields)


def test_a_sound_plan_has_no_error_and_no_warning() -> None:
    """Only that its power is unknown, because nothing says how far blocks vary."""
    assert {d.severity for d in found(plan()).values()} == {"note"}
    known = plan(min_effect={"wall_s": 1.0}, sd={"wall_s": 0.5})
    assert found(known, sds=declared_sds(known, {"wall_s": 0.5})) == {}


def test_groups() -> None:
    """A plan without a control, with one group, or with a twin that is none, is refused."""
    two, twinned = plan(), plan(aa=True)
    assert found(changed(two, groups=two.groups[1:]))["no-control"].severity == "error"
    assert found(changed(two, groups=two.groups[:1]))["few-groups"].severity == "error"
    other = twinned.groups[1].model_copy(update={"id": "aa"})
    assert "twin-differs" in found(changed(twinned, groups=(*twinned.groups[:2], other)))


def test_placeholders() -> None:
    """One that nothing gives is an error; a variable that no placeholder uses reaches the trial only by CURIE_TRIAL."""
    seen = found(plan(), "file seed")
    assert seen["undefined-placeholder"].severity == "error"
    assert "{file}" in seen["undefined-placeholder"].message
    assert seen["unused-variable"].severity == "warning"


def test_a_variable_with_one_level_is_not_varied() -> None:
    """It belongs among the constants."""
    assert found(plan(vary={"tool": ("a", "b"), "n": (1,)}), "tool n")["not-varied"].severity == "error"


def test_cells() -> None:
    """Missing, doubled and foreign cells, and constants that vary, are each named."""
    full = plan(vary=FACTORS, constants={"c": 5})
    assert "b=3" in found(changed(full, groups=full.groups[:-1]), "a b c")["incomplete-factorial"].message
    doubled = full.groups[1].model_copy(update={"id": "g99"})
    assert (
        "more than once"
        in found(changed(full, groups=(*full.groups, doubled)), "a b c")["incomplete-factorial"].message
    )
    for name, value, expected in (
        ("c", 6, "constant-varies"),
        ("a", 9, "undefined-setting"),
        ("z", 1, "undefined-setting"),
    ):
        last = full.groups[-1]
        bad = last.model_copy(update={"settings": {**last.settings, name: value}})
        assert expected in found(changed(full, groups=(*full.groups[:-1], bad)), "a b c")


def test_a_group_that_changes_two_things_is_no_one_factor_comparison() -> None:
    """It is named, with what it changes."""
    single = plan(vary=FACTORS, design="one-factor")
    bad = single.groups[1].model_copy(update={"settings": {"a": 2, "b": 2}})
    seen = found(changed(single, groups=(single.groups[0], bad, *single.groups[2:])), "a b")
    assert "a and b" in seen["not-one-factor"].message


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"metric": "loss"}, "undefined-metric"),
        ({"contrast": Contrast(weights={"g07": 1.0, "control": -1.0})}, "undefined-group"),
        ({"contrast": Contrast(weights={"g01": 1.0, "control": -0.5})}, "unbalanced-contrast"),
        ({"contrast": Contrast(weights={})}, "unbalanced-contrast"),
        ({"test": "exact"}, "wrong-test"),
        ({"threshold": float("inf")}, "threshold"),
        ({"threshold": -1.0}, "threshold"),
    ],
)
def test_rules(rule: dict[str, object], expected: str) -> None:
    """A rule over what is not there, or that tests what it may not, is an error."""
    two = plan()
    hypothesis = two.hypotheses[0]
    bad = hypothesis.model_copy(update={"rule": hypothesis.rule.model_copy(update=rule)})
    assert found(changed(two, hypotheses=(bad,)))[expected].severity == "error"


def test_a_plan_that_predicts_nothing_is_refused() -> None:
    """A calibration alone is no question."""
    twinned = plan(aa=True)
    assert "no-hypothesis" in found(changed(twinned, hypotheses=twinned.hypotheses[1:]))


def test_no_difference_needs_a_smallest_effect() -> None:
    """`same` at threshold 0 cannot be shown by any data."""
    same = DeclaredHypothesis(metric="wall_s", direction="same")
    assert found(plan(hypotheses=(same,)))["same-without-effect"].severity == "error"
    assert "same-without-effect" not in found(plan(hypotheses=(same,), min_effect={"wall_s": 1.0}))


def test_too_few_blocks_are_an_error_unless_the_user_said_so() -> None:
    """Either way the number that would do is named."""
    short = plan(repeat=3)
    assert found(short)["least-p"].severity == "error"
    assert "--repeat 6" in str(found(short)["least-p"].hint)
    assert found(short, repeat_given=True)["least-p"].severity == "note"
    assert "one-block" in found(plan(repeat=1), repeat_given=True)


def test_low_power_is_said_where_the_spread_is_known() -> None:
    """A capped design that cannot keep its promise warns; an unknown spread promises nothing."""
    weak = plan(min_effect={"wall_s": 0.1}, sd={"wall_s": 1.0}, max_repeat=20)
    assert "0.8" in found(weak, sds=declared_sds(weak, {"wall_s": 1.0}))["low-power"].message
    assert promised_power(weak, {})[0].power is None
    assert "power-unknown" in found(weak)


def test_a_plan_over_time_names_a_cheaper_one() -> None:
    """A one-factor design, fewer blocks or fewer levels; and nothing where a trial's duration is unknown."""
    crossed = plan(vary=FACTORS)
    hint = found(crossed, "a b", trial_s=1.0, max_time_s=60.0)["over-time"].hint
    assert hint is not None
    assert "one-factor design has 5 groups" in hint
    assert "--repeat 7" in str(found(plan(), trial_s=1.0, max_time_s=15.0)["over-time"].hint)
    assert "fewer levels" in str(
        found(plan(vary={"tool": (1, 2, 3, 4)}), trial_s=1.0, max_time_s=25.0)["over-time"].hint
    )
    assert "over-time" not in found(crossed, "a b", max_time_s=1.0)
    assert expected_seconds(crossed, None, 10) is None


def test_lanes_help_only_trials_that_may_share_the_machine() -> None:
    """Timing runs one at a time."""
    timed, other = plan(), plan(metrics=(Metric(name="loss"),))
    assert expected_seconds(timed, 1.0, 10, lanes=2) == 21.0
    assert expected_seconds(other, 1.0, 10, lanes=2) == 11.0


def test_an_exit_code_as_a_metric_is_noted() -> None:
    """A failing exit is then a measurement."""
    assert found(plan(metrics=(Metric(name="exit_code"),)))["exit-code"].severity == "note"


def test_errors_come_first() -> None:
    """The reader sees what stops the plan before what is doubtful."""
    severities = [d.severity for d in found(plan(repeat=3), "file").values()]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)


@pytest.mark.parametrize(("name", "meant"), [("wal_s", "wall_s"), ("max_rss", "max_rss_bytes"), ("score", None)])
def test_a_slip_in_the_name_of_a_built_in_metric_is_guessed(name: str, meant: str | None) -> None:
    """A name nearly built in is asked about; one that has a pattern, or is like none, is the user's own."""
    said = found(plan(metrics=(Metric(name=name, unit="s", better="lower"),))).get("near-builtin")
    assert (said is None) == (meant is None)
    assert meant is None or (said is not None and meant in str(said.hint))
    own = Metric(name=name, unit="s", better="lower", regex="(1)")
    assert "near-builtin" not in found(plan(metrics=(own,)))
