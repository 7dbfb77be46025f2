"""The composition root: puts the parts of a run together, drives it to its end, and closes what it opened."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from curie import __version__
from curie.config import Settings
from curie.dossier import open_dossier
from curie.errors import BudgetReached, CurieError, DiskFull, InfrastructureError, Interrupted, RunNotFound, UsageError
from curie.finish import finish, write_run_json
from curie.graph import plan_graph
from curie.journal.events import PlanFrozen, RunCreated, RunResumed, RunStopped
from curie.journal.lock import RunLock
from curie.journal.reader import complete_size, read
from curie.journal.writer import Failpoint, Journal
from curie.leftovers import sweep
from curie.machine import machine_facts
from curie.nodes.study import DeclaredStudy
from curie.observer import Publisher, RunObserver
from curie.paths import RunPaths
from curie.request import RunRequest
from curie.result import RunResult
from curie.session import Session
from curie.signals import cancel_on_signals, end_process
from curie.state import project
from sandboxes.base import SandboxError


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Surroundings:
    """What a run takes from outside, so that tests can hand over their own."""

    settings: Settings = field(default_factory=Settings)
    observers: Sequence[RunObserver] = ()
    publishers: Sequence[Publisher] = ()
    """Who packages the run when it stops."""
    now: Callable[[], datetime] = utc_now
    clock: Callable[[], float] = time.monotonic
    failpoint: Failpoint | None = None
    """Called around every journal append."""
    second_signal: Callable[[], None] = end_process
    """What a second SIGINT or SIGTERM does; the first asks the run to stop."""


def start(request: RunRequest, root: Path, run_id: str, around: Surroundings | None = None) -> RunResult:
    """Begin a run in the new directory `root` and drive it to its end.

    Raises:
        CurieError: by kind, see `curie.errors`; what was measured is kept, and the journal says why it stopped.
    """
    around = around or Surroundings()
    ours = not root.exists()
    paths = RunPaths.at(root)
    if not _killed_at_birth(paths):
        RunPaths.create(root)
    try:
        return _begin(paths, request, run_id, around)
    except UsageError:
        # Nothing was frozen or measured: an empty run would only stand in the way of the corrected command.
        if ours and not _holds_a_plan(paths):
            shutil.rmtree(paths.root, ignore_errors=True)
        raise


def _begin(paths: RunPaths, request: RunRequest, run_id: str, around: Surroundings) -> RunResult:
    with _opened(paths, around) as session:
        if session.state.created is not None:  # another process was faster
            raise UsageError(f"{paths.root} already holds a run.", hint=f"`curie resume {paths.root}` goes on with it.")
        session.record(
            RunCreated(
                run_id=run_id,
                question=request.study.question,
                mode="declared",
                curie_version=__version__,
                seed=request.seed,
                request=request.model_dump(mode="json"),
                machine=machine_facts(),
            )
        )
        return _drive(session, paths, request, around)


def resume(root: Path, around: Surroundings | None = None, *, max_time_s: float | None = None) -> RunResult:
    """Go on with a run; a finished one is only summarised.

    Args:
        root: the run's directory.
        around: observers, clocks and settings.
        max_time_s: wall-clock budget of this continuation; None: none, whatever the request's was.

    Raises:
        RunNotFound: there is no run.
        CurieError: as for `start`.
    """
    around = around or Surroundings()
    paths = RunPaths.at(root)
    if not paths.journal.exists():
        raise RunNotFound(f"There is no run in {root}.", hint="`curie runs` lists the runs.")
    with _opened(paths, around) as session:
        created = session.state.created
        if created is None:
            raise UsageError(
                f"The run in {root} was ended before it recorded its question.",
                hint="Start it again by the command that began it; the folder can be the same.",
            )
        if session.state.finished is not None:
            write_run_json(session, paths)  # a process that ended right behind its last event has not
            return open_dossier(paths).result
        request = RunRequest.model_validate(created.request)
        request = request.model_copy(update={"max_time_s": max_time_s})
        sweep(paths)
        session.record(RunResumed(curie_version=__version__))
        return _drive(session, paths, request, around)


@contextmanager
def _opened(paths: RunPaths, around: Surroundings) -> Iterator[Session]:
    with ExitStack() as stack:
        stack.enter_context(RunLock(paths.lock))
        journal = stack.enter_context(Journal.open(paths.journal, clock=around.now, failpoint=around.failpoint))
        session = Session(journal, project(journal.opened_with), around.observers)
        stack.enter_context(cancel_on_signals(session.cancelled, around.second_signal))
        yield session


def _killed_at_birth(paths: RunPaths) -> bool:
    """Whether a run began there and was killed before its first event: only our own folders, all of them empty."""
    folders = {f.name: f for f in (paths.artifacts, paths.inbox, paths.workspace, paths.trials, paths.report)}
    files = {paths.journal.name, paths.lock.name}
    if not paths.root.is_dir():
        return False
    names = {entry.name for entry in paths.root.iterdir()}
    if not names or not names <= folders.keys() | files or any(any(folders[n].iterdir()) for n in names - files):
        return False
    if paths.journal.name in names and complete_size(paths.journal.read_bytes()):
        return False
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    return True


def _holds_a_plan(paths: RunPaths) -> bool:
    return any(isinstance(entry.event, PlanFrozen) for entry in read(paths.journal))


def _drive(session: Session, paths: RunPaths, request: RunRequest, around: Surroundings) -> RunResult:
    study = DeclaredStudy(session, paths, request, around.settings, around.clock)
    try:
        with study:
            plan_graph(study)()
            _stop_early(session, study)
        finish(session, paths, around.publishers)
    except BudgetReached as stop:
        session.record(RunStopped(reason="budget", detail=stop.message))
        finish(session, paths, around.publishers, final=False)
    except Interrupted as stop:
        session.record(RunStopped(reason="interrupted", detail=stop.message))
        raise
    except DiskFull:
        # The disk that is full is most often the journal's own: the message must come out all the same.
        raise
    except (SandboxError, InfrastructureError) as error:
        session.record(RunStopped(reason="infrastructure", detail=str(error)))
        raise _as_infrastructure(error, paths) from error
    return open_dossier(paths).result


def _stop_early(session: Session, study: DeclaredStudy) -> None:
    where = f"`curie resume {study.root}` goes on where it stopped."
    if session.cancelled.is_set():
        raise Interrupted("Interrupted; everything that finished is kept.", hint=where)
    if study.out_of_time:
        raise BudgetReached("The time budget is spent; the trials that are left were not attempted.", hint=where)


def _as_infrastructure(error: SandboxError | InfrastructureError, paths: RunPaths) -> CurieError:
    if isinstance(error, InfrastructureError):
        return error
    return InfrastructureError(str(error), hint=f"Mend that, then `curie resume {paths.root}`.")
