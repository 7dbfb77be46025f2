"""The physical layer: environment, parameters, and the index of code."""

from typing import Literal

from ara.schema.base import Entity
from ara.schema.logic import Sensitivity


class Fact(Entity):
    """A named fact: `- **name**: value`."""

    name: str
    value: str


class Section(Entity):
    """Facts under a heading."""

    title: str
    facts: tuple[Fact, ...]


class Environment(Entity):
    """`src/environment.md`: language, dependencies, hardware, sandbox, data sources, seeds."""

    sections: tuple[Section, ...]


class Parameter(Entity):
    """A value that was set: `## name` in a file of `src/configs/`."""

    name: str
    value: str
    rationale: str
    search_range: str
    sensitivity: Sensitivity
    source: str


class ConfigFile(Entity):
    """A file of `src/configs/`."""

    name: str
    """Base name without suffix."""
    title: str
    parameters: tuple[Parameter, ...]


class CodeArtifact(Entity):
    """A piece of persisted code or data: a block of `src/artifacts.md`."""

    title: str
    files: tuple[str, ...]
    """Relative to the artifact."""
    nature: Literal["code", "plan", "data", "pointer"]
    contains: str
    usage: str
    claims: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    """SHA-256 of each file, in the same order."""
