"""What a cell and a column are, and how strangers' text is shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.profile.values import classify, column_type, numbers, shown


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("0", "integer"), ("-12", "integer"), ("+5", "integer"), ("007", "padded"), ("1.", "float"), (".5", "float"),
        ("1e5", "float"), ("-1.5E-3", "float"), ("inf", "float"), ("-Infinity", "float"), ("1,234", "string"),
        ("1_000", "string"), ("0x1f", "string"), ("١٢", "string"), ("TRUE", "boolean"), ("no", "boolean"),
        ("2024-02-29", "datetime"), ("2023-02-29", "string"), ("2024-02-29T12:30:00Z", "datetime"),
        ("2024-02-29 12:30:00.5+01:00", "datetime"), ("29.02.2024", "string"), ("e", "string"), ("-", "string"),
    ],
)  # fmt: skip
def test_kinds(cell: str, kind: str) -> None:
    """Every kind by its rule; a thousands separator, an underscore or another script's digits make text."""
    assert classify(cell)[0] == kind


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (set(), "empty"), ({"integer", "float"}, "float"), ({"integer", "string"}, "mixed"),
        ({"padded", "integer"}, "string"), ({"padded"}, "string"), ({"boolean", "integer"}, "mixed"),
    ],
)  # fmt: skip
def test_columns(kinds: set[str], expected: str) -> None:
    """Numbers beside text are mixed; codes with leading zeros are text with all their column."""
    assert column_type(kinds) == expected  # type: ignore[arg-type]


@given(
    st.lists(
        st.one_of(st.integers().map(str), st.floats().map(repr), st.text(alphabet="0123456789+-.eE\n")), min_size=1
    )
)
def test_the_fast_way_says_what_the_slow_one_says(cells: list[str]) -> None:
    """Where a batch is read as numbers at once, each cell alone is the same number."""
    cells = [cell.strip() for cell in cells]
    fast = numbers(cells)
    if fast is not None:
        one_by_one = [classify(cell) for cell in cells]
        assert [number for _, number in one_by_one] == fast[1]
        assert column_type({kind for kind, _ in one_by_one}) == fast[0]


@given(st.text())
def test_shown_text_is_harmless(text: str) -> None:
    """One line of at most 60 printable characters, without control, bidi or broken ones."""
    line = shown(text)
    assert len(line) <= 60
    assert all(unicodedata.category(c)[0] != "C" for c in line)
    line.encode()


def test_shown_text_of_escapes() -> None:
    """An escape and a direction override are seen as replaced."""
    assert shown("a\x1b[31mb\u202ec\nd") == "a\ufffd[31mb\ufffdc d"
    assert shown("x" * 100) == "x" * 59 + "…"
