"""A page's text in blocks (a row, a paragraph, a label, a row of a figure), with what each cites and links to."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "img", "input", "hr", "use", "path", "rect", "line", "circle"})
_BLOCKS = frozenset(
    {"tr", "p", "li", "dd", "dt", "div", "h1", "h2", "h3", "h4", "summary", "caption", "pre", "text", "figcaption"}
)
_SHOWN = ("aria-label", "title", "alt")
_CELLS = frozenset({"td", "th"})


@dataclass
class Block:
    """Text that belongs together; citations in it are one character each."""

    text: str = ""
    cited: list[tuple[str, str]] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    refs: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)
    row: str | None = None
    """Of a figure's text: which figure, and how far down."""


def blocks_of(page: str) -> list[Block]:
    """Every block of the page, ticks, style and scripts left out; texts of a figure at one height are one block."""
    walk = _Walk()
    walk.feed(page)
    walk.close()
    joined: dict[str, Block] = {}
    for block in walk.blocks:
        if block.row is not None:
            whole = joined.setdefault(block.row, Block(kinds={"figure"}, row=block.row))
            whole.text = f"{whole.text} | {block.text}" if whole.text else block.text
    return [b for b in walk.blocks if b.row is None] + list(joined.values())


class _Walk(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open: list[tuple[str, Block, str | None, str | None]] = [("", self._new(), None, None)]
        self._svg = 0
        self._title = ""
        self._tick = 0

    def _new(self) -> Block:
        self.blocks.append(Block())
        return self.blocks[-1]

    def handle_starttag(  # noqa: C901, PLR0912 -- a case for each thing that an element may be
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        given = {k: v or "" for k, v in attrs}
        _, block, ref, literal = self._open[-1]
        if tag == "svg":
            self._svg += 1
        if tag in _BLOCKS or tag in {"title", "desc"}:
            owner, block = block, self._new()
            if tag in {"p", "h3", "summary", "caption", "pre", "div", "li"}:
                block.anchors |= {a for a in owner.anchors if a.startswith(("trial-", "finding-", "group-"))}
            if tag == "text":
                block.row = f"{self._svg} {given.get('y')}"
        if tag == "article":
            block = self._new()
        if tag == "br":
            block.text += " "
        if tag in _CELLS and block.text:
            block.text += " | "
        block.anchors |= {given[k].removeprefix("#") for k in ("id", "href") if k in given}
        if ref is None and "data-ref" in given:
            ref, literal = given["data-ref"], None
            block.refs.add(ref)
            block.cited.append((ref, ""))
            block.text += "\ufffc"
            for _, outer, _, _ in self._open:
                outer.refs.add(ref)
        elif ref is None and "data-literal" in given:
            literal = given["data-literal"]
            block.kinds.add(literal)
        for name in _SHOWN:
            if re.search(r"\d", given.get(name, "")):
                label = self._new()
                label.text, label.anchors, label.refs = given[name], block.anchors, block.refs
                label.kinds = {name}
        if tag not in _VOID:
            self._open.append((f"{tag} {given.get('class', '')}", block, ref, literal))
        self._tick = sum(1 for name, *_ in self._open if name == "g tick")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1:
            name, *_ = self._open.pop()
            if name.split(" ", 1)[0] == tag:
                break
        self._tick = sum(1 for name, *_ in self._open if name == "g tick")

    def handle_data(self, data: str) -> None:
        name, block, ref, literal = self._open[-1]
        tags = {n.split(" ", 1)[0] for n, *_ in self._open}
        if tags & {"style", "script"} or self._tick:
            return
        if ref is not None:
            block.cited[-1] = (ref, block.cited[-1][1] + data)
            return
        block.text += data
        own = literal is not None or name.split(" ", 1)[0] in {"title", "desc", "text"}
        if not own and re.search(r"\d", data):
            block.unmarked.append(data)
