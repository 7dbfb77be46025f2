"""The back end that does not isolate: a process group, limits and a scrubbed environment."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandboxes.base import ExecRequest, Isolation, PathRefusedError, SandboxSpec
from sandboxes.cgroups import Parent, find_parents
from sandboxes.processes import threads_of
from sandboxes.supervised import SupervisedSandbox


class ProcessSandbox(SupervisedSandbox):
    """Commands run as the caller, on the caller's file system and network."""

    def __init__(self, spec: SandboxSpec, parents: tuple[Parent, ...] | None = None) -> None:
        """Prepare; `parents` as in SupervisedSandbox, looked for if None."""
        super().__init__(spec, find_parents() if parents is None else parents)
        sources = [self._workdir, *(mount.source.absolute() for mount in spec.mounts)]
        missing = [source for source in sources if not source.exists()]
        if missing:
            raise PathRefusedError(f"{missing[0]} does not exist")

    @property
    def isolation(self) -> Isolation:
        """What is (not) isolated."""
        unenforced = []
        if not self._groups.memory:
            unenforced.append("memory of the whole tree (each process is bounded by itself)")
        if not self._groups.pids and os.geteuid() == 0:
            unenforced.append("number of processes (root is exempt)")
        if self.spec.network == "none":
            unenforced.append("network: none")
        if self.spec.hidden:
            unenforced.append("hidden folders")
        summary = "process: no isolation; own process group, limits and environment only"
        return Isolation(summary=summary, unenforced=tuple(unenforced))

    def locate(self, host: Path) -> str:
        """The same path, if it lies below the working directory or a mount."""
        path = host.absolute()
        for root in (
            self.spec.workdir.absolute(),
            self._workdir,
            *(mount.source.absolute() for mount in self.spec.mounts),
        ):
            if path.is_relative_to(root):
                return str(path)
        raise PathRefusedError(f"{host} is below neither the working directory nor a mount")

    def _wrap(self, supervisor: Sequence[str], extras: Sequence[int]) -> Sequence[str]:  # noqa: ARG002 - has none
        return supervisor

    def _inside_workdir(self) -> str:
        return str(self._workdir)

    def _writable(self) -> Mapping[str, Path]:
        places = {str(self._workdir): self._workdir, str(self.spec.workdir.absolute()): self._workdir}
        places.update({str(mount.source.absolute()): mount.source for mount in self.spec.mounts if mount.writable})
        return places

    def _process_limit(self, request: ExecRequest) -> int | None:
        """RLIMIT_NPROC counts everything of the user, so what runs already is added."""
        if request.limits.pids is None or os.geteuid() == 0:
            return None
        return request.limits.pids + threads_of(os.geteuid())
