"""What rules look at: the artifact's files and the indexes over them, each made once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ara.reader.artifact import Located
from ara.reader.markdown import Field, MarkdownFile, Section
from ara.reader.tree import Node, TreeFile

CLAIMS = "logic/claims.md"
EXPERIMENTS = "logic/experiments.md"
PROBLEM = "logic/problem.md"
CONCEPTS = "logic/concepts.md"
RELATED = "logic/related_work.md"
HEURISTICS = "logic/solution/heuristics.md"
CODE_INDEX = "src/artifacts.md"
EVIDENCE_INDEX = "evidence/README.md"

_TOKEN = re.compile(r"(?<![A-Za-z0-9_./-])([A-Z]{1,2})(\d+[a-z]?)(?![A-Za-z0-9_])")
_RANGE = re.compile(r"(?<![A-Za-z0-9_])([A-Z]{1,2})(\d{1,9})\s?[\u2013\u2014-]\s?\1(\d{1,9})(?![A-Za-z0-9_])")
# Bounded, so that no line can make a search take quadratic time.
_LINK = re.compile(r"\]\(([^()\[\]\s]{1,400})\)")
_WHOLE_LINK = re.compile(r"\[[^\[\]]{0,400}\]\([^()\[\]\s]{1,400}\)")
_PATH = re.compile(r"(?<![\w/.])((?:logic|src|trace|evidence|data|staging)/[\w./@+=,-]*[\w])")
_WIDEST_RANGE = 200
NOTHING = frozenset({"", "none", "n/a", "na", "-", "\u2014", "[]", "tbd", "todo", "null", "unknown", "."})
"""Values that say nothing."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An id that a text names, with the line on which it does."""

    ident: str
    line: int
    column: int


class Context:
    """One artifact under check."""

    def __init__(self, located: Located) -> None:
        self.located = located

    def document(self, path: str) -> MarkdownFile | None:
        """A Markdown file, parsed."""
        return self.located.markdown(path)

    def exists(self, path: str) -> bool:
        """Whether the artifact holds that file or folder."""
        return self.located.inventory.exists(path)

    @cached_property
    def tree(self) -> TreeFile | None:
        """The exploration tree."""
        return self.located.tree()

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Id -> the first node that has it."""
        found: dict[str, Node] = {}
        for node in self.tree.nodes if self.tree else ():
            if node.ident:
                found.setdefault(node.ident, node)
        return found

    @property
    def tree_is_known(self) -> bool:
        """Whether the nodes could be read, so that a missing one is really missing."""
        return self.tree is not None and bool(self.tree.nodes)

    @cached_property
    def claims(self) -> dict[str, Section]:
        """Claims by id."""
        return self._entries(CLAIMS, "C")

    @cached_property
    def experiments(self) -> dict[str, Section]:
        """Experiments by id."""
        return self._entries(EXPERIMENTS, "E")

    @cached_property
    def heuristics(self) -> dict[str, Section]:
        """Heuristics by id."""
        return self._entries(HEURISTICS, "H")

    @cached_property
    def related(self) -> dict[str, Section]:
        """Related works by id."""
        return self._entries(RELATED, "RW")

    def _entries(self, path: str, prefix: str) -> dict[str, Section]:
        document = self.document(path)
        found: dict[str, Section] = {}
        for section in document.entries() if document else ():
            if section.ident.startswith(prefix) and section.ident[len(prefix) :][:1].isdigit():
                found.setdefault(section.ident, section)
        return found


def references(field: Field | None, prefix: str) -> list[Reference]:
    """Ids with that prefix in a field's value, a range such as C01-C03 written out."""
    if field is None:
        return []
    found: list[Reference] = []
    for number, (line, text) in enumerate(field.lines):
        offset = field.value_column if number == 0 else 1
        found.extend(Reference(ident, line, offset + at) for ident, at in ids_in(text, prefix))
    return found


def ids_in(text: str, prefix: str) -> Iterator[tuple[str, int]]:
    """Ids with that prefix and where in the text they stand (from 0)."""
    for match in _TOKEN.finditer(text):
        if match[1] == prefix:
            yield match[0], match.start()
    for match in _RANGE.finditer(text):
        first, last = int(match[2]), int(match[3])
        if match[1] == prefix and first < last <= first + _WIDEST_RANGE:
            for number in range(first + 1, last):
                yield f"{prefix}{number:0{len(match[2])}d}", match.start()
            yield f"{prefix}{match[3]}", match.start()


def links_in(text: str) -> Iterator[tuple[str, int]]:
    """Targets of Markdown links that are relative paths, fragments left out, and where they stand (from 0)."""
    for match in _LINK.finditer(text):
        target = match[1].partition("#")[0]
        if target and "://" not in target and not target.startswith(("mailto:", "/", "~")):
            yield target, match.start(1)


def paths_in(text: str) -> Iterator[tuple[str, int]]:
    """Plain paths from the artifact's root, and where they stand (from 0)."""
    for match in _PATH.finditer(_WHOLE_LINK.sub(lambda link: " " * len(link[0]), text)):
        yield match[1], match.start(1)


def says_nothing(field: Field | None) -> bool:
    """Whether a field is missing, empty or a placeholder."""
    return field is None or field.value.strip(" *_`").rstrip(".").lower() in NOTHING


def resolve(base: str, target: str) -> str | None:
    """A path relative to the file `base`, as one from the root; None if it climbs out."""
    parts = base.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
