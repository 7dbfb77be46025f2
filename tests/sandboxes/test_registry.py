from pathlib import Path

import pytest

from sandboxes import Backends, ExecRequest, SandboxSpec, SandboxUnavailableError, choose, open_sandbox, probe
from sandboxes import registry as registry_module


@pytest.fixture
def without_bwrap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where no bwrap is found, wherever one may be installed."""
    monkeypatch.setattr("sandboxes.bubblewrap.PROGRAM", "bwrap-that-is-not-here")


def test_a_probe_really_runs_something(backends: Backends) -> None:
    """Probing process and fake says what they isolate: nothing."""
    assert "no isolation" in backends.probe("process").summary
    assert backends.probe("fake").summary == "fake: nothing runs"


@pytest.mark.bubblewrap
def test_auto_takes_bubblewrap_where_it_works() -> None:
    """For a user's and for a model's code alike, and there is nothing better to explain away."""
    for author in ("user", "model"):
        choice = choose("auto", author)
        assert (choice.kind, choice.reason) == ("bubblewrap", None)


def test_auto_for_user_code_falls_back_and_says_why(without_bwrap: None) -> None:
    """Without bubblewrap a user's own code runs in a process, and the reason is part of the answer."""
    choice = choose("auto", "user")
    assert choice.kind == "process"
    assert "bwrap" in (choice.reason or "")
    assert "install" in (choice.reason or "")


def test_auto_for_model_code_is_refused_with_ways_forward(without_bwrap: None) -> None:
    """A model's code never falls back to something that does not isolate."""
    with pytest.raises(SandboxUnavailableError, match="Ways forward"):
        choose("auto", "model")


def test_a_kind_asked_for_by_name_is_never_replaced(without_bwrap: None, workdir: Path) -> None:
    """Asking for bubblewrap where it does not work is an error, for choosing and for opening; twice the same."""
    backends = Backends()
    for _ in range(2):
        with pytest.raises(SandboxUnavailableError, match="bubblewrap does not work here"):
            choose("bubblewrap", "user", backends)
    with pytest.raises(SandboxUnavailableError):
        open_sandbox(SandboxSpec(kind="bubblewrap", workdir=workdir), backends)


def test_process_for_model_code_must_be_asked_for_by_name() -> None:
    """By name, and only by name, a model's code may run unisolated."""
    assert choose("process", "model").kind == "process"


def test_open_sandbox_works_alone(workdir: Path) -> None:
    """Opening without kept answers probes and opens."""
    assert "no isolation" in probe("process").summary
    with open_sandbox(SandboxSpec(kind="process", workdir=workdir)) as sandbox:
        assert sandbox.exec(ExecRequest(argv=("true",))).ok


def test_a_bwrap_that_fails_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bwrap that is installed but cannot make namespaces is unavailable, with its own words in the message."""
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n", "ascii")
    broken.chmod(0o755)
    monkeypatch.setattr("sandboxes.bubblewrap.PROGRAM", str(broken))
    with pytest.raises(SandboxUnavailableError, match="No permissions to create new namespace"):
        probe("bubblewrap")


def test_importing_the_registry_is_cheap() -> None:
    """Back ends are imported when asked for."""
    assert not hasattr(registry_module, "BubblewrapSandbox")
