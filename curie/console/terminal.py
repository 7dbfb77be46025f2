"""A console that fits where it writes: colours on a terminal, plain text elsewhere or with NO_COLOR."""

from typing import TextIO

from rich.console import Console

_PLAIN_WIDTH = 100


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
