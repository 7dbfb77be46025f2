"""The sandbox contract: what every back end promises, and the errors it may raise."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

Termination = Literal["exited", "timed_out", "out_of_memory", "output_limit", "cancelled", "lost"]
"""How an exec ended. `lost`: the supervisor vanished without a result."""

MemoryMethod = Literal["cgroup", "sampled-tree", "unavailable"]
Kind = Literal["process", "bubblewrap", "fake"]


class SandboxError(Exception):
    """Base of all errors of this package; the message says what happened and what to try."""


class SandboxUnavailableError(SandboxError):
    """The back end does not work on this machine; never to be passed off as a command's failure."""


class SandboxClosedError(SandboxError):
    """The sandbox was closed before or while the call ran."""


class CommandNotFoundError(SandboxError):
    """The command to run does not exist inside the sandbox."""


class PathRefusedError(SandboxError, ValueError):
    """A path leaves the sandbox's writable folders or is not a regular file."""


class SandboxDiskFullError(SandboxError, OSError):
    """No space is left for outputs."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExecLimits(_Model):
    """Bounds of one exec. None: not bounded."""

    timeout_s: float = Field(default=600.0, gt=0)
    memory_bytes: int | None = None
    pids: int | None = 1024
    output_bytes: int = 256 * 1024 * 1024
    """Per stream; reaching it stops the command."""
    cores: tuple[int, ...] = ()
    """Cores to pin to; empty: all that the caller may use."""


class Mount(_Model):
    """A host path seen inside."""

    source: Path
    target: str | None = None
    """Absolute path inside; None: the same as on the host."""
    writable: bool = False


class SandboxSpec(_Model):
    """One sandbox: what it sees."""

    kind: Kind
    workdir: Path
    """Host folder, private to this sandbox: its writable working directory."""
    mounts: tuple[Mount, ...] = ()
    hidden: tuple[Path, ...] = ()
    """Host folders to cover with nothing where a mount would show them (our own installation)."""
    network: Literal["none", "full"] = "none"


class ExecRequest(_Model):
    """One command."""

    argv: tuple[str, ...] = Field(min_length=1)
    env: Mapping[str, str] = Field(default_factory=dict)
    """The whole environment: nothing is inherited."""
    cwd: str | None = None
    """Absolute path inside; None: the working directory."""
    stdin: bytes = b""
    limits: ExecLimits = Field(default_factory=ExecLimits)
    record: Path | None = None
    """Host folder for `stdout`, `stderr` and `result.json`, fsynced before the exec ends, so that a later
    process can adopt the result by `sandboxes.recover`; None: a temporary one."""
    orphan_grace_s: float = 2.0
    """How long the command may go on when the driver has died, before its tree is killed."""


class Usage(_Model):
    """What an exec used, measured around the command's own exec."""

    wall_s: float
    cpu_s: float
    """User plus system time of the command and its waited-for descendants."""
    memory_peak_bytes: int | None = None
    """Largest memory of the whole tree at once; by a control group, without pages that others touched first."""
    memory_method: MemoryMethod = "unavailable"
    max_rss_bytes: int | None = None
    """Largest resident set of any one process, as getrusage tells it; None where the supervisor did not look."""
    involuntary_switches: int = 0
    foreign_cpu_s: float | None = None
    """CPU seconds that others used on `limits.cores` meanwhile; None if not pinned or unreadable."""


class Output(_Model):
    """A stream: whole if it is short, else its head and tail."""

    head: bytes
    tail: bytes = b""
    total_bytes: int = 0
    path: Path | None = None
    """The whole stream on disk, when the request had a record folder."""

    @property
    def truncated(self) -> bool:
        """Whether the middle is missing from `head` and `tail`."""
        return self.total_bytes > len(self.head) + len(self.tail)

    @property
    def text(self) -> str:
        """Head and tail as text, with a line between them that counts what is missing."""
        head = self.head.decode("utf-8", "replace")
        if not self.truncated:
            return head + self.tail.decode("utf-8", "replace")
        gap = self.total_bytes - len(self.head) - len(self.tail)
        return f"{head}\n[... {gap} bytes left out ...]\n{self.tail.decode('utf-8', 'replace')}"


class ExecResult(_Model):
    """How a command ended."""

    termination: Termination
    returncode: int | None
    """Exit status if it exited by itself; None if a signal or the sandbox ended it."""
    signal: int | None = None
    stdout: Output
    stderr: Output
    usage: Usage

    @property
    def ok(self) -> bool:
        """Whether the command exited by itself with status 0."""
        return self.termination == "exited" and self.returncode == 0


class Isolation(_Model):
    """What a back end isolates on this machine, for people and for the record."""

    summary: str
    """One line, such as `bubblewrap: own namespaces, read-only system, no network, unused uid`."""
    unenforced: tuple[str, ...] = ()
    """Limits that this machine cannot enforce, in words."""


class Sandbox(Protocol):
    """A place where commands run. A context manager; `close` is idempotent and kills whatever still runs."""

    @property
    def isolation(self) -> Isolation:
        """What this sandbox isolates."""
        ...

    def exec(self, request: ExecRequest) -> ExecResult:
        """Run one command to its end and kill its whole tree.

        Concurrent calls are allowed. A command's failure, time-out or flood is a result, never an exception.

        Raises:
            CommandNotFoundError: argv[0] does not exist inside or is not executable.
            SandboxClosedError: closed before the command began.
            SandboxUnavailableError: the back end could not start anything.
            SandboxDiskFullError: the record folder has no space.
            PathRefusedError: `cwd` cannot be entered inside.
            ValueError: an argument or variable cannot be passed to any program (NUL, or `=` in a name).
            SandboxError: the record folder belongs to a command that still runs.
        """
        ...

    def read_file(self, path: str, max_bytes: int = 1 << 20) -> bytes:
        """Bytes of a regular file in the working directory or a writable mount, `max_bytes` at most.

        Raises:
            PathRefusedError: the path leads outside, has a symlink in it, or names no regular file.
            FileNotFoundError: there is none.
        """
        ...

    def write_file(self, path: str, data: bytes) -> None:
        """Create or replace a file in the working directory or a writable mount; parents are created.

        Raises:
            PathRefusedError: the path leads outside or to a read-only mount, has a symlink in it, or something
                that is no regular file is in its place.
            SandboxDiskFullError: no space is left.
        """
        ...

    def locate(self, host: Path) -> str:
        """The path inside of a host path under the working directory or a mount.

        Raises:
            PathRefusedError: it is not visible inside.
        """
        ...

    def close(self) -> None:
        """Kill what runs and release what is held. Host folders are left to the caller."""
        ...

    def __enter__(self) -> Self:
        """Return self."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        ...
