"""Splits, labels, drift and leaks."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from curie.profile.build import Content, profile
from curie.profile.concerns import concerns
from curie.profile.splits import family, split_of_path

CONTENT = Content(name="data", sha256="", size_bytes=0)


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train.csv", "train"), ("mnist_test.csv", "test"), ("X-val.csv", "validation"), ("dev/a.csv", "validation"),
        ("train/holdout.csv", "test"), ("train_test.csv", None), ("constraint.csv", None), ("attested.csv", None),
        ("train-00001-of-00002.parquet", "train"), ("data.csv", None),
    ],
)  # fmt: skip
def test_splits_by_name(path: str, split: str | None) -> None:
    """Whole words only, the file's before the folder's, and two contradict each other."""
    assert split_of_path(path) == split


def test_families() -> None:
    """What differs by split and number alone belongs together."""
    assert family("a/train-00001-of-00002.csv") == family("a/test-0-of-1.csv")
    assert family("a/train.csv") != family("b/test.csv")


def pair(folder: Path, left: list[str], right: list[str]) -> None:
    """Two splits with the columns x, kind, label."""
    for name, lines in (("train.csv", left), ("test.csv", right)):
        (folder / name).write_text("x,kind,label\n" + "".join(f"{line}\n" for line in lines))


def test_identical_splits_do_not_drift_and_share_everything(tmp_path: Path) -> None:
    """Distance 0 in every column, above the size of the sample too, and every different row is shared."""
    draw = random.Random(3)  # noqa: S311 -- data to count, not a secret
    lines = [f"{draw.gauss(0, 1)!r},{draw.choice('pq')},{draw.choice('ab')}" for _ in range(12_000)]
    pair(tmp_path, lines, lines)
    found = profile(CONTENT, tmp_path)
    assert {(d.column, d.value) for d in found.drift} == {("x", 0.0), ("kind", 0.0), ("label", 0.0)}
    assert all(d.p is not None and d.p > 0.99 for d in found.drift)
    assert [o.rows for o in found.overlap] == [len(set(lines))]
    assert [d.id for d in concerns(found)] == ["data/leak-between-splits"]
    assert (found.overlap[0].left, found.overlap[0].right) == ("train.csv", "test.csv")


row = st.tuples(st.integers(0, 30).map(str), st.sampled_from("pqr"), st.sampled_from("ab")).map(",".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(left=st.lists(row, min_size=1, max_size=40), right=st.lists(row, min_size=1, max_size=40))
def test_overlap_and_drift_equal_naive_ones(tmp_path: Path, left: list[str], right: list[str]) -> None:
    """The shared rows as sets have them; distances by their definitions, written down here once more."""
    pair(tmp_path, left, right)
    found = profile(CONTENT, tmp_path)
    shared = len(set(left) & set(right))
    assert ([o.rows for o in found.overlap], found.splits_apart) == (([shared], 0) if shared else ([], 1))
    drift = {d.column: d for d in found.drift}
    a, b = ([int(line.split(",")[0]) for line in lines] for lines in (left, right))
    distance = max(abs(sum(v <= t for v in a) / len(a) - sum(v <= t for v in b) / len(b)) for t in range(31))
    assert drift["x"].value == pytest.approx(distance, abs=1e-9)
    a, b = ([line.split(",")[1] for line in lines] for lines in (left, right))
    assert drift["kind"].value == pytest.approx(sum(abs(a.count(c) / len(a) - b.count(c) / len(b)) for c in "pqr") / 2)


def test_p_values_are_scipys(tmp_path: Path) -> None:
    """Kolmogorov-Smirnov (asymptotic) for numbers, chi-squared for classes."""
    draw = random.Random(5)  # noqa: S311 -- data to count, not a secret
    sides = [
        [(draw.gauss(shift, 1), draw.choice(kinds)) for _ in range(300)] for shift, kinds in ((0, "ppq"), (1, "pq"))
    ]
    pair(tmp_path, *([f"{x!r},{kind},{'ab'[n % 2]}" for n, (x, kind) in enumerate(side)] for side in sides))
    found = profile(CONTENT, tmp_path)
    drift = {d.column: d for d in found.drift}
    ks = stats.ks_2samp(*([x for x, _ in side] for side in sides), method="asymp")
    assert drift["x"].p == pytest.approx(ks.pvalue, rel=1e-5)
    table = np.array([[sum(kind == k for _, kind in side) for k in "pq"] for side in sides])
    assert drift["kind"].p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-5)
    assert "data/drift" in {d.id for d in concerns(found)}
    assert next(d for d in concerns(found) if d.id == "data/drift").message.startswith("1 column differs")


def test_a_column_that_parts_the_rows(tmp_path: Path) -> None:
    """Shares, classes by split, drift and leaks within one table, without the parting column itself."""
    lines = [f"train,{n},{'ab'[n % 2]}" for n in range(60)] + [f"test,{n},{'ab'[n % 2]}" for n in range(50, 90)]
    (tmp_path / "all.csv").write_text("Split,x,label\n" + "\n".join(lines))
    found = profile(CONTENT, tmp_path / "all.csv")
    (table,) = found.tables
    assert (table.split_column, table.target, table.duplicates) == ("Split", "label", 0)
    assert [(s.split, s.rows, sum(c.count for c in s.balance)) for s in table.splits] == [
        ("test", 40, 40),
        ("train", 60, 60),
    ]
    assert [(o.left, o.right, o.rows) for o in found.overlap] == [("all.csv [train]", "all.csv [test]", 10)]
    assert {d.column for d in found.drift} == {"x", "label"}


def test_a_column_called_split_that_is_none(tmp_path: Path) -> None:
    """Other values than splits make it a column like any other."""
    (tmp_path / "a.csv").write_text("split,x\n" + "".join(f"{w},1\n" for w in ("train", "test", "left")))
    (table,) = profile(CONTENT, tmp_path).tables
    assert (table.split_column, table.splits) == (None, ())


@pytest.mark.parametrize(
    ("header", "cell", "target"),
    [
        ("x,Diagnosis,z", "1.5,m,2.5", "Diagnosis"),
        ("x,y2,z", "1.5,m,2.5", None),
        ("x,w,z", "1.5,m,k", "z"),
    ],
)
def test_labels(tmp_path: Path, header: str, cell: str, target: str | None) -> None:
    """By name in any place; else the last column if it has few classes that are no measurements."""
    other = cell.replace("m", "n").replace("k", "l")
    (tmp_path / "a.csv").write_text("\n".join([header, *[cell, other] * 20]))
    assert profile(CONTENT, tmp_path).tables[0].target == target


def test_a_last_column_of_many_numbers_is_no_label(tmp_path: Path) -> None:
    """Neither is one with few rows a class."""
    (tmp_path / "many.csv").write_text("x,n\n" + "".join(f"1,{n}\n" for n in range(100)))
    (tmp_path / "few.csv").write_text("x,n\n1,a\n2,b\n3,c\n")
    assert [table.target for table in profile(CONTENT, tmp_path).tables] == [None, None]


def test_worries_have_numbers(tmp_path: Path) -> None:
    """Imbalance, gaps, duplicates and mixed columns are told with their counts; a clean table is not told of."""
    bad = ["1,,a"] * 10 + [f"{n},{n},a" for n in range(80)] + [f"{n},x,b" for n in range(100, 110)]
    (tmp_path / "bad.csv").write_text("x,gap,label\n" + "\n".join(bad))
    (tmp_path / "good.csv").write_text("x,label\n" + "\n".join(f"{n},{'ab'[n % 2]}" for n in range(50)))
    said = {d.id: d.message for d in concerns(profile(CONTENT, tmp_path))}
    assert set(said) == {"data/duplicates", "data/missing", "data/mixed", "data/imbalance"}
    assert said["data/duplicates"] == "9 rows of the 100 in bad.csv (9.0%) equal an earlier one."
    assert "gap (10.0%)" in said["data/missing"]
    assert "90 rows of a, 10 of b; always answering a is right for 90.0%" in said["data/imbalance"]
    assert not any("good.csv" in message for message in said.values())
