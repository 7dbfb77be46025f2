"""A place of its own for every fault."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.command_line import Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A working folder that must be left without processes and temporary files."""
    made = Place.make(tmp_path / "a place")
    yield made
    made.assert_nothing_left()


@pytest.fixture
def not_root() -> None:
    """Skip where permissions do not bind."""
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
