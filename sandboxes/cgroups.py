"""Control groups: one per exec, to bound and measure memory and processes; v1 as root, v2 where delegated."""

import contextlib
import itertools
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sandboxes.base import ExecLimits, SandboxError
from sandboxes.processes import kill_each, started_at
from sandboxes.program import above_standard

MOUNT: Final = Path("/sys/fs/cgroup")
_NAME: Final = re.compile(r"sandbox-(\d+)-(\d+)-\d+")
_REMOVAL_TRIES: Final = 100
_REMOVAL_PAUSE_S: Final = 0.003


@dataclass(frozen=True)
class Parent:
    """A folder in which groups can be made: of one controller in v1, of all of them in v2."""

    folder: Path
    version: Literal[1, 2]
    memory: bool
    pids: bool

    @property
    def join(self) -> str:
        """The file that a single-threaded process writes `0` to; v1's takes no machine-wide lock."""
        return "tasks" if self.version == 1 else "cgroup.procs"

    def limits(self, limits: ExecLimits) -> Iterator[tuple[str, int, bool]]:
        """Files and values that bound a group, and whether the file must exist."""
        if self.memory and limits.memory_bytes is not None:
            if self.version == 1:
                yield "memory.limit_in_bytes", limits.memory_bytes, True
                yield "memory.memsw.limit_in_bytes", limits.memory_bytes, False
            else:
                yield "memory.max", limits.memory_bytes, True
                yield "memory.swap.max", 0, False
        if self.pids and limits.pids is not None:
            yield "pids.max", limits.pids, True


def find_parents(membership: str | None = None, mount: Path = MOUNT) -> tuple[Parent, ...]:
    """Folders where this process may make groups for memory and processes; empty if there are none.

    `membership` is the text of /proc/self/cgroup, read if not given.
    """
    if membership is None:
        try:
            membership = Path("/proc/self/cgroup").read_text(encoding="utf-8")
        except OSError:
            return ()
    own = {}
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        own.update(dict.fromkeys(controllers.split(","), path.lstrip("/")))
    found = []
    for controller in ("memory", "pids"):
        if controller in own:
            folder = mount / controller / own[controller]
            if _usable(folder / "tasks"):
                found.append(Parent(folder, 1, memory=controller == "memory", pids=controller == "pids"))
    if not found and "" in own:
        found = list(_unified_parent(mount / own[""], mount))
    return tuple(found)


def _usable(file: Path) -> bool:
    return file.exists() and os.access(file.parent, os.W_OK) and os.access(file, os.W_OK)


def _unified_parent(own: Path, mount: Path) -> Iterator[Parent]:
    """Our own group, or else the one above: a v2 group with members cannot hand controllers to subgroups."""
    for folder in (own, own.parent):
        if not folder.is_relative_to(mount) or not _usable(folder / "cgroup.procs"):
            continue
        enabled = _handed_on(folder / "cgroup.subtree_control")
        if enabled:
            yield Parent(folder, 2, memory="memory" in enabled, pids="pids" in enabled)
            return


def _handed_on(control: Path) -> set[str]:
    """Which of our controllers a v2 group hands to its subgroups, after asking it to."""
    wanted = {"memory", "pids"}
    try:
        enabled = wanted & set(control.read_text(encoding="ascii").split())
        if enabled != wanted:
            with contextlib.suppress(OSError):
                control.write_text(" ".join(f"+{name}" for name in sorted(wanted)), encoding="ascii")
            enabled = wanted & set(control.read_text(encoding="ascii").split())
    except OSError:
        return set()
    return enabled


class Group:
    """The groups of one exec, with open files for the supervisor to join and read them; close it at the end."""

    def __init__(self, parents: tuple[Parent, ...], name: str, limits: ExecLimits) -> None:
        """Make and bound the groups.

        Raises:
            SandboxError: a limit was refused.
        """
        self.join: list[int] = []
        self.peak: int | None = None
        self.oom: int | None = None
        self._folders: list[Path] = []
        try:
            for parent in parents:
                self._make(parent, name, limits)
        except OSError as error:
            self.close()
            raise SandboxError(f"the control group {name} could not be made: {error}") from error

    def _make(self, parent: Parent, name: str, limits: ExecLimits) -> None:
        folder = parent.folder / name
        folder.mkdir()
        self._folders.append(folder)
        for file, value, required in parent.limits(limits):
            try:
                (folder / file).write_text(str(value), encoding="ascii")
            except FileNotFoundError:
                if required:
                    raise
        self.join.append(_open(folder / parent.join, os.O_WRONLY))
        if parent.memory:
            peak = folder / ("memory.max_usage_in_bytes" if parent.version == 1 else "memory.peak")
            oom = folder / ("memory.oom_control" if parent.version == 1 else "memory.events")
            self.peak = _open(peak, os.O_RDONLY) if peak.exists() else None
            self.oom = _open(oom, os.O_RDONLY) if oom.exists() else None

    def members(self) -> list[int]:
        """Processes in the groups now."""
        found: set[int] = set()
        for folder in self._folders:
            with contextlib.suppress(OSError):
                found.update(map(int, (folder / "cgroup.procs").read_text(encoding="ascii").split()))
        return sorted(found)

    def close(self) -> None:
        """Kill what is left inside and remove the groups."""
        for fd in [*self.join, self.peak, self.oom]:
            if fd is not None:
                os.close(fd)
        self.join, self.peak, self.oom = [], None, None
        for folder in self._folders:
            for _ in range(_REMOVAL_TRIES):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    kill_each(self.members())
                    time.sleep(_REMOVAL_PAUSE_S)
                else:
                    break
        self._folders.clear()


class ControlGroups:
    """Makes groups for one sandbox's execs, and removes those that dead drivers of ours have left."""

    def __init__(self, parents: tuple[Parent, ...]) -> None:
        self.parents = parents
        self._numbers = itertools.count()
        self._sweep()

    @property
    def memory(self) -> bool:
        """Whether memory is bounded and measured."""
        return any(parent.memory for parent in self.parents)

    @property
    def pids(self) -> bool:
        """Whether processes are bounded."""
        return any(parent.pids for parent in self.parents)

    def group(self, limits: ExecLimits) -> Group | None:
        """A new group with these limits; None where there are no control groups.

        Raises:
            SandboxError: a limit was refused.
        """
        if not self.parents:
            return None
        me = os.getpid()
        # id() tells apart the sandboxes of one process, whose counters all begin at 0
        name = f"sandbox-{me}-{started_at(me)}-{id(self)}{next(self._numbers):06d}"
        return Group(self.parents, name, limits)

    def _sweep(self) -> None:
        for parent in self.parents:
            for folder in parent.folder.glob("sandbox-*"):
                match = _NAME.fullmatch(folder.name)
                if match and started_at(int(match[1])) != int(match[2]):
                    with contextlib.suppress(OSError):  # an orphan that still runs keeps its group
                        folder.rmdir()


def _open(path: Path, flags: int) -> int:
    return above_standard(os.open(path, flags | os.O_CLOEXEC))
