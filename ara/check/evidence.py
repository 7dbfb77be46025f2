"""A70x, A71x, A731: evidence files say what they are of."""

import re
from collections.abc import Iterator
from typing import get_args

from ara.check.context import Context, ids_in, links_in
from ara.check.model import Diagnostic, Profile, Rule, Severity
from ara.reader.markdown import Field, MarkdownFile
from ara.schema.evidence import AxisScale, Confidence, ExtractionMethod, ExtractionType, FigureType, PlotKind

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
SOURCE = Rule(
    "A701",
    _E,
    "An evidence file has a Source.",
    "Add `**Source**: Table 1, where it stands`.",
    "no Source",
)
SOURCE_NUMBER = Rule(
    "A702",
    _E,
    "Source names the same table or figure number as the file's name.",
    "Correct the number or the name.",
    "table2_x.md with Source: Table 3",
)
CAPTION = Rule("A703", _W, "A table or figure has a Caption.", "Add its caption.", "no Caption")
SCREENSHOT = Rule(
    "A704",
    _E,
    "A Screenshot that is named lies beside the file.",
    "Add the image, or correct its name.",
    "**Screenshot**: gone.png",
)
NO_SCREENSHOT = Rule(
    "A705",
    _N,
    "Each numbered object has a screenshot beside it.",
    "Add the image.",
    "no figure1.png",
    profiles=frozenset({Profile.SKILL}),
)
NO_TABLE = Rule(
    "A706",
    _E,
    "A file of evidence/tables or evidence/results holds a table.",
    "Transcribe the table.",
    "a table file with prose only",
)
DIAGRAM_TABLE = Rule(
    "A707",
    _W,
    "A diagram has no table: nothing is read off it.",
    "Describe it in words.",
    "Figure type: diagram, | a |",
)
EXTRACTION = Rule(
    "A708",
    _W,
    f"Extraction type of a table is {' or '.join(get_args(ExtractionType))}.",
    "Use one of the two words.",
    "**Extraction type**: table",
)
DERIVED_NAME = Rule(
    "A709",
    _W,
    "A derived subset has derived_ or subset_ in its name; a raw table has not.",
    "Rename the file.",
    "table3_part.md with Extraction type: derived_subset",
)
DERIVED_FROM = Rule(
    "A710",
    _E,
    "A derived subset names the table that it comes from, and that is there.",
    "Correct Derived from.",
    "**Derived from**: gone.md",
)
FIGURE_WORD = Rule(
    "A711",
    _W,
    "Figure type, Extraction method, Reading confidence and Plot kind hold their known words.",
    "Use one of the words that the message names.",
    "**Figure type**: chart",
)
FIGURE_TYPE = Rule(
    "A712",
    _N,
    "A figure has Figure type, Extraction method and Reading confidence.",
    "Add the key.",
    "no Figure type",
)
PLOT = Rule(
    "A713",
    _W,
    "A quantitative plot has Axes, and a table of values or a trend.",
    "Add what is missing.",
    "a quantitative_plot without Axes",
)
SCALE = Rule(
    "A714",
    _W,
    f"Each axis of a quantitative plot names its scale: {', '.join(get_args(AxisScale))}.",
    "Write `label (unit, linear scale)`, with the scale that the figure has.",
    "**Axes**: loss (1, wobbly scale)",
)
RESULT_REF = Rule(
    "A731", _E, "The trace node and claims of a result are there.", "Correct the id.", "**Trace node**: N99",
)  # fmt: skip
RULES = (
    SOURCE, SOURCE_NUMBER, CAPTION, SCREENSHOT, NO_SCREENSHOT, NO_TABLE, DIAGRAM_TABLE, EXTRACTION, DERIVED_NAME,
    DERIVED_FROM, FIGURE_WORD, FIGURE_TYPE, PLOT, SCALE, RESULT_REF,
)  # fmt: skip

FOLDERS = ("tables", "figures", "results", "proofs")
"""Folders below evidence/ whose files are indexed."""
_NUMBERED = re.compile(r"^(table|figure|fig)[_-]?0*(\d{1,9})(?!\d)", re.IGNORECASE)
_TABLE = re.compile(r"\btab(?:le|\.)?\s*0*(\d{1,9})", re.IGNORECASE)
_FIGURE = re.compile(r"\bfig(?:ure|\.)?\s*0*(\d{1,9})", re.IGNORECASE)
_SCALES = re.compile(r", (\w+) scale\)")
_WORD = re.compile(r"[a-z]+")
_WORDS = {
    "figure type": get_args(FigureType),
    "extraction method": get_args(ExtractionMethod),
    "reading confidence": get_args(Confidence),
    "plot kind": get_args(PlotKind),
}
_IMAGES = (".png", ".svg", ".jpg", ".jpeg", ".pdf", ".webp")


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    files = [path for folder in FOLDERS for path in context.located.files(f"evidence/{folder}")]
    for path in files:
        if document := context.document(path):
            yield from _file(context, document, path.split("/")[1])


