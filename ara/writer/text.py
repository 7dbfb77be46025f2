"""Text of anybody, made safe for one line of Markdown or one YAML scalar. Pure.

What comes from users, trials and files may hold line breaks, escapes, bidirectional controls, Markdown and YAML. None
of it may become structure: a value stays on its line, a cell in its cell, a scalar in its quotes.
"""

import re
from collections.abc import Sequence

_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_STRUCTURE = re.compile(r"([\\`*&]|(?<=\])[(\[]|(?<![^\W_])_|_(?![^\W_]))")
_BLOCK = re.compile(r"^(?P<before>\d*)(?P<mark>[\[#>+=~_|.)-])")
_QUOTES = str.maketrans({"«": '"', "»": '"', "<": "&lt;"})
_COMMENT = "<!--"
_TICKS = re.compile(r"`+")


def plain(text: str) -> str:
    """The text on one line, without what cannot be printed; `(empty)` if nothing is left.

    Terminal escapes go whole; every run of control, format, surrogate and separator characters becomes a space.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in _TERMINAL.sub(" ", text))
    return " ".join(text.split()) or "(empty)"


def inline(text: str) -> str:
    """The text as a Markdown inline that shows it: code, emphasis, links, HTML and entities are escaped.

    Guillemets become plain quotation marks, since a source quotes its line between them. `<` becomes its entity, not
    an escape: readers that strip comments with a search for their opening must not find one.
    """
    return _STRUCTURE.sub(r"\\\1", plain(text)).translate(_QUOTES)


def paragraph(text: str) -> str:
    """The text where a block could begin, at the head of a line or list item: it stays a paragraph."""
    return _BLOCK.sub(r"\g<before>\\\g<mark>", inline(text))


def cell(text: str) -> str:
    """The text as a cell of a Markdown table."""
    return inline(text).replace("|", "\\|")


def code(text: str) -> str:
    """The text as a code span, with a fence longer than any run of backticks in it.

    A text that opens a comment is shown without the span, in which nothing can be escaped.
    """
    shown = plain(text)
    if _COMMENT in shown:
        return inline(text)
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def quoted(text: str) -> str:
    """The text as a double-quoted YAML scalar (valid in YAML 1.1, 1.2 and JSON)."""
    escaped = plain(text).replace("\\", "\\\\").replace('"', '\\"')
    # Front matter stands in a Markdown file, where a search for comments would find one.
    escaped = escaped.replace(_COMMENT, "\\u003c!--")
    return f'"{escaped}"'


def bullet(key: str, value: str) -> str:
    """A field of an entry; `value` is Markdown already."""
    return f"- **{key}**: {value}"


def ids(values: Sequence[str]) -> str:
    """Ids as a list: `[C01, C02]`, or `none`."""
    return f"[{', '.join(values)}]" if values else "none"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table; cells are plain text and become safe here.

    Raises:
        ValueError: a row is not as long as the header.
    """
    lines = [f"| {' | '.join(map(cell, header))} |", f"|{'---|' * len(header)}"]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row of {len(row)} cells below a header of {len(header)}")
        lines.append(f"| {' | '.join(map(cell, row))} |")
    return lines


def page(blocks: Sequence[Sequence[str]]) -> bytes:
    """Blocks of lines as a file: a blank line between blocks, a newline at the end."""
    return ("\n\n".join("\n".join(block) for block in blocks if block) + "\n").encode()
