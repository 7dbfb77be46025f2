import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.errors import CheckFailed
from curie.journal.events import SandboxChosen
from curie.nodes.analyst import analyse
from curie.nodes.concluder import conclude, refuse_ungrounded, render
from curie.records import Conclusion, Finding, Reproduction, Statement
from curie.rigor import grounding
from curie.rigor.grounding import number
from curie.rigor.ledger import Ledger
from curie.state import RunState
from tests.curie.simulated import COUNT, TIME, plan, records

MIXED = plan(
    vary={"tool": ("a", "b1", "c2", "d3")},
    metrics=(TIME, COUNT),
    command="run {tool} {seed}",
)
_SHIFT = {"control": 0.0, "g01": -1.0, "g02": 1.0, "g03": 0.0}


def findings() -> tuple[Finding, ...]:
    """Of each verdict at least one."""
    wiggle = [0.013, -0.017, 0.002, 0.021, -0.008]
    seen = records(
        MIXED, lambda g, b: b + _SHIFT[g] + wiggle[(b * (1 + len(g)) + int(g[-1:] == "3")) % 5] * (g != "control")
    )
    return analyse(MIXED, seen)


def test_an_answer_has_at_most_four_sentences_without_a_numeral_of_its_own() -> None:
    """One per verdict and one on reversals; every number is a reference to a finding."""
    conclusion = conclude(MIXED, findings())
    assert 1 <= len(conclusion.statements) <= 4
    for statement in conclusion.statements:
        assert not re.search(r"\d", re.sub(r"\{\{ref:[^}]*\}\}", "", statement.text))


def test_the_rendered_answer_says_what_the_findings_say() -> None:
    """Statement, effect, unit and interval appear, rounded to three digits."""
    seen = findings()
    answer = " ".join(render(s, seen) for s in conclude(MIXED, seen).statements)
    assert "Supported: wall_s is lower (better) with tool=b1 (-" in answer
    assert re.search(r"97\.5 % interval -[\d.]+ to -[\d.]+ s", answer)
    assert "than with tool=a" in answer
    assert "{{" not in answer


@pytest.mark.parametrize(
    "text",
    [
        "{{ref:F-H9.effect}}",
        "{{ref:F-H1.colour}}",
        "{{ref:F-H1}}",
        "{{ref:F-H1.effect}} of {{",
        "b is 3 times faster",
        "about {{ref:F-H1.effect}} (n = 10)",
    ],
)
def test_what_refers_to_nothing_is_refused(text: str) -> None:
    """Unknown findings and fields, broken references, and free numerals."""
    with pytest.raises(CheckFailed):
        render(Statement(text=text), findings())


def test_a_value_that_a_finding_does_not_have_is_refused() -> None:
    """An exact comparison has no p."""
    exact = next(f for f in findings() if f.deterministic)
    with pytest.raises(CheckFailed, match="has no p"):
        render(Statement(text=f"{{{{ref:{exact.id}.p}}}}"), findings())


def test_what_a_finding_says_is_never_read_as_a_reference() -> None:
    """A level named like a reference is text."""
    odd = findings()[0].model_copy(update={"statement": "{{ref:F-H2.p}} and 7"})
    assert render(Statement(text="{{ref:F-H1.statement}}"), [odd]) == "{{ref:F-H2.p}} and 7"


def state(sandbox: str = "process", reruns: tuple[Reproduction, ...] = ()) -> RunState:
    """The run that those findings are of."""
    seen = records(MIXED, lambda g, b: b + _SHIFT[g])
    return RunState(
        plan=MIXED,
        sandbox=SandboxChosen(kind="process", isolation="none") if sandbox else None,
        trials={r.key: r for r in seen},
        reproductions={r.key: r for r in reruns},
        findings={f.id: f for f in findings()},
    )


def test_limits_name_machine_levels_n_and_what_was_not_run_again() -> None:
    """What the answer does not show is said, its numbers and names by reference."""
    said = conclude(MIXED, findings(), sandbox="process").limits
    limits = " ".join(grounding.render(s, Ledger(state())) for s in said)
    for part in ("one machine", "process", "tool = a, b1, c2, d3", "n is 10 blocks", "No trial was run again"):
        assert part in limits
    assert not any(re.search(r"\d", re.sub(r"\{\{ref:[^}]*\}\}", "", s.text)) for s in said)


def test_a_rerun_that_did_not_pass_is_named() -> None:
    """By the key of its trial, which is a reference too."""
    bad = Reproduction(key="g01-r03", state="timed_out")
    said = conclude(MIXED, findings(), [bad]).limits
    assert "Did not reproduce: g01-r03." in [grounding.render(s, Ledger(state(reruns=(bad,)))) for s in said]


def test_a_conclusion_that_does_not_stand_on_records_is_refused() -> None:
    """Each problem is named; a sound one passes."""
    good = conclude(MIXED, findings(), sandbox="process")
    refuse_ungrounded(good, Ledger(state()))
    bad = good.model_copy(update={"limits": (Statement(text="Shown for twelve levels."),)})
    with pytest.raises(CheckFailed, match=r"free-numeral.*'twelve'"):
        refuse_ungrounded(bad, Ledger(state()))


def test_limits_of_older_journals_are_read() -> None:
    """Plain sentences become statements."""
    old = Conclusion.model_validate_json('{"statements": [], "limits": ["n is 10 blocks."]}')
    assert old.limits == (Statement(text="n is 10 blocks."),)
    assert Conclusion.model_validate_json(old.model_dump_json()) == old


def test_many_findings_still_make_a_readable_answer() -> None:
    """Four are named, the others are referred to."""
    many = plan(vary={"tool": tuple(range(30))})
    seen = analyse(many, records(many, lambda g, b: b * 1.1 + len(g) * (b % 3)))
    answer = conclude(many, seen)
    assert sum(len(s.findings) for s in answer.statements) == 29
    assert all(s.text.count(".statement}}") <= 4 for s in answer.statements)


def test_no_finding_is_no_answer() -> None:
    """A run that was stopped before the analysis says so."""
    assert "Nothing was decided" in conclude(MIXED, ()).statements[0].text


@given(st.floats(-1e300, 1e300))
def test_numbers_keep_three_digits(value: float) -> None:
    """What is shown is within half a percent of the value, and zero only for zero."""
    shown = float(number(value).replace(",", ""))
    assert shown == pytest.approx(value, rel=0.00501, abs=0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0"), (0.19507, "0.195"), (-20.0, "-20"), (123456.7, "123,457"), (0.5, "0.5"), (1.5e-7, "1.5e-07")],
)
def test_numbers_look_like_numbers(value: float, shown: str) -> None:
    """No trailing zeros, no exponent where it can be avoided."""
    assert number(value) == shown
