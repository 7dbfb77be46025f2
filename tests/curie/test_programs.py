from pathlib import Path

import pytest

from curie.errors import UsageError
from curie.interpreter import in_system
from curie.programs import programs


def program(folder: Path, name: str) -> Path:
    """An executable script."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(0o755)
    return path


def test_words_that_a_shell_will_look_up_are_resolved_too(tmp_path: Path) -> None:
    """A tool of the user's own, named inside `sh -c`, comes along; data words and system tools do not."""
    mine = program(tmp_path / "bin", "mytool")
    found = programs(("sh", "-c", "mytool --x 3 | sort > out"), f"{mine.parent}:/usr/bin:/bin", tmp_path)
    assert [tool.path.name for tool in found] == ["sh", "mytool"]
    assert not in_system(found[1].path)


def test_the_first_word_has_to_exist_and_the_others_need_not(tmp_path: Path) -> None:
    """A word that names nothing is just an argument."""
    assert len(programs(("sh", "-c", "no-such-program-at-all"), "/usr/bin:/bin", tmp_path)) == 1
    with pytest.raises(UsageError):
        programs(("no-such-program-at-all",), "/usr/bin:/bin", tmp_path)
