"""Which reader a file takes: by its first bytes, then by its suffix, never by the suffix alone."""

import lzma
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import PurePath
from typing import BinaryIO

from curie.profile.binary_reader import arrow_source, npy_source, npz_sources
from curie.profile.source import DamagedFile, NoTable, Source
from curie.profile.text_reader import (
    JSON_WHOLE,
    compression,
    csv_source,
    decompressed,
    json_lines_source,
    json_source,
    lines_of,
)
from curie.profile.walk import FoundFile, open_file

_TABLES = {".csv", ".tsv", ".tab", ".psv"}
_PERHAPS = {".txt", ".dat", ".data", ""}
_JSON_LINES = {".jsonl", ".ndjson"}
_HEAD = 65_536
_BINARY_SHARE = 0.05
_BINARY_LEAST = 8
_CONTROLS = bytes({*range(32), 127} - {*b"\t\n\r\f"})
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")

Read = Source | tuple[str, NoTable]
"""A table, or the name of a part that is none with the reason."""


def suffix_of(name: str) -> str:
    """The suffix in lower case, that of a compression left out: `.csv` for `A.CSV.gz`."""
    parts = [suffix.lower() for suffix in PurePath(name).suffixes]
    if parts and parts[-1] in {".gz", ".bz2", ".xz"}:
        parts.pop()
    return parts[-1] if parts else ""


def sources(found: FoundFile) -> Iterator[Read]:
    """The tables of a file, one after the other; each has to be read before the next is asked for.

    Raises:
        NoTable: (while iterating) it holds none, or cannot be read.
    """
    with open_file(found.path) as file:
        try:
            method = compression(file.read(16))
            file.seek(0)
            head = decompressed(file, method).read(_HEAD)
            file.seek(0)
            yield from _by_content(found, decompressed(file, method), head, compressed=method is not None)
        except DamagedFile as damage:
            raise NoTable("damaged", str(damage)) from damage
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise NoTable("damaged", f"cannot be read: {error}") from error


def _by_content(found: FoundFile, file: BinaryIO, head: bytes, *, compressed: bool) -> Iterator[Read]:
    name, suffix = found.name, suffix_of(found.path.name)
    if head.startswith(b"\x93NUMPY"):
        yield npy_source(name, file)
    elif head.startswith(b"PK\x03\x04") and suffix == ".npz" and not compressed:
        yield from npz_sources(name, file)
    elif head.startswith(b"PAR1") and not compressed:
        yield arrow_source(name, file, "parquet")
    elif head.startswith(b"ARROW1") and not compressed:
        yield arrow_source(name, file, "feather")
    elif suffix in _JSON_LINES | {".json"}:
        yield _json(name, suffix, file, head)
    elif suffix in _TABLES | _PERHAPS:
        yield _text(name, suffix, file, head)
    else:
        raise NoTable("no-table", f"no table ({suffix or 'no suffix'})")


def _text(name: str, suffix: str, file: BinaryIO, head: bytes) -> Source:
    sure = suffix in _TABLES
    if not head.startswith(_WIDE):
        controls = len(head) - len(head.translate(None, delete=_CONTROLS))
        if controls > (max(_BINARY_SHARE * len(head), _BINARY_LEAST) if sure else 0):
            raise NoTable("no-table", "binary content")
    return csv_source(name, suffix, lines_of(file, head), sure=sure)


def _json(name: str, suffix: str, file: BinaryIO, head: bytes) -> Source:
    text = head.removeprefix(_BOM).lstrip()
    if not text:
        raise NoTable("no-table", "an empty file")
    if suffix in _JSON_LINES:
        return json_lines_source(name, lines_of(file, head))
    if text.startswith(b"["):
        data = file.read(JSON_WHOLE + 1)
        if len(data) > JSON_WHOLE:
            raise NoTable("bound", f"a JSON array above {JSON_WHOLE} bytes; JSON lines are read at any size")
        return json_source(name, data.removeprefix(_BOM))
    lines = lines_of(file, head)
    first = list(islice(lines, 2))
    if len(first) > 1 and _is_record(first[0]) and _is_record(first[1]):
        return json_lines_source(name, chain(first, lines))
    raise NoTable("no-table", "JSON, but no array of records")


def _is_record(line: str) -> bool:
    line = line.strip()
    return line.startswith("{") and line.endswith("}")
