"""Declared inputs as trials see them: where each is mounted, and which path a placeholder becomes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from curie.errors import InfrastructureError
from curie.journal.events import InputDeclared
from curie.plan import InputDigest, Value
from sandboxes.base import Mount
from tasks.study import Setting

DATA = "data"
"""Name of the input that becomes CURIE_DATA."""


@dataclass(frozen=True, slots=True)
class TrialInputs:
    """The run's inputs; `isolated` says whether the sandbox has a file system of its own."""

    declared: tuple[InputDeclared, ...]
    isolated: bool

    def mounts(self) -> tuple[Mount, ...]:
        """Read-only mounts, at paths that depend on content and name only, so that trials are alike everywhere."""
        return tuple(
            Mount(source=Path(item.path), target=self.inside(item) if self.isolated else None)
            for item in _once_a_target(self.declared)
        )

    def inside(self, item: InputDeclared) -> str:
        """The path of an input as a trial sees it."""
        path = Path(item.path)
        return f"/inputs/{item.sha256[:12]}/{path.name}" if self.isolated else str(path)

    def setting(self, variable: str, value: Value) -> Setting:
        """A level as the trial gets it: an input file becomes its path.

        Raises:
            InfrastructureError: the journal names no such input.
        """
        if not isinstance(value, InputDigest):
            return value
        for item in self.declared:
            if item.sha256 == value.sha256 and item.name.split("=", 1)[0] == variable:
                return self.inside(item)
        raise InfrastructureError(f"The input {value.name} of {variable} was never declared in this run.")

    def data(self) -> str | None:
        """CURIE_DATA; None without data."""
        return next((self.inside(item) for item in self.declared if item.name == DATA), None)


def recorded(value: Value) -> Setting:
    """A level as the trial's record shows it: an input file by name and digest, wherever it lies."""
    return f"{value.name}@sha256:{value.sha256[:12]}" if isinstance(value, InputDigest) else value


def _once_a_target(declared: Iterable[InputDeclared]) -> Iterable[InputDeclared]:
    return {(item.sha256, Path(item.path).name): item for item in declared}.values()
