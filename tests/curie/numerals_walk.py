"""A walk over rendered text: every numeral is a citation, or stands in the journal as it is; what is neither is named.

HTML says of each numeral what it is (`data-ref`, `data-literal`); a citation's text is compared as a whole. In
Markdown, on the screen and in an artifact's files nothing says so: there a line whose first cell names a trial, a group
or a hypothesis may hold numerals of that object only, any other line those of findings, groups, plan, run, machine and
profiles. Texts of the journal (names, settings, commands, messages, digests, times) are taken out first, whole words
only.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from html.parser import HTMLParser

from pydantic import JsonValue

from curie.counts import blocks_planned
from curie.design_groups import level_text
from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.journal.events import PlanFrozen, TrialFinished, TrialReproduced
from curie.page.phrase import line, visible
from curie.rigor.ledger import Ledger, parse
from curie.schedule import blocks, trials_of

FIXED = (
    "Stein 1945",  # the source of a method
    "10 % of the trial's wall time",  # the rule by which a trial is marked, beside the next
    "0.02 s",
    "0 USD",  # no model took part, so nothing was paid
    "sha256",
    "SHA-256",
    "RFC 8785",
    "side of 0",  # the default threshold: a bound of the rule, no result
    "exactly 0",
    "2 MB",
)
"""Words of our own templates that hold a digit; all of them."""

_TOKEN = re.compile(r"[-+\u2212]?[^\W_]*\d(?:[\w.,:\u2026+-]*[\w\u2026])?")
_VOID = frozenset({"meta", "link", "br", "img", "input", "hr", "use", "path", "rect", "line", "circle"})
_FAMILIES = frozenset({"group", "plan", "run", "machine", "profile", "classes", "common", "splits", "drift", "overlap"})


@dataclass(frozen=True)
class Stray:
    """A numeral that nothing stands behind."""

    token: str
    place: str
    """The line or element that it stands in."""


class Sources:
    """What a run's texts may say: citations by object, and the texts of its journal."""

    def __init__(self, dossier: Dossier) -> None:
        """Of this run."""
        self.dossier = dossier
        self.ledger = Ledger(dossier.state)

    @cached_property
    def cited(self) -> dict[str, frozenset[str]]:
        """Object (`trial g01-r01`, `F-H1`, `group g01`, or a family) -> numerals that its citations show."""
        found: dict[str, set[str]] = {}
        for ref in self.ledger.refs():
            parts = parse(ref)
            tokens = set(tokens_of(self.ledger.cite(ref).text))
            names = [parts[0], f"{parts[0]} {parts[1]}"] if len(parts) > 1 else [parts[0]]
            for name in names:
                found.setdefault(name, set()).update(tokens)
        return {name: frozenset(tokens) for name, tokens in found.items()}

    @cached_property
    def anywhere(self) -> frozenset[str]:
        """Numerals of everything but single trials, contrasts and re-runs."""
        names = [n for n in self.cited if n in _FAMILIES or n in self.dossier.state.findings]
        return frozenset().union(*(self.cited[n] for n in names))

    @cached_property
    def events(self) -> dict[str, frozenset[str]]:
        """Trial -> numerals of its own events, as recorded, and their places in the journal."""
        found: dict[str, set[str]] = {key: set() for key in self.dossier.state.trials}
        for entry in self.dossier.entries:
            event = entry.event
            key = event.record.key if isinstance(event, TrialFinished) else getattr(event, "key", None)
            key = event.reproduction.key if isinstance(event, TrialReproduced) else key
            if key in found:
                told = event.model_dump(mode="json")
                found[key] |= {str(entry.seq), *_numbers(told), *(t for s in _strings(told) for t in tokens_of(s))}
        return {key: frozenset(tokens) for key, tokens in found.items()}

    def of_line(self, text: str) -> frozenset[str]:
        """Numerals that a line may hold: those of the object that its first cell names, else `anywhere`."""
        first = re.match(r"[|\s`*-]*([\w-]+)", text)
        name = first[1] if first else ""
        for key in (f"trial {name}", f"F-{name}", f"group {name}"):
            if key in self.cited:
                extra = (f"rerun {name}", f"contrast {name}")
                hypothesis = self.rule_tokens(name)
                return self.cited[key].union(hypothesis, *(self.cited.get(e, frozenset()) for e in extra))
        return self.anywhere

    def rule_tokens(self, hypothesis: str) -> frozenset[str]:
        """What was fixed for a hypothesis."""
        refs = [r for r in self.ledger.refs() if parse(r)[:3] == ("plan", "hypothesis", hypothesis)]
        return frozenset(token for r in refs for token in tokens_of(self.ledger.cite(r).text))

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """Texts with a digit that stand in the journal, and forms of its times and digests; longest first."""
        texts: set[str] = {str(self.dossier.paths.root), self.dossier.head, self.dossier.head[:12]}
        for entry in self.dossier.entries:
            texts |= {*_strings(entry.event.model_dump(mode="json")), *_times(entry.time), entry.hash, entry.hash[:12]}
            if isinstance(entry.event, PlanFrozen):
                texts |= {f"event {entry.seq}", f"| {entry.seq} |"}
        first = self.dossier.first_trial_at
        texts |= {f"event {first.seq}"} if first else set()
        texts.add(f"{len(self.dossier.entries)} events")
        grounded, plan = self.dossier.result.grounded, self.dossier.state.plan
        texts.add(f"{grounded.grounded} of {grounded.statements} sentences")
        if plan is not None:
            texts |= {f"{v.name}={','.join(map(level_text, v.levels))}" for v in plan.variables}
            texts |= {slot.key for slot in trials_of(blocks(plan, blocks_planned(self.dossier.state)))}
        for _, stream in self.dossier.streams():
            texts |= set(self.dossier.text(stream).splitlines())
        flat = {shown for text in texts for shown in (text, line(text), *text.splitlines())}
        return tuple(sorted((t.strip() for t in flat if re.search(r"\d", t)), key=len, reverse=True))

    @cached_property
    def words(self) -> frozenset[str]:
        """The numeral tokens of all those texts, and of every value of the journal."""
        values = (token for entry in self.dossier.entries for token in _numbers(entry.event.model_dump(mode="json")))
        return frozenset((*values, *(token for text in self.literals for token in tokens_of(text))))

    def without_literals(self, text: str) -> str:
        """The text with the journal's own words and the templates' fixed ones blanked."""
        for literal in (*FIXED, *self.literals):
            if literal in text:
                whole = rf"(?<![\w.]){re.escape(literal)}(?![\w]|[.,]\d)"
                text = re.sub(whole, lambda m: " " * len(m[0]), text)
        return text


