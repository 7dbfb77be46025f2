"""Tables as one JSON object, in pieces, so that a long series is never held twice. Pure."""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import JsonValue

from curie.export.tables import Cell, Facts, Table


def pieces(facts: Facts, tables: Sequence[Table]) -> Iterator[str]:
    """The object's text in pieces, ASCII alone, with a line for every row.

    `{"schema_version": 1, "run": {...}, "tables": {"trials": {"columns": [...], "rows": [{...}]}}}`. What JSON
    cannot say is text: `NaN`, `Infinity`, `-Infinity`; times are ISO 8601; nothing is `null`.
    """
    run = facts.model_dump(mode="json", exclude={"schema_version"})
    yield f'{{"schema_version": {facts.schema_version}, "run": {json.dumps(run)}, "tables": {{'
    for place, table in enumerate(tables):
        columns = [column.model_dump(mode="json") for column in table.columns]
        yield f'{"," if place else ""}\n{json.dumps(table.name)}: {{"columns": {json.dumps(columns)}, "rows": ['
        for index, record in enumerate(table.records()):
            row = {name: plain(cell) for name, cell in record.items()}
            yield f"{',' if index else ''}\n{json.dumps(row, allow_nan=False)}"
        yield "]}"
    yield "\n}}\n"


def plain(cell: Cell) -> JsonValue:
    """A cell as JSON has it."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, float) and not math.isfinite(cell):
        return "NaN" if math.isnan(cell) else "Infinity" if cell > 0 else "-Infinity"
    return cell
