"""A72x: the index of evidence covers the files both ways."""

import re
from collections.abc import Iterator

from ara.check.context import CLAIMS, EVIDENCE_INDEX, Context, ids_in, links_in
from ara.check.evidence import FOLDERS
from ara.check.model import Anchor, Diagnostic, Edit, Rule, Severity
from ara.reader.markdown import MarkdownFile, Row, Table

_E, _W = Severity.ERROR, Severity.WARNING
_LONGEST = 2_000
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
RULES = (ROW_FILE, NO_ROW, ROW_CLAIM, INDEX_TABLE, SAME_NAME)


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    files = [path for folder in FOLDERS for path in context.located.files(f"evidence/{folder}")]
    names: dict[str, str] = {}
    for path in files:
        name = path.rpartition("/")[2]
        if name in names:
            yield SAME_NAME.at(path, None, f"{names[name]} has the same name")
        names.setdefault(name, path)
    document = context.document(EVIDENCE_INDEX)
    if document is not None:
        yield from _index(context, document, files)


def _index(context: Context, document: MarkdownFile, files: list[str]) -> Iterator[Diagnostic]:
    tables = list(document.tables())
    if not tables:
        if files:
            yield INDEX_TABLE.at(EVIDENCE_INDEX, 1, f"there is no table, and {len(files)} evidence files")
        return
    listed: set[str] = set()
    for table in tables:
        claims = table.column("claims")
        for row in table.rows:
            yield from _row(context, row, claims, listed)
    for path in files:
        if path not in listed:
            message = f"{path} has no row"
            yield NO_ROW.at(EVIDENCE_INDEX, _end(tables, path), message, _new_row(context, tables, path))


def _row(context: Context, row: Row, claims: int | None, listed: set[str]) -> Iterator[Diagnostic]:
    first = row.cells[0] if row.cells else ""
    for target, _ in links_in(first):
        listed.add(path := target if target.startswith("evidence/") else f"evidence/{target}")
        if not context.exists(path):
            yield ROW_FILE.at(EVIDENCE_INDEX, row, f"{target} is listed but is not there")
    if "](" not in first:
        yield from _bare(context, row.line, first, listed)
    if claims is not None and claims < len(row.cells):
        for ident, _ in ids_in(row.cells[claims], "C"):
            if ident not in context.claims:
                yield ROW_CLAIM.at(EVIDENCE_INDEX, row, f"{ident} is not in {CLAIMS}")


def _bare(context: Context, line: int, cell: str, listed: set[str]) -> Iterator[Diagnostic]:
    """A path that is no link: as code or as it is."""
    for target in re.findall(r"(?:evidence/)?(?:tables|figures|results|proofs)/[\w./-]+\.md", cell[:_LONGEST]):
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
