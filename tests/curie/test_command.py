"""Command templates: what is filled, what stays one argument, what is refused."""

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.command import as_argument, fill, placeholders, split
from curie.errors import UsageError

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.one_of(words, names.map(lambda name: (name,))), min_size=1), st.data())
def test_a_template_comes_back_as_written_with_its_values(parts: list[str | tuple[str]], data: st.DataObject) -> None:
    """Literal words survive quoting and brace escapes, and every value is exactly one argument."""
    values = {part[0]: data.draw(words) for part in parts if isinstance(part, tuple)}
    template = " ".join(
        f"{{{part[0]}}}" if isinstance(part, tuple) else shlex.quote(part.replace("{", "{{").replace("}", "}}"))
        for part in parts
    )
    assert placeholders(template) == set(values)
    assert fill(template, values) == tuple(values[p[0]] if isinstance(p, tuple) else p for p in parts)


@given(value=words.filter(lambda text: "\r" not in text))
def test_a_shell_gets_a_value_as_one_word(value: str) -> None:
    """What the shell would split, expand or run is quoted."""
    argv = fill("printf %s {x}", {"x": value}, shell=True)  # noqa: S604 -- builds an argv, starts nothing
    assert shlex.split(argv[2]) == ["printf", "%s", value]


def test_a_real_shell_agrees() -> None:
    """The quoting is the shell's own, not only shlex's."""
    value = "a'b\"c $HOME `id` \\ ; & | * \n{{x}}"
    argv = fill("printf %s {x}", {"x": value}, shell=True)  # noqa: S604 -- builds an argv, starts nothing
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == value


def test_a_placeholder_within_a_word() -> None:
    """`--size={n}` and two in one word."""
    assert fill("run --size={n} {a}-{b}", {"n": "1 2", "a": "x", "b": "y"}) == ("run", "--size=1 2", "x-y")


def test_a_filled_value_is_not_filled_again() -> None:
    """Braces in a value are its own."""
    assert fill("run {a}", {"a": "{b} {{ }}", "b": "no"}) == ("run", "{b} {{ }}")


@pytest.mark.parametrize("template", ["run {", "run }", "run {1}", "run {a b}", "run {a", "run {}"])
def test_a_brace_that_stands_alone_is_refused(template: str) -> None:
    """It is named with its place, and the way to write it."""
    with pytest.raises(UsageError, match="brace stands alone"):
        fill(template, {"a": "1"})


def test_a_placeholder_without_a_value_is_refused() -> None:
    """By name, with both ways to give it."""
    with pytest.raises(UsageError, match=r"\{y\}") as caught:
        fill("run {x} {y}", {"x": "1"})
    assert "--vary y=" in str(caught.value.hint)


@pytest.mark.parametrize("template", ["", "   ", "'open"])
def test_a_command_that_is_none(template: str) -> None:
    """Empty, or with an open quotation."""
    with pytest.raises(UsageError):
        split(template)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (False, "false"), (3, "3"), (0.1, "0.1"), (1e-7, "1e-07"), ((1, "é"), '[1, "é"]')],
)
def test_a_setting_as_an_argument(value: object, text: str) -> None:
    """Typed settings have one spelling each."""
    assert as_argument(value) == text  # type: ignore[arg-type]
