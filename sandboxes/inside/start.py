"""Turn this process into a supervisor, and a forked child into the command."""

import _ctypes
import _signal  # type: ignore[import-not-found]  # the signal module imports enum, which takes 2 ms
import errno
import posix
import resource
import time

from sandboxes.inside.job import Command, Files
from sandboxes.inside.measure import own_resident_bytes

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
LAST_SIGNAL = 64
DEFAULT_PATH = b"/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process where the system can; importing ctypes itself would take 2 ms."""
    try:
        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # None is the program itself
        address = _ctypes.dlsym(program, "prctl")
    except OSError:
        return
    _ctypes.call_function(address, (option, value, 0, 0, 0))


def become_supervisor(command: Command, files: Files) -> None:
    """Take the unused uid if there is one, and close the ways back and the ways in."""
    if command.uid is not None:
        posix.setgroups([])
        posix.setresgid(command.uid, command.uid, command.uid)
        posix.setresuid(command.uid, command.uid, command.uid)
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    for fd in files.numbers():
        posix.set_inheritable(fd, False)  # noqa: FBT003 - posix takes no keywords


def lower(kind: int, value: int) -> None:
    """Lower a resource limit, soft and hard; never above what is allowed already."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def default_signals() -> None:
    """Undo what Python and whoever started us ignore or block."""
    for number in range(1, LAST_SIGNAL + 1):
        try:
            _signal.signal(number, _signal.SIG_DFL)
        except (OSError, ValueError):  # SIGKILL, SIGSTOP and the two that belong to libc
            continue
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def prepare(command: Command, files: Files) -> None:
    """In the forked child: session, group, cores, limits, signals, streams."""
    posix.setsid()
    for fd in files.join:
        posix.write(fd, b"0")
    if command.cores:
        posix.sched_setaffinity(0, command.cores)
    lower(resource.RLIMIT_CORE, 0)
    if command.processes is not None:
        lower(resource.RLIMIT_NPROC, command.processes)
    if command.address_space is not None:
        lower(resource.RLIMIT_AS, command.address_space)
    default_signals()
    posix.umask(0o022)
    for target, fd in enumerate((files.stdin, files.stdout, files.stderr)):
        posix.dup2(fd, target)


def search(name: bytes, env: dict[bytes, bytes]) -> list[bytes]:
    """Paths to try for a command's name, in order; those of the command's own PATH."""
    if b"/" in name:
        return [name]
    return [(folder or b".") + b"/" + name for folder in env.get(b"PATH", DEFAULT_PATH).split(b":")]


def run_child(command: Command, files: Files, status: int) -> None:
    """In the forked child: become the command. Reports the moment of exec, or the errno of what failed.

    The status pipe closes by itself when exec succeeds; its lines are `t<monotonic seconds>` before each attempt,
    then `x<errno>` if no attempt succeeded, `w<errno>` if the working directory is wrong, `s<errno>` if the
    sandbox is at fault.
    """
    stage = b"s"
    failure: int | None = errno.ENOENT
    try:
        prepare(command, files)
        stage = b"w"
        posix.chdir(command.cwd)
        stage = b"x"
        for path in search(command.argv[0], command.env):
            posix.write(status, b"t%r\n" % time.monotonic())
            try:
                posix.execve(path, command.argv, command.env)
            except OSError as error:
                if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                    failure = error.errno
    except OSError as error:
        failure = error.errno
    finally:
        posix.write(status, stage + b"%d\n" % (failure or 0))
        posix._exit(127)  # noqa: SLF001 - the public name lives in os, which takes 1 ms to import


class Started:
    """A forked command: its process id and when it began, or why it could not."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.moment = 0.0
        self.floor = 0
        """Resident memory of the forking process, bytes: what the child starts from."""
        self.stage: str | None = None
        """None if it runs; else what failed: `x` exec, `w` working directory, `s` sandbox."""
        self.errno = 0


def start(command: Command, files: Files) -> Started:
    """Fork and exec the command, and wait until it runs or has failed to."""
    floor = own_resident_bytes()
    status, child_status = posix.pipe()
    pid = posix.fork()
    if pid == 0:
        run_child(command, files, child_status)
    posix.close(child_status)
    started = Started(pid)
    started.floor = floor
    data = b""
    while part := posix.read(status, 4096):
        data += part
    posix.close(status)
    for line in data.splitlines():
        if line[:1] == b"t":
            started.moment = float(line[1:])
        else:
            started.stage = line[:1].decode()
            started.errno = int(line[1:])
    return started
