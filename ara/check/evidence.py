"""A70x-A73x: evidence files say what they are of, and the index covers them both ways."""

import re
from collections.abc import Iterator
from typing import get_args

from ara.check.context import CLAIMS, EVIDENCE_INDEX, Context, ids_in, links_in
from ara.check.model import Anchor, Diagnostic, Edit, Profile, Rule, Severity
from ara.reader.markdown import MarkdownFile, Table
from ara.schema.evidence import Confidence, ExtractionMethod, ExtractionType, FigureType, PlotKind

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
CAPTION = Rule("A703", _W, "A table or figure has a Caption.", "Add its caption.", "no Caption")  # fmt: skip
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
ROW_FILE = Rule(
    "A721",
    _E,
    "Every file that evidence/README.md lists is there.",
    "Remove the row, or add the file.",
    "| [tables/gone.md](tables/gone.md) | ...",
)
NO_ROW = Rule(
    "A722",
    _W,
    "Every evidence file has a row in evidence/README.md.",
    "Add the row.",
    "evidence/tables/table1.md without a row",
    fixable=True,
)
ROW_CLAIM = Rule(
    "A723",
    _E,
    "Claims that evidence/README.md names are in logic/claims.md.",
    "Correct the id.",
    "| ... | C99 | ...",
)
INDEX_TABLE = Rule(
    "A724",
    _E,
    "evidence/README.md has a table of the evidence files.",
    "Add a table: File, Source, Claims, Description.",
    "a README.md in prose",
)
SAME_NAME = Rule(
    "A725",
    _W,
    "No two evidence files of different folders have the same name.",
    "Rename one of them.",
    "tables/loss.md and figures/loss.md",
)
RESULT_REF = Rule(
    "A731", _E, "The trace node and claims of a result are there.", "Correct the id.", "**Trace node**: N99",
)  # fmt: skip
RULES = (
    SOURCE, SOURCE_NUMBER, CAPTION, SCREENSHOT, NO_SCREENSHOT, NO_TABLE, DIAGRAM_TABLE, EXTRACTION, DERIVED_NAME,
    DERIVED_FROM, FIGURE_WORD, FIGURE_TYPE, PLOT, ROW_FILE, NO_ROW, ROW_CLAIM, INDEX_TABLE, SAME_NAME, RESULT_REF,
)  # fmt: skip

_FOLDERS = ("tables", "figures", "results", "proofs")
_NUMBERED = re.compile(r"^(table|figure|fig)[_-]?0*(\d+)(?!\d)", re.IGNORECASE)
_TABLE = re.compile(r"\btab(?:le|\.)?\s*0*(\d+)", re.IGNORECASE)
_FIGURE = re.compile(r"\bfig(?:ure|\.)?\s*0*(\d+)", re.IGNORECASE)
_WORDS = {
    "figure type": get_args(FigureType),
    "extraction method": get_args(ExtractionMethod),
    "reading confidence": get_args(Confidence),
    "plot kind": get_args(PlotKind),
}
_IMAGES = (".png", ".svg", ".jpg", ".jpeg", ".pdf", ".webp")


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    files = [path for folder in _FOLDERS for path in context.located.files(f"evidence/{folder}")]
    names: dict[str, str] = {}
    for path in files:
        name = path.rpartition("/")[2]
        if name in names:
            yield SAME_NAME.at(path, None, f"{names[name]} has the same name")
        names.setdefault(name, path)
        if document := context.document(path):
            yield from _file(context, document, path.split("/")[1])
    yield from _index(context, files)


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
        if document.find("axes") is None:
            yield PLOT.at(path, kind, "a quantitative plot has no Axes")
        if table is None and document.find("trend summary", "trend", "key observation") is None:
            yield PLOT.at(path, kind, "a quantitative plot has neither a table nor a trend")


def _result(context: Context, document: MarkdownFile) -> Iterator[Diagnostic]:
    for key, prefix, known in (("trace node", "N", context.nodes), ("claim", "C", context.claims)):
        field = document.find(key, f"{key}s")
        for ident, _ in ids_in(field.value, prefix) if field else ():
            if ident not in known:
                yield RESULT_REF.at(document.path, field, f"{ident} is not there")


def _index(context: Context, files: list[str]) -> Iterator[Diagnostic]:
    document = context.document(EVIDENCE_INDEX)
    if document is None:
        return
    tables = list(document.tables())
    if not tables:
        if files:
            yield INDEX_TABLE.at(EVIDENCE_INDEX, 1, f"there is no table, and {len(files)} evidence files")
        return
    listed: set[str] = set()
    for table in tables:
        claims = table.column("claims")
        for row in table.rows:
            for target, _ in links_in(row.cells[0]) if row.cells else ():
                listed.add(path := target if target.startswith("evidence/") else f"evidence/{target}")
                if not context.exists(path):
                    yield ROW_FILE.at(EVIDENCE_INDEX, row, f"{target} is listed but is not there")
            if row.cells and "](" not in row.cells[0]:
                yield from _bare(context, row.line, row.cells[0], listed)
            for ident, _ in ids_in(row.cells[claims], "C") if claims is not None and claims < len(row.cells) else ():
                if ident not in context.claims:
                    yield ROW_CLAIM.at(EVIDENCE_INDEX, row, f"{ident} is not in {CLAIMS}")
    for path in files:
        if path not in listed:
            message = f"{path} has no row"
            yield NO_ROW.at(EVIDENCE_INDEX, _end(tables, path), message, _new_row(context, tables, path))


def _bare(context: Context, line: int, cell: str, listed: set[str]) -> Iterator[Diagnostic]:
    """A path that is no link: as code or as it is."""
    for target in re.findall(r"(?:evidence/)?(?:tables|figures|results|proofs)/[\w./-]+\.md", cell):
        listed.add(path := target if target.startswith("evidence/") else f"evidence/{target}")
        if not context.exists(path):
            yield ROW_FILE.at(EVIDENCE_INDEX, line, f"{target} is listed but is not there")


def _table_for(tables: list[Table], path: str) -> Table | None:
    """The table that lists files of the same folder, else the first with a File column."""
    folder = path.split("/")[1]
    with_files = [t for t in tables if t.column("file") == 0]
    return next((t for t in with_files if any(f"{folder}/" in r.cells[0] for r in t.rows if r.cells)), None) or next(
        iter(with_files), None
    )


def _end(tables: list[Table], path: str) -> Anchor:
    table = _table_for(tables, path) or tables[-1]
    return table.rows[-1].line if table.rows else table.line + 1


def _new_row(context: Context, tables: list[Table], path: str) -> tuple[Edit, ...]:
    table = _table_for(tables, path)
    document = context.document(path)
    if table is None or document is None or not re.fullmatch(r"[\w./+-]+", path):
        return ()
    source, name = document.find("source"), path.removeprefix("evidence/")
    title = next((s.title for s in document.sections if s.level == 1), "")
    told = " ".join(source.value.split()) if source else ""
    known = {"file": f"[{name}]({name})", "source": told, "description": title, "claims": "none"}
    cells = [known.get(cell.strip("* ").lower(), "").replace("|", "\\|") for cell in table.header]
    after = table.rows[-1].line if table.rows else table.line + 1
    return (Edit(after, 0, 0, f"| {' | '.join(cells)} |", whole=True),)
