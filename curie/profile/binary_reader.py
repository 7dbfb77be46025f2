"""Reads NumPy arrays (never pickles), Parquet and Arrow files as rows of text."""

import tokenize
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy_format

from curie.profile.source import BATCH_CELLS, DamagedFile, NoTable, Source
from curie.profile.text_reader import cell_text

_INSTALL = "pyarrow is not installed; `pip install pyarrow` to profile it"
_LONGEST_HEADER = 2**16
_HEADER_ERRORS = (
    ValueError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    # NumPy reads a header as Python: these are what broken Python ends in.
    tokenize.TokenError,
    SyntaxError,
    TypeError,
    RecursionError,
    MemoryError,
)


def npy_source(path: str, file: BinaryIO) -> Source:
    """One array: its first axis are the rows; further axes are flattened to columns; fields have names.

    Raises:
        NoTable: it holds pickled objects or nothing that could be rows, or its header is damaged.
    """
    try:
        version = npy_format.read_magic(file)
        read = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
        shape, fortran, dtype = read(file, max_header_size=_LONGEST_HEADER)
    except _HEADER_ERRORS as error:
        raise NoTable("damaged", "not a readable NumPy array") from error
    if dtype.hasobject:
        raise NoTable("no-table", "a NumPy array of pickled objects, which are not loaded")
    if not shape:
        raise NoTable("no-table", "a NumPy array without rows")
    if fortran and len(shape) > 1:
        raise NoTable("no-table", "a NumPy array in Fortran order; save it with np.ascontiguousarray")
    width = int(np.prod(shape[1:], dtype=object))
    names = dtype.names or tuple(f"column {n}" for n in range(1, min(width, BATCH_CELLS) + 1))
    rows = _array_rows(file, shape[0], width, dtype)
    columns = len(names) if dtype.names else width
    return Source(path, "npy", names, columns, rows, header=bool(dtype.names))


def npz_sources(path: str, file: BinaryIO) -> Iterator[Source | tuple[str, NoTable]]:
    """Every array of an archive, by name; one that cannot be read comes with the reason.

    Raises:
        NoTable: it is no archive.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NoTable("damaged", f"not a readable archive: {error}") from error
    with archive:
        for name in sorted(archive.namelist()):
            inner = f"{path}/{name.removesuffix('.npy')}"
            if not name.endswith(".npy"):
                yield inner, NoTable("no-table", "not an array")
                continue
            try:
                with archive.open(name) as member:
                    source = npy_source(inner, member)  # type: ignore[arg-type]  # a ZipExtFile reads like a file
                    source.format = "npz"
                    yield source
            except NoTable as reason:
                yield inner, reason
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
                yield inner, NoTable("damaged", str(error))


def arrow_source(path: str, file: BinaryIO, form: str) -> Source:
    """A Parquet or Arrow (Feather) file.

    Args:
        path: for the report.
        file: its content.
        form: `parquet` or `feather`.

    Raises:
        NoTable: pyarrow is not installed, or cannot read it.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 -- an optional extra
        from pyarrow import ipc, parquet  # noqa: PLC0415 -- an optional extra
    except ImportError as error:
        raise NoTable("missing-library", _INSTALL) from error
    try:
        if form == "parquet":
            opened = parquet.ParquetFile(file)
            names = tuple(map(str, opened.schema_arrow.names))
            size = max(BATCH_CELLS // max(len(names), 1), 1)
            batches = opened.iter_batches(batch_size=size)
        else:
            stream = ipc.open_file(file)
            names = tuple(map(str, stream.schema.names))
            batches = (stream.get_batch(number) for number in range(stream.num_record_batches))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NoTable("damaged", f"not a readable {form} file: {error}") from error
    return Source(path, form, names, len(names), _arrow_rows(batches))


def _arrow_rows(batches: Iterator[object]) -> Iterator[list[str]]:
    import pyarrow as pa  # noqa: PLC0415 -- an optional extra, found above

    try:
        for batch in batches:
            assert isinstance(batch, pa.RecordBatch)  # noqa: S101 -- what pyarrow promises and does not annotate
            size = max(BATCH_CELLS // max(batch.num_columns, 1), 1)
            for start in range(0, batch.num_rows, size):
                columns = [map(cell_text, column.to_pylist()) for column in batch.slice(start, size).columns]
                yield from map(list, zip(*columns, strict=True))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedFile(f"the file cannot be read to its end: {error}") from error


def _array_rows(file: BinaryIO, rows: int, width: int, dtype: "np.dtype[np.generic]") -> Iterator[list[str]]:
    a_row = width * dtype.itemsize
    if not a_row:
        yield from ([] for _ in range(min(rows, BATCH_CELLS)))
        return
    size = max(BATCH_CELLS // width, 1)
    while rows:
        take = min(size, rows)
        try:
            data = file.read(take * a_row)
        except (OSError, EOFError, zipfile.BadZipFile, ValueError) as error:
            raise DamagedFile(f"the array cannot be read to its end: {error}") from error
        found = np.frombuffer(data[: len(data) // a_row * a_row], dtype=dtype).reshape(-1, width)
        for row in found.tolist():
            yield [cell_text(value) for value in (row[0] if dtype.names and width == 1 else row)]
        if len(found) < take:
            raise DamagedFile(f"the array ends {rows - len(found)} rows too early")
        rows -= take
