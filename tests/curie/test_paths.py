"""The run directory: made where it may be, refused with a way forward elsewhere, never emptied."""

import os
import threading
from pathlib import Path

import pytest

from curie.errors import CurieError, RunLocked, UsageError
from curie.journal.lock import RunLock
from curie.paths import RunPaths


@pytest.mark.parametrize("name", ["new", "deep/er/run", "with space/ünï", "empty"])
def test_new_and_empty_folders_are_taken(name: str, tmp_path: Path) -> None:
    """A folder that is missing or empty becomes a run directory, parents included."""
    (tmp_path / "empty").mkdir()
    paths = RunPaths.create(tmp_path / name)
    assert {p.name for p in paths.root.iterdir()} == {"artifacts", "inbox", "report", "trials", "workspace"}


def test_relative_folders_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths do not depend on the working directory later."""
    monkeypatch.chdir(tmp_path)
    assert RunPaths.create(Path("r/../run")).journal == tmp_path / "run/journal.jsonl"


def refused(root: Path) -> UsageError:
    """The refusal to make a run there; every one has a hint."""
    with pytest.raises(UsageError) as caught:
        RunPaths.create(root)
    assert caught.value.hint
    return caught.value


def test_foreign_folder_is_refused_and_kept(tmp_path: Path) -> None:
    """A folder that holds anything is not ours; nothing in it changes."""
    (tmp_path / "thesis.tex").write_text("years of work")
    assert "is not empty" in refused(tmp_path).message
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_existing_run_is_refused_with_resume(tmp_path: Path) -> None:
    """A folder with a run in it names the command that goes on with it."""
    RunPaths.create(tmp_path / "r").journal.write_text("")
    assert "curie resume" in str(refused(tmp_path / "r").hint)


def test_running_run_is_locked(tmp_path: Path) -> None:
    """A folder where a run is being written says by whom (exit 3)."""
    paths = RunPaths.create(tmp_path / "r")
    with RunLock(paths.lock), pytest.raises(RunLocked, match=str(os.getpid())):
        RunPaths.create(tmp_path / "r")


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_file_in_the_way(place: str, tmp_path: Path) -> None:
    """A file at the folder's place, or at a parent's, is named and kept."""
    (tmp_path / "file").write_text("x")
    assert "a file is in the way" in refused(tmp_path / place).message
    assert (tmp_path / "file").read_text() == "x"


def test_name_too_long(tmp_path: Path) -> None:
    """A name that no file system takes is a usage error."""
    assert "cannot be a folder" in refused(tmp_path / ("x" * 300)).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_read_only_parent(tmp_path: Path) -> None:
    """A parent without write permission is a usage error that names the folder."""
    (tmp_path / "locked").mkdir(mode=0o555)
    assert "cannot be written" in refused(tmp_path / "locked/run").message


def test_read_only_file_system(tmp_path: Path) -> None:
    """A place where not even root can make a folder is a usage error."""
    assert "/proc/curie-run" in refused(Path("/proc/curie-run")).message


def test_of_many_at_once_one_succeeds(tmp_path: Path) -> None:
    """Eight threads that want the same folder: exactly one gets it."""
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def attempt() -> None:
        start.wait()
        try:
            RunPaths.create(tmp_path / "r")
            outcomes.append("made")
        except CurieError:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made"] + ["refused"] * 7


@pytest.mark.parametrize("key", ["", ".", "..", "a/b", "../x", ".hidden", "a\0b"])
def test_trial_keys_stay_inside(key: str, tmp_path: Path) -> None:
    """A key that is no plain file name makes no path."""
    with pytest.raises(ValueError, match="plain file name"):
        RunPaths.at(tmp_path).attempt(key, 1)
