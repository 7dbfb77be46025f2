"""The walk over a research artifact's files: every numeral is a citation, a raw value of the journal, or a place."""

import html
import re
from collections.abc import Iterable
from pathlib import Path

from tests.curie.numerals_walk import Sources, Stray, tokens_of

PUBLISHED = (
    "Student (1908)",
    "10.1093/biomet/6.1.1",
    "Holm (1979)",
    "10.2307/4615733",
    "Stein (1945)",
    "10.1214/aoms/1177731088",
)
"""Papers that an artifact names as the source of its methods."""


def strays_in_artifact(root: Path, sources: Sources) -> list[Stray]:
    """The same over every Markdown, YAML and CSV file of an artifact, the code apart: raw values are the journal's own.

    The artifact's own names are taken out first: of its files, and ids such as `C01`. A row that begins with a trial's
    key may hold that trial's events only; any other line what `strays_in_text` allows, and places in the journal.
    """
    named = sorted({n for p in root.rglob("*") for n in (p.name, p.stem) if re.search(r"\d", n)}, key=len, reverse=True)
    events = sources.events
    year = frozenset({f"{sources.dossier.started:%Y}"})
    everything = sources.words | sources.anywhere | year | frozenset(str(e.seq) for e in sources.dossier.entries)
    found = []
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in {".md", ".yaml", ".csv"}):
        if path.relative_to(root).parts[:2] == ("src", "code"):
            continue
        for shown in html.unescape(path.read_text(encoding="utf-8", errors="replace")).splitlines():
            cells = shown.replace(",", " | ") if path.suffix == ".csv" else shown
            first = re.match(r"[|\s`]*([\w-]+)", cells)
            own = events.get(first[1]) if first else None
            allowed = everything if own is None else own | sources.of_line(cells)
            bare = _without((*PUBLISHED, *named), _PLACES.sub(" ", cells))
            bare = sources.without_literals(_NAMES.sub(" ", bare))
            where = f"{path.relative_to(root)}: {shown.strip()[:100]}"
            found += [Stray(token, where) for token in tokens_of(bare) if token not in allowed]
    return found


_NAMES = re.compile(r"\b(?:[ACEHNOKG]\d{2,}|RW\d+|(?:Table|Figure) \d+|e\d\d_h\d+)\b")

_PLACES = re.compile(r"[\w/.-]+\.(?:md|csv|yaml|json):\d+")
"""A line of one of the artifact's files; that it says what it is quoted for is the checker's to see."""


def _without(names: Iterable[str], text: str) -> str:
    for name in names:
        text = text.replace(name, " ")
    return text
