"""Settings by environment variable, and what is passed through."""

from pathlib import Path

import pytest

from curie.config import SYSTEM_PATH, Settings, passed_through, search_path
from curie.errors import UsageError


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing."""
    for name in ("CURIE_RUNS_DIR", "CURIE_CACHE_DIR", "CURIE_LEASE_DIR", "XDG_CACHE_HOME", "HOME", "PATH"):
        monkeypatch.delenv(name, raising=False)


def test_places_without_home() -> None:
    """No HOME, no variable: the cache is in the temporary folder, runs lie here."""
    settings = Settings()
    assert settings.runs_dir == Path("runs")
    assert settings.cache().name.startswith("curie-cache-")
    assert search_path() == SYSTEM_PATH


def test_places_by_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours first, then the user's cache folder, then HOME."""
    monkeypatch.setenv("HOME", "/home/me")
    assert Settings().cache() == Path("/home/me/.cache/curie")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert Settings().cache() == Path("/cache/curie")
    monkeypatch.setenv("CURIE_CACHE_DIR", "/mine")
    monkeypatch.setenv("CURIE_RUNS_DIR", "/runs")
    assert (Settings().cache(), Settings().runs_dir) == (Path("/mine"), Path("/runs"))


def test_variables_are_passed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is set but empty is passed; one that is not set is refused."""
    monkeypatch.setenv("EMPTY", "")
    assert passed_through(["EMPTY"]) == {"EMPTY": ""}
    with pytest.raises(UsageError, match="ABSENT"):
        passed_through(["ABSENT"])
