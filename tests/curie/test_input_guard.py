import os
from pathlib import Path

import pytest

from curie.errors import InfrastructureError
from curie.input_guard import InputGuard
from curie.inputs import declare


def test_content_counts_and_times_do_not(tmp_path: Path) -> None:
    """A file that is touched or replaced by an equal one is the same input."""
    path = tmp_path / "data"
    path.write_text("one")
    guard = InputGuard([declare("x=data", path)])
    guard.check()
    os.utime(path, (1, 1))
    guard.check()
    (tmp_path / "new").write_text("one")
    (tmp_path / "new").rename(path)
    guard.check()


@pytest.mark.parametrize("change", ["edit", "remove", "add"])
def test_another_content_is_noticed(tmp_path: Path, change: str) -> None:
    """In a folder too: an edited file, a removed one, a new one."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a").write_text("one")
    guard = InputGuard([declare("data", folder)])
    if change == "edit":
        (folder / "a").write_text("two")
    elif change == "remove":
        (folder / "a").unlink()
    else:
        (folder / "b").write_text("three")
    with pytest.raises(InfrastructureError, match="changed during the run"):
        guard.check()
