"""The back end that isolates: all namespaces unshared, a read-only system, an unused uid when root."""

import functools
import itertools
import os
import shutil
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from sandboxes import view
from sandboxes.base import ExecRequest, Isolation, PathRefusedError, SandboxSpec, SandboxUnavailableError
from sandboxes.cgroups import Parent, find_parents
from sandboxes.ownership import lend, readable_by_others, take_back, unused_uid
from sandboxes.program import anonymous_file, python_prefixes
from sandboxes.supervised import SupervisedSandbox

_HOME: Final = "/tmp"  # noqa: S108 - a private tmpfs inside
PROGRAM: Final = "bwrap"
_PROGRAM_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
_HOSTNAME: Final = "sandbox"
_NOBODY: Final = 65534


class Mode(Enum):
    """How the caller's rights are shed."""

    UNUSED_UID = "unused uid"
    """Root only: no user namespace; the supervisor becomes a uid that nobody has."""
    USER_NAMESPACE = "user namespace"
    """Anybody: the caller's own uid, without any capability, in a user namespace."""


class BubblewrapSandbox(SupervisedSandbox):
    """Commands run in their own namespaces and see the system read-only, the working directory, and the mounts."""

    def __init__(self, spec: SandboxSpec, parents: tuple[Parent, ...] | None = None, mode: Mode | None = None) -> None:
        """Prepare; `parents` as in SupervisedSandbox, looked for if None; `mode` fits the caller if None.

        Raises:
            SandboxUnavailableError: bwrap is not installed.
            PathRefusedError: a mount does not exist, shows too much, or cannot be read by the unused uid.
        """
        super().__init__(spec, find_parents() if parents is None else parents)
        program = shutil.which(PROGRAM, path=_PROGRAM_PATH)
        if program is None:
            raise SandboxUnavailableError("bwrap is not installed; try `apt install bubblewrap` or its like")
        self._program = program
        self.mode = mode or (Mode.UNUSED_UID if os.geteuid() == 0 else Mode.USER_NAMESPACE)
        self._shown = view.places(spec, python_prefixes())
        self._lent: list[Path] = []
        try:
            if self.mode is Mode.UNUSED_UID:
                self._lend_all()
        except BaseException:
            self.close()
            raise
        self._etc_files = {f"/etc/{name}": text.encode() for name, text in self._own_etc().items()}
        self._options = self._build_options()

    @property
    def isolation(self) -> Isolation:
        """What is isolated."""
        network = "no network" if self.spec.network == "none" else "the host's network"
        who = "unused uid" if self.mode is Mode.UNUSED_UID else "user namespace without capabilities"
        unenforced = () if self._groups.memory else ("memory of the whole tree (each process is bounded by itself)",)
        summary = f"bubblewrap: own namespaces, read-only system, {network}, {who}"
        return Isolation(summary=summary, unenforced=unenforced)

    def locate(self, host: Path) -> str:
        """The path inside of a host path; see `Sandbox.locate`."""
        return view.locate(host, self._shown)

    def close(self) -> None:
        """Kill what runs, and give the folders back to the caller."""
        super().close()
        lent, self._lent = self._lent, []
        for path in lent:
            take_back(path, self.uid or 0)

    def _inside_workdir(self) -> str:
        return view.WORKSPACE

    def _writable(self) -> Mapping[str, Path]:
        return {place.target: place.source for place in self._shown if place.writable}

    def _environment(self, request: ExecRequest) -> dict[str, str]:
        return {"HOME": _HOME, **request.env}

    def _wrap(self, supervisor: Sequence[str], extras: Sequence[int]) -> Sequence[str]:
        files: list[str] = []
        for fd, path in zip(extras, self._etc_files, strict=True):
            files += ("--perms", "0644", "--file", str(fd), path)
        return (self._program, *self._options, *files, "--remount-ro", "/", *supervisor)

    def _open_extras(self) -> list[int]:
        """Our own files of /etc: not on disk, so that a killed driver leaves none."""
        return [anonymous_file(data) for data in self._etc_files.values()]

    def _lend_all(self) -> None:
        self.uid = unused_uid(next(_numbers()))
        for place in self._shown:
            if place.writable:
                self._lent.append(place.source)
                lend(place.source, self.uid)
            elif not place.cover and not readable_by_others(place.source):
                raise PathRefusedError(
                    f"{place.source} is readable by its owner only, and commands run as an unused uid; "
                    f"try `chmod o+rX {place.source}`"
                )

    def _own_etc(self) -> dict[str, str]:
        """What the sandbox says about users and hosts, instead of the host's own files."""
        me = self.uid_inside()
        files = {
            "passwd": f"root:x:0:0::/nonexistent:/bin/false\nsandbox:x:{me}:{me}::{_HOME}:/bin/sh\n",
            "group": f"root:x:0:\nsandbox:x:{me}:\n",
        }
        if self.spec.network == "none":
            files["hosts"] = f"127.0.0.1 localhost {_HOSTNAME}\n::1 localhost\n"
            files["nsswitch.conf"] = "passwd: files\ngroup: files\nhosts: files\n"
        return files

    def uid_inside(self) -> int:
        """The uid that commands see themselves as."""
        if self.uid is not None:
            return self.uid
        return os.geteuid() or _NOBODY

    def _build_options(self) -> tuple[str, ...]:
        """Bwrap's arguments that are the same for every exec of this sandbox."""
        return (
            *self._namespaces(),
            "--clearenv",
            *self._system(),
            *self._etc(),
            *("--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108 - inside
            *("--perms", "1777", "--tmpfs", _HOME),
            *self._mounts(),
        )

    def _namespaces(self) -> tuple[str, ...]:
        shared = ("--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try", "--as-pid-1")
        network = ("--unshare-net",) if self.spec.network == "none" else ()
        session = ("--new-session", "--hostname", _HOSTNAME, "--cap-drop", "ALL")
        if self.mode is Mode.UNUSED_UID:
            return (*shared, *network, *session, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
        me = str(self.uid_inside())
        return (*shared, *network, *session, "--unshare-user", "--uid", me, "--gid", me)

    @staticmethod
    def _system() -> tuple[str, ...]:
        arguments: list[str] = []
        for folder in map(Path, view.SYSTEM):
            if folder.is_symlink():
                arguments += ("--symlink", str(folder.readlink()), str(folder))
            elif folder.is_dir():
                arguments += ("--ro-bind", str(folder), str(folder))
        return tuple(arguments)

    def _etc(self) -> tuple[str, ...]:
        host = Path("/etc")
        names = view.ETC + (view.ETC_FOR_NETWORK if self.spec.network == "full" else ())
        files = {name: host / name for name in names if (host / name).exists()}
        arguments = ["--perms", "0755", "--dir", "/etc"]
        for name, source in sorted(files.items()):
            for folder in view.parents(f"/etc/{name}")[1:]:
                arguments += ("--perms", "0755", "--dir", folder)
            arguments += ("--ro-bind", str(source.resolve()), f"/etc/{name}")
        return tuple(arguments)

    def _mounts(self) -> tuple[str, ...]:
        arguments: list[str] = []
        made: set[str] = set()
        for place in self._shown:
            for folder in view.parents(place.target):
                if folder not in made and not self._provided(folder):
                    arguments += ("--perms", "0755", "--dir", folder)
                    made.add(folder)
            arguments += place.arguments()
            made.add(place.target)
        for place in self._shown:
            if place.cover and place.source.is_dir():
                arguments += ("--remount-ro", place.target)
        return tuple(arguments)

    @staticmethod
    def _provided(folder: str) -> bool:
        """Whether a folder is there before any mount is made."""
        return folder == _HOME or any(Path(folder).is_relative_to(system) for system in view.SYSTEM)


@functools.cache
def _numbers() -> "itertools.count[int]":
    """Numbers for this process' sandboxes, so that each has a uid of its own."""
    return itertools.count()
