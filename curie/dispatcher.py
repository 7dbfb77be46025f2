"""Puts trials on the executor and their outcomes into the journal; adopts what a dead driver left behind."""

import itertools
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from enum import StrEnum

from curie.durable import disk_full
from curie.errors import InfrastructureError
from curie.inbox_reader import read_inbox
from curie.journal.events import TrialFinished, TrialInterrupted, TrialStarted
from curie.paths import RunPaths
from curie.plan import Plan
from curie.records import Purpose
from curie.rigor.policy import Role, may_attempt
from curie.schedule import TrialSlot
from curie.session import Session
from curie.trials import Lane, TrialRunner
from sandboxes.base import ExecResult, SandboxClosedError
from sandboxes.executors.base import Executor, Job
from sandboxes.leases import Lease, LeaseCancelledError

ROLES: Mapping[Purpose, Role] = {
    "gate": "verifier",
    "pilot": "runner",
    "measure": "runner",
    "reproduce": "reproducer",
    "confirm": "reproducer",
}
"""Who runs a trial for which purpose."""

_LOOK_EVERY_S = 0.2
"""How often the inbox, the budget and the user's wish to stop are looked at."""
_WINDOW = 64
"""Jobs handed to the executor at once: enough for any machine's cores, few enough to stop soon."""
_LEAST_FREE_BYTES = 1 << 20
"""With less on the run's disk, a trial that failed may have failed for that."""


class Pause(StrEnum):
    """Why trials stopped coming before all had run."""

    CANCELLED = "cancelled"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Budget:
    """Wall-clock budget of this process."""

    deadline: float | None
    clock: Callable[[], float]

    @property
    def spent(self) -> bool:
        """Whether no further trial may begin."""
        return self.deadline is not None and self.clock() >= self.deadline


class Dispatcher:
    """Runs slots in their order, as many at once as the executor takes."""

    def __init__(
        self,
        *,
        session: Session,
        plan: Plan,
        paths: RunPaths,
        trials: TrialRunner,
        executor: Executor,
        budget: Budget,
    ) -> None:
        self._session = session
        self._plan = plan
        self._paths = paths
        self._trials = trials
        self._executor = executor
        self._budget = budget

    def run(self, slots: Sequence[TrialSlot]) -> Pause | None:
        """Run every slot that has no record yet; None if all have one afterwards.

        Raises:
            CurieError, SandboxError: a fault that is not the experiment's; the running trials have been ended.
        """
        waiting = deque(slot for slot in slots if slot.key not in self._session.state.trials)
        pending: set[Future[None]] = set()
        try:
            while waiting or pending:
                pause = self._pause()
                if pause is Pause.CANCELLED:
                    self._executor.cancel()
                    break
                if pause is Pause.TIME:
                    waiting.clear()
                while waiting and len(pending) < self._window():
                    pending.add(self._submit(waiting.popleft()))
                done, pending = wait(pending, timeout=_LOOK_EVERY_S, return_when=FIRST_COMPLETED)
                _raise_first(done)
        except BaseException:
            self._executor.cancel()
            wait(_begun(pending))
            raise
        wait(_begun(pending))
        _raise_first(pending)
        return self._pause() if self._left(slots) else None

    def adopt(self, slots: Sequence[TrialSlot]) -> None:
        """Settle the attempts that an earlier process began: adopt their result, or note that they were cut off.

        Runs before anything new, since a trial that still runs would disturb it.
        """
        for key in self._session.state.trials:
            self._trials.forget(key)
        for slot in slots:
            attempt = self._session.state.open_attempts.get(slot.key)
            if attempt is None:
                continue
            result = self._trials.adopt(slot, attempt)
            if result is None or result.termination == "lost":
                self._interrupted(slot, attempt, "the driver ended before the trial did")
            else:
                self._finish(slot, attempt, result, adopted=True)

    def _pause(self) -> Pause | None:
        read_inbox(self._session, self._paths)
        if self._session.cancelled.is_set():
            return Pause.CANCELLED
        return Pause.TIME if self._budget.spent else None

    def _left(self, slots: Iterable[TrialSlot]) -> bool:
        return any(slot.key not in self._session.state.trials for slot in slots)

    def _window(self) -> int:
        return 1 if self._plan.resources.exclusive else _WINDOW

    def _submit(self, slot: TrialSlot) -> Future[None]:
        resources = self._plan.resources

        def work(lease: Lease) -> None:
            self._one(slot, Lane(cores=lease.cores, concurrent=not resources.exclusive))

        return self._executor.submit(Job(id=slot.key, run=work, cores=resources.cores, exclusive=resources.exclusive))

    def _one(self, slot: TrialSlot, lane: Lane) -> None:
        """Attempt a trial until it has a result, is cancelled, or vanished too often."""
        for lost in itertools.count():
            self._refuse_hopeless(slot, lost)
            # A job may have queued for long: what holds now counts, not what held when it was submitted.
            if self._session.cancelled.is_set() or self._budget.spent:
                return
            attempt = self._session.state.attempts.get(slot.key, 0) + 1
            self._session.record(TrialStarted(key=slot.key, attempt=attempt), ROLES[slot.purpose])
            result = self._attempt(slot, attempt, lane)
            if result is None:
                return
            if result.termination != "lost":
                self._finish(slot, attempt, result, adopted=False)
                return
            self._interrupted(slot, attempt, "the supervisor vanished without a result")

    def _refuse_hopeless(self, slot: TrialSlot, lost: int) -> None:
        finished = self._session.state.trials.get(slot.key)
        decision = may_attempt(slot.key, [finished] if finished else [], lost)
        if not decision.allowed:
            raise InfrastructureError(
                f"Trial {decision.reason}.",
                hint="`curie doctor`; is something on this machine killing processes? `curie resume` goes on.",
            )

    def _attempt(self, slot: TrialSlot, attempt: int, lane: Lane) -> ExecResult | None:
        """The result of an attempt; None if it was cut off because the run was asked to stop."""
        try:
            result = self._trials.run(slot, attempt, lane)
        except SandboxClosedError:
            result = None
        if result is None or result.termination == "cancelled":
            self._interrupted(slot, attempt, "the run was asked to stop")
            return None
        return result

    def _finish(self, slot: TrialSlot, attempt: int, result: ExecResult, *, adopted: bool) -> None:
        record = self._trials.record(slot, attempt, result)
        if record.outcome == "failed" and shutil.disk_usage(self._paths.root).free < _LEAST_FREE_BYTES:
            # What it could not write is no result. Its own files go first: they may be what fills the disk.
            self._trials.discard(slot, attempt)
            self._interrupted(slot, attempt, "it failed while the disk of the run was full")
            raise disk_full(self._paths.journal)
        self._session.record(TrialFinished(record=record, adopted=adopted), ROLES[slot.purpose])
        self._trials.forget(slot.key)

    def _interrupted(self, slot: TrialSlot, attempt: int, reason: str) -> None:
        event = TrialInterrupted(key=slot.key, attempt=attempt, reason=reason)
        self._session.record(event, ROLES[slot.purpose])
        self._trials.discard(slot, attempt)


def _begun(pending: Iterable[Future[None]]) -> list[Future[None]]:
    """Without the dropped ones: nobody tells `wait` of a future that an executor's shutdown cancelled."""
    return [future for future in pending if not future.cancelled()]


def _raise_first(done: Iterable[Future[None]]) -> None:
    """Raise what a job raised; one that was dropped before it began raised nothing."""
    for future in done:
        if future.cancelled():
            continue
        error = future.exception()
        if error is not None and not isinstance(error, LeaseCancelledError):
            raise error
