"""The cognitive layer: problem, claims, concepts, experiments, related work, heuristics, constraints."""

from typing import Literal

from pydantic import Field

from ara.schema.base import (
    AssumptionId,
    ClaimId,
    Entity,
    ExperimentId,
    GapId,
    HeuristicId,
    ObservationId,
    RelatedWorkId,
)

ClaimStatus = Literal["hypothesis", "untested", "testing", "supported", "weakened", "refuted", "withdrawn"]
"""`hypothesis`: no data yet; `testing`: data that does not decide; `untested`: deliberately deferred."""
Relation = Literal["imports", "bounds", "baseline", "extends", "refutes"]
Sensitivity = Literal["low", "medium", "high", "unknown"]


class Source(Entity):
    """Where a value of a claim stands, word for word: `value <- path:line «line» [result]`."""

    value: str
    """The value, or what it is called."""
    ref: str
    """`path:line`, `node:field` or a path, relative to the artifact."""
    quote: str | None
    """The line as it stands there; None while `pending` says why there is none."""
    tag: Literal["input", "result"] = "result"
    """`input` cites what was set, `result` what was measured."""
    pending: str | None = None


class Claim(Entity):
    """A falsifiable statement and what it rests on: `## C01: title`."""

    id: ClaimId
    title: str = Field(min_length=1)
    statement: str
    """Without numbers: they belong to the evidence."""
    conditions: str
    """Where it holds."""
    sources: tuple[Source, ...] = ()
    status: ClaimStatus
    falsification: str
    """What outcome would refute it."""
    proof: tuple[ExperimentId, ...] = ()
    evidence_basis: str = ""
    dependencies: tuple[ClaimId, ...] = ()
    tags: tuple[str, ...] = ()


class Experiment(Entity):
    """What is done to decide claims: `## E01: title`. It carries no result."""

    id: ExperimentId
    title: str = Field(min_length=1)
    verifies: tuple[ClaimId, ...]
    evidence: tuple[str, ...] = ()
    """Files below `evidence/`, relative to the artifact."""
    run: str = ""
    """File below `src/`, relative to the artifact."""
    setup: str
    procedure: tuple[str, ...]
    """Steps, in order."""
    metrics: tuple[str, ...]
    expected: str
    """Direction only, no numbers."""
    baselines: str
    dependencies: tuple[ExperimentId, ...] = ()


class Observation(Entity):
    """Something seen that asks for an explanation."""

    id: ObservationId
    title: str
    statement: str
    evidence: str
    implication: str


class Gap(Entity):
    """What nobody knows yet."""

    id: GapId
    title: str
    statement: str
    caused_by: tuple[str, ...] = ()
    """Observations."""
    existing_attempts: str
    why_they_fail: str


class Insight(Entity):
    """The idea that closes the gap."""

    insight: str
    derived_from: tuple[str, ...] = ()
    """Observations."""
    enables: str


class Assumption(Entity):
    """What is taken for granted."""

    id: AssumptionId
    text: str


class Problem(Entity):
    """`logic/problem.md`."""

    observations: tuple[Observation, ...]
    gaps: tuple[Gap, ...]
    insight: Insight
    assumptions: tuple[Assumption, ...] = ()


class Concept(Entity):
    """A term: `## term`."""

    term: str = Field(min_length=1)
    notation: str = ""
    definition: str
    boundary: str = ""
    related: tuple[str, ...] = ()


class RelatedWork(Entity):
    """Another work and what is made of it: `## RW01: title`."""

    id: RelatedWorkId
    title: str
    doi: str
    relation: Relation
    what_changed: str
    why: str
    claims: tuple[ClaimId, ...] = ()
    adopted: str = ""


class Heuristic(Entity):
    """A rule of thumb that the work relies on: `## H01: title`."""

    id: HeuristicId
    title: str
    rationale: str
    sensitivity: Sensitivity
    bounds: str = ""
    code_ref: str = ""
    source: str = ""


class Constraints(Entity):
    """`logic/solution/constraints.md`: where the work holds and where it does not."""

    boundaries: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
