"""The concluder's sentences as phrases: words, references and what else the journal says. Pure."""

import re
from collections.abc import Sequence

from curie.errors import CheckFailed
from curie.page.phrase import Lit, Phrase, Piece, Ref, line, listed
from curie.result import sentences
from curie.rigor.ledger import SEGMENT, Ledger
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


def opening(answer: Sequence[Phrase], ledger: Ledger, most: int) -> tuple[tuple[Phrase, ...], bool]:
    """As many clauses of each sentence as a first screen has room for, at least one of each.

    Args:
        answer: the sentences, in order.
        ledger: tells how long a reference is when it is read.
        most: characters of all of them together.

    Returns:
        The sentences, shortened at a semicolon where they must be, and whether any was.
    """
    shown: list[Phrase] = []
    left = most
    for place, sentence in enumerate(answer):
        clauses = _clauses(sentence)
        room = left // (len(answer) - place)
        kept = _fitting(clauses, ledger, room)
        cut = kept < len(clauses)
        phrase = listed(clauses[:kept], "; ")
        shown.append((*phrase, "; and others.") if cut else phrase)
        left -= sum(_length(clause, ledger) for clause in clauses[:kept])
    return tuple(shown), any(part[-1:] == ("; and others.",) for part in shown)


def _fitting(clauses: Sequence[Phrase], ledger: Ledger, room: int) -> int:
    """How many clauses go into that many characters; one does in any case."""
    kept = 0
    for clause in clauses:
        room -= _length(clause, ledger)
        if room < 0:
            break
        kept += 1
    return max(1, kept)


def _clauses(sentence: Phrase) -> tuple[Phrase, ...]:
    """The parts of a sentence between semicolons."""
    clauses: list[list[Piece]] = [[]]
    for piece in sentence:
        if isinstance(piece, Ref):
            clauses[-1].append(piece)
            continue
        text = piece.text if isinstance(piece, Lit) else piece
        first, *others = text.split("; ")
        clauses[-1] += _alike(piece, first)
        clauses += [list(_alike(piece, part)) for part in others]
    return tuple(tuple(clause) for clause in clauses)


def _alike(piece: str | Lit, text: str) -> tuple[Piece, ...]:
    if not text:
        return ()
    return (Lit(piece.kind, text),) if isinstance(piece, Lit) else (text,)


def _length(clause: Phrase, ledger: Ledger) -> int:
    return sum(_read(piece, ledger) for piece in clause)


def _read(piece: Piece, ledger: Ledger) -> int:
    if not isinstance(piece, Ref):
        return len(piece.text if isinstance(piece, Lit) else piece)
    try:
        return len(ledger.cite(piece.ref).text)
    except CheckFailed:
        return len(piece.ref)
