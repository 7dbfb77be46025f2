"""A3xx: PAPER.md says what the artifact is and lists what it holds."""

import re
from collections.abc import Iterator

from ara.check.claims import status_of
from ara.check.context import Context, ids_in, links_in
from ara.check.model import Diagnostic, Rule, Severity
from ara.reader.artifact import MANIFEST
from ara.reader.markdown import MarkdownFile, Row
from ara.reader.yaml_values import Mapping, Scalar, Sequence

_E, _W = Severity.ERROR, Severity.WARNING
FRONT = Rule(
    "A301",
    _E,
    "PAPER.md begins with front matter: a mapping between two lines of `---`.",
    "Begin the file with `---`, the keys, and `---`.",
    "# A paper without front matter",
)
REQUIRED = Rule(
    "A302",
    _E,
    "The front matter has title, authors and year.",
    "Add the key with its value.",
    'title: ""',
)
EXPECTED = Rule(
    "A303",
    _W,
    "The front matter has venue, doi, ara_version, domain, keywords, claims_summary and abstract.",
    "Add the key; an empty text says that there is none.",
    "front matter without `abstract`",
)
TYPE = Rule(
    "A304",
    _W,
    "Authors, keywords and claims_summary are lists of texts; year is four digits.",
    "Write a list, one item a line.",
    "authors: Ada Lovelace",
)
INDEX = Rule(
    "A305",
    _W,
    "PAPER.md has a Layer Index with a table a layer.",
    "Add `## Layer Index` with tables of files.",
    "a PAPER.md that ends with its overview",
)
INDEX_MISSING = Rule(
    "A306",
    _E,
    "Every file that the Layer Index lists is there.",
    "Remove the row, or write the file.",
    "| [concepts.md](logic/concepts.md) | ... |",
)
UNLISTED = Rule(
    "A307",
    _W,
    "The Layer Index lists every text file of logic, src and trace.",
    "Add a row for the file.",
    "logic/solution/method.md without a row",
)
COUNT = Rule(
    "A308",
    _W,
    "Counts that PAPER.md declares are the real ones.",
    "Correct the number.",
    "14-node research DAG",
)
INDEX_CLAIM = Rule(
    "A309", _E, "Claims that the Layer Index names are in logic/claims.md.", "Correct the id, or write the claim.",
    "| [model.md](src/configs/model.md) | ... | C99 |",
)  # fmt: skip
SUMMARY = Rule(
    "A310", _E, "A claims_summary of the form `C01 (status): ...` has each claim once, with the status that it has.",
    "Correct the item, or the claim.", '- "C01 (supported): ..." where C01 is refuted',
)  # fmt: skip
RULES = (FRONT, REQUIRED, EXPECTED, TYPE, INDEX, INDEX_MISSING, UNLISTED, COUNT, INDEX_CLAIM, SUMMARY)

_REQUIRED = ("title", "authors", "year")
_EXPECTED = ("venue", "doi", "ara_version", "domain", "keywords", "claims_summary", "abstract")
_LISTS = ("authors", "keywords", "claims_summary")
_YEAR = re.compile(r"^\d{4}$")
_SUMMED = re.compile(r"^(C\d{1,9}) \((\w{1,40})\):")
_INDEXED = ("logic/", "src/", "trace/")
_COUNTED = re.compile(
    r"(?<![\w.])(\d+)[ -](?:(?:falsifiable|formal|declarative|experiment|research|raw|numbered)\s+)*"
    r"(claim|concept|experiment|plan|heuristic|node|table|figure)s?\b",
    re.IGNORECASE,
)
_KINDS = {
    "logic/claims.md": ("claim",),
    "logic/concepts.md": ("concept",),
    "logic/experiments.md": ("experiment", "plan"),
    "logic/solution/heuristics.md": ("heuristic",),
    "trace/exploration_tree.yaml": ("node",),
    "evidence/README.md": ("table", "figure"),
}


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    document = context.document(MANIFEST)
    if document is None:
        return
    if document.front is None:
        if not document.faults:
            yield FRONT.at(MANIFEST, 1, "there is no front matter that is a mapping")
    else:
        yield from _keys(document.front)
        yield from _summary(context, document.front)
    yield from _index(context, document)


def _keys(front: Mapping) -> Iterator[Diagnostic]:
    for key in (*_REQUIRED, *_EXPECTED):
        value = front.get(key)
        absent = value is None or (isinstance(value, Scalar) and value.is_null)
        if key in _REQUIRED and (absent or (isinstance(value, Scalar) and not value.text.strip())):
            yield REQUIRED.at(MANIFEST, value or 1, f"`{key}` is missing or empty")
        elif key in _REQUIRED and isinstance(value, Sequence) and not value.items:
            yield REQUIRED.at(MANIFEST, value, f"`{key}` is an empty list")
        elif absent:
            yield EXPECTED.at(MANIFEST, value or 1, f"`{key}` is missing")
        elif key in _LISTS and not _texts(value):
            yield TYPE.at(MANIFEST, value, f"`{key}` is no list of texts")
        elif key == "year" and not (isinstance(value, Scalar) and _YEAR.match(value.text.strip())):
            yield TYPE.at(MANIFEST, value, "`year` is no year of four digits")


