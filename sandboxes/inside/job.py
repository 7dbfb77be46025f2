"""What the driver tells the supervisor: plain fields, because the supervisor affords neither pydantic nor typing."""

STARTED = b"+"
"""Notice on standard output: the command runs."""
FAILED = b"!"
"""Notice on standard output, followed by an errno and a text: the sandbox is at fault, not the command."""
CANCEL = b"c"
"""On the lifeline: kill the tree now."""


class Command:
    """What to run and how it is bounded."""

    def __init__(  # noqa: PLR0913, PLR0917 - it is filled by position from a marshalled tuple
        self,
        argv: list[bytes],
        env: dict[bytes, bytes],
        cwd: bytes,
        timeout_s: float,
        orphan_grace_s: float,
        output_bytes: int,
        cores: list[int],
        processes: int | None,
        address_space: int | None,
        uid: int | None,
    ) -> None:
        self.argv = argv
        self.env = env
        self.cwd = cwd
        self.timeout_s = timeout_s
        self.orphan_grace_s = orphan_grace_s
        self.output_bytes = output_bytes
        self.cores = cores
        self.processes = processes
        """RLIMIT_NPROC, where no control group bounds processes."""
        self.address_space = address_space
        """RLIMIT_AS, where no control group bounds memory."""
        self.uid = uid
        """Unused uid (and gid) to become; None: stay."""


class Files:
    """File descriptors that the driver opened, all above 2."""

    def __init__(  # noqa: PLR0913, PLR0917 - it is filled by position from a marshalled tuple
        self,
        stdin: int,
        stdout: int,
        stderr: int,
        result: int,
        join: list[int],
        peak: int | None,
        oom: int | None,
        durable: bool,  # noqa: FBT001 - same
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.result = result
        self.join = join
        """Files of control groups: writing `0` puts the writer in."""
        self.peak = peak
        """File with the group's peak memory in bytes."""
        self.oom = oom
        """File with the group's count of kills for want of memory."""
        self.durable = durable
        """Whether to fsync what is written."""

    def numbers(self) -> list[int]:
        """All descriptors."""
        some = [self.stdin, self.stdout, self.stderr, self.result, *self.join]
        return some + [fd for fd in (self.peak, self.oom) if fd is not None]
