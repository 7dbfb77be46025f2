"""Which tables go where: the formats that are files, written whole or not at all."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

from curie.dossier import Dossier
from curie.durable import write_atomic
from curie.errors import InfrastructureError, UsageError
from curie.export import csv_format, json_format
from curie.export.parquet_format import parquet
from curie.export.tables import TABLES, Table, TableName, facts_of, table_of

Format = Literal["csv", "parquet", "json", "mlflow"]
What = Literal["trials", "measurements", "findings", "all"]
FORMATS: tuple[Format, ...] = get_args(Format)
WHAT: tuple[What, ...] = get_args(What)
_SUFFIXES: dict[str, Format] = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet", ".json": "json"}


def format_of(name: str | None, path: Path | None) -> Format:
    """The format that was named, else the one that the file's name ends with.

    Raises:
        UsageError: there is no such format, or nothing tells one.
    """
    known = ", ".join(FORMATS)
    if name is not None:
        for each in FORMATS:
            if name == each:
                return each
        raise UsageError(f"There is no format {name!r}.", hint=f"Formats are {known}.")
    suffix = path.suffix.lower() if path is not None else ""
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    raise UsageError("Nothing says in which format to export.", hint=f"Name one of {known}.")


def what_of(name: str | None, chosen: Format) -> What:
    """The tables that were named; without a name all of them in JSON, which can hold them, else the trials.

    Raises:
        UsageError: there is no such table.
    """
    if name is None:
        return "all" if chosen == "json" else "trials"
    for each in WHAT:
        if name == each:
            return each
    raise UsageError(f"There is no table {name!r}.", hint=f"There are {', '.join(WHAT)}.")


def text_of(dossier: Dossier, chosen: Literal["csv", "json"], what: What) -> Iterator[str]:
    """An export as text, in pieces.

    Raises:
        UsageError: all tables in one CSV file.
    """
    if chosen == "json":
        return json_format.pieces(facts_of(dossier), tables_of(dossier, what))
    if what == "all":
        raise UsageError(
            "One CSV file holds one table.", hint="Name a folder with --out, or one table with --what, or use json."
        )
    return csv_format.lines(table_of(dossier, what))


def tables_of(dossier: Dossier, what: What) -> tuple[Table, ...]:
    """One table, or the three of a run and the one about their columns."""
    names: Sequence[TableName] = TABLES if what == "all" else (what,)
    return tuple(table_of(dossier, name) for name in names)


def write_files(
    dossier: Dossier, chosen: Literal["csv", "parquet", "json"], what: What, path: Path, *, force: bool = False
) -> tuple[Path, ...]:
    """Write an export: a file, or for all tables as CSV or Parquet a folder with a file each.

    Args:
        dossier: the run.
        chosen: the format.
        what: the tables.
        path: the file or the folder; folders above it must exist.
        force: replace what is there.

    Returns:
        The files written.

    Raises:
        UsageError: something is there already, the place cannot be written, or an extra is not installed.
        DiskFull: no space is left; files that were there are as they were.
        InfrastructureError: another fault of the file system.
    """
    contents = _contents(dossier, chosen, what, path)
    if not force and (taken := next((p for p in contents if p.exists() or p.is_symlink()), None)):
        raise UsageError(f"{taken} exists.", hint="Name another file with --out, or replace it with --force.")
    try:
        for file, data in contents.items():
            if file.parent == path:
                path.mkdir(exist_ok=True)
            write_atomic(file, data)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError, FileExistsError) as error:
        raise UsageError(
            f"{error.filename or path} cannot be written: {error.strerror}.", hint="Name another place with --out."
        ) from error
    except (OSError, ValueError) as error:
        raise InfrastructureError(f"{path} cannot be written: {error}") from error
    return tuple(contents)


def _contents(dossier: Dossier, chosen: Literal["csv", "parquet", "json"], what: What, path: Path) -> dict[Path, bytes]:
    """Every file with its bytes, all made before any is written."""
    if chosen == "json":
        return {path: "".join(text_of(dossier, "json", what)).encode("ascii")}
    tables = tables_of(dossier, what)
    files = {path / f"{t.name}.{chosen}" if what == "all" else path: t for t in tables}
    if chosen == "csv":
        return {file: "".join(csv_format.lines(table)).encode() for file, table in files.items()}
    facts = facts_of(dossier)
    return {file: parquet(facts, table) for file, table in files.items()}
