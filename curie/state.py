"""The state of a run: a pure fold of its events. What is not in here is not known after a restart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from curie.journal.chain import Entry
from curie.journal.events import (
    BlocksDecided,
    ConclusionRecorded,
    DataProfiled,
    DiagnosticRecorded,
    EnvironmentBuilt,
    Event,
    FindingRecorded,
    InboxReceived,
    InputDeclared,
    PlanFrozen,
    RunCreated,
    RunFinished,
    RunResumed,
    RunStopped,
    SandboxChosen,
    SnapshotTaken,
    TailDropped,
    TrialFinished,
    TrialInterrupted,
    TrialReproduced,
    TrialStarted,
)
from curie.plan import Plan
from curie.profile.model import DataProfile
from curie.records import Conclusion, Diagnostic, Finding, Reproduction, TrialRecord

SetUp = (
    RunCreated
    | SnapshotTaken
    | InputDeclared
    | DataProfiled
    | EnvironmentBuilt
    | PlanFrozen
    | SandboxChosen
    | BlocksDecided
)
TrialEvent = TrialStarted | TrialInterrupted | TrialFinished | TrialReproduced
ResultEvent = FindingRecorded | ConclusionRecorded | DiagnosticRecorded
Control = RunResumed | TailDropped | RunStopped | InboxReceived | RunFinished


@dataclass(frozen=True, slots=True)
class RunState:
    """What is known of a run after some number of its events. Never mutated; `apply` gives the next one."""

    created: RunCreated | None = None
    plan: Plan | None = None
    """The latest revision."""
    plan_digest: str | None = None
    """SHA-256 (hex) of that revision, as recorded."""
    revisions: tuple[PlanFrozen, ...] = ()
    snapshot: SnapshotTaken | None = None
    inputs: Mapping[str, InputDeclared] = field(default_factory=dict)
    """Name -> input."""
    profiles: Mapping[str, DataProfile] = field(default_factory=dict)
    """Input's name -> what it holds."""
    environment: EnvironmentBuilt | None = None
    sandbox: SandboxChosen | None = None
    trials: Mapping[str, TrialRecord] = field(default_factory=dict)
    """Key -> the latest finished record."""
    superseded: tuple[TrialRecord, ...] = ()
    """Finished records that a later attempt of the same key followed; both stay."""
    open_attempts: Mapping[str, int] = field(default_factory=dict)
    """Key -> attempt that was started and neither finished nor was interrupted."""
    attempts: Mapping[str, int] = field(default_factory=dict)
    """Key -> highest attempt started."""
    blocks_decided: int | None = None
    """Blocks in all, once the second stage of the latest revision is decided."""
    reproductions: Mapping[str, Reproduction] = field(default_factory=dict)
    """Key of the original trial -> latest comparison."""
    findings: Mapping[str, Finding] = field(default_factory=dict)
    """Id -> latest finding."""
    conclusion: Conclusion | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    """In order, those of the plan revisions included; each once."""
    stopped: RunStopped | None = None
    """Why the run stopped; None again once it was resumed or finished."""
    finished: RunFinished | None = None
    cancel_requested: bool = False
    """True from a `cancel` message until the run is resumed."""
    tags: tuple[str, ...] = ()
    """In order, each once."""
    notes: tuple[str, ...] = ()

    def apply(self, event: Event) -> "RunState":
        """The state after one more event."""
        fold = _Fold(self)
        fold.add(event)
        return fold.state()


def project(entries: Iterable[Entry]) -> RunState:
    """The state after all these events, in one go."""
    fold = _Fold(RunState())
    for entry in entries:
        fold.add(entry.event)
    return fold.state()


