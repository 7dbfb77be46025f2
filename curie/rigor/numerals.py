"""Every numeral in a text, however it is written: digits of any script, fractions, English words. Pure.

A numeral is a word (between spaces and dashes) that holds

- a character with a numeric value in Unicode (`7`, fullwidth, Arabic-Indic, superscript, `½`, Roman numeral and circled
  characters, ideographs), zero-width and combining characters taken out and HTML entities decoded first;
- an English number: zero, two to nineteen, tens, hundred ... trillion, dozen, couple, pair, unity, infinite; twice,
  thrice, half, quarter, double, triple ... and their forms; `tenfold`; `order of magnitude`; a fraction such as `two
  thirds` or `a fifth`;
- a Roman numeral of I, V and X with at least two letters;
- nothing but letters that look like digits (`lO`), at least two.

Innocent are, because they order or point rather than count: `first`, `second`, `third` ... by themselves; `once`,
unless `only`, `just` or `exactly` stands before it or `in`, `per`, `every` after it; `one`, unless it counts something
of which there are records (`one trial`), a unit, or a share (`one in ...`); `both`, `single`, `none`, `several`; and
the terms `one-factor`, `one-sided`, `one-way`, `two-sided`, `two-stage`, `two-way`. Of German, French and Spanish the
numbers two to twelve are known, of other languages none. Look-alike Cyrillic and Greek letters are read as Latin ones.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numeral:
    """A numeral and its place in the text as given."""

    start: int
    end: int
    token: str
    """As it stands in the text."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as a reader sees it: entities decoded, compatibility forms replaced, what is invisible taken out."""

    text: str
    starts: tuple[int, ...]
    """For every character, where the original one begins."""
    ends: tuple[int, ...]
    numeric: tuple[bool, ...]
    """Whether the original character has a numeric value."""


_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0441\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u0455\u0443\u0445\u0410\u0412\u0415"
    "\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0421\u0422\u0425\u03bf\u03bd\u03b9\u0391\u0392"
    "\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03a5\u03b1\u03c9\u0461\u0501"
    "\u0475",
    "acehijlopsyxABEHIJKMOPCTXoviABEHIKMNOPTXYawwdv",
)
"""Cyrillic and Greek letters that look like Latin ones (from Unicode UTS #39, the ones in English number words)."""
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Cc", "Cs"})

