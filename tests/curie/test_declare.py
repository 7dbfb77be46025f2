"""The small language of flags: levels, assignments, hypotheses, effects."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curie.command import as_argument
from curie.declare import build_study, parse_assignment, parse_effects, parse_hypothesis, parse_level, parse_vary
from curie.errors import UsageError
from tasks.study import InputFile, Metric


@given(st.text().filter(lambda text: not text.startswith("@") and "e" not in text.lower()))
@example("007")
@example("3.10")
@example("+5")
@example("1_000")
@example("٣")
@example("1" * 5000)
@example("-0")
@example(".5")
@example(" 1")
def test_a_level_reaches_the_command_as_it_was_typed(text: str) -> None:
    """Whatever type a level gets, its argument is the text; NaN, infinity and null apart, which are no text."""
    level = parse_level(text)
    special = level is None or (isinstance(level, float) and not math.isfinite(level))
    assert special or as_argument(level) == text  # type: ignore[arg-type]


@given(st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()))
def test_a_typed_level_comes_back(value: object) -> None:
    """What Python prints of a number, a truth value or null is read as the same value of the same type."""
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    again = parse_level(text)
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        ("true", True),
        ("True", "True"),
        ("null", None),
        ("", ""),
        ("0x10", "0x10"),
        ("@a b.csv", InputFile(path=Path("a b.csv"))),
        ("@@literal", "@literal"),
    ],
)
def test_a_level(text: str, level: object) -> None:
    """Exponents make floats; the words are lower case; `@` names a file and `@@` is an `@`."""
    assert parse_level(text) == level
    assert type(parse_level(text)) is type(level)


plain = st.text(st.characters(codec="utf-8")).filter(lambda text: not text.startswith("@"))
leaves = st.none() | st.booleans() | st.integers() | plain


@given(st.lists(st.recursive(leaves, lambda inner: st.lists(inner, max_size=3), max_leaves=5), min_size=1))
def test_a_json_list_holds_any_level(levels: list[object]) -> None:
    """Commas, quotes and nested lists come through; a list becomes a tuple."""

    def frozen(value: object) -> object:
        return tuple(map(frozen, value)) if isinstance(value, list) else value

    assert parse_vary(f"x={json.dumps(levels)}") == ("x", frozen(levels))


def test_spaces_around_commas_do_not_count() -> None:
    """`x=1, 2` are two integers; a space inside a level stays."""
    assert parse_vary("x=1, 2,a b ") == ("x", (1, 2, "a b"))


@pytest.mark.parametrize("text", ["x", "=1", " =1", ""])
def test_an_assignment_has_a_name_and_an_equals_sign(text: str) -> None:
    """Anything else is refused with the flag's name."""
    with pytest.raises(UsageError, match="--set"):
        parse_assignment(text, "--set")


@pytest.mark.parametrize("text", ['x=[1, {"a": 2}]', 'x=[["@f"]]', "x=[1,", 'x=["@"]'])
def test_what_is_no_level_is_refused(text: str) -> None:
    """An object, a file inside a list, broken JSON, a file without a path."""
    with pytest.raises(UsageError):
        parse_vary(text)


def test_a_hypothesis() -> None:
    """Metric, direction, settings and smallest effect."""
    seen = parse_hypothesis("wall_s:lower:tool=zstd:level=3:min=0.01")
    assert (seen.metric, seen.direction, seen.min_effect) == ("wall_s", "lower", 0.01)
    assert seen.settings == {"tool": "zstd", "level": 3}


def test_whose_effect_it_is() -> None:
    """A bare number belongs to the only metric; with two, the name is needed."""
    one, two = Metric(name="a"), Metric(name="b")
    assert parse_effects(["0.5"], [one], "--sd") == {"a": 0.5}
    assert parse_effects(["b=2", "a=1"], [one, two], "--sd") == {"a": 1.0, "b": 2.0}
    with pytest.raises(UsageError, match="METRIC=NUMBER"):
        parse_effects(["0.5"], [one, two], "--sd")


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
@pytest.mark.parametrize("field", ["question", "command", "constants"])
def test_a_text_that_nothing_can_hold_is_refused(field: str, text: str) -> None:
    """No record holds half a surrogate pair, and no program takes a NUL."""
    fields = {
        "question": "Q?",
        "command": "run {x}",
        "vary": {"x": (1, 2)},
        "metrics": (Metric(name="wall_s", unit="s"),),
    }
    with pytest.raises(UsageError):
        build_study({**fields, field: {"y": text} if field == "constants" else text})
