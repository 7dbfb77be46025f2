"""Back ends that work on this machine, probed once a session."""

from pathlib import Path

import pytest

from sandboxes import Backends, Sandbox, SandboxSpec, SandboxUnavailableError
from sandboxes.base import Kind


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


def open_or_skip(backends: Backends, spec: SandboxSpec) -> Sandbox:
    """A sandbox, or a skipped test that says why not."""
    try:
        backends.probe(spec.kind)
    except SandboxUnavailableError as error:
        pytest.skip(str(error))
    return backends.open(spec)


@pytest.fixture
def open_kind(backends: Backends):  # noqa: ANN201 - a fixture's type is its function's
    """Open a sandbox of a kind over a folder, skipping where the kind does not work."""

    def make(kind: Kind, workdir: Path, **fields: object) -> Sandbox:
        return open_or_skip(backends, SandboxSpec(kind=kind, workdir=workdir, **fields))

    return make
