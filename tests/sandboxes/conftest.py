"""Back ends that work on this machine, probed once a session."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes import Backends, Sandbox, SandboxSpec, SandboxUnavailableError

Opener = Callable[..., Sandbox]


@pytest.fixture(scope="session")
def backends() -> Backends:
    """Probed back ends of this machine."""
    return Backends()


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    """A working directory with a space and a non-ASCII letter in its path."""
    folder = tmp_path / "wörk dir"
    folder.mkdir()
    return folder


@pytest.fixture
def open_kind(backends: Backends, workdir: Path) -> Opener:
    """Open a sandbox of a kind over `workdir`, with further fields of its spec; skips where the kind does not work."""

    def make(kind: str, **fields: object) -> Sandbox:
        try:
            backends.probe(kind)
        except SandboxUnavailableError as error:
            pytest.skip(str(error))
        return backends.open(SandboxSpec.model_validate({"kind": kind, "workdir": workdir, **fields}))

    return make
