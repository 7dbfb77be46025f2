import csv
import io
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from curie.journal.events import RunStopped
from curie.journal.writer import Journal
from curie.paths import RunPaths
from tests.curie import sample_run
from tests.curie.cli.conftest import Curie


@pytest.fixture
def run(place: Path, tmp_path: Path) -> RunPaths:
    """A finished run where the command looks for runs."""
    return sample_run.finished_run(tmp_path / "runs" / "r1")


def test_csv_and_json_go_to_stdout(curie: Curie, run: RunPaths) -> None:
    """Trials as CSV with one header; everything as one JSON value; nothing else on stdout, nothing on stderr."""
    told = curie("export", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(told.out, newline="")))
    assert (told.code, told.err, len(rows)) == (0, "", 5)
    assert [float(r["metric.wall_s"]) for r in rows if r["metric.wall_s"]] == [1.0, 0.5, 1.1, 0.6]
    told = curie("export", "r1", "-f", "json", "--out", "-")
    assert list(told.json["tables"]) == ["trials", "measurements", "findings", "columns"]


def test_one_table_of_choice(curie: Curie, run: RunPaths) -> None:
    """`--what` names it."""
    rows = list(csv.DictReader(io.StringIO(curie("export", "-f", "csv", "--what", "findings").out, newline="")))
    assert [(r["hypothesis"], r["verdict"], r["effect"]) for r in rows] == [("H1", "supported", "-0.5")]


def test_files_are_told_and_not_overwritten(curie: Curie, run: RunPaths, place: Path) -> None:
    """The suffix tells the format; what exists stays without --force, byte for byte."""
    told = curie("export", "--out", "trials.csv", "--json")
    assert told.json == {"run_id": "r1", "format": "csv", "files": ["trials.csv"]}
    (place / "trials.csv").write_text("mine")
    again = curie("export", "--out", "trials.csv")
    assert (again.code, (place / "trials.csv").read_text()) == (2, "mine")
    assert "--force" in again.err
    assert curie("export", "--out", "trials.csv", "--force").code == 0
    assert (place / "trials.csv").read_text().startswith("run_id,")


def test_a_link_is_not_followed_by_force(curie: Curie, run: RunPaths, place: Path) -> None:
    """The link is replaced, what it points to stays."""
    (place / "precious").write_text("mine")
    (place / "trials.csv").symlink_to("precious")
    assert curie("export", "--out", "trials.csv").code == 2
    assert curie("export", "--out", "trials.csv", "--force").code == 0
    assert ((place / "precious").read_text(), (place / "trials.csv").is_symlink()) == ("mine", False)


def test_all_tables_make_a_folder(curie: Curie, run: RunPaths, place: Path) -> None:
    """A file a table, for CSV and for Parquet."""
    pytest.importorskip("pyarrow")
    for kind in ("csv", "parquet"):
        assert curie("export", "-f", kind, "--what", "all", "--out", kind).code == 0
        assert sorted(p.stem for p in (place / kind).iterdir()) == ["columns", "findings", "measurements", "trials"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "in which format"),
        (("-f", "xml"), "no format 'xml'"),
        (("-f", "csv", "--what", "rows"), "no table 'rows'"),
        (("-f", "csv", "--what", "all"), "one table"),
        (("-f", "parquet"), "needs a place"),
        (("-f", "mlflow"), "needs a place"),
        (("-f", "csv", "--json"), "Add --out"),
        (("--out", "no/such/folder/x.csv"), "cannot be written"),
        (("-f", "csv", "--out", "."), "exists"),
        (("other", "-f", "csv"), "no run"),
    ],
)
def test_what_cannot_be_done_is_said(curie: Curie, run: RunPaths, words: tuple[str, ...], said: str) -> None:
    """Exit 2, the reason and what to try on stderr, nothing on stdout."""
    told = curie("export", *words)
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert "Try: " in told.err


def test_an_unfinished_run_is_exported_and_it_is_said(curie: Curie, tmp_path: Path, place: Path) -> None:
    """On stderr, so that stdout stays what it has to be."""
    paths = RunPaths.create(tmp_path / "runs" / "r2")
    with Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
        journal.append_many([*sample_run.events()[:7], RunStopped(reason="budget", detail="time is up")])
    told = curie("export", "-f", "json")
    assert (told.code, told.json["run"]["state"]) == (0, "budget")
    assert "not finished (budget)" in told.err


def test_a_damaged_journal_is_refused(curie: Curie, run: RunPaths) -> None:
    """Exit 1 with the place of the damage; no half of a table."""
    lines = run.journal.read_text(encoding="utf-8")
    run.journal.write_text(lines.replace('"value":0.5', '"value":0.4', 1), encoding="utf-8")
    told = curie("export", "-f", "csv")
    assert (told.code, told.out) == (1, "")
    assert "event" in told.err


@pytest.mark.parametrize(
    ("module", "words"),
    [("pyarrow", ("--out", "x.parquet")), ("mlflow", ("-f", "mlflow", "--out", "store"))],
)
def test_a_missing_extra_is_named(
    curie: Curie, run: RunPaths, monkeypatch: pytest.MonkeyPatch, module: str, words: tuple[str, ...]
) -> None:
    """Exit 2, and what to install."""
    for name in [n for n in sys.modules if n.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    told = curie("export", *words)
    assert told.code == 2
    assert "pip install 'curie-lab[" in told.err


@pytest.mark.skipif(find_spec("mlflow") is None, reason="mlflow (extra `track`) is not installed")
def test_mlflow_by_command(curie: Curie, run: RunPaths, place: Path) -> None:
    """A folder as the store; the second time everything is known."""
    words = ("export", "-f", "mlflow", "--out", "store", "--json")
    first, second = curie(*words).json, curie(*words).json
    assert (first["new"], second["new"], second["known"]) == (6, 0, 6)
    assert [p.name for p in place.iterdir()] == ["store"]


def test_output_is_utf8_whatever_the_terminal(
    curie_process: Curie, run: RunPaths, script: Callable[[str], str]
) -> None:
    """Bytes, in a Latin-1 locale too."""
    told = curie_process("export", "-f", "csv", env={"PYTHONIOENCODING": "latin-1"})
    assert (told.code, told.out.count("\n")) == (0, 6)
