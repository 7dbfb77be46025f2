from pathlib import Path

from curie.compose import RunFlags, StudyFlags, compose
from curie.config import Settings
from curie.journal.reader import read
from curie.runner import Surroundings, start
from curie.state import project


def opened(folder: Path, command: str, metric: str) -> set[tuple[tuple[str, ...], str]]:
    """(files, attribution) of the measured trials of a two-level study over two data files."""
    data = folder / "data"
    data.mkdir()
    for name in ("one.txt", "two.txt"):
        (data / name).write_text("3\n")
    flags = StudyFlags(command=command, shell=True, vary=("x=1,2",), metric=(metric,), data=data, repeat=2)  # noqa: S604 -- a field
    request = compose("opened?", flags, RunFlags(sandbox="process", reproduce=0), folder)
    start(request, folder / "run", "opened", Surroundings(settings=Settings(lease_dir=folder / "leases")))
    records = project(read(folder / "run" / "journal.jsonl")).trials.values()
    return {(r.data_opened.files, r.data_opened.attribution) for r in records if r.purpose == "measure"}


def test_a_trial_that_runs_alone_is_credited_with_what_was_opened(tmp_path: Path) -> None:
    """Only the file that it read is named."""
    assert opened(tmp_path, "cat $CURIE_DATA/one.txt; : {x}", "wall_s") == {(("data/data/one.txt",), "trial")}


def test_among_concurrent_trials_nobody_is_singled_out(tmp_path: Path) -> None:
    """The files are those that any of them opened."""
    command = """cat $CURIE_DATA/two.txt >/dev/null; echo '{{"y": {x}}}'"""
    assert {a for _, a in opened(tmp_path, command, "y:1:higher")} == {"concurrent-set"}
