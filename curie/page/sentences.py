"""The concluder's sentences as phrases: words, references and what else the journal says. Pure."""

import re

from curie.page.phrase import Lit, Phrase, Piece, Ref, line
from curie.result import sentences
from curie.rigor.ledger import SEGMENT
from curie.state import RunState

_REFERENCE = re.compile(rf"\{{\{{ref:(?P<ref>{SEGMENT}(?:\.{SEGMENT})*)\}}\}}")
_NUMERAL = re.compile(r"\d")


def phrase_of(text: str) -> Phrase:
    """A sentence with `{{ref:...}}` in it as a phrase; words that hold a numeral become a literal."""
    pieces: list[Piece] = []
    at = 0
    for match in _REFERENCE.finditer(text):
        pieces += [*_words(text[at : match.start()]), Ref(match["ref"])]
        at = match.end()
    return (*pieces, *_words(text[at:]))


def answer_of(state: RunState) -> tuple[Phrase, ...]:
    """The sentences of the answer; of a run whose control trial failed, why there is none."""
    return tuple(phrase_of(s.text) for s in sentences(state)[0])


def limits_of(state: RunState) -> tuple[Phrase, ...]:
    """What the answer does not show, a sentence each."""
    return tuple(phrase_of(s.text) for s in sentences(state)[1])


def _words(text: str) -> tuple[Piece, ...]:
    if not text:
        return ()
    shown = line(text)
    return (Lit("text", shown),) if _NUMERAL.search(shown) else (shown,)
