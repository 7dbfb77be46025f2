"""What is planted in a sound text is found, however it is written; what is sound passes."""

import re
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from curie.errors import CheckFailed
from curie.nodes.concluder import conclude
from curie.records import Statement
from curie.rigor.grounding import check_text, ground, number, render, show
from curie.rigor.ledger import Ledger, reference
from curie.state import RunState
from tests.curie.simulated import COUNT, TIME, plan, records
from tests.curie.studied import assembled, states

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def spelled(value: int) -> str:
    """A whole number below a million in English."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    size, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    rest = f" {spelled(value % size)}" if value % size else ""
    return f"{spelled(value // size)} {name}{rest}"


def shifted(zero: str) -> Callable[[float], str]:
    """A writer in the digits that begin at `zero`."""
    return lambda v: number(v).translate({ord("0") + i: chr(ord(zero) + i) for i in range(10)})


def in_words(value: float) -> str:
    """Rounded, spelled; `one` where that is what it comes to is left to `planted`."""
    return spelled(min(999_999, round(abs(value))))


NOTATIONS: dict[str, Callable[[float], str]] = {
    "shown": number,
    "every digit": repr,
    "exponent": lambda v: f"{v:.2e}",
    "power of ten": lambda v: f"{v:.1f}·10³",
    "separators": lambda v: f"{v * 1000:,.0f}",
    "spaces": lambda v: f"{v * 1000:,.0f}".replace(",", "\u202f"),
    "fullwidth": shifted("\uff10"),
    "Arabic-Indic": shifted("\u0660"),
    "bold": shifted("\U0001d7ce"),
    "superscript": lambda v: "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(d)] for d in f"{abs(v) * 1000:.0f}"),
    "entities": lambda v: "".join(f"&#{ord(c)};" for c in number(v)),
    "zero-width": lambda v: "\u200b".join(number(v)),
    "percent": lambda v: f"{number(v)}%",
    "with unit": lambda v: f"{number(v)}ms",
    "in a name": lambda v: f"x={number(v)}",
    "in brackets": lambda v: f"({number(v)})",
    "words": in_words,
}
SOUND = (
    "The mean was {{ref:group.control.METRIC.mean}} over {{ref:group.control.METRIC.n}} trials in the control group.",
    "Of {{ref:run.trials.planned}} trials {{ref:run.trials.succeeded}} succeeded, {{ref:run.trials.failed}} failed.",
    "The plan has {{ref:plan.groups}} groups, and H1 is tested at {{ref:plan.alpha}} under Python 3.11 on one machine.",
    "The first trial, control-r01, ran with seed {{ref:trial.control-r01.seed}} once the gate had passed.",
)


def derived(draw: st.DrawFn, state: RunState) -> float:
    """A wrong, rounded, converted or derived number of the run."""
    values = [v for r in state.trials.values() for v in r.values.values() if v]
    assume(len(values) > 1)
    one, other = draw(st.sampled_from(values)), draw(st.sampled_from(values))
    return draw(
        st.sampled_from(
            (
                one,  # right, but written by hand
                one * 1.07,
                float(f"{one:.2g}"),
                one * 1000,
                one * 100,
                one / 2**20,
                one - other,
                one / other,
                one + other,
            )
        )
    )


@st.composite
def planted(draw: st.DrawFn) -> tuple[RunState, Statement, str, int, str]:
    """A run, a sound statement, and the same with a number planted at a place between words."""
    state = draw(states())
    assert state.plan is not None
    metric = state.plan.metrics[0].name
    assume(any(r.values and r.group == "control" for r in state.trials.values()))
    conclusion = conclude(state.plan, tuple(state.findings.values()), tuple(state.reproductions.values()), "process")
    sentences = (
        *conclusion.statements,
        *conclusion.limits,
        *(Statement(text=t.replace("METRIC", metric)) for t in SOUND),
    )
    sound = draw(st.sampled_from(sentences))
    notation = draw(st.sampled_from(sorted(NOTATIONS)))
    token = NOTATIONS[notation](derived(draw, state))
    assume((notation, token) != ("words", "one"))
    places = [m.end() for m in re.finditer(r"(?<=[a-z}]) (?=[a-z{])", sound.text)] or [0]
    return state, sound, token, draw(st.sampled_from(places)), notation


@settings(max_examples=400, deadline=None)
@given(planted())
def test_a_planted_number_is_refused_and_named(case: tuple[RunState, Statement, str, int, str]) -> None:
    """Wrong, rounded, converted and derived, in seventeen notations, anywhere; the sentence without it passes."""
    state, sound, token, at, _ = case
    ledger = Ledger(state)
    assert check_text(sound, ledger) == ()
    text = f"{sound.text[:at]}{token} {sound.text[at:]}"
    problems = check_text(sound.model_copy(update={"text": text}), ledger)
    named = [p.message for p in problems if p.id == "grounding/free-numeral"]
    places = [int(m[1]) - 1 for said in named if (m := re.search(r"at character (\d+) of", said))]
    assert any(at <= place < at + len(token) for place in places), (text, problems)
    with pytest.raises(CheckFailed, match="refers to no record"):
        render(sound.model_copy(update={"text": text}), ledger)


@settings(max_examples=150, deadline=None)
@given(states())
def test_our_own_conclusions_are_never_refused(state: RunState) -> None:
    """Names, levels and units that look like numbers, references or HTML; every verdict, failures, re-runs, an A/A."""
    assert state.plan is not None
    said = conclude(state.plan, tuple(state.findings.values()), tuple(state.reproductions.values()), "process")
    seen = ground((*said.statements, *said.limits), Ledger(state))
    assert seen.problems == ()
    assert seen.grounded == seen.statements == len(said.statements) + len(said.limits)


@settings(max_examples=60, deadline=None)
@given(states(), st.data())
def test_a_reference_beside_which_a_digit_sign_or_unit_stands_is_refused(state: RunState, data: st.DataObject) -> None:
    """A number by reference cannot be made another one by its surroundings."""
    ledger = Ledger(state)
    ref = data.draw(st.sampled_from([r for r in ledger.refs() if ledger.cite(r).value is not None]))
    dressed = data.draw(
        st.sampled_from(
            ("-{}", "\u2212{}", "minus {}", "{}0", "1{}", "0.{}", "{}e3", "{} %", "{}%", "{} ms", "{} MiB", "{}k",
             "{} times", "{} percent", "{}-fold", "{}²", "{}/{}", "{}{}", "~{}", "{} million", "half of {}",
             "{} \u00d7 ten")
        )
    )  # fmt: skip
    text = dressed.replace("{}", f"{{{{ref:{ref}}}}}")
    assert check_text(Statement(text=f"It is {text} here."), ledger)
    assert check_text(Statement(text=f"It is {{{{ref:{ref}}}}} here."), ledger) == ()


RUN = plan(vary={"tool": ("a", "b1", "c2")}, metrics=(TIME, COUNT), command="run {tool} {seed}")


def run() -> Ledger:
    """b1 is faster than a; c2 is not decided; the counts differ."""
    wiggle = (0.013, -0.017, 0.002, 0.021, -0.008)
    shift = {"control": 0.0, "g01": -1.0, "g02": 0.0}
    seen = records(
        RUN,
        lambda g, b: {
            "wall_s": 5 + shift[g] + wiggle[(b * (1 + len(g)) + int(g[-1] == "2")) % 5],
            "comparisons": {"control": 9.0, "g01": 12.0, "g02": 9.0}[g],
        },
    )
    return Ledger(assembled(RUN, {r.key: r for r in seen}, rerun=False))


SUPPORTED, OPEN = "F-H1", "F-H2"
_B1, _A = "{{ref:F-H1.treatment}}", "{{ref:F-H1.reference}}"


def test_the_run_of_these_tests_is_what_they_take_it_for() -> None:
    """One verdict is decided, one open."""
    findings = run().state.findings
    assert (findings[SUPPORTED].verdict, findings[SUPPORTED].metric) == ("supported", "wall_s")
    assert findings[OPEN].verdict == "inconclusive"


@pytest.mark.parametrize(
    ("text", "findings", "problem"),
    [
        ("b1 is faster than a.", (), "comparison-without-finding"),
        ("b1 is as fast as a: their times are equal.", (), "comparison-without-finding"),
        ("b1 outperforms a.", (), "comparison-without-finding"),
        ("wall_s improves. With b1 comparisons increase.", (SUPPORTED,), "comparison-without-finding"),
        (f"wall_s is higher with {_B1} than with {_A}.", (), "contradiction"),
        (f"{_B1} is slower than {_A}.", (), "contradiction"),
        (f"{_A} is faster than {_B1}.", (), "contradiction"),
        (f"wall_s is worse with {_B1}.", (), "contradiction"),
        ("wall_s is lower with {{ref:F-H2.treatment}}.", (), "contradiction"),
        (f"Refuted: wall_s is lower with {_B1}.", (), "contradiction"),
        ("It is faster.", ("F-H9",), "unknown-reference"),
        ("{{ref:F-H1.effect}} and {{ref:F-H1}}", (), "unknown-reference"),
        ("{{ref:trial.nobody.wall_s}}", (), "unknown-reference"),
        ("{{ref:F-H1.effect}", (), "malformed-reference"),
        ("{{ref:{{ref:F-H1.effect}}}}", (), "malformed-reference"),
        ("{{ ref:F-H1.effect }}", (), "malformed-reference"),
        ("{{1 + 1}}", (), "free-numeral"),
        ("10 levels", (), "free-numeral"),
        ("tool=b1 %", (), "free-numeral"),
        ("tool=b2", (), "free-numeral"),
        ("b1\u200b7", (), "free-numeral"),
        ("Python 3.12", (), "free-numeral"),
        ("Python 3.11 %", (), "free-numeral"),
    ],
)
def test_what_is_refused(text: str, findings: tuple[str, ...], problem: str) -> None:
    """By its id."""
    problems = check_text(Statement(text=text, findings=findings), run())
    assert f"grounding/{problem}" in [p.id for p in problems]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (f"wall_s is lower (better) with {_B1} ({{{{ref:F-H1.effect}}}}) than with {_A}.", ()),
        (f"{_B1} is faster than {_A}.", ()),
        (f"{_A} is slower than {_B1}.", ()),
        ("b1 outperforms a.", (SUPPORTED,)),
        ("Whether wall_s is lower with c2 is not decided.", ()),
        ("Not decided: whether wall_s differs with {{ref:F-H2.treatment}}.", ()),
        ("Another machine may be faster.", ()),
        ("tool=b1, tool = c2 (b1) and H1 of control-r01 under Python 3.11.7 and numpy 1.26.4.", ()),
        ("The first of both was run once; one machine, one another, a two-stage design.", ()),
        ("Supported: {{ref:F-H1.statement}}", ()),
        ("It reverses once more words are read into it: no reader is better.", (SUPPORTED,)),
    ],
)
def test_what_passes(text: str, findings: tuple[str, ...]) -> None:
    """Comparisons with their findings, questions, constants, and words that only look like numbers."""
    assert check_text(Statement(text=text, findings=findings), run()) == ()


def test_what_a_record_says_is_never_read_as_a_reference() -> None:
    """A level named like a reference, or with a number in it, is text."""
    ledger = run()
    odd = ledger.state.findings[SUPPORTED].model_copy(update={"statement": "{{ref:F-H2.p}} and 7"})
    state = RunState(findings={odd.id: odd})
    assert render(Statement(text="{{ref:F-H1.statement}}"), Ledger(state)) == "{{ref:F-H2.p}} and 7"


def test_what_is_in_a_journal_is_shown_as_far_as_it_resolves() -> None:
    """No error: the text of an older or broken statement stays readable."""
    text = "n is 10; {{ref:F-H1.n}}; {{ref:F-H9.n}}; {{ref"
    assert show(Statement(text=text), run()) == "n is 10; 10; {{ref:F-H9.n}}; {{ref"


def test_a_name_is_quoted_in_a_reference() -> None:
    """A quoted segment may hold what would end a reference."""
    state = run().state
    odd = state.trials["control-r01"].model_copy(update={"key": 'a}} "b.c'})
    ledger = Ledger(RunState(plan=state.plan, trials={odd.key: odd}))
    text = f"{{{{ref:{reference('trial', odd.key, 'comparisons')}}}}}"
    assert render(Statement(text=f"It took {text} comparisons."), ledger) == "It took 9 comparisons."
