"""A table of a run as a pandas data frame: the only module that imports pandas."""

from typing import TYPE_CHECKING

from curie.errors import UsageError
from curie.export.tables import ColumnType, Facts, Table, storable

if TYPE_CHECKING:
    import pandas as pd

HINT = "Install it with the extra `frame`: pip install 'curie-lab[frame]'; `run.rows()` works without it."
_TYPES: dict[ColumnType, str] = {
    "text": "string",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "time": "datetime64[us, UTC]",
}
"""Types of pandas that can say that a value is missing; of a number, NaN says it."""


def frame(facts: Facts, table: Table) -> "pd.DataFrame":
    """The table as a data frame: a column each, typed; `attrs` holds the units by column and the facts of the run.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise UsageError("A data frame needs pandas, which is not installed.", hint=HINT) from error
    cells = {column.name: [storable(row[i]) for row in table.rows] for i, column in enumerate(table.columns)}
    types = {column.name: _TYPES[column.type] for column in table.columns}
    made = pd.DataFrame(cells, dtype="object").astype(types)
    made.attrs["units"] = {column.name: column.unit for column in table.columns if column.unit is not None}
    made.attrs["run"] = facts.model_dump(mode="json")
    return made
