"""Text of users as text of a figure: nothing in it is markup, moves other text, or is lost.

Layout knows only the glyphs of the font that matplotlib brings. What that font lacks (say, Chinese) is laid out by a
stand-in of the same width and written into the SVG afterwards, where the reader's own fonts draw it.
"""

import unicodedata
from collections.abc import Iterator
from itertools import product

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font, LoadFlags

FONT = "DejaVu Sans"
"""Comes with matplotlib, and is wider than what browsers draw, so that what fits here fits there."""
_STAND_INS = "".join(map(chr, range(0x25A0, 0x25C0)))
_MARKS_IN_A_ROW = 2
_LONGEST = 2000
_KEPT_FORMAT = "\u200d"
_ELLIPSIS = "…"


def cleaned(text: str, longest: int = _LONGEST) -> str:
    """At most `longest` characters in one line, without what could move, hide or break other text.

    That is: without control characters, direction marks, lone surrogates, noncharacters and piled-up accents.
    """
    kept: list[str] = []
    marks = 0
    for char in text[:longest]:
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MARKS_IN_A_ROW:
            continue
        dropped = category in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} and char != _KEPT_FORMAT
        kept.append(" " if dropped else char)
    return " ".join("".join(kept).split())


class Wording:
    """The texts of one figure: how wide they are, and what stands for what."""

    def __init__(self) -> None:
        self._font = FT2Font(font_manager.findfont(FONT))
        self._font.set_size(100.0, 72.0)
        self._known = self._font.get_charmap()
        self._advances: dict[str, float] = {}
        self._drawn: dict[str, str] = {}
        self._stood_in: dict[str, str] = {}

    @property
    def substitutes(self) -> dict[str, str]:
        """Text as laid out -> text as meant, where they differ."""
        return dict(self._stood_in)

    def width(self, text: str, size: float) -> float:
        """How wide a text is at that font size, both in the same unit."""
        return sum(self._advance(char) for char in text) * size / 100.0

    def fit(self, text: str, room: float, size: float) -> str:
        """The cleaned and shortened text as it is to be laid out."""
        return self._laid_out(self.shortened(text, room, size))

    def shortened(self, text: str, room: float, size: float) -> str:
        """The cleaned text; its middle is left out where it is wider than `room`."""
        wanted = cleaned(text)
        if self.width(wanted, size) > room:
            left, right, used = "", "", self.width(_ELLIPSIS, size)
            for turn in range(len(wanted)):
                char = wanted[turn // 2] if turn % 2 == 0 else wanted[-1 - turn // 2]
                used += self.width(char, size)
                if used > room:
                    break
                left, right = (left + char, right) if turn % 2 == 0 else (left, char + right)
            wanted = f"{left.rstrip()}{_ELLIPSIS}{right.lstrip()}"
        return wanted

    def _advance(self, char: str) -> float:
        if char not in self._advances:
            shown = char if ord(char) in self._known else _STAND_INS[1]
            self._advances[char] = self._font.load_char(ord(shown), LoadFlags.NO_HINTING).linearHoriAdvance / 65536
        return self._advances[char]

    def _laid_out(self, wanted: str) -> str:
        if wanted in self._drawn:
            return self._drawn[wanted]
        # A leading underscore would hide the text from matplotlib's legends.
        holes = [i for i, char in enumerate(wanted) if ord(char) not in self._known or (i == 0 and char == "_")]
        drawn = next((d for d in _variants(wanted, holes) if self._free(d, wanted)), wanted) if holes else wanted
        self._drawn[wanted] = drawn
        if drawn != wanted:
            self._stood_in[drawn] = wanted
        return drawn

    def _free(self, drawn: str, wanted: str) -> bool:
        return self._stood_in.get(drawn, wanted) == wanted and drawn not in self._drawn


def _variants(wanted: str, holes: list[int]) -> Iterator[str]:
    """The text with its holes filled, in as many ways as may be needed to tell it from others."""
    for choice in product(_STAND_INS, repeat=min(2, len(holes))):
        chars = list(wanted)
        for number, hole in enumerate(holes):
            chars[hole] = choice[number] if number < len(choice) else _STAND_INS[1]
        yield "".join(chars)
