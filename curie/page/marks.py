"""HTML in which every number says where it comes from: references with their anchor, literals with their kind."""

from collections.abc import Container, Iterable

from markupsafe import Markup, escape

from curie.errors import CheckFailed
from curie.page.phrase import Kind, Lit, Phrase, Ref, line, visible
from curie.rigor.ledger import Ledger, parse, reference

_NUMERIC = frozenset({"interval"})
"""Fields that are text and hold numbers."""


class Marks:
    """Renders references and literals for one page."""

    def __init__(self, ledger: Ledger, targets: Container[str]) -> None:
        """For a page that holds the ids `targets`: a reference links only to what is there."""
        self._ledger = ledger
        self._targets = targets

    def n(self, *parts: str) -> Markup:
        """The number or name behind a reference, linked to where it comes from."""
        cited = self._ledger.cite(reference(*parts))
        text = line(cited.text)
        numeric = cited.value is not None or parts[-1] in _NUMERIC
        if not numeric or cited.anchor is None or cited.anchor not in self._targets:
            return Markup('<span data-ref="{}">{}</span>').format(cited.ref, text)
        return Markup('<a href="#{}" data-ref="{}">{}</a>').format(cited.anchor, cited.ref, text)

    def bare(self, *parts: str) -> Markup:
        """The same without a link, where another link beside it leads there."""
        cited = self._ledger.cite(reference(*parts))
        return Markup('<span data-ref="{}">{}</span>').format(cited.ref, line(cited.text))

    def cite(self, ref: str) -> Markup:
        """The same for a reference that is written out; one that leads nowhere is shown as it is."""
        try:
            return self.n(*parse(ref))
        except CheckFailed:
            return self.lit("text", f"{{{{ref:{ref}}}}}")

    def cell(self, *parts: str) -> Markup:
        """A table's cell with what is behind a reference; empty, with a dash, where there is nothing."""
        found = self._find(*parts)
        if found is None:
            return Markup('<td class="n none">none</td>')
        return Markup('<td class="n" data-ref="{}">{}</td>').format(*found)

    def has(self, *parts: str) -> bool:
        """Whether there is such a reference."""
        return self._find(*parts) is not None

    def text(self, *parts: str) -> str:
        """What a reference shows, as text."""
        return line(self._ledger.cite(reference(*parts)).text)

    def linked(self, target: str, kind: Kind, text: str) -> Markup:
        """A literal that leads to another place of the page, if the page holds that."""
        if target not in self._targets:
            return self.lit(kind, text)
        return Markup('<a href="#{}" data-literal="{}">{}</a>').format(target, kind, line(text))

    def lit(self, kind: Kind, text: str) -> Markup:
        """A literal on one line."""
        return Markup('<span data-literal="{}">{}</span>').format(kind, line(text))

    def code(self, kind: Kind, text: str) -> Markup:
        """A literal as code, on one line."""
        return Markup('<code data-literal="{}">{}</code>').format(kind, line(text))

    def block(self, kind: Kind, text: str, most: int) -> Markup:
        """A literal of several lines as code, its escapes visible, at most so many characters."""
        return Markup('<code data-literal="{}">{}</code>').format(kind, visible(text, most))

    def phrase(self, phrase: Phrase) -> Markup:
        """A phrase, piece by piece."""
        return Markup().join(self._piece(piece) for piece in phrase)

    def phrases(self, phrases: Iterable[Phrase], joiner: str = " ") -> Markup:
        """Several, one after the other."""
        return escape(joiner).join(self.phrase(phrase) for phrase in phrases)

    def _piece(self, piece: str | Ref | Lit) -> Markup:
        if isinstance(piece, Ref):
            return self.cite(piece.ref)
        return self.lit(piece.kind, piece.text) if isinstance(piece, Lit) else escape(piece)

    def _find(self, *parts: str) -> tuple[str, str] | None:
        ref = reference(*parts)
        try:
            return ref, line(self._ledger.cite(ref).text)
        except CheckFailed:
            return None