def _texts(value: object) -> bool:
    return isinstance(value, Sequence) and all(isinstance(item, Scalar) for item in value.items)


def _summary(context: Context, front: Mapping) -> Iterator[Diagnostic]:
    summary = front.get("claims_summary")
    items = summary.items if isinstance(summary, Sequence) else []
    told: dict[str, str] = {}
    for item in items:
        found = _SUMMED.match(item.text) if isinstance(item, Scalar) else None
        if found is None:
            continue
        ident, status = found[1], found[2]
        claim = context.claims.get(ident)
        if claim is None or ident in told:
            message = f"{ident} is not in logic/claims.md" if claim is None else f"{ident} is here twice"
            yield SUMMARY.at(MANIFEST, item, message)
        elif status_of(claim) != status:
            yield SUMMARY.at(MANIFEST, item, f"{ident} is {status} here and {status_of(claim)} in logic/claims.md")
        told[ident] = status
    if told and (missing := [ident for ident in context.claims if ident not in told]):
        yield SUMMARY.at(
            MANIFEST, summary, f"{', '.join(missing)} of logic/claims.md {'is' if len(missing) == 1 else 'are'} missing"
        )


def _index(context: Context, document: MarkdownFile) -> Iterator[Diagnostic]:
    index = next((s for s in document.sections if s.title.lower().startswith("layer index")), None)
    tables = list(document.tables())
    if index is None or not any(table.column("file") is not None for table in tables):
        yield INDEX.at(MANIFEST, index or 1, "there is no Layer Index with a table of files")
        return
    listed: set[str] = set()
    for table in tables:
        claims = table.column("claims")
        for row in table.rows if table.column("file") is not None else ():
            yield from _row(context, row, claims, listed)
    for path in sorted(context.located.inventory.files):
        if path.startswith(_INDEXED) and path.endswith((".md", ".yaml")) and not _covered(path, listed):
            yield UNLISTED.at(path, None, "the file has no row in the Layer Index of PAPER.md")
    if holds := next(((n, t) for s in document.sections for n, t in s.body if t.startswith("It holds ")), None):
        yield from _counts(context, holds[0], holds[1], tuple(k for kinds in _KINDS.values() for k in kinds))


def _covered(path: str, listed: set[str]) -> bool:
    return path in listed or any(path.startswith(f"{folder.rstrip('/')}/") for folder in listed)


def _row(context: Context, row: Row, claims: int | None, listed: set[str]) -> Iterator[Diagnostic]:
    for target, _ in links_in(row.cells[0]) if row.cells else ():
        listed.add(target)
        if not context.exists(target.rstrip("/")):
            yield INDEX_MISSING.at(MANIFEST, row, f"{target} is listed but is not there")
        if kinds := _KINDS.get(target):
            yield from _counts(context, row.line, " ".join(row.cells[1:]), kinds)
    for code in re.findall(r"`([^`]+)`", row.cells[0]) if row.cells else ():
        listed.add(code)
    if claims is not None and claims < len(row.cells):
        for ident, _ in ids_in(row.cells[claims], "C"):
            if ident not in context.claims:
                yield INDEX_CLAIM.at(MANIFEST, row, f"{ident} is not in logic/claims.md")


def _counts(context: Context, line: int, text: str, kinds: tuple[str, ...]) -> Iterator[Diagnostic]:
    for found in _COUNTED.finditer(text):
        kind = found[2].lower()
        if kind == "node" and not context.tree_is_known:
            continue
        if kind in kinds and (real := _real(context, kind, raw="raw" in found[0].lower())) != int(found[1][:9]):
            yield COUNT.at(MANIFEST, line, f"{found[0]!r} is declared, but there are {real}")


def _real(context: Context, kind: str, *, raw: bool) -> int:
    if kind in {"table", "figure"}:
        files = context.located.files(f"evidence/{kind}s")
        return sum(1 for path in files if not (raw and ("derived_" in path or "subset_" in path)))
    if kind == "concept":
        concepts = context.document("logic/concepts.md")
        return sum(1 for s in concepts.sections if s.level == 2) if concepts else 0  # noqa: PLR2004 -- a term's heading
    if kind == "node":
        return len(context.tree.nodes) if context.tree else 0
    entries = {"claim": context.claims, "heuristic": context.heuristics}
    return len(entries.get(kind, context.experiments))
