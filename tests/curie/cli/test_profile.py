"""`curie profile`: a data set on the screen and as JSON, without a run."""

import os
from pathlib import Path
from typing import Any

import pytest

from curie.inputs import digest


@pytest.fixture
def data(place: Path) -> Path:
    """Two splits that share two rows, and a file that is no table."""
    folder = place / "data"
    folder.mkdir()
    for name, first in (("train.csv", 0), ("test.csv", 48)):
        rows = "".join(f"{n},{'' if n % 5 == 0 else n * 0.5},{'ab'[n % 2]}\n" for n in range(first, first + 50))
        (folder / name).write_text("x,y,label\n" + rows)
    (folder / "photo.png").write_bytes(b"\x89PNG\x00")
    return folder


def test_the_screen_tells_tables_classes_and_leaks(curie: Any, data: Path, place: Path) -> None:
    """Rows, types, label, the shared rows and what to look at; no run is made."""
    ran = curie("profile", "data")
    assert ran.code == 0, ran.err
    assert f"data: {digest(data).size_bytes} bytes in 3 files, sha256 {digest(data).sha256}" in ran.out
    assert "train.csv (csv, split train): 50 rows, 3 columns, 0 duplicate rows" in ran.out
    assert "10 missing  0.5 to 24.5, mean 12.5" in ran.out
    assert "label label: a: 25, b: 25" in ran.out
    assert "train.csv and test.csv: 2 different rows in both" in ran.out
    assert "x: kolmogorov-smirnov distance 0.960" in ran.out
    assert "photo.png: no table (.png)" in ran.out
    assert "  - 2 different rows occur in both train.csv and test.csv" in ran.out
    assert not (place.parent / "runs").exists()


def test_json_has_the_whole_profile(curie: Any, data: Path) -> None:
    """The model as it is, with the digest that a run would record."""
    told = curie("profile", str(data), "--json").json
    assert told["sha256"] == digest(data).sha256
    assert [table["rows"] for table in told["tables"]] == [50, 50]
    assert told["overlap"] == [{"left": "train.csv", "right": "test.csv", "rows": 2}]
    assert told["others"] == [{"suffix": ".png", "files": 1}]


def test_hostile_cells_do_not_reach_the_terminal(curie: Any, place: Path) -> None:
    """Escapes and direction overrides in names, cells and file names are replaced."""
    (place / "e\x1b[2J.csv").write_text("a\x1b]0;t\x07,b\u202ex\n\x1b[31mred,1\n\x1b[31mred,2\n")
    for words in (("profile", "."), ("profile", "e\x1b[2J.csv")):
        ran = curie(*words)
        assert ran.code == 0, ran.err
        assert not {"\x1b", "\u202e", "\x07"} & set(ran.out)


def test_what_cannot_be_profiled(curie: Any, place: Path) -> None:
    """A path that is not there, a pipe: exit 2; a folder with a pipe in it is profiled without a digest."""
    missing = curie("profile", "nowhere")
    assert (missing.code, missing.out) == (2, "")
    assert "nowhere does not exist" in missing.err
    (place / "sub").mkdir()
    os.mkfifo(place / "sub/pipe")
    (place / "sub/t.csv").write_text("x,y\n1,2\n")
    assert curie("profile", "sub/pipe").code == 2
    ran = curie("profile", "sub")
    assert (ran.code, "no digest: " in ran.err, "sha256 unknown" in ran.out) == (0, True, True)
    assert "pipe: a pipe, socket or device" in ran.out


def test_an_empty_folder(curie: Any, place: Path) -> None:
    """It says that there is nothing."""
    (place / "empty").mkdir()
    assert "0 bytes in 0 files" in curie("profile", "empty").out