_UNITS = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_CARDINAL = rf"(?:{'|'.join(f'{_UNITS} eighteen nineteen'.split())}|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"
_LARGE = r"(?:hundred|thousand|million|billion|trillion|dozen|myriad)s?"
_MULTIPLE = (
    r"(?:twice|thrice|twofold|half|halves|halv(?:e[ds]?|ing)|quarter(?:s|ed)?|doubl(?:e[ds]?|y|ing)|couple"
    r"|tripl(?:e[ds]?|y|ing)|trebl(?:e[ds]?|ing)|(?:quadru|quintu|sextu|septu|octu|decu)pl(?:e[ds]?|ing)|zero(?:es|s)?"
    r"|nil|nought|naught|tens|pairs?|duos?|trios?|quartets?|infinit(?:e(?:ly)?|y)|unity)"
)
_FOREIGN = (
    r"(?:zwei|drei|vier|funf|fuenf|sechs|sieben|acht|neun|zehn|elf|zwolf|zwoelf"
    r"|deux|trois|quatre|cinq|(?-i:sept)|huit|neuf|dix|onze|douze"
    r"|(?-i:dos)|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce)"
)
"""Two to twelve in German, French and Spanish as they are folded; `once`, eleven, is an English word and left out."""
_PART = rf"(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\w+teenth|\w+tieth|eleventh|twelfth|{_LARGE[:-2]}th)"
_COUNTED = (
    r"(?:trials?|blocks?|runs?|re-?runs?|groups?|seeds?|repetitions?|replicates?|failures?|levels?|findings?|times?"
    r"|hypothes[ie]s|samples?|points?|rows?|values?|percent|per cent|%|third|half|quarter|fold)"
)
_SPAN = r"(?:(?:milli|micro|nano)?seconds?|minutes?|hours?|days?|(?:kilo|mega|giga|kibi|mebi|gibi)?bytes?|percent)"
_AFTER = r"(?=\s*(?:$|[.,;:!?)]|\b(?:less|more|faster|slower|longer|shorter|quicker|in|of|per|on|each)\b))"
_WORDS = re.compile(
    rf"""\b(?:
      (?:{_CARDINAL}|{_LARGE}|one)(?:[-\s]+(?:and[-\s]+)?(?:{_CARDINAL}|{_LARGE}|one))+
    | (?:{_CARDINAL}|one|an?)[-\s]+{_PART}s?
    | {_PART}s
    | {_CARDINAL}s? | {_LARGE} | {_MULTIPLE} | {_FOREIGN}
    | (?:{_CARDINAL}|{_LARGE}|one)[-\s]?fold
    | orders?\s+of\s+magnitude
    | one[-\s]+(?:in|out\s+of|of\s+every|per|{_COUNTED}|{_LARGE})\b
    | (?:an?|one)\s+{_SPAN}{_AFTER}
    | (?:only|just|exactly)\s+once | once\s+(?:in|per|every)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ROMAN = re.compile(r"\b(?=[IVX]{2,}\b)X{0,3}(?:IX|IV|V?I{0,3})\b")
_LIKE_DIGITS = re.compile(r"(?<!\w)[lIOo|]{2,}(?!\w)")
_TERMS = re.compile(r"\b(?:one-factor|one-sided|one-way|two-sided|two-stage|two-way)\b", re.IGNORECASE)
_SEPARATORS = frozenset("\u2013\u2014\u2026(){}[]<>\"'`;\u201c\u201d\u2018\u2019")
_TRIMMED = ".,:!?*_~=#"


def fold(text: str) -> Folded:
    """`text` as a reader sees it, with the place that each character came from."""
    pieces = list(_pieces(text))
    return Folded(
        text="".join(p[0] for p in pieces),
        starts=tuple(p[1] for p in pieces),
        ends=tuple(p[2] for p in pieces),
        numeric=tuple(p[3] for p in pieces),
    )


def numerals(text: str) -> tuple[Numeral, ...]:
    """Every numeral of `text`, in order; of overlapping ones the one that begins first."""
    folded = fold(text)
    spans = sorted({*_digit_words(folded), *_spelled(folded.text)}, key=lambda span: (span[0], -span[1]))
    found: list[Numeral] = []
    reached = 0
    for start, end in spans:
        if start >= reached:
            first, last = folded.starts[start], folded.ends[end - 1]
            found.append(Numeral(first, last, text[first:last]))
            reached = end
    return tuple(found)


def _pieces(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Every visible character: what it reads as, where it begins and ends, and whether it is numeric."""
    at = 0
    while at < len(text):
        entity = _ENTITY.match(text, at) if text[at] == "&" else None
        end = entity.end() if entity else at + 1
        for char in html.unescape(entity[0]) if entity else text[at]:
            yield from ((seen, at, end, numeric) for seen, numeric in _seen(char))
        at = end


def _seen(char: str) -> Iterator[tuple[str, bool]]:
    if char.isspace():
        yield " ", False
        return
    numeric = unicodedata.numeric(char, None) is not None
    for part in unicodedata.normalize("NFKD", char):
        if unicodedata.category(part) not in _INVISIBLE:
            decimal = unicodedata.decimal(part, None)
            shown = part.translate(_LOOK_ALIKE) if decimal is None else str(decimal)
            yield shown, numeric or unicodedata.numeric(part, None) is not None


def _digit_words(folded: Folded) -> Iterator[tuple[int, int]]:
    """Words with a numeric character, without the punctuation around them."""
    start = 0
    for at in range(len(folded.text) + 1):
        if at == len(folded.text) or folded.text[at].isspace() or folded.text[at] in _SEPARATORS:
            yield from _trimmed(folded, start, at)
            start = at + 1


def _trimmed(folded: Folded, start: int, end: int) -> Iterator[tuple[int, int]]:
    if not any(folded.numeric[start:end]):
        return
    while folded.text[start] in _TRIMMED:
        start += 1
    while folded.text[end - 1] in _TRIMMED:
        end -= 1
    yield start, end


def _spelled(text: str) -> Iterator[tuple[int, int]]:
    terms = [match.span() for match in _TERMS.finditer(text)]
    for pattern in (_WORDS, _ROMAN, _LIKE_DIGITS):
        for match in pattern.finditer(text):
            if not any(first <= match.start() < last for first, last in terms):
                yield match.span()
