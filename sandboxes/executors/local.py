"""The executor of one machine: threads that hold core leases."""

import contextlib
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from sandboxes.executors.base import ExecutorClosedError, Job
from sandboxes.leases import CoreLeases, Lease, pin_driver

T = TypeVar("T")


class LocalExecutor:
    """Runs as many jobs at once as there are cores; jobs begin in the order of submission.

    While an exclusive job runs, the driver's own threads keep to the cores that the job does not use, if there
    are any.
    """

    def __init__(self, leases: CoreLeases, *, on_cancel: Callable[[], None] | None = None) -> None:
        """Use `leases`; `on_cancel` is called once by `cancel`, to close the sandboxes that jobs are running in."""
        self._leases = leases
        self._on_cancel = on_cancel
        self._cancelled = threading.Event()
        self._closed = False
        self._turns = threading.Condition()
        self._waiting: dict[int, str] = {}
        self._tickets = itertools.count()
        self._pool = ThreadPoolExecutor(max_workers=len(leases.cores), thread_name_prefix="job")

    def submit(self, job: Job[T]) -> Future[T]:
        """Queue a job; see `Executor.submit`."""
        if self._cancelled.is_set() or self._closed:
            raise ExecutorClosedError(f"the executor takes no more jobs; {job.id} was not queued")
        if not 1 <= job.cores <= len(self._leases.cores):
            raise ValueError(f"{job.id} needs {job.cores} cores; {len(self._leases.cores)} are there")
        with self._turns:
            ticket = next(self._tickets)
            try:
                future = self._pool.submit(self._run, job, ticket)
            except RuntimeError as error:  # shut down by another thread meanwhile
                raise ExecutorClosedError(f"the executor was closed; {job.id} was not queued") from error
            self._waiting[ticket] = job.id
        future.add_done_callback(lambda _: self._leave_queue(ticket))  # also when it is cancelled before it runs
        return future

    def cancel(self) -> None:
        """Drop jobs that wait and stop those that run; see `Executor.cancel`."""
        if self._cancelled.is_set():
            return
        self._cancelled.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._on_cancel is not None:
            self._on_cancel()

    def close(self) -> None:
        """Take no more jobs and wait for those that run or wait."""
        self._closed = True
        self._pool.shutdown(wait=True)

    def _run(self, job: Job[T], ticket: int) -> T:
        with self._turns:
            self._turns.wait_for(lambda: next(iter(self._waiting)) == ticket)
        with self._leases.acquire(job.cores, exclusive=job.exclusive, cancel=self._cancelled) as lease, _aside(lease):
            self._leave_queue(ticket)
            return job.run(lease)

    def _leave_queue(self, ticket: int) -> None:
        """Let the next job ask for its cores."""
        with self._turns:
            self._waiting.pop(ticket, None)
            self._turns.notify_all()

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after an error, cancel first."""
        if error is not None:
            self.cancel()
        self.close()


def _aside(lease: Lease) -> contextlib.AbstractContextManager[None]:
    """Keep the driver off an exclusive job's cores, if that leaves it any."""
    return pin_driver(lease.spare) if lease.exclusive and lease.spare else contextlib.nullcontext()
