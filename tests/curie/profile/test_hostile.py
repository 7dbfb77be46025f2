"""Files that are broken, huge, strange or no tables at all: a note each, never a crash, never a wait."""

import bz2
import gzip
import json
import lzma
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from curie.profile.bounds import Bounds
from curie.profile.build import Content, profile
from curie.profile.model import DataProfile, TableProfile

CONTENT = Content(name="data", sha256="", size_bytes=0)
Tell = Callable[..., DataProfile]


@pytest.fixture
def tell(tmp_path: Path) -> Tell:
    """The profile of a folder that holds the given files."""

    def write(**files: bytes) -> DataProfile:
        for name, data in files.items():
            (tmp_path / name.replace("__", ".")).write_bytes(data)
        return profile(CONTENT, tmp_path)

    return write


def shape(table: TableProfile) -> tuple[int, list[str], list[str]]:
    """Rows, columns, kinds of notes."""
    return table.rows, [column.name for column in table.columns], [note.kind for note in table.notes]


GOOD = (2, ["x", "y"], [])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (0, [], ["no-rows"])),
        (b"x,y\n", (0, ["x", "y"], ["no-rows"])),
        (b"x,y\n1,2\n3,4\n", GOOD),
        (b"x,y\r\n1,2\r\n3,4", GOOD),
        (b"x,y\r1,2\r3,4\r", GOOD),
        (b"\xef\xbb\xbfx,y\n1,2\n\n3,4\n\n", GOOD),
        ("x;y\n1;2\n3;4\n".encode("utf-16"), GOOD),
        (b'x|y\n1|"2\n2"\n3|4\n', GOOD),
        (b"x  y\n1  2\n3  4\n", GOOD),
        (b'x, "y"\n1, "2,5"\n3, "4"\n', GOOD),
        (b"1,2\n3,4\n", (2, ["column 1", "column 2"], ["no-header"])),
        (b"x,x\n1,2\n3,4\n", (2, ["x", "x (2)"], [])),
        (b",y\n1,2\n3,4\n", (2, ["column 1", "y"], [])),
        (b"x,y\n1,2,3\n3\n", (2, ["x", "y"], ["ragged"])),
        (b"x,y\n1,\xff\n3,\xfe\n", (2, ["x", "y"], ["not-utf-8"])),
        (b"x,y\n" + b"1,22222222222222222222\n" * 30 + b"1,\x002\n", (31, ["x", "y"], ["nul"])),
        (b"3,1,no,yes\n1.5,0\n2.5,1\n3.5,0\n", (3, ["column 1", "column 2"], ["no-header", "preamble"])),
        (b"1,2,3\n4,5,6\n7,8,9\n", (3, ["column 1", "column 2", "column 3"], ["no-header"])),
        (b'x,y\n1,"2\n3,4\n', (1, ["x", "y"], [])),
    ],
)
def test_text_tables(tell: Tell, data: bytes, expected: tuple[int, list[str], list[str]]) -> None:
    """Empty, names only, every line end, marks, encodings, delimiters, quotes, no names, ragged, broken bytes."""
    (table,) = tell(t__csv=data).tables
    assert shape(table) == expected


def test_missing_cells_of_short_rows_count(tell: Tell) -> None:
    """A cell that is not there is missing; one too many is in no column."""
    (table,) = tell(t__csv=b"x,y\n1,2,3\n3\n").tables
    assert [column.missing for column in table.columns] == [0, 1]
    assert table.ragged == 2


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed(tell: Tell, pack: Callable[[bytes], bytes]) -> None:
    """By content, whatever the suffix says; a file that ends early is told of, up to where it went."""
    data = b"x,y\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(200_000))
    whole, cut = pack(data), pack(data)[:-5000]
    found = tell(a__csv=whole, b__csv__gz=cut, c__csv__gz=whole[:12])
    a = next(table for table in found.tables if table.path == "a.csv")
    assert (a.rows, a.complete) == (200_000, True)
    others = [(table.complete, [note.kind for note in table.notes]) for table in found.tables if table is not a]
    damaged = [item.path for item in found.skipped if item.kind == "damaged"]
    assert len(others) + len(damaged) == 2
    assert all(other == (False, ["damaged"]) for other in others)


