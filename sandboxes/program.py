"""Pack the supervisor and its job into one descriptor, for a Python that cannot see our installation."""

import fcntl
import importlib.util
import marshal
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from sandboxes.inside.job import Command, Files

_MODULES: Final = (
    "sandboxes.inside.job",
    "sandboxes.inside.measure",
    "sandboxes.inside.start",
    "sandboxes.inside.supervisor",
)
"""In the order of their imports."""

_BOOT: Final = (
    "import marshal,sys\n"
    "f=open(int(sys.argv[1]),'rb')\n"
    "for n,c in marshal.load(f):\n"
    " m=sys.modules[n]=type(sys)(n);exec(c,m.__dict__)\n"
    "j=marshal.load(f);f.close();m.main(*j)"
)
_FIRST_FREE = 3


def base_python() -> Path:
    """The real interpreter: no virtual environment, no shim. It runs the supervisor."""
    return Path(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))


def python_prefixes() -> tuple[Path, ...]:
    """Folders that the real interpreter needs to start."""
    return tuple(dict.fromkeys((Path(sys.base_prefix), Path(sys.base_exec_prefix), base_python().parents[1])))


def supervisor_argv(job: int) -> tuple[str, ...]:
    """The command line that runs the supervisor from the job's descriptor."""
    return (str(base_python()), "-I", "-S", "-B", "-c", _BOOT, str(job))


def above_standard(fd: int) -> int:
    """The same open file under a number above 2: a caller whose stdout is closed would hand us 1."""
    if fd >= _FIRST_FREE:
        return fd
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE)
    os.close(fd)
    return moved


def anonymous_file(data: bytes) -> int:
    """A descriptor of an unnamed file that holds `data`, positioned at its start."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("sandbox")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return above_standard(fd)


def job_file(command: Command, files: Files) -> int:
    """A descriptor with the supervisor's code and its job."""
    job = (tuple(vars(command).values()), tuple(vars(files).values()))
    return anonymous_file(_code() + marshal.dumps(job))


@cache
def _code() -> bytes:
    """The modules' compiled code, docstrings dropped; the interpreter inside is the same as ours."""
    modules = []
    for name in _MODULES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ImportError(f"{name} is missing from this installation", name=name)
        source = Path(spec.origin).read_bytes()
        modules.append((name, compile(source, f"<{name}>", "exec", optimize=2, dont_inherit=True)))
    return marshal.dumps(tuple(modules))
