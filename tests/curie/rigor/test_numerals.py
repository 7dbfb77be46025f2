"""Numerals are found however they are written, and words that only look like numbers are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.rigor.numerals import numerals


@given(st.text(max_size=60))
def test_whatever_a_text_holds_its_digits_are_found(text: str) -> None:
    """Every character that Unicode calls a digit lies in a numeral, and places are those of the text as given."""
    found = numerals(text)
    for numeral in found:
        assert text[numeral.start : numeral.end] == numeral.token
    for at, char in enumerate(text):
        if char.isnumeric():
            assert any(n.start <= at < n.end for n in found)


@pytest.mark.parametrize(
    "text",
    [
        "twelve",
        "two thirds",
        "twice",
        "half",
        "doubled",
        "a dozen",
        "tenfold",
        "ten-fold",
        "one in five",
        "one third",
        "thirty-one",
        "hundreds",
        "a second faster",
        "one trial",
        "only once",
        "an order of magnitude",
        "XIV",
        "Ⅻ",
        "½",
        "①",
        "10²",
        "五",
        "lO",
        "1O",
        "tw\u043e",
        "tw\u200bo",
        "\uff34\uff37\uff2f",
        "&frac12;",
        "&#x31;",
        "1e-3",
        ".5",
        "1'000",
        "one hundred",
        "quadrupled",
        "a quarter",
        "zero",
        "a couple",
        "a pair",
        "infinite",
        "infinity",
        "unity",
        "zwei",
        "zwölf",
        "fünf",
        "cinq",
        "siete",
    ],
)
def test_numerals_of_every_kind(text: str) -> None:
    """Alone and in a sentence."""
    assert numerals(text)
    assert numerals(f"It took {text} in all.")


@pytest.mark.parametrize(
    "text",
    [
        "one machine",
        "once the gate passed",
        "the second run",
        "at first",
        "one another",
        "no one",
        "both",
        "a single block design",
        "someone",
        "tent",
        "often",
        "weight",
        "height",
        "eighty's sibling is no_eighty",
        "a third party's sight",
        "nonzero",
        "phone",
        "I saw",
        "CI",
        "lower",
        "ooze",
        "paired",
        "several",
        "Sept",
    ],
)
def test_words_that_are_no_numerals(text: str) -> None:
    """Unless they are: the two exceptions say so."""
    expected = {"eighty's sibling is no_eighty": ["eighty"], "a third party's sight": ["a third"]}
    assert [n.token for n in numerals(text)] == expected.get(text, [])
