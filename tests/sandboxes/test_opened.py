import sys
from pathlib import Path

import pytest

from sandboxes.opened import MAX_FOLDERS, OpenWatch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


def test_files_that_are_read_are_seen_and_others_are_not(tmp_path: Path) -> None:
    """Single files and files deep in a folder, by their whole path."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("alone", "deep/a", "deep/er/b", "deep/er/never"):
        (tmp_path / name).write_text("x")
    with OpenWatch([tmp_path / "alone", tmp_path / "deep"]) as watch:
        for name in ("alone", "deep/er/b"):
            (tmp_path / name).read_bytes()
    assert watch.complete
    assert watch.opened == (tmp_path / "alone", tmp_path / "deep/er/b")


def test_listing_a_folder_opens_no_file(tmp_path: Path) -> None:
    """A folder's own opening is not data being read."""
    (tmp_path / "f").write_text("x")
    with OpenWatch([tmp_path]) as watch:
        list(tmp_path.iterdir())
    assert watch.opened == ()


def test_what_cannot_be_watched_makes_the_watch_incomplete(tmp_path: Path) -> None:
    """A missing path, and more folders than the bound: then absence proves nothing."""
    with OpenWatch([tmp_path / "missing"]) as watch:
        pass
    assert not watch.complete
    for number in range(MAX_FOLDERS + 1):
        (tmp_path / str(number)).mkdir()
    with OpenWatch([tmp_path]) as many:
        pass
    assert not many.complete
