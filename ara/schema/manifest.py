"""`PAPER.md`: the manifest in its front matter, and the index of the layers below it."""

from typing import Literal

from ara.schema.base import ARA_VERSION, Entity

Layer = Literal["logic", "src", "trace", "evidence"]
LAYER_TITLES: dict[Layer, str] = {
    "logic": "Cognitive Layer (`/logic`)",
    "src": "Physical Layer (`/src`)",
    "trace": "Exploration Graph (`/trace`)",
    "evidence": "Evidence (`/evidence`)",
}
"""Headings of the layer index."""

CORE_FILES = (
    "PAPER.md",
    "logic/problem.md",
    "logic/claims.md",
    "logic/concepts.md",
    "logic/experiments.md",
    "logic/related_work.md",
    "logic/solution/constraints.md",
    "src/environment.md",
    "trace/exploration_tree.yaml",
    "evidence/README.md",
)
"""Files that every artifact has."""


class Manifest(Entity):
    """The front matter of `PAPER.md`."""

    title: str
    authors: tuple[str, ...]
    year: int
    venue: str = ""
    doi: str = ""
    ara_version: str = ARA_VERSION
    domain: str = ""
    keywords: tuple[str, ...] = ()
    """Five to ten."""
    claims_summary: tuple[str, ...] = ()
    """One line a claim."""
    abstract: str = ""


class LayerFile(Entity):
    """A row of the layer index."""

    layer: Layer
    path: str
    """Relative to the artifact, such as `logic/claims.md`."""
    description: str
    claims: tuple[str, ...] = ()
    """Only for the physical layer."""
