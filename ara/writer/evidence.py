"""The evidence layer as Markdown: tables, figures, results, log pointers, and an index that covers them. Pure."""

from collections.abc import Sequence

from ara.schema.evidence import EvidenceFigure, EvidenceResult, EvidenceTable, Grid, LogPointer
from ara.writer.text import cell, inline, page, paragraph, table


def field(key: str, value: str) -> str:
    """A field of an evidence file: a bold key at the head of a line."""
    return f"**{key}**: {value}"


def table_page(entry: EvidenceTable) -> bytes:
    """A file of `evidence/tables/`."""
    head = [
        field("Source", inline(entry.source)),
        field("Caption", inline(entry.caption)),
        field("Extraction type", entry.extraction),
    ]
    if entry.derived_from:
        head.append(field("Derived from", entry.derived_from))
    head.append(field("Screenshot", entry.screenshot or "none: made from records, not read off a page"))
    return page([[f"# {inline(entry.title)}"], _lines(head), _grid(entry.grid), *_notes(entry.notes)])


def figure_page(entry: EvidenceFigure) -> bytes:
    """A file of `evidence/figures/`."""
    head = [
        field("Source", inline(entry.source)),
        field("Caption", inline(entry.caption)),
        field("Screenshot", entry.screenshot),
        field("Figure type", entry.type),
        field("Extraction method", entry.method),
        field("Reading confidence", entry.confidence),
    ]
    if entry.plot:
        head.append(field("Plot kind", entry.plot))
    if entry.axes:
        axes = "; ".join(f"{inline(axis.label)} ({inline(axis.unit)}, {axis.scale} scale)" for axis in entry.axes)
        head.append(field("Axes", axes))
    blocks = [[f"# {inline(entry.title)}"], _lines(head)]
    if entry.grid is not None:
        blocks.append(_grid(entry.grid))
    return page([*blocks, [field("Trend summary", inline(entry.trend or "none stated"))]])


def result_page(entry: EvidenceResult) -> bytes:
    """A file of `evidence/results/`."""
    head = [
        field("Source", inline(entry.source)),
        field("Caption", inline(entry.caption)),
        field("Trace node", entry.node),
        field("Claim", ", ".join(entry.claims) or "none"),
    ]
    return page([[f"# {inline(entry.title)}"], _lines(head), _grid(entry.grid), *_notes(entry.notes)])


def log_page(entries: Sequence[LogPointer]) -> bytes:
    """`evidence/logs/log_pointers.md`: output stays in the run; here is how to find and check it."""
    rows = [(e.trial, e.stream, e.sha256, str(e.size_bytes), str(e.total_bytes)) for e in entries]
    header = ("trial", "stream", "sha256", "bytes kept", "bytes written")
    return page([["# Log pointers"], ["Each is `artifacts/<sha256>` in the run's directory."], table(header, rows)])


def index(
    tables: Sequence[EvidenceTable], figures: Sequence[EvidenceFigure], results: Sequence[EvidenceResult]
) -> bytes:
    """`evidence/README.md`: one row a Markdown file, and none without a file."""
    parts: list[tuple[str, str, Sequence[EvidenceTable | EvidenceFigure | EvidenceResult]]] = [
        ("Tables", "tables", tables),
        ("Figures", "figures", figures),
        ("Results", "results", results),
    ]
    blocks = [["# Evidence Index"]]
    for title, folder, entries in parts:
        if not entries:
            blocks.append([f"## {title}", "", f"None: the run has nothing to show as {title.lower()}."])
            continue
        rows = [
            f"| [{folder}/{e.name}.md]({folder}/{e.name}.md) | {cell(e.source)} | {', '.join(e.claims) or 'none'} "
            f"| {cell(e.title)} |"
            for e in entries
        ]
        blocks.append([f"## {title}", "", "| File | Source | Claims | Description |", "|---|---|---|---|", *rows])
    return page(blocks)


def row_line(page_bytes: bytes, row: int) -> tuple[int, str]:
    """Number (from 1) and text of the line that holds a row (from 0) of the first table of a written page.

    Raises:
        ValueError: the page has no such row.
    """
    lines = page_bytes.decode().split("\n")
    first = next((i for i, line in enumerate(lines) if line.startswith("|---")), None)
    if first is None or not lines[first + 1 + row].startswith("| "):
        raise ValueError(f"the page has no table with a row {row}")
    return first + 2 + row, lines[first + 1 + row]


def _grid(grid: Grid) -> list[str]:
    return table(grid.header, grid.rows)


def _lines(fields: Sequence[str]) -> list[str]:
    """Each field a paragraph line of its own: two spaces break the line where Markdown is rendered."""
    return [f"{text}  " for text in fields[:-1]] + [fields[-1]]


def _notes(notes: Sequence[str]) -> list[list[str]]:
    return [[paragraph(note)] for note in notes]
