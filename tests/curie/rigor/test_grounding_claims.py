"""A sentence with sound references is refused where the records say otherwise: sides, sameness, kinds of quantity."""

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from curie.records import Finding, Statement
from curie.rigor.grounding import check_text
from curie.rigor.ledger import Ledger
from curie.state import RunState
from tests.curie.simulated import COUNT, TIME, plan, records
from tests.curie.studied import assembled, states

RUN = plan(vary={"lev": ("a", "bb")}, metrics=(TIME, COUNT), command="run {lev} {seed}")
WIGGLE = (0.013, -0.017, 0.002, 0.021, -0.008)


def run() -> Ledger:
    """With bb the time is lower by 1 s, and the count higher."""
    seen = records(
        RUN,
        lambda g, b: {
            "wall_s": 5 - (g == "g01") + WIGGLE[b * (1 + len(g)) % 5],
            "comparisons": {"control": 9.0, "g01": 12.0}[g],
        },
    )
    return Ledger(assembled(RUN, {r.key: r for r in seen}, rerun=False))


def refused(text: str, findings: tuple[str, ...] = ("F-H1",)) -> list[str]:
    """Ids of what is wrong with it."""
    return [p.id.removeprefix("grounding/") for p in check_text(Statement(text=text, findings=findings), run())]


def test_the_run_of_these_tests_is_what_they_take_it_for() -> None:
    """One finding on the time, supported, and downwards."""
    finding = run().state.findings["F-H1"]
    assert (finding.metric, finding.verdict) == ("wall_s", "supported")
    assert finding.effect is not None
    assert finding.effect < 0


@pytest.mark.parametrize(
    "text",
    [
        "wall_s is higher with lev=bb than with lev=a.",
        "wall_s is higher with lev = bb than with lev = a.",
        "lev=bb is higher than lev=a by {{ref:F-H1.effect}}.",
        "bb exceeds a.",
        "bb is slower than a.",
        "a is faster than bb.",
        "a outperforms bb in wall_s, and so is faster than bb.",
        "lev=bb raises wall_s over lev=a.",
        "Compared with a, bb is slower.",
        "bb is the slowest.",
        "There is no difference between bb and a.",
        "There was no significant effect of lev.",
        "lev has no effect on wall_s.",
        "wall_s is unaffected by lev.",
        "bb and a do not differ.",
        "wall_s does not change with lev.",
        "The times are equal.",
        "The p value is {{ref:F-H1.effect}}.",
        "p = {{ref:F-H1.effect}}",
        "n is {{ref:F-H1.effect}}.",
        "The effect is {{ref:F-H1.p}}.",
        "The interval is {{ref:F-H1.n}}.",
        "The mean was {{ref:group.g01.wall_s.sd}}.",
        "It saved {{ref:F-H1.effect}} dollars.",
        "It saved ${{ref:F-H1.effect}}.",
        "It took {{ref:F-H1.n}} seconds.",
        "{{ref:F-H1.effect}} blocks failed.",
        "{{ref:F-H1.n}} groups took part.",
    ],
)
def test_what_the_records_contradict(text: str) -> None:
    """Every reference exists, and the sentence is false: refused with a finding beside it."""
    assert set(refused(text)) & {"contradiction", "malformed-reference"}


@pytest.mark.parametrize(
    "text",
    [
        "lev has no effect on wall_s.",
        "There is no difference between bb and a.",
        "wall_s is unaffected by lev.",
        "bb exceeds a.",
    ],
)
def test_sameness_and_order_are_assertions(text: str) -> None:
    """Without a finding they are refused."""
    assert refused(text, ()) == ["comparison-without-finding"]