class _Fold:
    """Takes events into private copies of the containers, so that a long journal is not copied at every event."""

    def __init__(self, start: RunState) -> None:
        self._scalars = start
        self._inputs = dict(start.inputs)
        self._profiles = dict(start.profiles)
        self._trials = dict(start.trials)
        self._superseded = list(start.superseded)
        self._open = dict(start.open_attempts)
        self._attempts = dict(start.attempts)
        self._reproductions = dict(start.reproductions)
        self._findings = dict(start.findings)
        # Dicts as ordered sets: a resumed driver may report the same thing again.
        self._diagnostics = {_words(d): d for d in start.diagnostics}
        self._tags = dict.fromkeys(start.tags)
        self._notes = list(start.notes)

    def state(self) -> RunState:
        """The state so far. The fold is not used after this."""
        return replace(
            self._scalars,
            inputs=self._inputs,
            profiles=self._profiles,
            trials=self._trials,
            superseded=tuple(self._superseded),
            open_attempts=self._open,
            attempts=self._attempts,
            reproductions=self._reproductions,
            findings=self._findings,
            diagnostics=tuple(self._diagnostics.values()),
            tags=tuple(self._tags),
            notes=tuple(self._notes),
        )

    def add(self, event: Event) -> None:
        """Take one event in."""
        if isinstance(event, SetUp):
            self._set_up(event)
        elif isinstance(event, TrialEvent):
            self._trial(event)
        elif isinstance(event, ResultEvent):
            self._result(event)
        elif isinstance(event, Control):
            self._control(event)
        else:
            assert_never(event)

    def _set_up(self, event: SetUp) -> None:
        match event:
            case RunCreated():
                self._scalars = replace(self._scalars, created=event)
            case SnapshotTaken():
                self._scalars = replace(self._scalars, snapshot=event)
            case InputDeclared():
                self._inputs[event.name] = event
            case DataProfiled():
                self._profiles[event.profile.name] = event.profile
            case EnvironmentBuilt():
                self._scalars = replace(self._scalars, environment=event)
            case SandboxChosen():
                self._scalars = replace(self._scalars, sandbox=event)
            case BlocksDecided():
                self._scalars = replace(self._scalars, blocks_decided=event.blocks)
            case PlanFrozen():
                self._freeze(event)

    def _freeze(self, event: PlanFrozen) -> None:
        self._scalars = replace(
            self._scalars,
            plan=event.plan,
            plan_digest=event.digest,
            revisions=(*self._scalars.revisions, event),
            blocks_decided=None,
        )
        for diagnostic in event.diagnostics:
            self._note(diagnostic)

    def _trial(self, event: TrialEvent) -> None:
        match event:
            case TrialStarted():
                self._open[event.key] = event.attempt
                self._attempts[event.key] = max(event.attempt, self._attempts.get(event.key, 0))
            case TrialInterrupted():
                self._close(event.key, event.attempt)
            case TrialFinished():
                record = event.record
                self._close(record.key, record.attempt)
                if (earlier := self._trials.get(record.key)) is not None:
                    self._superseded.append(earlier)
                self._trials[record.key] = record
            case TrialReproduced():
                self._reproductions[event.reproduction.key] = event.reproduction

    def _close(self, key: str, attempt: int) -> None:
        if self._open.get(key) == attempt:
            del self._open[key]

    def _result(self, event: ResultEvent) -> None:
        match event:
            case FindingRecorded():
                self._findings[event.finding.id] = event.finding
            case ConclusionRecorded():
                self._scalars = replace(self._scalars, conclusion=event.conclusion)
            case DiagnosticRecorded():
                self._note(event.diagnostic)

    def _control(self, event: Control) -> None:
        match event:
            case RunResumed():
                self._scalars = replace(self._scalars, stopped=None, cancel_requested=False)
            case RunStopped():
                self._scalars = replace(self._scalars, stopped=event)
            case RunFinished():
                self._scalars = replace(self._scalars, finished=event, stopped=None)
            case InboxReceived():
                self._receive(event)
            case TailDropped():
                pass

    def _receive(self, event: InboxReceived) -> None:
        if event.kind == "tag":
            self._tags[event.text] = None
        elif event.kind == "note":
            self._notes.append(event.text)
        else:
            self._scalars = replace(self._scalars, cancel_requested=True)

    def _note(self, diagnostic: Diagnostic) -> None:
        self._diagnostics[_words(diagnostic)] = diagnostic


def _words(diagnostic: Diagnostic) -> tuple[str | None, ...]:
    """What makes it the same one; not its JSON, which cannot say a lone surrogate out of somebody's file name."""
    return diagnostic.id, diagnostic.severity, diagnostic.message, diagnostic.hint
