import csv
import io
import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.export import csv_format, json_format
from curie.export.parquet_format import parquet as write
from curie.export.tables import TABLES, Cell, Column, ColumnType, Facts, Table, facts_of, table_of
from curie.frame import frame
from tests.curie.export.conftest import HOSTILE, Build

FACTS = Facts(
    schema_version=1, run_id="r", question="q", state="finished", mode="declared", plan_sha256=None,
    journal_head="0" * 64, journal_events=1, answer=None,
)  # fmt: skip
TEXT = st.text(alphabet=st.characters(exclude_categories=[]), max_size=20)


def one_column(cells: list[Cell], kind: ColumnType) -> Table:
    """A table of a number of the row and one column."""
    columns = (Column(name="n", type="integer"), Column(name="x", type=kind, unit="s", about="x"))
    return Table(name="trials", columns=columns, rows=tuple(enumerate(cells)))


def read_csv(table: Table) -> list[str]:
    """The second column as the standard library reads it back."""
    text = "".join(csv_format.lines(table))
    assert text.endswith("\r\n")
    return [row[1] for row in csv.reader(io.StringIO(text, newline=""))][1:]


@given(st.lists(st.floats()))
def test_numbers_read_back_from_csv_as_the_same_numbers(values: list[float]) -> None:
    """Bit for bit, NaN and the infinities included."""
    back = [float(text) for text in read_csv(one_column([*values], "number"))]
    assert [v.hex() for v in back] == [v.hex() for v in values]


@given(st.lists(TEXT))
def test_texts_read_back_from_csv_and_run_nothing(texts: list[str]) -> None:
    """No cell begins like a formula or steers a terminal; what is not a control character comes back unchanged."""
    for text, cell in zip(texts, read_csv(one_column([*texts], "text")), strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert "\x1b" not in cell
        assert "\u202e" not in cell
        if text.isprintable():
            assert cell.removeprefix("'") == text if text[:1] in {*"=+-@'"} else cell == text


def test_special_values_have_one_spelling() -> None:
    """Nothing, truth values, times and huge numbers as the page says."""
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    cells: list[Cell] = [None, True, False, when, math.nan, math.inf, -math.inf, -1, -0.5, 1e308, 10**18]
    assert [csv_format.shown(cell) for cell in cells] == [
        "", "true", "false", "2026-01-02T03:04:05+00:00", "NaN", "Infinity", "-Infinity", "-1", "-0.5", "1e+308",
        "1000000000000000000",
    ]  # fmt: skip


@given(st.lists(TEXT | st.none()), st.lists(st.floats() | st.none()))
def test_json_keeps_texts_and_numbers(texts: list[str | None], numbers: list[float | None]) -> None:
    """One object of ASCII; texts come back whole, numbers to the bit, and what JSON cannot say as text."""
    tables = (one_column([*texts], "text"), one_column([*numbers], "number"))
    text = "".join(json_format.pieces(FACTS, tables[:1])) + "".join(json_format.pieces(FACTS, tables[1:]))
    assert text.isascii()
    first, second = (json.loads("".join(json_format.pieces(FACTS, (table,)))) for table in tables)
    assert [row["x"] for row in first["tables"]["trials"]["rows"]] == texts
    for value, row in zip(numbers, second["tables"]["trials"]["rows"], strict=True):
        assert (row["x"] is None) == (value is None)
        assert value is None or float(row["x"]).hex() == value.hex()


def test_the_whole_of_a_hostile_run_as_json(build: Build) -> None:
    """All tables, the facts of the run, and the hostile text unharmed."""
    dossier = build()
    told = json.loads("".join(json_format.pieces(facts_of(dossier), [table_of(dossier, name) for name in TABLES])))
    assert told["schema_version"] == 1
    assert told["run"]["journal_head"] == dossier.head
    assert told["run"]["plan_sha256"] == dossier.state.plan_digest
    assert list(told["tables"]) == list(TABLES)
    assert HOSTILE in {row["reason"] for row in told["tables"]["trials"]["rows"]}


def test_parquet_has_types_units_and_digests(build: Build) -> None:
    """Read back by pyarrow: the types of the columns, their units, and the run's digests in the schema."""
    parquet = pytest.importorskip("pyarrow.parquet")

    dossier = build()
    table = table_of(dossier, "trials")
    back = parquet.read_table(io.BytesIO(write(facts_of(dossier), table)))
    types = {field.name: str(field.type) for field in back.schema}
    assert {name: types[name] for name in ("key", "seed", "wall_s", "disturbed", "started", "setting.level")} == {
        "key": "string", "seed": "int64", "wall_s": "double", "disturbed": "bool", "started": "timestamp[us, tz=UTC]",
        "setting.level": "double",
    }  # fmt: skip
    assert back.schema.field("metric.wall_s").metadata[b"unit"] == b"s"
    assert back.schema.metadata[b"curie.journal_head"].decode() == dossier.head
    assert back.schema.metadata[b"curie.plan_sha256"].decode() == dossier.state.plan_digest
    assert back.to_pylist() == table.records()


@given(
    st.lists(TEXT | st.none()),
    st.lists(st.floats() | st.none()),
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.none()),
)
def test_parquet_and_frames_keep_values(
    texts: list[str | None], numbers: list[float | None], integers: list[int | None]
) -> None:
    """Everything that UTF-8 can say and 64 bits can hold comes back; a lone surrogate is spelled out."""
    parquet = pytest.importorskip("pyarrow.parquet")

    told = [t if t is None else t.encode("utf-8", "backslashreplace").decode() for t in texts]
    for cells, kind, expected in ((texts, "text", told), (integers, "integer", integers)):
        table = one_column([*cells], kind)  # type: ignore[list-item]  # the kinds as written here
        assert parquet.read_table(io.BytesIO(write(FACTS, table)))["x"].to_pylist() == expected
        assert [
            None if v is None else v for v in frame(FACTS, table)["x"].astype(object).where(lambda s: s.notna(), None)
        ] == expected
    back = parquet.read_table(io.BytesIO(write(FACTS, one_column([*numbers], "number"))))["x"].to_pylist()
    assert [None if v is None else v.hex() for v in back] == [None if v is None else v.hex() for v in numbers]


def test_a_frame_is_typed_and_knows_its_units(build: Build) -> None:
    """Numbers are numbers, missing integers stay integers, times have a zone; units and run are in `attrs`."""
    pytest.importorskip("pandas")

    dossier = build()
    made = frame(facts_of(dossier), table_of(dossier, "trials"))
    kinds = {name: str(made[name].dtype) for name in ("key", "exit_code", "metric.wall_s", "disturbed", "started")}
    assert kinds == {
        "key": "string", "exit_code": "Int64", "metric.wall_s": "float64", "disturbed": "boolean",
        "started": "datetime64[us, UTC]",
    }  # fmt: skip
    assert made.attrs["units"]["metric.wall_s"] == "s"
    assert made.attrs["run"]["journal_head"] == dossier.head
    measured = made[(made["purpose"] == "measure") & ~made["superseded"]]
    assert len(measured) == 4
