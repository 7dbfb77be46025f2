"""What a run was asked to do: the study and how to execute it, complete enough to resume from."""

from typing import Literal

from pydantic import Field

from tasks.study import Frozen, Study


class RunRequest(Frozen):
    """A study, and how it is to be executed."""

    study: Study
    """Its paths are absolute."""
    task: str | None = None
    """Id of the task that the study comes from."""
    seed: int = Field(default=0, ge=0)
    sandbox: Literal["auto", "bubblewrap", "process"] = "auto"
    executor: Literal["local"] = "local"
    """Where trials are placed: this machine."""
    max_time_s: float | None = Field(default=None, gt=0.0, allow_inf_nan=False)
    """Wall-clock seconds after which no further trial begins."""
    unseen: tuple[str, ...] = ()
    """Words of the command that name files of the caller's folder, which trials do not see there."""
    aa: bool = False
    """Measure the control against its own twin too."""
    reproduce: int | None = Field(default=None, ge=0)
    """Trials to run again; None: at least one of every group, within a bound; 0: none, and it is said."""
