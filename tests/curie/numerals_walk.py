"""A walk over rendered text: every numeral lies in a phrase that the journal gives for what its line is about.

HTML says of each numeral what it is (`data-ref`, `data-literal`): a citation's text is compared as a whole, and the
other words of a block are held against the phrases of the objects that it cites, links to or is named after. In
Markdown and on the screen a table's cell is compared with what its row's object and its column's head must give
(`tests.curie.cells`), any other line with the phrases of the run and of the object that it
begins with (`tests.curie.phrases`).
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.page.phrase import line
from curie.rigor.ledger import parse
from tests.curie.cells import Cells
from tests.curie.page_blocks import Block, blocks_of
from tests.curie.phrases import FIXED, Phrases

_TOKEN = re.compile(r"[-+\u2212]?[^\W_]*\d(?:[\w.,:\u2026+-]*[\w\u2026])?")
_STAND_IN = "\ufffc"


@dataclass(frozen=True)
class Stray:
    """A numeral that nothing stands behind."""

    token: str
    place: str
    """The line or element that it stands in."""


class Sources:
    """What a run's texts may say, with what was found of a line kept."""

    def __init__(self, dossier: Dossier) -> None:
        """Of this run."""
        self.dossier = dossier
        self.phrases = Phrases(dossier)
        self.cells = Cells(self.phrases)
        self.ledger = self.phrases.ledger
        self._seen: dict[tuple[str, frozenset[str], frozenset[str]], tuple[str, ...]] = {}

    def left(self, text: str, names: Iterable[str] = (), extra: Iterable[str] = ()) -> tuple[str, ...]:
        """Numerals of a line outside the phrases of the run and of these objects, and `extra` ones."""
        plain = " ".join(text.split())
        if not re.search(r"\d", plain):
            return ()
        key = (plain, frozenset(names), frozenset(extra))
        if key not in self._seen:
            known = self.phrases.anywhere.union(key[2], *(self.phrases.of(name) for name in key[1]))
            self._seen[key] = tokens_of(without(f"\u00b6 {plain} \u00b6", known))
        return self._seen[key]

    def about(self, text: str) -> frozenset[str]:
        """The object that a line begins with, in an item, a cell, a heading or after a word that says what follows."""
        first = re.match(r"[|\s`*#>-]*(?:(?:Group|Failed|Trial|rule|stderr of|stdout of)\s+`?)?([\w.-]*\w)", text)
        named = {first[1]} if first else set()
        more = re.match(r"[|\s`*#>-]*([\w-]+)(?: and ([\w-]+))?:", text)
        named |= {n for n in more.groups() if n} if more else set()
        return frozenset(named & self.phrases.names)


def without(text: str, phrases: Iterable[str]) -> str:
    """The text with these phrases blanked, the longest first, whole words only."""
    for phrase in sorted((p for p in phrases if p and p in text), key=len, reverse=True):
        before = r"(?<![\w.])" if phrase[0].isalnum() else ""
        after = r"(?!\w|[.,]\d)" if phrase[-1].isalnum() else ""
        text = re.sub(before + re.escape(phrase) + after, lambda m: " " * len(m[0]), text)
    return text


def tokens_of(text: str) -> tuple[str, ...]:
    """Words with a digit in them."""
    return tuple(match[0] for match in _TOKEN.finditer(text))


def strays_in_text(text: str, sources: Sources, extra: Iterable[str] = ()) -> list[Stray]:
    """Numerals of a plain or Markdown text that nothing stands behind."""
    plain = html.unescape(text).replace("\\|", "\x01").replace("\\\\", "\\").replace("\\<", "<").replace("\\>", ">")
    found: list[Stray] = []
    heads: list[str] = []
    rows: set[tuple[str, ...]] = set()
    about: frozenset[str] = frozenset()
    for shown in plain.splitlines():
        cells = [c.strip().replace("\x01", "|") for c in shown.strip().strip("|").split(" | ")]
        if not shown.startswith("|"):
            heads, rows = [], set()
            named = sources.about(shown)
            about = named or (about if shown.startswith("  ") else frozenset())
            found += [Stray(t, shown.strip()) for t in sources.left(shown.replace("\x01", "|"), about, extra)]
        elif not heads:
            heads = cells = [c.strip() for c in shown.strip().strip("|").split("|")]
            found += [Stray(t, shown) for t in sources.left(" ".join(cells), (), extra)]
        elif set(shown) - set("|- :"):
            cells = [c.strip().replace("\x01", "|") for c in shown.strip()[1:-1].split("|")]
            found += strays_in_row(dict(zip(heads, cells, strict=False)), shown, sources, rows)
    return found