def test_records(tell: Tell) -> None:
    """JSON lines and arrays of objects; later keys make a row ragged; lines that are no JSON are counted."""
    lines = [json.dumps({"x": n, "y": None if n % 2 else "a", "z": {"k": [n]}}) for n in range(4)]
    found = tell(
        a__jsonl="\n".join([*lines, "{", "[" * 100_000, '{"x": "\\ud800", "w": 1}']).encode(),
        b__json=json.dumps([{"x": 1.5, "t": True}, {"x": 2}]).encode(),
        c__json="\n".join(lines).encode(),
        d__json=b'{"x": 1}',
        e__json=b'["a"]',
        f__json=b"[1",
        g__ndjson=b"9" * 10_000 + b"\n",
    )
    assert {t.path: (t.format, t.rows, [c.name for c in t.columns]) for t in found.tables} == {
        "a.jsonl": ("jsonl", 5, ["x", "y", "z", "w"]),
        "b.json": ("json", 2, ["x", "t"]),
        "c.json": ("jsonl", 4, ["x", "y", "z"]),
        "g.ndjson": ("jsonl", 0, []),
    }
    a = found.tables[0]
    assert {note.kind for note in a.notes} == {"unreadable-rows", "not-utf-8"}
    assert [(c.type, c.missing) for c in a.columns] == [("mixed", 0), ("string", 3), ("string", 1), ("integer", 4)]
    assert {item.path: item.kind for item in found.skipped} == {
        "d.json": "no-table", "e.json": "no-table", "f.json": "damaged",
    }  # fmt: skip


def test_arrays(tmp_path: Path) -> None:
    """NumPy files by their first axis, fields by name; pickles are not loaded, and a short file is told of."""
    np.save(tmp_path / "plain.npy", np.array([[1.0, np.nan], [2.0, np.inf], [1.0, np.nan]]))
    np.save(tmp_path / "fields.npy", np.array([(1, "a"), (2, "b")], dtype=[("n", "i4"), ("s", "U3")]))
    np.save(tmp_path / "object.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    np.savez_compressed(tmp_path / "both.npz", x_train=np.zeros((4, 2, 2)), y_train=np.array([0, 1, 1, 1]))
    (tmp_path / "short.npy").write_bytes((tmp_path / "plain.npy").read_bytes()[:-20])
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04nothing")
    (tmp_path / "deep.npy").write_bytes(b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535)
    found = profile(CONTENT, tmp_path)
    tables = {table.path: table for table in found.tables}
    assert {path: (t.rows, len(t.columns), t.complete) for path, t in tables.items()} == {
        "plain.npy": (3, 2, True), "fields.npy": (2, 2, True), "short.npy": (1, 2, False),
        "both.npz/x_train": (4, 4, True), "both.npz/y_train": (4, 1, True),
    }  # fmt: skip
    assert [(c.missing, c.infinite) for c in tables["plain.npy"].columns] == [(0, 0), (2, 1)]
    assert tables["plain.npy"].duplicates == 1
    assert [c.name for c in tables["fields.npy"].columns] == ["n", "s"]
    assert tables["both.npz/y_train"].split == "train"
    assert {item.path: item.kind for item in found.skipped} == {
        "object.npy": "no-table", "bad.npz": "damaged", "deep.npy": "damaged",
    }  # fmt: skip


def test_parquet_and_feather(tmp_path: Path) -> None:
    """The same rows in both; nulls are missing; a file that only begins like one is damaged."""
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    feather = pytest.importorskip("pyarrow.feather")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pa.table({"n": [1, None, 3], "s": ["a", "b", None], "when": pa.array([0, 1, 2], pa.timestamp("s"))})
    parquet.write_table(table, tmp_path / "a.parquet")
    feather.write_feather(table, tmp_path / "b.feather", compression="uncompressed")
    (tmp_path / "c.parquet").write_bytes(b"PAR1 and no more")
    found = profile(CONTENT, tmp_path)
    assert [(t.format, t.rows) for t in found.tables] == [("parquet", 3), ("feather", 3)]
    for told in found.tables:
        assert [(c.type, c.missing) for c in told.columns] == [("integer", 1), ("string", 1), ("datetime", 0)]
    assert [(item.path, item.kind) for item in found.skipped] == [("c.parquet", "damaged")]


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, the reason names it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1....PAR1")
    (item,) = profile(CONTENT, tmp_path).skipped
    assert item.kind == "missing-library"
    assert "pip install pyarrow" in item.reason


def test_a_folder_of_traps(tmp_path: Path) -> None:
    """Pipes, sockets, loops and links out are named and not followed; others are counted by suffix."""
    inside, outside = tmp_path / "data", tmp_path / "secret.csv"
    inside.mkdir()
    outside.write_text("x,y\n1,2\n")
    os.mkfifo(inside / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(inside / "s.csv"))
    (inside / "loop").symlink_to(inside)
    (inside / "out.csv").symlink_to(outside)
    (inside / "dangling.csv").symlink_to("nowhere")
    (inside / os.fsdecode(b"\xff\x1b[31m.png")).write_bytes(b"\x89PNG")
    (inside / "b.png").write_bytes(b"\x89PNG")
    deep = inside
    for _ in range(40):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "t.csv").write_text("x,y\n1,2\n")
    began = time.monotonic()
    found = profile(CONTENT, inside)
    assert time.monotonic() - began < 5
    assert [table.rows for table in found.tables] == [1]
    assert {i.path: i.kind for i in found.skipped if i.kind != "no-table"} == {
        "pipe.csv": "special", "s.csv": "special", "loop": "link", "out.csv": "link", "dangling.csv": "link",
    }  # fmt: skip
    assert [(item.suffix, item.files) for item in found.others] == [(".png", 2)]
    assert "\\u001b" not in found.model_dump_json()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    """An unreadable file and folder are named."""
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "a.csv").chmod(0)
    (tmp_path / "sub").mkdir(mode=0)
    try:
        assert {i.path: i.kind for i in profile(CONTENT, tmp_path).skipped} == {
            "a.csv": "unreadable",
            "sub": "unreadable",
        }
    finally:
        (tmp_path / "sub").chmod(0o700)


