"""A table as Parquet, with real types, and with units and the run's digests in the schema. The importer of pyarrow."""

import io
import json

from curie.errors import UsageError
from curie.export.tables import Column, Facts, Table, storable

HINT = "Install it with the extra `frame`: pip install 'curie-lab[frame]'."


def parquet(facts: Facts, table: Table) -> bytes:
    r"""The file's bytes.

    Text is UTF-8 (a lone surrogate, which UTF-8 cannot say, is written as `\udcXX`), integers have 64 bits, numbers
    are doubles, times are UTC in microseconds. Each field's metadata hold `unit`, `about` and `encoding` (`json` where
    text holds JSON); the schema's hold the facts of the run as JSON under `curie`, and its digests under keys of
    their own.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra, slow to import
        from pyarrow import parquet as pq  # noqa: PLC0415 - the same
    except ImportError as error:
        raise UsageError("Writing Parquet needs pyarrow, which is not installed.", hint=HINT) from error
    kinds = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    fields = [pa.field(c.name, kinds[c.type], metadata=_told(c)) for c in table.columns]
    schema = pa.schema(fields, metadata=_facts(facts, table))
    by_column = list(zip(*table.rows, strict=True)) if table.rows else [() for _ in fields]
    arrays = [
        pa.array([storable(cell) for cell in cells], type=field.type)
        for cells, field in zip(by_column, fields, strict=True)
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer)
    return buffer.getvalue()


def _told(column: Column) -> dict[str, str]:
    told = {"about": column.about, "unit": column.unit or "", "encoding": "json" if column.encoded else ""}
    return {name: text for name, text in told.items() if text}


def _facts(facts: Facts, table: Table) -> dict[str, str]:
    keys = ("schema_version", "run_id", "plan_sha256", "journal_head")
    known = {f"curie.{key}": getattr(facts, key) for key in keys}
    told = {key: str(value) for key, value in known.items() if value is not None}
    return {"curie": json.dumps(facts.model_dump(mode="json")), "curie.table": table.name, **told}
