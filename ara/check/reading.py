"""A1xx: every file can be read, and says one thing."""

from collections.abc import Iterator

from ara.check.context import Context
from ara.check.model import Diagnostic, Edit, Rule, Severity
from ara.reader.places import FaultKind

_E = Severity.ERROR
UNREADABLE = Rule(
    "A101",
    _E,
    "Every file of the protocol is a regular, readable file of bounded size.",
    "Put a regular file there, or give read permission.",
    "a folder or FIFO called logic/claims.md",
)
OUTSIDE = Rule(
    "A102",
    _E,
    "No link leads out of the artifact.",
    "Copy what it points to into the artifact.",
    "src/data -> /home/me/data",
)
ENCODING = Rule("A103", _E, "Text is UTF-8.", "Save the file as UTF-8.", "a Latin-1 é")
SYNTAX = Rule(
    "A104",
    _E,
    "YAML can be parsed, is one document, and its keys are text.",
    "Correct the YAML at this place; quote a text that holds a colon.",
    "title: a: b",
)
REPEATED_KEY = Rule(
    "A105",
    _E,
    "No key is given twice.",
    "Remove one of the two: readers disagree on which one counts.",
    "title: a\ntitle: b",
)
BOUNDS = Rule(
    "A106",
    _E,
    "Nesting, aliases and the number of files stay within what a reader can be asked to take.",
    "Split it, or write the values out.",
    "a: &a [*b, *b, *b] ...",
)
PLAIN = Rule(
    "A107", Severity.NOTE, "Text files have no byte-order mark and end their lines with a line feed.",
    "Save the file without a byte-order mark, with Unix line ends.", "CRLF line ends", fixable=True,
)  # fmt: skip
COMMENT = Rule(
    "A108", Severity.WARNING, "Every comment is closed.", "Close it with `-->`; what follows is hidden until then.",
    "<!-- a remark without an end",
)  # fmt: skip
RULES = (UNREADABLE, OUTSIDE, ENCODING, SYNTAX, REPEATED_KEY, BOUNDS, PLAIN, COMMENT)

PLAIN_TEXT = Edit(0, 0, 0, "")
"""Stands for: drop the byte-order mark and the carriage returns."""
_OF_KIND = {
    FaultKind.UNREADABLE: UNREADABLE,
    FaultKind.OUTSIDE: OUTSIDE,
    FaultKind.ENCODING: ENCODING,
    FaultKind.SYNTAX: SYNTAX,
    FaultKind.REPEATED_KEY: REPEATED_KEY,
    FaultKind.BOUNDS: BOUNDS,
    FaultKind.COMMENT: COMMENT,
}


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group; runs last, since faults turn up as files are read."""
    for fault in dict.fromkeys(context.located.faults):
        rule = _OF_KIND[fault.kind]
        found = rule.at(fault.file, fault.line, fault.message)
        if fault.column is not None:
            found = Diagnostic(rule.id, rule.severity, fault.file, fault.line, fault.column, found.message, found.hint)
        yield found
    for source in context.located.sources_read():
        # The end of a line of CSV is CR LF (RFC 4180).
        if not source.plain and not source.path.endswith(".csv"):
            what = "a byte-order mark" if source.raw.startswith(b"\xef\xbb\xbf") else "CRLF line ends"
            intact = b"\r" not in source.raw.replace(b"\r\n", b"") and not source.faults
            yield PLAIN.at(source.path, 1, f"the file has {what}", (PLAIN_TEXT,) if intact else ())
