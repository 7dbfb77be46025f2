"""What a report says, before it is HTML or Markdown: one model for both, made from a dossier."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from curie.compose import RunFlags, StudyFlags, compose
from curie.dossier import Dossier
from curie.errors import CheckFailed, CurieError
from curie.journal.chain import Entry
from curie.journal.events import FindingRecorded, InboxReceived, PlanFrozen, TrialInterrupted
from curie.page.again import Again, again
from curie.page.bounds import Bounds, Listed, bounded
from curie.page.data import DataView, data_views
from curie.page.derivation import Derivation, derivations
from curie.page.facts import Fact, facts
from curie.page.phrase import Phrase
from curie.page.sentences import answer_of, limits_of
from curie.page.trial_rows import TrialRow, trial_rows
from curie.plan import Group
from curie.records import Diagnostic, Finding, Reproduction, StreamRef, TrialRecord
from curie.request import RunRequest
from curie.rigor.ledger import Ledger
from tasks.errors import TaskError
from tasks.study import Study


@dataclass(frozen=True, slots=True)
class Failure:
    """A trial that did not succeed, with what it said."""

    record: TrialRecord
    stderr: str
    """Its tail; empty if it printed nothing, or if only the first failures are shown in full."""
    cut: bool
    """Whether there is more than is shown."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that a page tells."""

    dossier: Dossier
    ledger: Ledger
    bounds: Bounds
    answer: tuple[Phrase, ...]
    limits: tuple[Phrase, ...]
    facts: tuple[Fact, ...]
    again: Again | None
    """None where the request cannot be read."""
    derivations: tuple[Derivation, ...]
    revisions: tuple[Entry, ...]
    """Events that froze a plan."""
    groups: Listed[Group]
    trials: Listed[TrialRow]
    failures: Listed[Failure]
    disturbed: Listed[TrialRow]
    """The most disturbed first."""
    reruns: Listed[Reproduction]
    """What is no pass first."""
    attempts: Listed[Entry]
    """Events that interrupted an attempt."""
    superseded: Listed[TrialRecord]
    """Records that a later attempt followed."""
    earlier: Listed[Entry]
    """Findings that a later one replaced."""
    diagnostics: Listed[Diagnostic]
    packages: Listed[str]
    messages: Listed[Entry]
    """Tags, notes and requests from other processes."""
    data: tuple[DataView, ...]
    """What was mounted, as profiled."""

    @property
    def verdicts(self) -> tuple[Finding, ...]:
        """On the plan's hypotheses; none where the control trial failed."""
        return () if self.dossier.result.phase == "gate" else self.dossier.result.findings

    @property
    def targets(self) -> frozenset[str]:
        """Ids that the page holds, so that numbers can link to them."""
        names = {"plan", "run", "machine"}
        names |= {f"finding-{d.finding.id}" for d in self.derivations}
        names |= {f"trial-{row.record.key}" for row in self.trials.shown}
        names |= {f"group-{group.id}" for group in self.groups.shown}
        names |= {f"profile-{name}" for name in self.dossier.state.profiles}
        return frozenset(name for name in names if not any(c.isspace() for c in name))


def report(dossier: Dossier, bounds: Bounds | None = None) -> Report:
    """Everything that the report of this run says, within bounds."""
    bounds = bounds or Bounds()
    state, plan = dossier.state, dossier.state.plan
    ledger = Ledger(state)
    everything = trial_rows(state, Bounds(cells=10**9)).shown
    return Report(
        dossier=dossier,
        ledger=ledger,
        bounds=bounds,
        answer=answer_of(state),
        limits=limits_of(state),
        facts=facts(dossier, ledger),
        again=_again(dossier),
        derivations=derivations(state, bounds),
        revisions=tuple(e for e in dossier.entries if isinstance(e.event, PlanFrozen)),
        groups=bounded(plan.groups if plan else (), bounds.rows),
        trials=trial_rows(state, bounds),
        failures=_failures(dossier, bounds),
        disturbed=bounded(sorted((row for row in everything if row.disturbed), key=_share, reverse=True), bounds.rows),
        reruns=bounded(sorted(state.reproductions.values(), key=lambda r: r.state == "reproduced"), bounds.rows),
        attempts=bounded([e for e in dossier.entries if isinstance(e.event, TrialInterrupted)], bounds.rows),
        superseded=bounded(state.superseded, bounds.rows),
        earlier=bounded(list(_earlier(dossier)), bounds.rows),
        diagnostics=bounded(state.diagnostics, bounds.rows),
        packages=bounded(state.environment.resolved if state.environment else (), bounds.rows),
        messages=bounded([e for e in dossier.entries if isinstance(e.event, InboxReceived)], bounds.rows),
        data=data_views(state, bounds),
    )


def _share(row: TrialRow) -> float:
    """CPU time of others over the trial's wall time."""
    used = row.record.resources
    if used is None or used.wall_s <= 0:
        return 0.0
    return (used.interference.foreign_cpu_s or 0.0) / used.wall_s


def _earlier(dossier: Dossier) -> Iterator[Entry]:
    """Every recorded finding that is not the one that counts now."""
    for entry in dossier.entries:
        event = entry.event
        if isinstance(event, FindingRecorded) and dossier.state.findings.get(event.finding.id) != event.finding:
            yield entry


def _failures(dossier: Dossier, bounds: Bounds) -> Listed[Failure]:
    listed = bounded(dossier.result.failures, bounds.rows)
    shown = tuple(
        _failure(dossier, record, bounds.stream_characters if place < bounds.streams else 0)
        for place, record in enumerate(listed.shown)
    )
    return Listed(shown=shown, left_out=listed.left_out)


def _failure(dossier: Dossier, record: TrialRecord, most: int) -> Failure:
    text = _kept(dossier, record.stderr).rstrip()
    whole = record.stderr is None or not record.stderr.truncated
    tail = text[-most:] if most else ""
    return Failure(record=record, stderr=tail, cut=len(tail) < len(text) or not whole)


def _kept(dossier: Dossier, stream: StreamRef | None) -> str:
    try:
        return dossier.text(stream)
    except CheckFailed as error:
        return f"[not shown: {error.message}]"


def _again(dossier: Dossier) -> Again | None:
    created = dossier.state.created
    try:
        request = RunRequest.model_validate(created.request if created else {})
    except ValidationError:  # of a run that another program recorded
        return None
    return again(request, _bundled(request.task))


def _bundled(task: str | None) -> Study | None:
    """What the task of that id declares today."""
    if task is None:
        return None
    try:
        return compose(task, StudyFlags(), RunFlags(), Path("/")).study
    except (CurieError, TaskError):
        return None
