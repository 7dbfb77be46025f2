"""Text of anybody stays text: on its line, in its cell, in its quotes."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ara.writer import text

anything = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(
    [
        "yes",
        "1e3",
        "null",
        "a: b",
        "- x",
        "1. x",
        "---",
        "## C99: x\n---",
        "| a |",
        "```",
        "<b>",
        "[x](y)",
        "\\",
        "\\|",
        "*",
    ]
)
"""Any characters at all, lone surrogates included, and what YAML and Markdown would take for something else."""
PARSER = MarkdownIt("commonmark").enable("table")


@given(anything)
def test_plain_is_one_printable_line(value: str) -> None:
    """Whatever comes in, one line comes out that UTF-8 can hold and that is not empty."""
    shown = text.plain(value)
    assert shown
    assert shown.isprintable()
    assert shown.encode()


@given(anything)
def test_a_scalar_reads_back(value: str) -> None:
    """A quoted scalar is that text to a YAML parser, never a number, a boolean, a date or a map."""
    assert yaml.safe_load(f"- key: {text.quoted(value)}") == [{"key": text.plain(value)}]


@given(st.lists(anything, min_size=1, max_size=5))
def test_a_list_of_fields_stays_one(values: list[str]) -> None:
    """So many fields are so many list items, each a single paragraph without HTML, link, image or heading."""
    page = text.page([["## C01: a"], [text.bullet("Key", text.inline(value)) for value in values]]).decode()
    tokens = PARSER.parse(page)
    assert sum(t.type == "list_item_open" for t in tokens) == len(values)
    assert sum(t.type == "heading_open" for t in tokens) == 1
    _only_text(tokens)


@given(anything)
def test_a_paragraph_stays_one(value: str) -> None:
    """Text at the head of a line opens no block: no list, quote, rule, heading or table."""
    tokens = PARSER.parse(text.page([[text.paragraph(value)], ["end"]]).decode())
    assert [t.type for t in tokens if t.nesting == 1] == ["paragraph_open", "paragraph_open"]
    _only_text(tokens)


@given(st.lists(st.tuples(anything, anything), min_size=1, max_size=4))
def test_a_table_keeps_its_shape(rows: list[tuple[str, str]]) -> None:
    """So many rows and columns go in, so many come out, and each cell shows its text."""
    lines = text.table(("left", "right"), rows)
    tokens = PARSER.parse("\n".join(lines))
    assert sum(t.type == "tr_open" for t in tokens) == len(rows) + 1
    cells = [tokens[i + 1] for i, t in enumerate(tokens) if t.type == "td_open"]
    shown = ["".join(c.content for c in t.children or ()) for t in cells]
    assert shown == [text.plain(value).replace("«", '"').replace("»", '"') for row in rows for value in row]


@given(anything)
def test_code_shows_its_text(value: str) -> None:
    """A code span holds the text, whatever backticks are in it."""
    (inline,) = [t for t in PARSER.parse(f"a {text.code(value)} b") if t.type == "inline"]
    (span,) = [c for c in inline.children or () if c.type == "code_inline"]
    assert span.content == text.plain(value)


def _only_text(tokens: list) -> None:  # type: ignore[type-arg]
    for token in tokens:
        for child in token.children or ():
            assert child.type in {"text", "strong_open", "strong_close", "softbreak", "text_special"}, child.type
