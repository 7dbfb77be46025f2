"""What is kept of a run: trial records, findings, reproductions, conclusions. Frozen data, no I/O."""

from typing import Literal

from pydantic import Field, field_validator

from tasks.study import Frozen, Name, Setting

Outcome = Literal["succeeded", "failed", "timed_out", "out_of_memory", "cancelled", "not_attempted"]
Purpose = Literal["gate", "measure", "reproduce", "confirm", "pilot"]
"""`gate`: the one control trial that must succeed first; `confirm`: a second look before `diverged`."""
Verdict = Literal["supported", "refuted", "inconclusive"]
Attribution = Literal["trial", "concurrent-set", "unknown"]
MemoryMethod = Literal["cgroup", "sampled-tree", "unavailable"]
Severity = Literal["error", "warning", "note"]


class ArtifactRef(Frozen):
    """A file in the run's artifact store."""

    name: str
    sha256: str
    size_bytes: int


class StreamRef(Frozen):
    """An output stream: whole if short, else its head and tail."""

    artifact: ArtifactRef
    total_bytes: int
    """Bytes that the command wrote; larger than the artifact's size if the middle was left out."""
    truncated: bool = False


class Measurement(Frozen):
    """One value of one metric; a point of a series has a step."""

    metric: Name
    value: float
    unit: str
    step: float | None = None
    t_s: float | None = None
    """Seconds since the trial began, where the trial says so."""
    source: Literal["metrics-file", "stdout-json", "regex", "builtin"]


class Interference(Frozen):
    """What else the machine did while the trial ran."""

    foreign_cpu_s: float | None = None
    """CPU seconds that others used on the trial's cores; None if it could not be read."""
    involuntary_switches: int = 0
    disturbed: bool = False
    """Marked, never dropped."""


class TrialResources(Frozen):
    """What a trial used, by the supervisor's clock."""

    wall_s: float
    cpu_s: float
    span_s: float | None = None
    """From the private copy to the end, the sandbox included: what a trial costs; None if nobody watched all of it."""
    memory_peak_bytes: int | None = None
    memory_method: MemoryMethod = "unavailable"
    cores: tuple[int, ...] = ()
    """Cores that it was pinned to; empty if it was not pinned."""
    interference: Interference = Field(default_factory=Interference)


class Executable(Frozen):
    """The program that argv[0] resolved to."""

    path: str
    sha256: str


class DataOpened(Frozen):
    """Declared input files seen being opened, and how surely by this trial."""

    files: tuple[str, ...] = ()
    """The first hundred by name."""
    more: int = 0
    """How many others there were."""
    attribution: Attribution = "unknown"


class TrialRecord(Frozen):
    """One trial: what ran, on what, and what it gave."""

    key: str
    """`<group>-r<repetition>` and the purpose: the trial's name, the same in every run of the same plan."""
    group: str
    repetition: int
    """From 1."""
    purpose: Purpose
    attempt: int = 1
    """From 1; an attempt that was interrupted is followed by another."""
    outcome: Outcome
    reason: str | None = None
    """Why it did not succeed, in a sentence."""
    settings: dict[Name, Setting]
    seed: int
    block: int
    position: int
    """Place within the block, from 0."""
    measurements: tuple[Measurement, ...] = ()
    """As emitted: every point of a series."""
    values: dict[Name, float] = Field(default_factory=dict)
    """Metric -> reduced value; complete if and only if the trial succeeded."""
    command: tuple[str, ...] = ()
    commit: str | None = None
    environment_digest: str | None = None
    executable: Executable | None = None
    sandbox: str = "unknown"
    exit_code: int | None = None
    signal: int | None = None
    stdout: StreamRef | None = None
    stderr: StreamRef | None = None
    outputs: tuple[ArtifactRef, ...] = ()
    outputs_left_out: int = 0
    """Files in CURIE_OUT that were not kept: beyond the bounds, or unreadable."""
    data_opened: DataOpened = Field(default_factory=DataOpened)
    resources: TrialResources | None = None


class Diagnostic(Frozen):
    """What a checker reports; never called a finding."""

    id: str
    """Stable, such as `lint/no-control`."""
    severity: Severity
    message: str
    hint: str | None = None


class Interval(Frozen):
    """A confidence interval in the metric's unit; None is unbounded."""

    low: float | None
    high: float | None
    level: float | None
    """Confidence after adjustment; None for the range of an exact comparison."""


class Decider(Frozen):
    """What could decide an inconclusive finding, and the cost."""

    blocks: int | None
    """Further blocks; None if no number of them would (say, because trials failed)."""
    seconds: float | None
    """Estimated from this run's own trials; None if unknown."""
    advice: str


class Finding(Frozen):
    """A verdict on a hypothesis, computed by its frozen rule."""

    id: str
    """`F-<hypothesis>`: what a text refers to."""
    hypothesis: str
    statement: str
    treatment: str = ""
    """The settings that were compared, in words."""
    reference: str = ""
    """With what."""
    metric: Name
    unit: str
    verdict: Verdict
    deterministic: bool
    exploratory: bool = False
    calibration: bool = False
    effect: float | None
    """Estimated contrast, in `unit`; None if there is no complete block."""
    relative: float | None = None
    """`effect` over the reference side's mean; None if that is 0 or unknown."""
    standardized: float | None = None
    """`effect` over the standard deviation of the block contrasts (Cohen's d_z)."""
    interval: Interval | None
    p: float | None = None
    p_adjusted: float | None = None
    n: int
    """Complete blocks."""
    planned: int
    """Blocks that should have been complete."""
    smallest_visible: float | None = None
    """Smallest effect that this many blocks would show with the plan's power, from the spread seen here."""
    reason: str
    """Why this verdict, in a sentence."""
    decider: Decider | None = None
    reversed_in: tuple[str, ...] = ()
    """Cells in which the effect clearly points the other way, such as `order=sorted`; a mean over cells hides them."""


class MetricComparison(Frozen):
    """One metric of a re-run beside the original."""

    metric: Name
    original: float
    rerun: float
    low: float | None
    high: float | None
    """Accepted range; None where there were too few trials to say."""
    state: Literal["equal", "inside", "outside", "not_comparable"]


class Reproduction(Frozen):
    """A trial run again from the commit in a fresh export."""

    key: str
    """Key of the original trial."""
    state: Literal["reproduced", "diverged", "failed", "timed_out", "not_attempted", "not_comparable"]
    comparisons: tuple[MetricComparison, ...] = ()
    confirmed: bool = False
    """True if a second re-run was made before this state was given."""
    reason: str | None = None


class Statement(Frozen):
    """A sentence whose numbers are references: `{{ref:F-H1.effect}}`."""

    text: str
    findings: tuple[str, ...] = ()


class Conclusion(Frozen):
    """The answer in words, by reference."""

    statements: tuple[Statement, ...]
    limits: tuple[Statement, ...] = ()
    """What this does not show."""

    @field_validator("limits", mode="before")
    @classmethod
    def _sentences(cls, limits: object) -> object:
        """Older journals hold limits as plain sentences."""
        if not isinstance(limits, list | tuple):
            return limits
        return tuple(Statement(text=limit) if isinstance(limit, str) else limit for limit in limits)
