"""The folders of one attempt, and what its trial sees of them: the trial contract's inputs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from curie.command import as_argument, fill
from curie.config import SYSTEM_PATH
from curie.plan import Plan
from curie.schedule import TrialSlot
from curie.trial_inputs import TrialInputs
from sandboxes.base import Mount, Sandbox
from tasks.study import Frozen, Setting

INSIDE = "/curie"
"""Where an attempt's exchange folder is mounted in a sandbox that has its own file system."""


@dataclass(frozen=True, slots=True)
class AttemptPaths:
    """The layout of `trials/<key>/attempt-<n>/`."""

    root: Path

    @property
    def work(self) -> Path:
        """The trial's private copy of the code: its working directory."""
        return self.root / "work"

    @property
    def exchange(self) -> Path:
        """What the trial writes for us."""
        return self.root / "exchange"

    @property
    def outputs(self) -> Path:
        """CURIE_OUT."""
        return self.exchange / "out"

    @property
    def metrics(self) -> Path:
        """CURIE_METRICS."""
        return self.exchange / "metrics.jsonl"

    @property
    def checkpoint(self) -> Path:
        """CURIE_CHECKPOINT: it belongs to the trial, not to the attempt, so that it survives a lost one."""
        return self.root.parent / "checkpoint"

    @property
    def record(self) -> Path:
        """The supervisor's streams and result; the trial cannot reach it in a sandbox that isolates."""
        return self.root / "record"

    @property
    def facts(self) -> Path:
        """What was started here, for a later process that adopts the result."""
        return self.root / "facts.json"

    def create(self) -> None:
        """Make the folders, apart from `work`, which the private copy makes."""
        for folder in (self.outputs, self.checkpoint, self.record):
            folder.mkdir(parents=True, exist_ok=True)
        self.metrics.touch()

    def mounts(self, *, isolated: bool) -> tuple[Mount, ...]:
        """The writable mounts of an attempt."""
        if not isolated:
            return (Mount(source=self.exchange, writable=True), Mount(source=self.checkpoint, writable=True))
        return (
            Mount(source=self.exchange, target=INSIDE, writable=True),
            Mount(source=self.checkpoint, target=f"{INSIDE}-checkpoint", writable=True),
        )


class AttemptFacts(Frozen):
    """What an adopting process cannot know otherwise."""

    argv: tuple[str, ...]
    executable_path: str | None
    executable_sha256: str | None
    cores: tuple[int, ...]
    concurrent: bool
    """Whether other trials could run beside it."""


def trial_settings(plan: Plan, slot: TrialSlot, inputs: TrialInputs) -> Mapping[str, Setting]:
    """A group's settings with input files as the paths that the trial sees."""
    return {name: inputs.setting(name, value) for name, value in plan.group(slot.group).settings.items()}


def trial_argv(plan: Plan, slot: TrialSlot, settings: Mapping[str, Setting]) -> tuple[str, ...]:
    """The filled command."""
    values = {name: as_argument(value) for name, value in settings.items()} | {"seed": str(slot.seed)}
    return fill(plan.command.template, values, shell=plan.command.shell)


def trial_environment(
    plan: Plan, slot: TrialSlot, settings: Mapping[str, Setting], paths: AttemptPaths, sandbox: Sandbox
) -> dict[str, str]:
    """The variables of the trial contract."""
    # Not the purpose: a trial that knew itself re-run could behave differently.
    trial = {"settings": settings, "seed": slot.seed}
    threads = str(plan.resources.cores)
    return {
        "CURIE_TRIAL": json.dumps(trial, ensure_ascii=False, default=list),
        "CURIE_OUT": sandbox.locate(paths.outputs),
        "CURIE_METRICS": sandbox.locate(paths.metrics),
        "CURIE_CHECKPOINT": sandbox.locate(paths.checkpoint),
        "HOME": sandbox.locate(paths.work),
        "LANG": "C.UTF-8",
        # A library that counts the machine's cores would oversubscribe the few that the trial is pinned to.
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
    }


def search_path(first: Sequence[str], caller: str) -> str:
    """PATH of a trial: the environment's and the tools' folders, then the caller's, then the system's."""
    parts = [*first, *caller.split(":"), *SYSTEM_PATH.split(":")]
    return ":".join(dict.fromkeys(part for part in parts if part))
