"""Every count equals a naive one over the whole table in memory."""

import csv
import io
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curie.profile.bounds import Bounds
from curie.profile.build import Content, profile
from curie.profile.model import DataProfile, TableProfile
from curie.profile.rows import row_text

CONTENT = Content(name="data", sha256="0" * 64, size_bytes=0)
GAPS = ["", "NA", "N/A", "NaN", "null", "None", "?", "-"]

# Without control characters: many of them are binary content, and a lone carriage return is a line end, which Python
# 3.11 writes without quotes where lines end otherwise.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc",)), max_size=8).map(lambda text: "t" + text)
number_cells = st.one_of(
    st.integers(-(10**6), 10**6).map(str), st.floats(-1e6, 1e6).map(repr), st.sampled_from(GAPS), st.just(" 7 ")
)
text_cells = st.one_of(texts, st.sampled_from(["ta", "tb", 't,;|\t"x', "t\r\nnext", *GAPS]))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str, str]:
    """Rows of a number column, a text column and a class; a delimiter; a line end."""
    row = st.tuples(number_cells, text_cells, st.sampled_from("ab")).map(list)
    rows = draw(st.lists(row, min_size=1, max_size=60))
    rows += draw(st.lists(st.sampled_from(rows), max_size=20))
    return rows, draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n"]))


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> bytes:
    """As CSV, with names above."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerows([["number", "words", "kind"], *rows])
    return out.getvalue().encode()


def only(found: DataProfile) -> TableProfile:
    """The one table."""
    (table,) = found.tables
    return table


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(table=tables())
def test_counts_equal_naive_ones(tmp_path: Path, table: tuple[list[list[str]], str, str]) -> None:
    """Rows, missing, distinct, commonest, duplicates, moments and range, in any dialect with quotes and line breaks."""
    rows, delimiter, end = table
    path = tmp_path / "t.csv"
    path.write_bytes(written(rows, delimiter, end))
    found = only(profile(CONTENT, path))
    assert (found.rows, found.delimiter, found.ragged) == (len(rows), delimiter, 0)
    assert [column.name for column in found.columns] == ["number", "words", "kind"]
    assert found.duplicates == len(rows) - len({tuple(row) for row in rows})
    for column, cells in zip(found.columns, zip(*rows, strict=True), strict=True):
        present = [cell.strip() for cell in cells if cell.strip() not in GAPS]
        assert column.missing == len(cells) - len(present)
        assert column.distinct == len(set(present))
        assert [item.count for item in column.common] == sorted(Counter(present).values(), reverse=True)[:10]
    values = [float(row[0]) for row in rows if row[0].strip() not in GAPS]
    _same_numbers(found.columns[0], values)


def _same_numbers(column: Any, values: list[float]) -> None:
    if not values:
        assert (column.type, column.mean, column.sd, column.minimum) == ("empty", None, None, None)
        return
    assert column.type in {"integer", "float"}
    assert (column.minimum, column.maximum) == (min(values), max(values))
    assert column.mean == pytest.approx(statistics.fmean(values), rel=1e-9, abs=1e-6)
    if len(values) > 1:
        assert column.sd == pytest.approx(statistics.stdev(values), rel=1e-7, abs=1e-6)
    else:
        assert column.sd is None


def test_many_batches_count_like_one(tmp_path: Path) -> None:
    """Beyond a batch of cells the counts go on: 60,000 rows of three columns, each number twice."""
    values = [n * 0.5 - 3 for n in range(30_000)] * 2
    path = tmp_path / "t.csv"
    path.write_bytes(written([[repr(v), f"w{int(v) % 7}", "a"] for v in values]))
    found = only(profile(CONTENT, path))
    assert (found.rows, found.duplicates, found.compared) == (60_000, 30_000, 60_000)
    _same_numbers(found.columns[0], values)
    assert found.columns[0].distinct == 30_000


def test_spread_beside_a_large_mean(tmp_path: Path) -> None:
    """Variance survives an offset at which the sum of squares would lose it."""
    values = [1e9 + (n % 3) for n in range(50_000)]
    path = tmp_path / "t.csv"
    path.write_text("x\n" + "\n".join(map(repr, values)) + "\n")
    assert only(profile(CONTENT, path)).columns[0].sd == pytest.approx(statistics.stdev(values), rel=1e-6)


def test_numbers_without_an_end(tmp_path: Path) -> None:
    """Infinite values and those too large for a float are counted apart, and mean and spread stay finite or unknown."""
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,1e308\ninf,-1e308\n-inf,1e308\n1e999,1e308\n3,1e308\n")
    x, y = only(profile(CONTENT, path)).columns
    assert (x.infinite, x.mean, x.minimum, x.maximum) == (3, 2.0, 1.0, 3.0)
    assert y.sd is None
    assert y.maximum == 1e308


def test_bounds_are_told(tmp_path: Path) -> None:
    """Distinct values, remembered rows and columns stop at their bounds, and the profile says so."""
    rows = [[str(n), f"w{n % 50}", "a"] for n in range(1000)]
    path = tmp_path / "t.csv"
    path.write_bytes(written(rows + rows))
    found = only(profile(CONTENT, path, Bounds(distinct=100, rows_remembered=1500, columns=2)))
    assert (found.rows, found.complete, found.compared, found.duplicates) == (2000, True, 1500, 500)
    assert [(c.distinct, c.distinct_exact) for c in found.columns] == [(100, False), (50, True)]
    assert found.columns[0].missing == 0
    assert found.columns[0].mean == 499.5
    assert found.columns_more == 1


def test_the_same_content_gives_the_same_profile(tmp_path: Path) -> None:
    """Wherever the folder lies and in whatever order its files were made."""
    told = []
    for place, order in (("one", ["train.csv", "test.csv"]), ("two/deep", ["test.csv", "train.csv"])):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        for name in order:
            (folder / name).write_bytes(
                written([[str(n * len(name)), f"w{n % 9}", "ab"[n % 2]] for n in range(20_000)])
            )
        told.append(profile(CONTENT, folder).model_dump_json())
    assert told[0] == told[1]


cells = st.lists(st.text(alphabet="a\x1f\x1e,('", max_size=4), min_size=1, max_size=4)


@given(cells, cells)
def test_different_rows_have_different_texts(left: list[str], right: list[str]) -> None:
    """What is hashed tells rows apart, also where cells hold the characters that stand between cells."""
    assert (row_text(left) == row_text(right)) == (left == right)
