"""Reads CSV, TSV and JSON lines as rows of text, decompressed on the way, with bounds on every line and cell."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import BinaryIO, cast

from curie.profile.dialect import Dialect, head_of, sniff
from curie.profile.model import Note
from curie.profile.source import DamagedFile, NoTable, Source
from curie.profile.values import shown

LONGEST_LINE = 16 * 2**20
"""Characters of a line, and of a cell."""
JSON_WHOLE = 64 * 2**20
"""Bytes of a JSON array, which is read as a whole."""

_HEAD_LINES = 500
_HEAD_CHARACTERS = 2**20
_HEAD_ROWS = 200
_RECORDS = 1000
"""Records of JSON lines whose keys become the columns."""
_DECOMPRESSORS = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
_READ_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeError)
_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def compression(head: bytes) -> str | None:
    """`gz`, `bz2`, `xz`, by content; None for anything else."""
    return next((name for magic, name in _DECOMPRESSORS.items() if head.startswith(magic)), None)


def decompressed(file: BinaryIO, method: str | None) -> BinaryIO:
    """The file's content."""
    if method == "gz":
        return cast("BinaryIO", gzip.GzipFile(fileobj=file))
    if method == "bz2":
        return cast("BinaryIO", bz2.BZ2File(file))
    if method == "xz":
        return cast("BinaryIO", lzma.LZMAFile(file))
    return file


@contextmanager
def long_cells() -> Iterator[None]:
    """Let `csv` read cells of up to `LONGEST_LINE` characters; its limit belongs to the process and is put back."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def lines_of(file: BinaryIO, head: bytes) -> Iterator[str]:
    """Lines with their ends; bytes that are not UTF-8 become lone surrogates.

    Raises:
        DamagedFile: (while iterating) a line is too long, or the file ends or breaks in the middle.
    """
    encoding = next((name for bom, name in _BOMS.items() if head.startswith(bom)), "utf-8-sig")
    text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
    try:
        while line := text.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise DamagedFile(f"a line has more than {LONGEST_LINE} characters")
            yield line
    except _READ_ERRORS as error:
        raise DamagedFile(f"the file cannot be read to its end: {error}") from error
    finally:
        # Whoever opened the file closes it; a wrapper that is collected would do so at any time.
        if not file.closed:
            text.detach()


def csv_source(path: str, suffix: str, lines: Iterator[str], *, sure: bool) -> Source:
    """A text table.

    Args:
        path: for the report.
        suffix: `.tsv` and `.tab` prefer tabs.
        lines: of the file.
        sure: the suffix says that it is a table; otherwise it has to look like one.

    Raises:
        NoTable: it does not.
        DamagedFile: the first lines cannot be read.
    """
    first = _first_lines(lines)
    dialect = sniff(first)
    if suffix in {".tsv", ".tab"} and any("\t" in line for line in first) and dialect.delimiter != "\t":
        dialect = Dialect("\t", dialect.initial_space, 0, regular=True)
    if not (sure or dialect.regular):
        raise NoTable("no-table", "text without columns")
    rows = _csv_rows(chain(first, lines), dialect)
    start = _first_rows(rows)
    head = head_of(start)
    width = len(start[head.preamble]) if start else 0
    if head.names is None and start:
        width = max(width, dialect.width)
    notes = [Note(kind="no-header", message="No row holds names.")] if head.names is None and start else []
    if head.preamble:
        said = shown(dialect.delimiter.join(start[0]))
        notes.append(Note(kind="preamble", message=f"The first row does not fit the others and is not counted: {said}"))
    names = head.names or tuple(f"column {number}" for number in range(1, width + 1))
    begin = head.preamble + (head.names is not None)
    return Source(
        path=path,
        format="tsv" if dialect.delimiter == "\t" else "csv",
        names=names,
        width=len(names),
        rows=chain(start[begin:], rows),
        header=head.names is not None,
        delimiter=dialect.delimiter if dialect.width != 1 else None,
        notes=notes,
    )


def json_lines_source(path: str, lines: Iterator[str]) -> Source:
    """JSON lines: objects whose keys are columns, or arrays.

    Raises:
        NoTable: the first record is neither.
        DamagedFile: the first lines cannot be read.
    """
    notes: list[Note] = []
    return records_source(path, "jsonl", _parsed(lines, notes), notes)


def json_source(path: str, data: bytes) -> Source:
    """A JSON array of objects or arrays.

    Raises:
        NoTable: it is something else, or no JSON.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NoTable("damaged", f"not JSON: {error}") from error
    if not isinstance(found, list):
        raise NoTable("no-table", "JSON, but no array of records")
    if not found:
        raise NoTable("no-table", "an empty JSON array")
    return records_source(path, "json", iter(found), [])


def records_source(path: str, form: str, records: Iterator[object], notes: list[Note]) -> Source:
    """Records as rows; the keys of the first thousand become the columns, and later keys make a row ragged.

    Raises:
        NoTable: the first record is no object and no array.
    """
    first = list(islice(records, _RECORDS))
    if first and not isinstance(first[0], dict | list):
        raise NoTable("no-table", "JSON, but its records are neither objects nor arrays")
    keys: dict[str, None] = {}
    longest = 0
    for record in first:
        if isinstance(record, dict):
            keys.update(dict.fromkeys(record))
        elif isinstance(record, list):
            longest = max(longest, len(record))
    header = bool(keys) or not longest
    names = tuple(keys) if header else tuple(f"column {number}" for number in range(1, longest + 1))
    known = frozenset(names)
    rows = (_record_row(record, names, known) for record in chain(first, records))
    return Source(path=path, format=form, names=names, width=len(names), rows=rows, header=header, notes=notes)


def cell_text(value: object) -> str:
    """A value as a cell: None is empty, a nested value is JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return str(value)


def _first_lines(lines: Iterator[str]) -> list[str]:
    found: list[str] = []
    size = 0
    for line in islice(lines, _HEAD_LINES):
        found.append(line)
        size += len(line)
        if size > _HEAD_CHARACTERS:
            break
    return found


def _csv_rows(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=dialect.delimiter, skipinitialspace=dialect.initial_space)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DamagedFile(f"line {reader.line_num}: {error}") from error
        if row is None:
            return
        if row:
            yield row


def _first_rows(rows: Iterator[list[str]]) -> list[list[str]]:
    """The first rows, as many as a table of many columns allows."""
    found: list[list[str]] = []
    size = 0
    for row in islice(rows, _HEAD_ROWS):
        found.append(row)
        size += len(row) + sum(map(len, row))
        if size > _HEAD_CHARACTERS:
            break
    return found


def _parsed(lines: Iterator[str], notes: list[Note]) -> Iterator[object]:
    bad = 0
    for line in lines:
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            bad += 1
    if bad:
        notes.append(Note(kind="unreadable-rows", message=f"{bad} lines are no JSON and are not counted."))


def _record_row(record: object, names: tuple[str, ...], known: frozenset[str]) -> list[str]:
    if isinstance(record, dict):
        row = [cell_text(record.get(name)) for name in names]
        # Keys that no column has are appended, so that the row differs from one without them.
        return row + [f"{key}={cell_text(record[key])}" for key in sorted(record.keys() - known)]
    return [cell_text(value) for value in record] if isinstance(record, list) else [cell_text(record)]