def _file(context: Context, document: MarkdownFile, folder: str) -> Iterator[Diagnostic]:
    path = document.path
    source = document.find("source")
    if source is None or not source.value:
        yield SOURCE.at(path, source or 1, "there is no Source")
    if folder in {"tables", "figures"}:
        if source and source.value and (message := _other_number(path, source.value)):
            yield SOURCE_NUMBER.at(path, source, message)
        if document.find("caption") is None:
            yield CAPTION.at(path, 1, "there is no Caption")
        yield from _screenshot(context, document)
    if folder in {"tables", "results"} and not any(document.tables()):
        yield NO_TABLE.at(path, 1, "there is no table in this file")
    if folder == "tables":
        yield from _table(context, document)
    elif folder == "figures":
        yield from _figure(document)
    elif folder == "results":
        yield from _result(context, document)


def _other_number(path: str, source: str) -> str:
    named = _NUMBERED.match(path.rpartition("/")[2])
    if not named:
        return ""
    kind, number = named[1][:3].lower(), int(named[2])
    told = (_TABLE if kind == "tab" else _FIGURE).search(source)
    if told and int(told[1]) == number:
        return ""
    return f"the file is of {named[0]}, its Source is {source[:60]!r}"


def _screenshot(context: Context, document: MarkdownFile) -> Iterator[Diagnostic]:
    shot = document.find("screenshot")
    folder, _, name = document.path.rpartition("/")
    if shot is None or not shot.value:
        stem = document.path.removesuffix(".md")
        if _NUMBERED.match(name) and not any(context.exists(f"{stem}{suffix}") for suffix in _IMAGES):
            yield NO_SCREENSHOT.at(document.path, shot or 1, "there is no screenshot")
        return
    target = next((link for link, _ in links_in(shot.value)), shot.value.strip("`<> "))
    if not target.lower().startswith("none") and not any(context.exists(p) for p in (f"{folder}/{target}", target)):
        yield SCREENSHOT.at(document.path, shot, f"{target[:80]} is not there")


def _table(context: Context, document: MarkdownFile) -> Iterator[Diagnostic]:
    path = document.path
    folder, _, name = path.rpartition("/")
    kind = document.find("extraction type")
    word = kind.value.strip("`").split(" ")[0] if kind else ""
    if word not in get_args(ExtractionType):
        yield EXTRACTION.at(path, kind or 1, f"the Extraction type is {word!r}" if word else "no Extraction type")
        return
    derived = word == "derived_subset"
    if derived != ("derived_" in name or "subset_" in name):
        yield DERIVED_NAME.at(path, kind, f"{name} is a {word}")
    if derived:
        parent = document.find("derived from")
        target = parent.value.strip("`[] .").split("](")[-1].rstrip(")`") if parent else ""
        if not target or not any(context.exists(p) for p in (f"{folder}/{target}", target)):
            yield DERIVED_FROM.at(path, parent or kind, f"Derived from names {target[:80] or 'nothing'}, not there")


def _figure(document: MarkdownFile) -> Iterator[Diagnostic]:
    path = document.path
    for key, words in _WORDS.items():
        field = document.find(key)
        if field is None:
            if key != "plot kind":
                yield FIGURE_TYPE.at(path, 1, f"there is no {key.capitalize()}")
        elif field.value.strip("`").split(" ")[0].rstrip(",;") not in words:
            yield FIGURE_WORD.at(path, field, f"{key.capitalize()} is {field.value[:40]!r}, none of {', '.join(words)}")
    kind = document.find("figure type")
    word = kind.value.strip("`").split(" ")[0] if kind else ""
    table = next(document.tables(), None)
    if word == "diagram" and table:
        yield DIAGRAM_TABLE.at(path, table.line, "a diagram holds a table")
    if word == "quantitative_plot":
        axes = document.find("axes")
        if axes is None:
            yield PLOT.at(path, kind, "a quantitative plot has no Axes")
        else:
            yield from _scales(path, axes)
        if table is None and document.find("trend summary", "trend", "key observation") is None:
            yield PLOT.at(path, kind, "a quantitative plot has neither a table nor a trend")


def _scales(path: str, axes: Field) -> Iterator[Diagnostic]:
    told, known = _SCALES.findall(axes.value), frozenset(get_args(AxisScale))
    if unknown := next((word for word in told if word not in known), None):
        yield SCALE.at(path, axes, f"an axis has the unknown scale {unknown!r}")
    elif not told and known.isdisjoint(_WORD.findall(axes.value.lower())):
        yield SCALE.at(path, axes, "no axis names its scale")


def _result(context: Context, document: MarkdownFile) -> Iterator[Diagnostic]:
    for key, prefix, known in (("trace node", "N", context.nodes), ("claim", "C", context.claims)):
        field = document.find(key, f"{key}s")
        for ident, _ in ids_in(field.value, prefix) if field else ():
            if ident not in known and (prefix == "C" or context.tree_is_known):
                yield RESULT_REF.at(document.path, field, f"{ident} is not there")
