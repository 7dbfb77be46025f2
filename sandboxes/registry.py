"""From a kind to a working sandbox: probe by running something, choose by who wrote the code, open."""

import os
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from sandboxes.base import (
    ExecLimits,
    ExecRequest,
    Isolation,
    Kind,
    Sandbox,
    SandboxError,
    SandboxSpec,
    SandboxUnavailableError,
)

Author = Literal["user", "model"]
"""Who wrote the code that will run: the user (or we), or a language model."""
Requested = Kind | Literal["auto"]
Opener = Callable[[SandboxSpec], Sandbox]

_PROBE_TIMEOUT_S: Final = 20.0
_MODEL_WAYS: Final = (
    "Code written by a model needs real isolation. Ways forward: install bubblewrap (`apt install bubblewrap`) and "
    "allow it to make namespaces; run as root; or ask for `process` by name, which gives that code all of your rights."
)


class Choice(BaseModel):
    """Which back end was taken, what it isolates, and why none that isolates more."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Kind
    isolation: Isolation
    reason: str | None = None
    """Why a better back end was not taken; None if there is no better one, or this one was asked for by name."""


class Backends:
    """The back ends of this machine, each probed at most once; hold one for as long as the answers should last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._working: dict[Kind, tuple[Opener, Isolation]] = {}
        self._broken: dict[Kind, str] = {}

    def probe(self, kind: Kind) -> Isolation:
        """Run `true` in a sandbox of this kind and say what it isolates.

        Raises:
            SandboxUnavailableError: it does not work here; the message says why and what to try.
        """
        return self._way(kind)[1]

    def choose(self, requested: Requested, author: Author) -> Choice:
        """The back end to use: the one asked for, or for `auto` bubblewrap, else, for a user's own code, process.

        Raises:
            SandboxUnavailableError: the one asked for does not work, or nothing isolates enough for a model's code.
        """
        if requested != "auto":
            return Choice(kind=requested, isolation=self.probe(requested))
        try:
            return Choice(kind="bubblewrap", isolation=self.probe("bubblewrap"))
        except SandboxUnavailableError as error:
            if author == "model":
                raise SandboxUnavailableError(f"{error}\n{_MODEL_WAYS}") from error
            return Choice(kind="process", isolation=self.probe("process"), reason=str(error))

    def open(self, spec: SandboxSpec) -> Sandbox:
        """A sandbox in the way that the probe found to work.

        Raises:
            SandboxUnavailableError: the kind does not work here.
            PathRefusedError: a mount does not exist or shows too much.
        """
        return self._way(spec.kind)[0](spec)

    def _way(self, kind: Kind) -> tuple[Opener, Isolation]:
        with self._lock:
            if kind in self._broken:
                raise SandboxUnavailableError(self._broken[kind])
            if kind not in self._working:
                try:
                    self._working[kind] = _first_working(kind)
                except SandboxUnavailableError as error:
                    self._broken[kind] = str(error)
                    raise
            return self._working[kind]


def probe(kind: Kind, backends: Backends | None = None) -> Isolation:
    """See `Backends.probe`; without `backends` the answer is not kept."""
    return (backends or Backends()).probe(kind)


def choose(requested: Requested, author: Author, backends: Backends | None = None) -> Choice:
    """See `Backends.choose`; without `backends` the answer is not kept."""
    return (backends or Backends()).choose(requested, author)


def open_sandbox(spec: SandboxSpec, backends: Backends | None = None) -> Sandbox:
    """See `Backends.open`; without `backends` the kind is probed each time."""
    return (backends or Backends()).open(spec)


def _first_working(kind: Kind) -> tuple[Opener, Isolation]:
    failures = []
    for name, opener in _ways(kind):
        try:
            return opener, _run_true(kind, opener)
        except (SandboxError, OSError) as error:
            failures.append(f"{name}: {error}")
    raise SandboxUnavailableError(f"{kind} does not work here. " + "; ".join(failures))


def _run_true(kind: Kind, opener: Opener) -> Isolation:
    with tempfile.TemporaryDirectory(prefix="sandbox-probe-") as folder:
        spec = SandboxSpec(kind=kind, workdir=Path(folder))
        with opener(spec) as sandbox:
            result = sandbox.exec(ExecRequest(argv=("true",), limits=ExecLimits(timeout_s=_PROBE_TIMEOUT_S)))
            if not result.ok:
                raise SandboxUnavailableError(f"`true` {result.termination}: {result.stderr.text.strip()}")
            return sandbox.isolation


def _ways(kind: Kind) -> list[tuple[str, Opener]]:
    """How a kind can be opened, best first; the modules are imported only when asked for."""
    if kind == "fake":
        from sandboxes.fake import FakeSandbox  # noqa: PLC0415 - optional back end

        return [("fake", FakeSandbox)]
    from sandboxes.cgroups import find_parents  # noqa: PLC0415 - optional back end

    groupings = list(dict.fromkeys((find_parents(), ())))
    if kind == "process":
        from sandboxes.process import ProcessSandbox  # noqa: PLC0415 - optional back end

        return [
            (f"with {len(parents)} control groups", partial(ProcessSandbox, parents=parents)) for parents in groupings
        ]
    from sandboxes.bubblewrap import BubblewrapSandbox, Mode  # noqa: PLC0415 - optional back end

    modes = [Mode.UNUSED_UID, Mode.USER_NAMESPACE] if os.geteuid() == 0 else [Mode.USER_NAMESPACE]
    return [
        (f"{mode.value}, {len(parents)} control groups", partial(BubblewrapSandbox, parents=parents, mode=mode))
        for mode in modes
        for parents in groupings
    ]
