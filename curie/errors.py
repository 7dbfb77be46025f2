"""Every error that curie raises on purpose.

CurieError                   exit 5
├── UsageError               exit 2: the request cannot be carried out as written
│   ├── PlanRefused          the plan is not a controlled experiment
│   └── RunNotFound          no such run
├── CheckFailed              exit 1: a check or a reproduction failed
│   └── JournalTampered      the hash chain does not hold
├── RunLocked                exit 3: another process is writing this run
├── BudgetReached            exit 4: stopped by a budget, with a partial result
├── Interrupted              exit 130: asked to stop; the run can be resumed
└── InfrastructureError      exit 5: disk, sandbox or environment failed, not the experiment
├── DiskFull
└── EnvironmentFailed    the trials' Python environment could not be built
"""


class CurieError(Exception):
    """Something went wrong; the message says what, where, and what to try."""

    exit_code = 5

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CurieError):
    """The request cannot be carried out as written."""

    exit_code = 2


class PlanRefused(UsageError):
    """The plan is not a controlled experiment; the message lists the lint errors."""


class RunNotFound(UsageError):
    """No run has that id, prefix or path."""


class CheckFailed(CurieError):
    """A check or a reproduction failed."""

    exit_code = 1


class JournalTampered(CheckFailed):
    """A journal line does not continue the hash chain; the message names its event."""


class RunLocked(CurieError):
    """Another process is writing this run."""

    exit_code = 3


class BudgetReached(CurieError):
    """A budget stopped the run; what finished is kept."""

    exit_code = 4


class Interrupted(CurieError):
    """The user asked to stop; the run can be resumed."""

    exit_code = 130


class InfrastructureError(CurieError):
    """Disk, sandbox or environment failed; the experiment is not to blame."""


class DiskFull(InfrastructureError):
    """The file system of the run has no room left."""


class EnvironmentFailed(InfrastructureError):
    """The trials' Python environment could not be built."""