def tokens_of(text: str) -> tuple[str, ...]:
    """Words with a digit in them, thousands separators and signs of plus taken out."""
    return tuple(_plain(match[0]) for match in _TOKEN.finditer(text))


def strays_in_text(text: str, sources: Sources) -> list[Stray]:
    """Numerals of a plain or Markdown text that nothing stands behind."""
    plain = html.unescape(text).replace("\\|", "|").replace("\\\\", "\\")
    found = []
    for shown in plain.splitlines():
        allowed = None
        for token in tokens_of(sources.without_literals(" ".join(shown.split()))):
            allowed = sources.of_line(shown) if allowed is None else allowed
            if token not in allowed:
                found.append(Stray(token, shown.strip()))
    return found


def strays_in_html(page: str, sources: Sources) -> list[Stray]:
    """Numerals of a page that are no citation, no literal of the journal, or a citation that shows something else."""
    walk = _Walk()
    walk.feed(page)
    walk.close()
    found = []
    for part in walk.parts:
        if part.ref is not None:
            found += _wrong_citation(part, sources)
        elif part.literal is not None:
            found += _wrong_literal(part, sources)
        else:
            bare = sources.without_literals(part.text) if part.own else _without_fixed(part.text)
            found += [Stray(token, f"unmarked: {part.text.strip()[:80]}") for token in tokens_of(bare)]
    return found


def _wrong_citation(part: "_Part", sources: Sources) -> Iterator[Stray]:
    try:
        expected = line(sources.ledger.cite(part.ref or "").text)
    except CheckFailed as error:
        yield Stray(part.text, f"{part.ref}: {error}")
        return
    if part.text != expected:
        yield Stray(part.text, f"{part.ref} shows {expected!r}")


def _wrong_literal(part: "_Part", sources: Sources) -> Iterator[Stray]:
    bare = sources.without_literals(" ".join(part.text.split()))
    known = sources.words | sources.anywhere
    yield from (Stray(t, f"literal {part.literal}: {part.text[:80]}") for t in tokens_of(bare) if t not in known)


@dataclass
class _Part:
    """The text of one marked element, or one unmarked stretch."""

    text: str
    ref: str | None = None
    literal: str | None = None
    own: bool = False
    """Whether it stands in an SVG's title or description, which cannot hold marks."""


class _Walk(HTMLParser):
    """Parts of a page in order; style, scripts and the tick labels and glyphs of figures are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[_Part] = []
        self._open: list[tuple[str, _Part | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        part = self._open[-1][1] if self._open else None
        if part is None or part.ref is None:
            if "data-ref" in given:
                part = _Part("", ref=given["data-ref"])
            elif "data-literal" in given:
                part = _Part("", literal=given["data-literal"])
        if part is not None and not any(part is known for known in self.parts):
            self.parts.append(part)
        if tag not in _VOID:
            self._open.append((tag, part))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, _ = self._open.pop()
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        tags = {name for name, _ in self._open}
        if tags & {"style", "script"} or ("svg" in tags and not tags & {"desc"}):
            return
        part = self._open[-1][1] if self._open else None
        if part is not None:
            part.text += data
        elif re.search(r"\d", data):
            self.parts.append(_Part(data, own=bool(tags & {"title", "desc"})))


def _without_fixed(text: str) -> str:
    for fixed in FIXED:
        text = text.replace(fixed, " ")
    return text


def _plain(token: str) -> str:
    bare = token.replace("\u2212", "-").lstrip("+").rstrip(".,:-+")
    return bare.replace(",", "") if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare) else bare


def _strings(value: JsonValue) -> Iterator[str]:
    """Every text of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
        yield visible(value)
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield " ".join(str(item) for item in value)
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
            if isinstance(item, str | int | float) and not isinstance(item, bool):
                yield f"{key}={item if isinstance(item, str) else json.dumps(item)}"


def _numbers(value: JsonValue) -> Iterator[str]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield _plain(json.dumps(value))
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers(item)


def _times(time: datetime) -> Iterable[str]:
    return (
        time.isoformat(),
        time.isoformat(timespec="milliseconds"),
        f"{time:%Y-%m-%d %H:%M:%S}",
        f"{time:%H:%M:%S}.{time.microsecond // 1000:03d}",
        f"{time:%H:%M:%S}",
        f"{time:%Y-%m-%d}",
        f"{time:%Y-%m-%dT%H:%M:%S}Z",
    )
