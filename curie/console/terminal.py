"""A console that fits where it writes: colours on a terminal, plain text elsewhere or with NO_COLOR."""

import textwrap
from typing import TextIO

from rich.console import Console
from rich.text import Text

from curie.report import one_line

_PLAIN_WIDTH = 100
INDENT = 14
"""Columns that a label takes."""


def make_console(stream: TextIO) -> Console:
    """A console on `stream`; without a terminal it has a fixed width, so that output does not depend on the caller."""
    interactive = stream.isatty()
    return Console(
        file=stream,
        width=None if interactive else _PLAIN_WIDTH,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )


def labelled(console: Console, label: str, text: str) -> None:
    """A label and its text, wrapped under itself; a path or hash is never broken."""
    width = max(20, console.width - INDENT)
    lines = textwrap.wrap(one_line(text), width, break_long_words=False, break_on_hyphens=False) or [""]
    head = Text(f"{label:<{INDENT}}", style="bold")
    console.print(head + Text(lines[0]), soft_wrap=True)
    for line in lines[1:]:
        console.print(" " * INDENT + line, soft_wrap=True)
