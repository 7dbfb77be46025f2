"""Reads Markdown as the protocol uses it: sections with ids, bold-keyed fields, tables; tolerant of how people write.

Code fences and HTML comments hold no entries. Specification: ARA skill schema (compiler and research manager), and
what published artifacts contain: other heading separators, `**Key:**` and `**Key.**`, paragraphs instead of bullets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ara.reader.comments import OPENS, without_comments
from ara.reader.places import Fault, FaultKind
from ara.reader.source import SourceFile
from ara.reader.yaml_values import Mapping, parse_yaml

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)$")
_ENTRY = re.compile(r"^([A-Z]{1,3}\d+[A-Za-z]?(?:_\w+)?)(?:\s*(:)\s*|\s*([\u2014\u2013])\s*|\s+(-)\s+|\s*$)(.*)$")
_FIELD = re.compile(
    r"^(?P<indent>[ ]{0,3})(?P<bullet>[-*+][ \t]+)?\*\*(?P<name>[^*]+?)(?P<inside>[:.])?\*\*"
    r"(?P<outside>[ \t]*:)?(?P<gap>[ \t]*)(?P<value>.*)$"
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r"^\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_CELL = re.compile(r"(?<!\\)\|")
_LONGEST_KEY = 200
_NOTE = re.compile(r"\s*\([^()]*\)\s*$")


@dataclass(slots=True)
class Field:
    """`- **Name**: value`, with the lines of its value."""

    key: str
    """The name in lower case, spaces single, a trailing remark in parentheses left out."""
    name: str
    line: int
    column: int
    value_column: int
    canonical: bool
    """Whether it is written `- **Name**: value`."""
    lines: list[tuple[int, str]]
    """Number and text of each line of the value."""

    @property
    def value(self) -> str:
        """The value on one line."""
        return " ".join(text.strip() for _, text in self.lines).strip()


@dataclass(slots=True)
class Row:
    """One row of a table."""

    line: int
    cells: list[str]


@dataclass(slots=True)
class Table:
    """A table with its header; rows may be shorter or longer than it."""

    line: int
    header: list[str]
    rows: list[Row]

    def column(self, *names: str) -> int | None:
        """Index of the first column with one of these names, in lower case."""
        lowered = [cell.strip("* ").lower() for cell in self.header]
        return next((lowered.index(name) for name in names if name in lowered), None)


@dataclass(slots=True)
class Section:
    """A heading and what stands under it, up to the next heading. Level 0 is what stands before the first."""

    level: int
    title: str
    line: int
    ident: str = ""
    """Such as `C01`, if the heading begins with an id."""
    separator: str = ""
    """What stands between id and name: a colon, a dash, or nothing."""
    name: str = ""
    """The title without id and separator."""
    parent: "Section | None" = None
    fields: list[Field] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    body: list[tuple[int, str]] = field(default_factory=list)
    """Lines that are neither heading nor blank, with code fences and comments left out."""

    def get(self, *keys: str) -> Field | None:
        """The first field with one of these keys; the keys in order of preference."""
        return next((f for key in keys for f in self.fields if f.key == key), None)


@dataclass(slots=True)
class MarkdownFile:
    """One Markdown file, read."""

    source: SourceFile
    sections: list[Section]
    front: Mapping | None
    front_lines: int
    """Lines that the front matter takes, its fences included; 0 if there is none."""
    faults: list[Fault]

    @property
    def path(self) -> str:
        """Relative to the artifact."""
        return self.source.path

    def fields(self) -> Iterator[Field]:
        """All fields, in order."""
        for section in self.sections:
            yield from section.fields

    def tables(self) -> Iterator[Table]:
        """All tables, in order."""
        for section in self.sections:
            yield from section.tables

    def find(self, *keys: str) -> Field | None:
        """The first field of the file with one of these keys."""
        return next((f for key in keys for f in self.fields() if f.key == key), None)

    def entries(self) -> Iterator[Section]:
        """Sections whose heading begins with an id."""
        return (section for section in self.sections if section.ident)


def parse_markdown(source: SourceFile) -> MarkdownFile:
    """Read one file; nothing in it can make this fail."""
    front, front_lines, faults = _front_matter(source)
    reader = _Reader()
    lines = source.lines[front_lines:]
    shown = lines
    if OPENS in source.text:
        found = without_comments(lines)
        shown = found.lines
        if found.unclosed is not None:
            line = front_lines + found.unclosed + 1
            message = "a comment begins here and is never closed: nothing below it is read"
            faults = [*faults, Fault(FaultKind.COMMENT, source.path, message, line, 1)]
    for number, (text, written) in enumerate(zip(shown, lines, strict=True), start=front_lines + 1):
        if text.strip() or not written.strip():
            reader.take(number, text)
    for section in reader.sections:
        section.tables = list(_tables(section.body))
    return MarkdownFile(source, reader.sections, front, front_lines, [*source.faults, *faults])


def key_of(name: str) -> str:
    """What a field is looked up by."""
    name = " ".join(name.split())[:_LONGEST_KEY]
    short = _NOTE.sub("", name) or name
    return " ".join(short.split()).lower()


def split_row(text: str) -> list[str]:
    """Cells of one table row, the escapes of pipes undone."""
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(text.strip().strip("|").strip())]


class _Reader:
    """Goes through the lines once and remembers whether it is inside a fence."""

    def __init__(self) -> None:
        self.sections = [Section(0, "", 1)]
        self._fence = ""

    def take(self, number: int, text: str) -> None:
        if self._fence:
            if text.strip().startswith(self._fence) and not text.strip().strip(self._fence[0]):
                self._fence = ""
            return
        if fence := _FENCE.match(text):
            self._fence = fence[1]
        elif heading := _HEADING.match(text):
            title = heading[2].rstrip()
            bare = title.rstrip("#")  # a closing run of `#` is no part of the title
            self._head(number, len(heading[1]), bare.rstrip() if bare[-1:] in {"", " ", "\t"} else title)
        elif text.strip():
            self._body(number, text)
        elif self.sections[-1].fields and self.sections[-1].body:
            self.sections[-1].body.append((number, ""))

    def _head(self, number: int, level: int, title: str) -> None:
        parent = next((s for s in reversed(self.sections) if 0 < s.level < level), None)
        section = Section(level, title, number, name=title, parent=parent)
        if entry := _ENTRY.match(title):
            section.ident, section.name = entry[1], entry[5].strip()
            section.separator = entry[2] or entry[3] or entry[4] or ""
        self.sections.append(section)

    def _body(self, number: int, text: str) -> None:
        section = self.sections[-1]
        found = _FIELD.match(text) if "**" in text else None
        if found and (found["inside"] or found["outside"]) and (found["bullet"] or not found["indent"]):
            value_at = found.start("value")
            canonical = bool(found["bullet"] == "- " and found["outside"] == ":" and not found["inside"])
            canonical = canonical and not found["indent"] and found["gap"] in {" ", ""}
            section.fields.append(
                Field(
                    key_of(found["name"]),
                    found["name"].strip(),
                    number,
                    len(found["indent"]) + 1,
                    value_at + 1,
                    canonical,
                    [(number, found["value"])] if found["value"].strip() else [],
                )
            )
        elif section.fields and self._continues(section, text):
            section.fields[-1].lines.append((number, text))
        section.body.append((number, text))

    @staticmethod
    def _continues(section: Section, text: str) -> bool:
        """Indented lines and those right below a field belong to its value; a table or new paragraph does not."""
        if text[0] in " \t":
            return True
        after_blank = bool(section.body) and not section.body[-1][1]
        return not after_blank and text.lstrip()[0] not in "|-*+"


def _tables(body: list[tuple[int, str]]) -> Iterator[Table]:
    table: Table | None = None
    for (number, text), (below, rule) in zip(body, [*body[1:], (0, "")], strict=False):
        if "|" not in text:
            table = None
        elif table is not None:
            if number > table.line + 1:
                table.rows.append(Row(number, split_row(text)))
        elif below == number + 1 and "|" in rule and _RULE.match(rule.strip()):
            table = Table(number, split_row(text), [])
            yield table


def _front_matter(source: SourceFile) -> tuple[Mapping | None, int, list[Fault]]:
    if source.lines[0].rstrip() != "---":
        return None, 0, []
    for index, text in enumerate(source.lines[1:], start=1):
        if text.rstrip() in {"---", "..."}:
            value, faults = parse_yaml(source.path, "\n".join(source.lines[1:index]), first_line=2)
            return (value if isinstance(value, Mapping) else None), index + 1, faults
    return None, 0, []
