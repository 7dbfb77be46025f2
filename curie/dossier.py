"""All that is known of a run, read once: what reports, exports, comparisons and artifacts are made from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from curie.errors import CheckFailed
from curie.journal.chain import Entry
from curie.journal.events import PlanFrozen, TrialStarted
from curie.journal.lock import current_holder
from curie.journal.reader import load
from curie.paths import RunPaths
from curie.records import StreamRef, TrialRecord
from curie.result import RunResult, summarise
from curie.state import RunState, project
from curie.store import ArtifactStore


@dataclass(frozen=True)
class Dossier:
    """A run as its journal tells it. Reading it changes nothing; the journal may have grown since."""

    paths: RunPaths
    entries: tuple[Entry, ...]
    """Every event, in order, with its sequence number, time and hash."""
    head: str
    """Hash of the last event."""
    state: RunState
    result: RunResult
    store: ArtifactStore = field(repr=False)
    memo: dict[type, object] = field(default_factory=dict, repr=False, compare=False)
    """By its type, what was made from these very events and is costly to make again, such as the figures."""

    @property
    def records(self) -> tuple[TrialRecord, ...]:
        """The latest record of every trial that finished, the gate, pilots and re-runs included."""
        return tuple(self.state.trials.values())

    @property
    def measured(self) -> tuple[TrialRecord, ...]:
        """The measured trials that finished, well or badly, in the order in which they did."""
        return tuple(r for r in self.records if r.purpose == "measure")

    @property
    def frozen_at(self) -> Entry | None:
        """The event that froze the first plan; None if there is no plan."""
        return next((e for e in self.entries if isinstance(e.event, PlanFrozen)), None)

    @property
    def first_trial_at(self) -> Entry | None:
        """The event that started the first trial of all; None if none was started."""
        return next((e for e in self.entries if isinstance(e.event, TrialStarted)), None)

    @property
    def started(self) -> datetime:
        """When the run was created."""
        return self.entries[0].time

    @property
    def last_event(self) -> datetime:
        """When the last event was written."""
        return self.entries[-1].time

    def text(self, stream: StreamRef | None) -> str:
        """What a trial printed, as kept: whole, or head and tail; empty if nothing was.

        Raises:
            CheckFailed: the artifact is missing or was changed.
        """
        return self.store.get(stream.artifact).decode("utf-8", "replace") if stream is not None else ""

    def streams(self) -> Iterator[tuple[TrialRecord, StreamRef]]:
        """Every kept output stream with its trial."""
        for record in self.records:
            yield from ((record, ref) for ref in (record.stdout, record.stderr) if ref is not None)


def open_dossier(paths: RunPaths, *, ending: bool = False) -> Dossier:
    """Read a run, finished or not.

    Args:
        paths: the run's directory.
        ending: its driver is about to seal it: say `finished` rather than `running`.

    Raises:
        RunNotFound: there is no journal.
        CheckFailed: the journal holds no run yet.
        JournalTampered, UsageError, InfrastructureError: as for `curie.journal.reader.load`.
    """
    contents = load(paths.journal)
    state = project(contents.entries)
    if state.created is None:
        raise CheckFailed(f"The journal in {paths.root} holds no run yet.")
    report = next((path for path in (paths.page, paths.markdown) if path.is_file()), None)
    result = summarise(state, paths.root, report, ending=ending)
    if paths.ara.is_dir():
        result = result.model_copy(update={"artifact": paths.ara})
    if not ending and result.phase in {"created", "running"} and current_holder(paths.lock) is None:
        result = result.model_copy(update={"phase": "interrupted", "stopped": "its process is gone"})
    return Dossier(
        paths=paths,
        entries=contents.entries,
        head=contents.head,
        state=state,
        result=result,
        store=ArtifactStore(paths.artifacts),
    )
