"""The rows of an export: what is known of a trial, a measured point and a finding, one flat model each. No I/O."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from curie.records import MemoryMethod, Outcome, Purpose, Verdict
from tasks.study import Direction, Frozen, Setting

AttemptOutcome = Outcome | Literal["interrupted", "running"]
"""How an attempt ended; `interrupted`: without a result, and no fault of the experiment's."""
RerunState = Literal["reproduced", "diverged", "failed", "timed_out", "not_attempted", "not_comparable"]


@dataclass(frozen=True)
class Unit:
    """The unit of a column, as metadata of its field."""

    name: str


Seconds = Annotated[float | None, Unit("s")]
Bytes = Annotated[int | None, Unit("B")]


class Row(Frozen):
    """Base of the rows: each field is a column of that name, its docstring what the column means."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class TrialRow(Row):
    """One attempt of one trial, or a planned trial of which no attempt was made."""

    run_id: str
    """Id of the run."""
    key: str
    """Name of the trial, the same in every run of the same plan."""
    attempt: int
    """From 1; 0 if none was made."""
    superseded: bool
    """Whether a later attempt of the same trial followed; leave these rows out to count trials."""
    purpose: Purpose | None
    """`gate`, `measure`, `reproduce`, `confirm` (a second look) or `pilot`."""
    rerun_of: str | None
    """Key of the trial that this one runs again."""
    group: str | None
    """Id of the group: `control`, `g01` ..."""
    label: str | None
    """What differs from the control."""
    repetition: int | None
    """From 1."""
    block: int | None
    """From 1; 0 for the gate."""
    position: int | None
    """Place within the block, from 0."""
    seed: int | None
    """Seed that the trial was given; shared by all groups of a block."""
    outcome: AttemptOutcome
    """`succeeded`, `failed`, `timed_out`, `out_of_memory`, `cancelled`, `interrupted`, `running` or `not_attempted`."""
    reason: str | None
    """Why it did not succeed."""
    reproduction: RerunState | None
    """What became of running it again; empty if it is not in the sample."""
    started: datetime | None
    """When the attempt was recorded as begun, UTC."""
    finished: datetime | None
    """When its end was recorded, UTC."""
    wall_s: Seconds
    """Elapsed time of the command, by the supervisor."""
    cpu_s: Seconds
    """Processor time of the command and its children."""
    span_s: Seconds
    """From the private copy to the end, the sandbox included."""
    memory_peak_bytes: Bytes
    """Largest memory in use at once."""
    memory_method: MemoryMethod | None
    """How that was measured: `cgroup`, `sampled-tree` or `unavailable`."""
    foreign_cpu_s: Seconds
    """Processor time that others used on the trial's cores."""
    involuntary_switches: int | None
    """How often the trial was taken off a core."""
    disturbed: bool | None
    """Whether others used its cores enough to matter; marked, never dropped."""
    exit_code: int | None
    """Exit status of the command."""
    signal: int | None
    """Signal that ended it."""
    adopted: bool | None
    """Whether a later process found the result on disk."""
    sandbox: str | None
    """Back end that it ran in."""
    command: str | None
    """The filled command, quoted for a shell."""
    commit: str | None
    """Commit of the code in the run's own git."""
    environment_digest: str | None
    """SHA-256 of the Python environment: resolved versions and interpreter."""
    executable: str | None
    """Path of the program that was started."""
    executable_sha256: str | None
    """SHA-256 of that program."""
    stdout_sha256: str | None
    """Name of its kept standard output in the artifact store."""
    stderr_sha256: str | None
    """Name of its kept standard error in the artifact store."""
    settings: dict[str, Setting] = Field(default_factory=dict, exclude=True)
    """Variable -> level; columns `setting.<variable>`."""
    metrics: dict[str, float] = Field(default_factory=dict, exclude=True)
    """Metric -> reduced value; columns `metric.<metric>`."""


class MeasurementRow(Row):
    """One number as a trial emitted it: every point of every series, of failed attempts too."""

    run_id: str
    """Id of the run."""
    key: str
    """Name of the trial."""
    attempt: int
    """Attempt that emitted it."""
    superseded: bool
    """Whether a later attempt of the same trial followed."""
    purpose: Purpose
    """What the trial was for."""
    group: str
    """Id of the trial's group."""
    repetition: int
    """Repetition of the trial, from 1."""
    index: int
    """Place among the numbers of the attempt, from 0, in the order of emission."""
    metric: str
    """Name of the metric."""
    value: float
    """The number, in `unit`."""
    unit: str
    """Unit of the value; `1` for a pure number."""
    step: float | None
    """Step of a series, in the trial's own counting."""
    t_s: Seconds
    """Time since the trial began, where the trial says so."""
    source: Literal["metrics-file", "stdout-json", "regex", "builtin"]
    """Where it was found."""


class FindingRow(Row):
    """One verdict on one hypothesis, with the rule that gave it."""

    run_id: str
    """Id of the run."""
    id: str
    """`F-` and the hypothesis."""
    hypothesis: str
    """Id of the hypothesis."""
    statement: str
    """The hypothesis in words."""
    treatment: str
    """Settings that were compared."""
    reference: str
    """With what they were compared."""
    metric: str
    """Metric that decides."""
    unit: str
    """Unit of effect, interval, threshold and smallest visible effect."""
    verdict: Verdict
    """`supported`, `refuted` or `inconclusive`."""
    deterministic: bool
    """Whether values were compared exactly instead of tested."""
    exploratory: bool
    """Whether the plan was changed after outcomes had been seen."""
    calibration: bool
    """Whether it compares the control with its own twin, which answers no question."""
    direction: Direction | None
    """What was predicted: `higher`, `lower`, `different` or `same`."""
    test: str | None
    """Test that the plan fixed: `exact`, `block-t` or `block-t-stein`."""
    threshold: float | None
    """0 or the smallest effect of interest, in `unit`."""
    alpha: float | None
    """Family-wise error that the plan allows."""
    effect: float | None
    """Estimated contrast, in `unit`; empty without a complete block."""
    relative: float | None
    """Effect over the mean of the reference."""
    standardized: float | None
    """Effect over the standard deviation of the block contrasts (Cohen's d_z)."""
    low: float | None
    """Lower end of the interval, in `unit`; empty if it has none."""
    high: float | None
    """Upper end of the interval, in `unit`; empty if it has none."""
    level: float | None
    """Confidence of the interval after adjustment; empty for an exact comparison."""
    p: float | None
    """p value of the test."""
    p_adjusted: float | None
    """p value after Holm's adjustment."""
    n: int
    """Complete blocks."""
    planned: int
    """Blocks that should have been complete."""
    smallest_visible: float | None
    """Smallest effect that this many blocks would show, in `unit`."""
    reason: str
    """Why this verdict."""
    decider_blocks: int | None
    """Further blocks that could decide it."""
    decider_s: Seconds
    """Estimated time of those."""
    advice: str | None
    """What could decide it."""
    reversed_in: tuple[str, ...]
    """Cells in which the effect points the other way; a JSON list."""