def strays_in_row(
    row: dict[str, str], shown: str, sources: Sources, rows: set[tuple[str, ...]], extra: Iterable[str] = ()
) -> Iterator[Stray]:
    """Cells that are not what the row's object and the column's head give; a row that stands there twice."""
    cells = list(row.values())
    if not cells:
        return
    name = re.sub(r" \(attempt \d+\)$", "", cells[0].strip("`"))
    metric = row.get("metric", row.get("stream", ""))
    known = name in sources.phrases.names
    if known and (name, metric, row.get("step", "")) in rows:
        yield Stray(name, f"twice: {shown}")
    rows.add((name, metric, row.get("step", "")))
    if not known:
        yield from (Stray(t, shown) for t in sources.left(shown, (), extra))
        return
    for head, cell in row.items():
        bare = cell.strip("`")
        allowed = sources.cells.of(name, metric, head)
        if allowed is not None and re.search(r"\d", bare) and bare not in allowed:
            yield Stray(bare, f"{head}: {shown}")
        elif allowed is None:
            yield from (Stray(t, f"{head}: {shown}") for t in sources.left(cell, (name,), extra))


def strays_in_html(page: str, sources: Sources) -> list[Stray]:
    """Numerals of a page that are no citation, no phrase of the journal, or a citation that shows something else."""
    found: list[Stray] = []
    for block in blocks_of(page):
        for ref, text in block.cited:
            found += _wrong_citation(ref, text, sources)
        for text in block.unmarked:
            bare = without(" ".join(text.split()), FIXED)
            found += [Stray(token, f"unmarked: {text.strip()[:80]}") for token in tokens_of(bare)]
        names = _objects(block, sources)
        kinds = ", ".join(sorted(block.kinds))
        found += [
            Stray(t, f"literal {kinds}: {block.text[:90]}")
            for t in sources.left(block.text, names, _extra(block, names, sources))
        ]
    return found


def _objects(block: Block, sources: Sources) -> frozenset[str]:
    """Trials, groups and hypotheses that a block cites, links to, is named after, or begins with."""
    named: set[str] = set()
    for ref in block.refs:
        try:
            parts = parse(ref)
        except CheckFailed:
            continue
        named |= {part.removeprefix("F-") for part in parts[:3]}
    for anchor in block.anchors:
        named.add(re.sub(r"^(?:trial|group|finding-F)-", "", anchor))
    found = frozenset(named & sources.phrases.names)
    parts = frozenset(block.text.split(" | ")) if block.row is not None else frozenset()
    return found or parts & sources.phrases.names or sources.about(block.text)


def _extra(block: Block, names: frozenset[str], sources: Sources) -> frozenset[str]:
    """Numbers of blocks as the first cell of a row that cites trials or contrasts of that block."""
    trials = sources.dossier.state.trials
    numbers = {str(trials[n].block) for n in names if n in trials}
    rows = frozenset(f"\u00b6 {n} |" for n in numbers)
    if not block.kinds & {"count", "text", "path", "aria-label"} or not sources.dossier.state.profiles:
        return rows
    # What is counted from a profile of data, such as its pairs of splits, has no phrase of its own yet.
    profiles = " ".join(p.model_dump_json() for p in sources.dossier.state.profiles.values())
    return rows | frozenset(tokens_of(profiles)) | frozenset(map(str, range(1, 10)))


def _wrong_citation(ref: str, text: str, sources: Sources) -> Iterator[Stray]:
    try:
        expected = line(sources.ledger.cite(ref).text)
    except CheckFailed as error:
        yield Stray(text, f"{ref}: {error}")
        return
    if text != expected:
        yield Stray(text, f"{ref} shows {expected!r}")
