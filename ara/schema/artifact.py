"""A whole artifact: the four layers and their index."""

from ara.schema.base import Entity
from ara.schema.evidence import Attachment, EvidenceFigure, EvidenceResult, EvidenceTable, LogPointer
from ara.schema.logic import Claim, Concept, Constraints, Experiment, Heuristic, Problem, RelatedWork
from ara.schema.manifest import Manifest
from ara.schema.physical import CodeArtifact, ConfigFile, Environment
from ara.schema.trace import Node


class Origin(Entity):
    """What an artifact was made from, so that it can be made again and compared."""

    run_id: str
    head: str
    """Hash of the last event that it tells of."""
    plan_digest: str | None
    generator: str
    """Name and version of what wrote it."""


class Artifact(Entity):
    """An agent-native research artifact."""

    manifest: Manifest
    overview: str
    """In a paragraph."""
    problem: Problem
    claims: tuple[Claim, ...]
    concepts: tuple[Concept, ...]
    experiments: tuple[Experiment, ...]
    related_work: tuple[RelatedWork, ...]
    heuristics: tuple[Heuristic, ...] = ()
    constraints: Constraints
    environment: Environment
    configs: tuple[ConfigFile, ...] = ()
    code: tuple[CodeArtifact, ...] = ()
    tree: tuple[Node, ...]
    tables: tuple[EvidenceTable, ...] = ()
    figures: tuple[EvidenceFigure, ...] = ()
    results: tuple[EvidenceResult, ...] = ()
    logs: tuple[LogPointer, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    """Images, data and code, byte for byte."""
    origin: Origin | None = None
