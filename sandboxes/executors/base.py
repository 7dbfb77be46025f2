"""What an executor promises: run jobs on leased cores. A job is any piece of work; nothing is known of trials."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from sandboxes.base import SandboxError
from sandboxes.leases import Lease

T = TypeVar("T")


class ExecutorClosedError(SandboxError):
    """The executor was cancelled or closed; it takes no more jobs."""


@dataclass(frozen=True)
class Job(Generic[T]):
    """A piece of work and what it needs."""

    id: str
    """Name for messages and thread names."""
    run: Callable[[Lease], T]
    """Called in a worker thread while the cores are held; it should use no others."""
    cores: int = 1
    exclusive: bool = False
    """Nothing else may run on the machine's leased cores meanwhile: for measurements of time."""


class Executor(Protocol):
    """Runs jobs, many at once where cores allow, exclusive ones alone. A context manager that closes."""

    def submit(self, job: Job[T]) -> Future[T]:
        """Queue a job; its future holds the result, or what `run` raised, or LeaseCancelledError.

        Raises:
            ExecutorClosedError: cancelled or closed.
            ValueError: the job needs more cores than there are.
        """
        ...

    def cancel(self) -> None:
        """Drop jobs that wait and stop those that run; returns at once. Safe from a signal handler's thread."""
        ...

    def close(self) -> None:
        """Take no more jobs and wait for those that run or wait."""
        ...

    def __enter__(self) -> Self:
        """Return self."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after an error, cancel first."""
        ...
