"""A47x: parameters, code and its index. A48x: quotes under Sources stand where they are said to stand."""

import re
from collections.abc import Iterator

from ara.check.context import CLAIMS, CODE_INDEX, Context, says_nothing
from ara.check.logic import sensitivity
from ara.check.model import Diagnostic, Rule, Severity
from ara.reader.markdown import Field

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
VALUE = Rule(
    "A471",
    _W,
    "A parameter of src/configs has a Value.",
    "Add the value.",
    "## Learning rate without Value",
)
PARAMETER_KEYS = Rule(
    "A472",
    _N,
    "A parameter has Rationale and Source.",
    "Add the key; `none` is a value.",
    "no Source",
)
CODE_KEYS = Rule(
    "A473",
    _W,
    "A block of src/artifacts.md has File(s) in repo, Nature, What it does / contains, How to use / run and "
    "Claims supported.",
    "Add the key.",
    "a block without Nature",
)
SEEDS = Rule(
    "A474",
    _W,
    "src/environment.md says which random seeds were used, or that there are none.",
    "Add `- **Random seeds**: ...`.",
    "an environment without seeds",
)
SOURCE_FORM = Rule(
    "A481",
    _E,
    "An entry of Sources is `value \u2190 file:line \u00abquote\u00bb [input|result]` or "
    "`value \u2190 file:line [pending: reason]`.",
    "Quote the line; a path alone proves nothing.",
    "- **Sources**: evidence/tables/table1.md",
)
SOURCE_PLACE = Rule(
    "A482",
    _E,
    "The file and line of a source are there.",
    "Correct the path or the line.",
    "lr \u2190 src/configs/gone.md:3 \u00ab0.1\u00bb [input]",
)
SOURCE_QUOTE = Rule(
    "A483",
    _E,
    "The quote of a source stands at its line.",
    "Copy the line as it stands there.",
    "a quote from another line",
)
SOURCE_VALUE = Rule(
    "A484",
    _W,
    "A value that begins with a number stands in its quote.",
    "Quote the line that holds the value.",
    "25.03 \u2190 evidence/tables/table3.md:9 \u00ab| plain-34 | 28.54 |\u00bb [result]",
)
SOURCE_TAG = Rule(
    "A485", _W, "[input] cites what was set (src, data), [result] what was measured (evidence, trace).",
    "Use the other tag, or cite the other file.", "... evidence/tables/table1.md:4 \u00ab...\u00bb [input]",
)  # fmt: skip
RULES = (VALUE, PARAMETER_KEYS, CODE_KEYS, SEEDS, SOURCE_FORM, SOURCE_PLACE, SOURCE_QUOTE, SOURCE_VALUE, SOURCE_TAG)

ENVIRONMENT = "src/environment.md"
_LEVEL = 2
_CODE = ("file(s) in repo", "nature", "what it does / contains", "how to use / run", "claims supported")
_ENTRY = re.compile(
    r"(?P<value>[^\u00ab\u00bb\u2190]*?)(?:\u2190|<-)(?P<ref>[^\u00ab\[\u2190]*)"
    r"(?:\u00ab(?P<quote>.*?)\u00bb\s*\[(?P<tag>\w+)\]|\[pending(?P<reason>[^\]]*)\])[ ;,.]*"
)
_REF = re.compile(r"^`?(?P<path>[^\s:`][^:`]*?)(?::(?P<line>\d{1,9}))?(?:-(?P<last>\d{1,9}))?`?$")
_BARE = re.compile(r"^[\w./-]+\.\w{1,5}(?::\d+)?(?=\s*;)")
_NUMBER = re.compile(r"^[\u2248~]?-?\d+(?:\.\d+)?(?:e-?\d+)?")
_FOLDERS = ("logic/", "src/", "trace/", "evidence/", "data/", "staging/")
_LONGEST = 20_000
_TAGS = frozenset({"input", "result"})


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    yield from _configs(context)
    if code := context.document(CODE_INDEX):
        for section in code.sections:
            missing = [key for key in _CODE if section.get(key) is None]
            if section.level == _LEVEL and missing:
                yield CODE_KEYS.at(CODE_INDEX, section, f"{section.title[:60]!r} has no {', no '.join(missing)}")
    environment = context.document(ENVIRONMENT)
    if environment is not None and "seed" not in environment.source.text.lower():
        yield SEEDS.at(ENVIRONMENT, 1, "the random seeds are not named")
    for section in context.claims.values():
        sources = section.get("sources")
        if sources is not None and not says_nothing(sources):
            for line, text in sources.lines:
                yield from _entries(context, sources, line, text)


