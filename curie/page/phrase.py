"""Text that knows where its numbers come from: words, references to the ledger, and literals with their kind. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "answer", "command", "count", "data", "design", "exit", "formula", "hash", "key", "machine", "message", "metric",
    "path", "question", "setting", "stream", "text", "time", "unit", "version",
]  # fmt: skip
"""What a literal is: of the user, of a trial, of the machine, or of the plan's own wording."""

_MOST = 4000
"""Characters of one text that a page shows; a question or an error message may be of any length."""
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that steer, hide or reorder text instead of showing something."""
_BREAKS = re.compile(r"[\t\n\r]+")


@dataclass(frozen=True, slots=True)
class Ref:
    """A number out of the ledger, to be cited by whoever renders."""

    ref: str
    """Such as `F-H1.effect`."""


@dataclass(frozen=True, slots=True)
class Lit:
    """Text that stands in the journal, or is one record field, formatted."""

    kind: Kind
    text: str


Piece = str | Ref | Lit
"""Words without a numeral, a reference, or a literal."""
Phrase = tuple[Piece, ...]
"""Pieces that are read one after the other."""


def refs(phrase: Iterable[Piece]) -> tuple[str, ...]:
    """The references in it, in order."""
    return tuple(piece.ref for piece in phrase if isinstance(piece, Ref))


def listed(parts: Iterable[Phrase], joiner: str = ", ") -> Phrase:
    """Phrases as one, with `joiner` between them."""
    pieces: list[Piece] = []
    for part in parts:
        pieces += [joiner, *part] if pieces else part
    return tuple(pieces)


def line(text: str, most: int = _MOST) -> str:
    """One line in which nothing is hidden: every control and direction character becomes a visible escape."""
    return visible(_BREAKS.sub(" ", text), most)


def visible(text: str, most: int = _MOST) -> str:
    """The text with control, format and direction characters as escapes; line breaks stay, tabs become blanks.

    Args:
        text: whatever a user, a trial or a file says.
        most: characters after which it is cut, with an ellipsis.
    """
    cut = text[: most - 1] + "…" if len(text) > most else text
    plain = cut.replace("\r\n", "\n").expandtabs(8)
    return "".join(_escaped(character) for character in plain)


def _escaped(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in _UNPRINTABLE:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 -- the widths of escapes