@pytest.mark.parametrize(
    "text",
    [
        "bb reached g01-r01 points.",
        "It saved g01-r01 dollars.",
        "H1 percent of the time went.",
        "Python 3 blocks failed.",
        "UTF-8 bytes were saved.",
        "SHA-256 % of it",
        "a pair of blocks failed",
        "infinite speedup",
        "the effect is unity",
        "zwei Blöcke",
    ],
)
def test_names_and_words_are_no_quantities(text: str) -> None:
    """An identifier, a version or a standard beside a unit is a number without a record; so is a number in words."""
    assert "free-numeral" in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "wall_s is lower with lev=bb than with lev=a.",
        "bb is lower than a by {{ref:F-H1.effect}}.",
        "a is slower than bb.",
        "Compared with a, bb is faster.",
        "The p value is {{ref:F-H1.p}}, and the adjusted p value {{ref:F-H1.p_adjusted}}.",
        "n is {{ref:F-H1.n}} blocks; {{ref:plan.groups}} groups, {{ref:plan.hypotheses}} hypotheses.",
        "The mean was {{ref:group.g01.wall_s.mean}}, the interval {{ref:F-H1.interval}}.",
        "{{ref:run.trials.succeeded}} trials succeeded.",
        "UTF-8 text, its SHA-256, Python 3 and Python 3.11 were used.",
        "H1 points to a cost. Several trials failed.",
        "The seed was {{ref:plan.seed}}.",
    ],
)
def test_what_is_honest_passes(text: str) -> None:
    """The same kinds of sentence where the records agree."""
    assert refused(text) == []


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("Two hypotheses were tested.", "plan.hypotheses"),
        ("It had 2 groups.", "plan.groups"),
        ("It took 3.7 s.", "F-H1.effect"),
    ],
)
def test_a_refused_count_says_how_to_cite_it(text: str, ref: str) -> None:
    """The hint is a reference that can be pasted."""
    problems = check_text(Statement(text=text), run())
    assert [p.hint for p in problems] == [f"cite a record: {{{{ref:{ref}}}}}"]


def decided(state: RunState) -> list[tuple[Finding, bool]]:
    """Findings whose interval lies on one side of 0, with whether that is above it."""
    found = []
    for finding in state.findings.values():
        bounds = finding.interval
        if finding.verdict == "inconclusive" or finding.reversed_in or not finding.effect or bounds is None:
            continue
        if bounds.low is None or bounds.high is None or bounds.low < 0 < bounds.high:
            continue
        found.append((finding, finding.effect > 0))
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(states(), st.data())
def test_a_false_direction_between_written_settings_is_refused(state: RunState, data: st.DataObject) -> None:
    """Over random plans: the finding's own settings as plain constants, either way round, wrong refused, right not."""
    plain = [
        (f, up)
        for f, up in decided(state)
        if all(re.fullmatch(r"\w+=[\w.]+", side) for side in (f.treatment, f.reference))
    ]
    assume(plain)
    finding, up = data.draw(st.sampled_from(plain))
    asked = next(h for h in state.plan.hypotheses if h.id == finding.hypothesis) if state.plan else None
    assume(
        asked is not None
        and (asked.direction, finding.verdict) not in {("same", "supported"), ("different", "refuted")}
    )
    ledger = Ledger(state)
    for first, second, higher in (
        (finding.treatment, finding.reference, up),
        (finding.reference, finding.treatment, not up),
    ):
        for word, says_higher in (("higher", True), ("lower", False)):
            text = f"It is {word} with {first} than with {second}."
            problems = check_text(Statement(text=text, findings=(finding.id,)), ledger)
            contradicted = "grounding/contradiction" in [p.id for p in problems]
            assert contradicted == (says_higher != higher), (text, problems)


@settings(max_examples=120, deadline=None)
@given(states(), st.sampled_from(("p value is", "effect is", "n is", "mean was", "seed was")), st.data())
def test_a_reference_of_another_kind_is_refused(state: RunState, called: str, data: st.DataObject) -> None:
    """Over random plans and every reference with a value: only its own kind may be named before it."""
    fields = {
        "p value is": {"p", "p_adjusted"},
        "effect is": {"effect", "effect_signed", "relative", "relative_signed", "standardized", "smallest_visible"},
        "n is": {"n", "planned"},
        "mean was": {"mean"},
        "seed was": {"seed"},
    }[called]
    ledger = Ledger(state)
    refs = [r for r in ledger.refs() if (c := ledger.cite(r)).value is not None and re.search(r"\d", c.text)]
    ref = data.draw(st.sampled_from(refs))
    problems = check_text(Statement(text=f"The {called} {{{{ref:{ref}}}}}."), ledger)
    named = called.split(" ", 1)[0]
    assume(named not in ref)
    assert bool(problems) == (ref.rpartition(".")[2] not in fields), (ref, problems)
    assert check_text(Statement(text=f"It saved {{{{ref:{ref}}}}} dollars."), ledger)
