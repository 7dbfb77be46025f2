"""The plan: hypotheses, variables, groups, metrics and decision rules, frozen before the first trial. No I/O."""

import hashlib
from typing import Literal

from pydantic import Field, JsonValue

from curie.canonical import canonical_json
from tasks.study import Design, Direction, Frozen, Limits, Metric, Name, Setting

CONTROL = "control"
"""Id of the control group."""

Role = Literal["independent", "constant", "nuisance"]
Test = Literal["exact", "block-t", "block-t-stein"]
Correction = Literal["holm"]


class InputDigest(Frozen):
    """An input file or folder by content, so that the plan does not depend on where it lies."""

    name: str
    """Base name."""
    sha256: str


Value = InputDigest | Setting
"""A level as the plan records it."""


class Variable(Frozen):
    """One variable and its levels."""

    name: Name
    role: Role
    levels: tuple[Value, ...]


class Group(Frozen):
    """A cell of the design: one level of every independent and nuisance variable, and the constants."""

    id: str
    """`control`, or `g01`, `g02` ...; `aa` is the control's twin."""
    settings: dict[Name, Value]
    label: str
    """What differs from the control, for people, such as `algorithm=merge`."""


class Contrast(Frozen):
    """A linear combination of group means; its coefficients sum to zero."""

    weights: dict[str, float]
    """Group id -> coefficient."""


class DecisionRule(Frozen):
    """How data becomes a verdict; fixed before there is any."""

    contrast: Contrast
    metric: Name
    test: Test
    alpha: float
    """Family-wise error of the plan, shared by every rule with this correction."""
    correction: Correction = "holm"
    threshold: float = Field(default=0.0, ge=0.0)
    """0 or the smallest effect of interest, in the metric's unit; applied on the predicted side."""


class Hypothesis(Frozen):
    """A prediction and the rule that decides it."""

    id: str
    """`H1`, `H2` ...; `AA1` ... compare the control with its twin and are not part of the family."""
    statement: str
    """In words."""
    treatment: str = ""
    """The settings that the contrast looks at, such as `algorithm=merge`."""
    reference: str = ""
    """The settings that they are compared with."""
    direction: Direction
    rule: DecisionRule
    calibration: bool = False
    """True for an A/A comparison: it measures the machine and answers no question."""


class Repetitions(Frozen):
    """How many blocks: fixed, or two-stage after Stein (1945), where only the first stage's variance decides."""

    kind: Literal["fixed", "two-stage"]
    blocks: int = Field(ge=1)
    """All blocks, or those of the first stage."""
    max_blocks: int = Field(ge=1)
    """Equal to `blocks` if fixed."""
    power: float
    """Power aimed at, for a difference of the threshold beyond the threshold."""


class Resources(Frozen):
    """What a trial gets."""

    cores: int
    exclusive: bool
    """Run alone, because a metric is a time."""
    limits: Limits


class CommandTemplate(Frozen):
    """What a trial runs, before placeholders are filled."""

    template: str
    shell: bool = False
    env: tuple[str, ...] = ()
    """Names of variables passed through."""


class Plan(Frozen):
    """Everything that is decided before the first trial."""

    version: Literal[1] = 1
    question: str
    revision: int = 1
    reason: str | None = None
    """Why this revision exists; None for the first."""
    exploratory: bool = False
    """True if outcomes had been seen when this revision was frozen."""
    design: Design
    variables: tuple[Variable, ...]
    groups: tuple[Group, ...]
    metrics: tuple[Metric, ...]
    hypotheses: tuple[Hypothesis, ...]
    replicate_over: Literal["seed", "run"]
    """`seed`: blocks differ by seed; `run`: the command takes none, so that a block is merely another run."""
    repetitions: Repetitions
    resources: Resources
    command: CommandTemplate
    environment_digest: str | None = None
    """Digest of the trials' Python environment: resolved versions and interpreter."""
    code_digest: str | None = None
    """Git tree of the snapshot that the trials run from."""
    data: InputDigest | None = None
    seed: int
    """Seeds the order within blocks, the trials' seeds and the sample that is re-run."""

    @property
    def control(self) -> Group:
        """The control group."""
        return self.group(CONTROL)

    def group(self, group_id: str) -> Group:
        """The group of that id; KeyError if there is none."""
        for group in self.groups:
            if group.id == group_id:
                return group
        raise KeyError(group_id)

    def metric(self, name: str) -> Metric:
        """The metric of that name; KeyError if there is none."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)

    def canonical(self) -> dict[str, JsonValue]:
        """The plan as plain JSON data."""
        data: dict[str, JsonValue] = self.model_dump(mode="json")
        return data

    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON (RFC 8785 order and spacing)."""
        return hashlib.sha256(canonical_json(self.canonical())).hexdigest()