def test_bounds_of_size(tmp_path: Path) -> None:
    """Small files are counted first; a large one is read up to the bound, and what comes after is named."""
    (tmp_path / "large.csv").write_text("x,y\n" + "1,2\n" * 200_000)
    (tmp_path / "larger.csv").write_text("x,y\n" + "1,2\n" * 300_000)
    (tmp_path / "small.csv").write_text("x,y\n1,2\n")
    found = profile(CONTENT, tmp_path, Bounds(characters=300_000))
    tables = {table.path: table for table in found.tables}
    assert (tables["small.csv"].complete, tables["large.csv"].complete) == (True, False)
    assert 0 < tables["large.csv"].rows < 200_000
    assert tables["large.csv"].notes[0].kind == "bound"
    assert [(item.path, item.kind) for item in found.skipped] == [("larger.csv", "bound")]
    assert profile(CONTENT, tmp_path, Bounds(characters=300_000)) == found
    assert len(profile(CONTENT, tmp_path, Bounds(tables=2)).tables) == 2
    assert profile(CONTENT, tmp_path, stop=lambda: True).tables == ()


def test_a_sparse_file_of_ten_gigabytes(tmp_path: Path) -> None:
    """Nothing is read of it that does not look like text, and it is over at once."""
    with (tmp_path / "huge.csv").open("wb") as file:
        file.write(b"x,y\n" + b"1,2\n" * 20_000)
        file.truncate(10 * 2**30)
    began = time.monotonic()
    (table,) = profile(CONTENT, tmp_path).tables
    assert time.monotonic() - began < 20
    assert not table.complete
    assert table.rows >= 19_000


@pytest.mark.slow
def test_a_million_columns_and_a_huge_cell(tmp_path: Path) -> None:
    """The first columns of a wide table; a cell of a mebibyte; a line beyond the bound ends the reading."""
    names = ",".join(f"c{n}" for n in range(1_000_000))
    (tmp_path / "wide.csv").write_text(f"{names}\n" + ("1," * 999_999 + "1\n") * 3)
    (tmp_path / "cell.csv").write_text("x,y\n1," + "a" * 2**20 + "\n2,b\n")
    (tmp_path / "line.csv").write_text("x,y\n1,2\n3," + "a" * (17 * 2**20) + "\n")
    tables = {table.path: table for table in profile(CONTENT, tmp_path).tables}
    wide = tables["wide.csv"]
    assert (wide.rows, len(wide.columns), wide.columns_more, wide.duplicates) == (3, 256, 999_744, 2)
    assert [(c.type, c.distinct) for c in tables["cell.csv"].columns] == [("integer", 2), ("string", 2)]
    assert len(tables["cell.csv"].columns[1].common[0].value) == 60


def test_text_that_is_no_table(tell: Tell) -> None:
    """Prose stays prose; columns in a .txt are found; binary content under a table's suffix is skipped."""
    found = tell(
        prose__txt=b"The first line, of many.\nAnd then, well, more of it.\nThe end.\n",
        table__txt=b"x\ty\n1\t2\n3\t4\n5\t6\n",
        lies__csv=bytes(range(256)) * 100,
        image__csv=b"\x89PNG\r\n\x1a\n" + bytes(500),
    )
    assert [table.path for table in found.tables] == ["table.txt"]
    assert {item.path: item.kind for item in found.skipped} == dict.fromkeys(
        ("prose.txt", "lies.csv", "image.csv"), "no-table"
    )


def test_names_that_look_alike_stay_apart(tmp_path: Path) -> None:
    """Files and columns whose names differ in what cannot be shown get numbers."""
    for name in (b"a\xff.csv", b"a\xfe.csv"):
        (tmp_path / os.fsdecode(name)).write_text("x\x01,x\x02\n1,2\n3,4\n")
    tables = profile(CONTENT, tmp_path).tables
    assert len({table.path for table in tables}) == 2
    assert [column.name for column in tables[0].columns] == ["x\ufffd", "x\ufffd (2)"]
