"""Watch one command from its start to its end, kill its whole tree, write its result.

Standard input is the lifeline: a byte on it cancels; its end means that the driver is gone.
"""

import posix
import select
import time

from sandboxes.inside.job import FAILED, STARTED, Command, Files
from sandboxes.inside.measure import ForeignLoad, below, group_peak, killed_for_memory, resident_bytes
from sandboxes.inside.start import Started, become_supervisor, start

SIGKILL = 9
LIFELINE = 0
NOTICES = 1
FIRST_TICK_S = 0.001
LONGEST_TICK_S = 0.025
TICK_WITHOUT_PIDFD_S = 0.002

Field = tuple[str, str | int | float | None]


def kill(pid: int) -> None:
    """SIGKILL to a process that may be gone already."""
    try:
        posix.kill(pid, SIGKILL)
    except OSError:
        return


class Watch:
    """One command from fork to reaped."""

    def __init__(self, command: Command, files: Files, started: Started) -> None:
        self.command = command
        self.files = files
        self.began = started.moment
        self.pid = started.pid
        self.floor = started.floor
        self.me = posix.getpid()
        self.reason = "exited"
        self.status: int | None = None
        self.ended = started.moment
        self.cpu_s = 0.0
        self.involuntary = 0
        self.own_peak = 0
        self.sampled = 0

    def reap(self) -> bool:
        """Reap what is dead; False when no child is left at all."""
        while True:
            try:
                pid, status, usage = posix.wait4(-1, posix.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid:
                self.status = status
                self.cpu_s = usage.ru_utime + usage.ru_stime
                self.involuntary = usage.ru_nivcsw
                self.own_peak = usage.ru_maxrss * 1024

    def largest_stream(self) -> int:
        """Size of the longer stream in bytes."""
        return max(posix.fstat(fd).st_size for fd in (self.files.stdout, self.files.stderr))

    def kill_tree(self) -> None:
        """Kill and reap until nothing is left; whoever escaped its parent is now a child of ours."""
        while self.reap():
            if self.me == 1:
                kill(-1)
            else:
                for pid in below(self.me):
                    kill(pid)
            time.sleep(0.0005)

    def run(self) -> None:
        """Watch until the command has ended or must end."""
        poll = select.poll()
        poll.register(LIFELINE, select.POLLIN)
        try:
            poll.register(posix.pidfd_open(self.pid), select.POLLIN)
            longest = LONGEST_TICK_S
        except (AttributeError, OSError):
            longest = TICK_WITHOUT_PIDFD_S
        deadline, orphaned, tick = self.began + self.command.timeout_s, False, FIRST_TICK_S
        while self.status is None and self.reason == "exited":
            left = max(0.0, deadline - time.monotonic())
            ready = dict(poll.poll(min(left, tick) * 1000 + 0.5))
            self.ended = time.monotonic()
            if LIFELINE in ready:
                if posix.read(LIFELINE, 1):
                    self.reason = "cancelled"
                    return
                poll.unregister(LIFELINE)
                orphaned, deadline = True, min(deadline, self.ended + self.command.orphan_grace_s)
            self.reap()
            if self.status is None:
                self.check(deadline, orphaned=orphaned)
            tick = min(longest, tick * 2)

    def check(self, deadline: float, *, orphaned: bool) -> None:
        """Whether a limit has been reached."""
        if self.files.peak is None:
            self.sampled = max(self.sampled, resident_bytes(self.me))
        if self.largest_stream() >= self.command.output_bytes:
            self.reason = "output_limit"
        elif self.ended >= deadline:
            self.reason = "cancelled" if orphaned else "timed_out"

    def ending(self) -> tuple[str, int | None, int | None]:
        """Termination, exit status and signal."""
        if self.reason == "exited" and self.largest_stream() > self.command.output_bytes:
            self.reason = "output_limit"
        if self.reason != "exited" or self.status is None:
            return self.reason, None, None
        signal = posix.WTERMSIG(self.status) if posix.WIFSIGNALED(self.status) else None
        code = None if signal else posix.WEXITSTATUS(self.status)
        if code != 0 and killed_for_memory(self.files.oom):
            return "out_of_memory", None, signal
        return "exited", code, signal

    def peak(self) -> tuple[int, str]:
        """Peak memory in bytes and how it is known.

        A child's own peak counts from before its exec, so it says something only above ours at the fork.
        """
        peak = group_peak(self.files.peak)
        if peak is not None:
            return peak, "cgroup"
        if self.sampled and self.own_peak <= self.floor:
            return self.sampled, "sampled-tree"
        return max(self.sampled, self.own_peak), "sampled-tree"

    def largest(self) -> int:
        """Largest resident set of one process in bytes (getrusage).

        A control group charges a page of a shared library to whoever touched it first, so its peak says less. Below
        our own size at the fork getrusage knows nothing, and the best of the others has to do.
        """
        return self.own_peak if self.own_peak > self.floor else self.peak()[0]


def close_stream(fd: int, command: Command, files: Files) -> int:
    """Cut a stream to its limit, make it durable, and return its size."""
    size = posix.fstat(fd).st_size
    if size > command.output_bytes:
        posix.ftruncate(fd, command.output_bytes)
        size = command.output_bytes
    if files.durable and size:
        posix.fsync(fd)
    return size


def write_result(files: Files, fields: tuple[Field, ...]) -> None:
    """One flat JSON object of numbers and fixed words, durable before we exit."""
    parts = []
    for name, value in fields:
        text = "null" if value is None else f'"{value}"' if isinstance(value, str) else repr(value)
        parts.append(f'"{name}": {text}')
    data = ("{" + ", ".join(parts) + "}\n").encode()
    posix.pwrite(files.result, data, 0)
    posix.ftruncate(files.result, len(data))
    if files.durable:
        posix.fsync(files.result)


def supervise(command: Command, files: Files) -> None:
    """Run the command and write its result."""
    become_supervisor(command, files)
    posix.set_inheritable(LIFELINE, False)  # noqa: FBT003 - posix takes no keywords
    foreign = ForeignLoad(command.cores)
    started = start(command, files)
    if started.stage == "s":
        raise OSError(started.errno, "the command's process could not be prepared")
    if started.stage is not None:
        write_result(files, (("version", 1), ("refused", started.stage), ("errno", started.errno)))
        return
    posix.write(NOTICES, STARTED)
    watch = Watch(command, files, started)
    watch.run()
    watch.kill_tree()
    termination, code, signal = watch.ending()
    peak, method = watch.peak()
    write_result(
        files,
        (
            ("version", 1),
            ("termination", termination),
            ("returncode", code),
            ("signal", signal),
            ("wall_s", watch.ended - watch.began),
            ("cpu_s", watch.cpu_s),
            ("memory_peak_bytes", peak),
            ("memory_method", method),
            ("max_rss_bytes", watch.largest()),
            ("involuntary_switches", watch.involuntary),
            ("foreign_cpu_s", foreign.seconds()),
            ("stdout_bytes", close_stream(files.stdout, command, files)),
            ("stderr_bytes", close_stream(files.stderr, command, files)),
        ),
    )


def main(command: tuple[object, ...], files: tuple[object, ...]) -> None:
    """Entry point; an error of the system is told to the driver by its number. Leaves without Python's clean-up."""
    code = 0
    try:
        supervise(Command(*command), Files(*files))  # type: ignore[arg-type]  # sandboxes.program packs them
    except OSError as error:
        posix.write(NOTICES, FAILED + b"%d %s" % (error.errno or 0, str(error).encode()))
        code = 1
    posix._exit(code)  # noqa: SLF001 - the public name lives in os, which takes 1 ms to import
