"""The run's events: a closed union, one model a kind. The journal stores nothing else."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, TypeAdapter

from curie.plan import Plan
from curie.profile.model import DataProfile
from curie.records import ArtifactRef, Conclusion, Diagnostic, Finding, Reproduction, TrialRecord
from sandboxes.base import Kind
from tasks.study import Frozen


class RunCreated(Frozen):
    """The run exists: what was asked and how."""

    type: Literal["run_created"] = "run_created"
    run_id: str
    question: str
    mode: Literal["declared", "open"]
    curie_version: str
    seed: int
    request: dict[str, JsonValue]
    """The run request, complete enough for `resume` to go on without the files it came from."""
    machine: dict[str, JsonValue]
    """Facts of this machine: kernel, CPU, cores, memory, Python."""


class RunResumed(Frozen):
    """Another process went on with the run."""

    type: Literal["run_resumed"] = "run_resumed"
    curie_version: str


class TailDropped(Frozen):
    """A half-written last line was set aside."""

    type: Literal["tail_dropped"] = "tail_dropped"
    bytes_dropped: int
    saved_as: str
    """File in the run directory that holds the bytes."""


class SnapshotTaken(Frozen):
    """The code of the trials, as a commit of the run's own git."""

    type: Literal["snapshot_taken"] = "snapshot_taken"
    commit: str
    tree: str
    files: int
    dirty: bool
    excluded: tuple[str, ...]
    """Ignored paths that were left out (directories end with a slash)."""


class InputDeclared(Frozen):
    """An input file or folder, digested and mounted read-only."""

    type: Literal["input_declared"] = "input_declared"
    name: str
    """`data`, or `<variable>=<base name>`."""
    path: str
    sha256: str
    size_bytes: int


class DataProfiled(Frozen):
    """What an input holds, counted."""

    type: Literal["data_profiled"] = "data_profiled"
    profile: DataProfile


class EnvironmentBuilt(Frozen):
    """The trials' Python environment."""

    type: Literal["environment_built"] = "environment_built"
    digest: str
    """SHA-256 over resolved versions and interpreter."""
    resolved: tuple[str, ...]
    interpreter: str
    cached: bool


class PlanFrozen(Frozen):
    """A plan revision; nothing in it changes any more."""

    type: Literal["plan_frozen"] = "plan_frozen"
    plan: Plan
    digest: str
    diagnostics: tuple[Diagnostic, ...] = ()


class SandboxChosen(Frozen):
    """Which back end runs the trials and what it isolates."""

    type: Literal["sandbox_chosen"] = "sandbox_chosen"
    kind: Kind
    isolation: str
    unenforced: tuple[str, ...] = ()
    """Limits that this machine cannot enforce."""


class TrialStarted(Frozen):
    """An attempt is about to be spawned."""

    type: Literal["trial_started"] = "trial_started"
    key: str
    attempt: int


class TrialInterrupted(Frozen):
    """An attempt ended without a result, through no fault of the experiment; another follows."""

    type: Literal["trial_interrupted"] = "trial_interrupted"
    key: str
    attempt: int
    reason: str


class TrialFinished(Frozen):
    """A trial's record."""

    type: Literal["trial_finished"] = "trial_finished"
    record: TrialRecord
    adopted: bool = False
    """True if the result was found on disk by a later process."""


class BlocksDecided(Frozen):
    """The second stage of a two-stage design: blocks in all, from the first stage's variance."""

    type: Literal["blocks_decided"] = "blocks_decided"
    blocks: int
    reason: str


class TrialReproduced(Frozen):
    """A re-run, compared."""

    type: Literal["trial_reproduced"] = "trial_reproduced"
    reproduction: Reproduction


class FindingRecorded(Frozen):
    """A verdict."""

    type: Literal["finding_recorded"] = "finding_recorded"
    finding: Finding


class ConclusionRecorded(Frozen):
    """The answer."""

    type: Literal["conclusion_recorded"] = "conclusion_recorded"
    conclusion: Conclusion


class DiagnosticRecorded(Frozen):
    """Something that a reader of the result should know."""

    type: Literal["diagnostic_recorded"] = "diagnostic_recorded"
    diagnostic: Diagnostic


class RunStopped(Frozen):
    """The run stopped before its end and can be resumed."""

    type: Literal["run_stopped"] = "run_stopped"
    reason: Literal["interrupted", "budget", "gate", "infrastructure"]
    detail: str


class InboxReceived(Frozen):
    """A request that another process dropped into the inbox."""

    type: Literal["inbox_received"] = "inbox_received"
    kind: Literal["tag", "note", "cancel"]
    text: str
    sender: str


class RunFinished(Frozen):
    """The end: what the run holds, so that later change shows."""

    type: Literal["run_finished"] = "run_finished"
    events: int
    """Events before this one."""
    head: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Hash of the event before this one."""
    files: tuple[ArtifactRef, ...]
    """Every report and artifact file, by path relative to the run directory."""


Event = Annotated[
    RunCreated
    | RunResumed
    | TailDropped
    | SnapshotTaken
    | InputDeclared
    | DataProfiled
    | EnvironmentBuilt
    | PlanFrozen
    | SandboxChosen
    | TrialStarted
    | TrialInterrupted
    | TrialFinished
    | BlocksDecided
    | TrialReproduced
    | FindingRecorded
    | ConclusionRecorded
    | DiagnosticRecorded
    | RunStopped
    | InboxReceived
    | RunFinished,
    Field(discriminator="type"),
]
"""Any event. Unknown types are refused: a newer journal needs a newer curie."""

EVENTS: TypeAdapter[Event] = TypeAdapter(Event)
"""Validates and dumps events."""
