"""What `doctor` says of a machine that lacks something, and the facts of this one."""

import os
from pathlib import Path

import pytest

from curie.config import Settings
from curie.doctor import Item, diagnose
from curie.machine import machine_facts


def items(tmp_path: Path, **settings: Path) -> dict[str, Item]:
    """The diagnosis by name; of several items of one name, the first."""
    places = {"runs_dir": tmp_path / "runs", "cache_dir": tmp_path / "cache", "lease_dir": tmp_path / "lease"}
    found = diagnose(Settings.model_validate({**places, **settings}))
    return {item.name: item for item in reversed(found)}


def test_a_good_machine(tmp_path: Path) -> None:
    """What every machine of the tests has; nothing is left in the runs folder."""
    seen = items(tmp_path)
    assert [seen[name].state for name in ("python", "git", "process", "runs", "venv")] == ["ok"] * 5
    assert not (tmp_path / "runs").exists()
    assert list(tmp_path.glob(".curie*")) == []


def test_a_machine_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git: no experiment can run, and the hint says how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    seen = items(tmp_path)
    assert seen["git"].state == "fails"
    assert "install" in (seen["git"].hint or "")


def test_a_lease_folder_that_cannot_be(tmp_path: Path) -> None:
    """A file in its place is told with the variable that moves it."""
    (tmp_path / "file").touch()
    seen = items(tmp_path, lease_dir=tmp_path / "file")
    assert seen["cores"].state == "fails"
    assert "CURIE_LEASE_DIR" in (seen["cores"].hint or "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Runs need another place."""
    (tmp_path / "runs").mkdir(mode=0o500)
    assert "CURIE_RUNS_DIR" in (items(tmp_path)["runs"].hint or "")


def test_facts_of_this_machine() -> None:
    """Those that Linux always knows are there."""
    facts = machine_facts()
    assert facts["system"] == "Linux"
    assert isinstance(facts["cores"], int)
    assert facts["cores"] == len(os.sched_getaffinity(0))
    assert isinstance(facts["memory_bytes"], int)
    assert facts["memory_bytes"] > 2**20