def _configs(context: Context) -> Iterator[Diagnostic]:
    for path in context.located.files("src/configs"):
        document = context.document(path)
        for section in document.sections if document else ():
            if section.level != _LEVEL:
                continue
            if section.get("value") is None:
                yield VALUE.at(path, section, f"{section.title[:60]!r} has no Value")
            if missing := [key for key in ("rationale", "source") if section.get(key) is None]:
                yield PARAMETER_KEYS.at(path, section, f"{section.title[:60]!r} has no {', no '.join(missing)}")
            yield from sensitivity(path, section)


def _entries(context: Context, field: Field, line: int, text: str) -> Iterator[Diagnostic]:
    at = len(text) - len(text.lstrip(" \t-*+"))
    offset = field.value_column if field.lines and line == field.line else 1
    while at < len(text.rstrip()):
        found = _ENTRY.match(text, at) if len(text) < _LONGEST or "<-" not in text else None
        if found is None:
            message = f"{text[at:].strip()[:60]!r} is no source"
            yield _at(SOURCE_FORM, line, offset + at, message)
            return
        if bare := _BARE.match(found["value"].strip()):
            yield _at(SOURCE_FORM, line, offset + at, f"{bare[0]!r} has no quote")
        else:
            yield from _source(context, found, line, offset + at)
        at = max(found.end(), at + 1)


def _source(context: Context, found: "re.Match[str]", line: int, column: int) -> Iterator[Diagnostic]:
    value, where_from = found["value"].strip(), found["ref"].strip()
    ref = _REF.match(where_from)
    if found["reason"] is not None:
        if not found["reason"].strip(" :"):
            yield _at(SOURCE_FORM, line, column, "pending without a reason")
        return
    if not found["quote"].strip() or not value or found["tag"] not in _TAGS or ref is None:
        yield _at(SOURCE_FORM, line, column, f"{found[0].strip()[:60]!r} lacks a value, place, quote or tag")
        return
    path = ref["path"]
    if not path.startswith(_FOLDERS) and not (context.exists(path) and "/" in path):
        return  # another repository's file, a section of a paper, a node's field: not for us to open
    source = context.located.source(path)
    if source is None or (ref["line"] and not 1 <= int(ref["line"]) <= len(source.lines)):
        where = path if source is None else f"line {ref['line']} of {path}"
        yield _at(SOURCE_PLACE, line, column, f"{where} is not there")
        return
    quote = " ".join(found["quote"].split())
    first = int(ref["line"] or 1)
    last = int(ref["last"] or first) if ref["line"] else len(source.lines)
    there = " ".join(" ".join(source.lines[first - 1 : last]).split())
    if quote not in there:
        yield _at(SOURCE_QUOTE, line, column, f"the quote {quote[:50]!r} does not stand at {where_from}")
    number = _NUMBER.match(value)
    if number and number[0].lstrip("\u2248~") not in quote:
        yield _at(SOURCE_VALUE, line, column, f"{number[0]} does not stand in its quote")
    measured = path.startswith(("evidence/", "trace/"))
    if (found["tag"] == "input") == measured:
        yield _at(SOURCE_TAG, line, column, f"{path} is cited as [{found['tag']}]")


def _at(rule: Rule, line: int, column: int, message: str) -> Diagnostic:
    return Diagnostic(rule.id, rule.severity, CLAIMS, line, column, message, rule.hint)
