"""Takes HTML comments out of Markdown as a renderer does: not what is escaped, in a code span or in a code fence. Pure.

Source: CommonMark 0.31.2, sections 2.4 (backslash escapes), 4.6 (HTML blocks, kind 2), 6.1 (code spans), 6.6 (raw
HTML). Simplified: a code span ends on the line on which it begins.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

OPENS = "<!--"
_CLOSES = "-->"
_AT_HEAD = re.compile(r"^ {0,3}<!--")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_NEW_BLOCK = re.compile(r"^\s*(?:$|#{1,6}[ \t]|[-*+][ \t]|\||`{3}|~{3})")
"""What ends a paragraph: a comment within a line cannot go on behind it."""
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Uncommented:
    """Lines as they are shown."""

    lines: list[str]
    """As many as before; what stood in a comment is gone."""
    unclosed: int | None = None
    """Number (from 0) of the line with a comment that is never closed and hides the rest of the file."""


def without_comments(lines: Sequence[str]) -> Uncommented:
    """The lines without their comments; a comment that opens no block and is not closed in its paragraph is text."""
    shown = list(lines)
    closings = _Closings.of(lines)
    fence = ""
    number = 0
    while number < len(shown):
        text = shown[number]
        if fence:
            if text.strip().startswith(fence) and not text.strip().strip(fence[0]):
                fence = ""
        elif opening := _FENCE.match(text):
            fence = opening[1]
        elif OPENS in text:
            last = _strip(shown, number, closings)
            if last is None:
                return Uncommented(shown, number)
            if last > number:
                # What follows the comment is looked at again: another may begin there.
                number = last
                continue
        number += 1
    return Uncommented(shown)


@dataclass(frozen=True, slots=True)
class _Closings:
    """For each line the first one, from it on, that closes a comment; one pass, so that no file takes long."""

    of_block: list[int | None]
    in_paragraph: list[int | None]

    @classmethod
    def of(cls, lines: Sequence[str]) -> "_Closings":
        block: list[int | None] = [None] * (len(lines) + 1)
        paragraph: list[int | None] = [None] * (len(lines) + 1)
        for number in range(len(lines) - 1, -1, -1):
            text = lines[number]
            closes = _CLOSES in text
            block[number] = number if closes else block[number + 1]
            if not _NEW_BLOCK.match(text):
                paragraph[number] = number if closes else paragraph[number + 1]
        return cls(block, paragraph)


def _strip(lines: list[str], number: int, closings: _Closings) -> int | None:
    """Take the comments of one line out, in place; the line where the last one ends, None if that is nowhere."""
    text, start = lines[number], 0
    spans = _code_spans(text)
    kept: list[str] = []
    while (at := _opening(text, start, spans)) is not None:
        # `<!-->` is a comment of its own.
        end = text.find(_CLOSES, at + 2)
        if end >= 0:
            kept.append(text[start:at])
            start = end + len(_CLOSES)
            continue
        block = not kept and _AT_HEAD.match(text) is not None
        last = (closings.of_block if block else closings.in_paragraph)[number + 1]
        if last is None and not block:
            break  # no comment: it is shown as it is written
        lines[number] = "".join((*kept, text[start:at]))
        final = len(lines) if last is None else last
        lines[number + 1 : final] = [""] * (final - number - 1)
        if last is not None:
            lines[last] = lines[last].partition(_CLOSES)[2]
        return last
    lines[number] = "".join((*kept, text[start:]))
    return number


def _opening(text: str, start: int, spans: Sequence[tuple[int, int]]) -> int | None:
    """Where the next comment opens that is neither escaped nor in a code span."""
    at = text.find(OPENS, start)
    while at >= 0:
        position = bisect_left(spans, (at, 0))
        inside = position > 0 and spans[position - 1][1] > at
        if not inside and not _escaped(text, at):
            return at
        at = text.find(OPENS, at + 1)
    return None


def _escaped(text: str, at: int) -> bool:
    first = at
    while first and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def _code_spans(text: str) -> list[tuple[int, int]]:
    """First and last place of every code span: it ends at the next run of as many backticks."""
    runs = [(found.start(), found.end()) for found in _TICKS.finditer(text)]
    by_length: dict[int, list[int]] = {}
    for index, (first, last) in enumerate(runs):
        by_length.setdefault(last - first, []).append(index)
    spans = []
    index = 0
    while index < len(runs):
        first, last = runs[index]
        if _escaped(text, first):
            # The first backtick is text; the rest of the run, if any, is too rare to follow.
            index += 1
            continue
        same = by_length[last - first]
        partner = bisect_left(same, index + 1)
        if partner == len(same):
            index += 1
            continue
        spans.append((first, runs[same[partner]][1]))
        index = same[partner] + 1
    return spans
