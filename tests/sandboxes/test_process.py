import os
import resource
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandboxes import (
    CommandNotFoundError,
    ExecLimits,
    ExecRequest,
    Mount,
    PathRefusedError,
    SandboxDiskFullError,
    SandboxSpec,
)
from sandboxes.conformance.support import marked, wait_until
from sandboxes.process import ProcessSandbox
from sandboxes.processes import descendants
from sandboxes.program import base_python


@pytest.fixture
def plain(workdir: Path) -> Iterator[ProcessSandbox]:
    """A process sandbox without control groups."""
    with ProcessSandbox(SandboxSpec(kind="process", workdir=workdir), parents=()) as sandbox:
        yield sandbox


def test_it_says_that_it_does_not_isolate(plain: ProcessSandbox) -> None:
    """The summary says so plainly, and the limits that cannot be enforced are named."""
    assert "no isolation" in plain.isolation.summary
    assert any("memory" in limit for limit in plain.isolation.unenforced)
    assert any("network" in limit for limit in plain.isolation.unenforced)


def test_memory_without_groups_is_sampled_and_bounded(plain: ProcessSandbox) -> None:
    """The tree's memory is sampled, children included, and the address space of each process is bounded."""
    code = (
        "import os,time\nx=bytearray(40_000_000)\n"
        "if os.fork()==0: x[::4096]=b'1'*len(x[::4096]); time.sleep(.4); os._exit(0)\nos.wait()"
    )
    argv = (str(base_python()), "-I", "-S", "-c", code)
    usage = plain.exec(ExecRequest(argv=argv)).usage
    assert usage.memory_method == "sampled-tree"
    assert 75_000_000 <= (usage.memory_peak_bytes or 0) < 200_000_000
    result = plain.exec(ExecRequest(argv=argv, limits=ExecLimits(memory_bytes=30_000_000)))
    assert "MemoryError" in result.stderr.text


def test_a_killed_supervisor_leaves_nothing_even_without_groups(plain: ProcessSandbox) -> None:
    """What escaped into its own session is found by its mark when the supervisor was killed."""
    token = uuid.uuid4().hex
    script = f"setsid sh -c 'setsid sleep 600; : {token}' & sleep 600; : {token}"
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(plain.exec, ExecRequest(argv=("/bin/sh", "-c", script)))
        wait_until(lambda: len(marked(token)) >= 2, "it runs")
        [supervisor] = [p for p in descendants(os.getpid()) if b"marshal" in Path(f"/proc/{p}/cmdline").read_bytes()]
        os.kill(supervisor, signal.SIGKILL)
        assert future.result(15).termination == "lost"
    assert not marked(token)


def test_core_dumps_are_off(plain: ProcessSandbox) -> None:
    """A crashing command leaves no core file, whatever the caller's limit."""
    code = "import resource;print(resource.getrlimit(resource.RLIMIT_CORE))"
    assert plain.exec(ExecRequest(argv=(str(base_python()), "-I", "-c", code))).stdout.text == "(0, 0)\n"


def test_nul_and_bad_names_are_value_errors(plain: ProcessSandbox) -> None:
    """What no program can be given is refused before anything starts."""
    for request in (
        ExecRequest(argv=("a\0b",)),
        ExecRequest(argv=("true",), env={"A": "\0"}),
        ExecRequest(argv=("true",), env={"A=B": "x"}),
    ):
        with pytest.raises(ValueError, match="NUL"):
            plain.exec(request)


def test_the_commands_own_path_is_searched(plain: ProcessSandbox, workdir: Path) -> None:
    """A bare name is looked up in the PATH that the command gets, not in the driver's."""
    tool = workdir / "tool"
    tool.write_text("#!/bin/sh\necho mine\n", encoding="ascii")
    tool.chmod(0o755)
    assert plain.exec(ExecRequest(argv=("tool",), env={"PATH": str(workdir)})).stdout.text == "mine\n"
    with pytest.raises(CommandNotFoundError, match="tool"):
        plain.exec(ExecRequest(argv=("tool",)))


def test_a_missing_working_directory_or_mount_is_named(tmp_path: Path) -> None:
    """A folder that is not there is refused at once."""
    with pytest.raises(PathRefusedError, match="gone"):
        ProcessSandbox(SandboxSpec(kind="process", workdir=tmp_path / "gone"))
    spec = SandboxSpec(kind="process", workdir=tmp_path, mounts=(Mount(source=tmp_path / "gone"),))
    with pytest.raises(PathRefusedError, match="gone"):
        ProcessSandbox(spec)


@pytest.mark.root
def test_a_full_disk_is_told_before_the_command_runs(plain: ProcessSandbox, tmp_path: Path, workdir: Path) -> None:
    """On a file system without space the exec raises SandboxDiskFullError and the command does not run."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], check=False).returncode:
        pytest.skip("no right to mount")
    try:
        filler = small / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(b"x" * 100_000)
        with pytest.raises(SandboxDiskFullError):
            plain.exec(ExecRequest(argv=("touch", "ran"), record=small / "record"))
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert not (workdir / "ran").exists()


def test_the_driver_stays_small_under_a_flood(plain: ProcessSandbox, workdir: Path) -> None:
    """A flood of output to a record grows the driver by less than 20 MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    request = ExecRequest(
        argv=("yes",), limits=ExecLimits(output_bytes=200 << 20, timeout_s=60), record=workdir.parent / "record"
    )
    result = plain.exec(request)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert result.termination == "output_limit"
    assert result.stdout.total_bytes == 200 << 20 == (workdir.parent / "record" / "stdout").stat().st_size
    assert grown_kib < 20_000


def test_it_works_with_the_drivers_streams_closed(workdir: Path) -> None:
    """A driver whose stdin, stdout and stderr are closed can still run commands."""
    code = (
        "import os\nfrom pathlib import Path\nfrom sandboxes import *\n"
        f"with open_sandbox(SandboxSpec(kind='process', workdir=Path({str(workdir)!r}))) as s:\n"
        "  r = s.exec(ExecRequest(argv=('/bin/sh','-c','cat; echo out; echo err >&2'), stdin=b'in'))\n"
        f"  Path({str(workdir)!r}, 'seen').write_text(r.stdout.text + r.stderr.text)\n"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run(
        ["/bin/sh", "-c", '"$0" -c "$1" <&- >&- 2>&-', sys.executable, code], cwd=root, check=True, timeout=30
    )
    assert (workdir / "seen").read_text(encoding="utf-8") == "inout\nerr\n"


INTERRUPTED = """
import sys
from pathlib import Path
from sandboxes import *
with open_sandbox(SandboxSpec(kind=sys.argv[1], workdir=Path(sys.argv[2]))) as sandbox:
    sandbox.exec(ExecRequest(argv=("/bin/sh", "-c", "touch up; setsid sleep 600; : " + sys.argv[3])))
"""


@pytest.mark.parametrize("kind", ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
def test_ctrl_c_in_the_driver_kills_the_tree(kind: str, workdir: Path) -> None:
    """A KeyboardInterrupt while exec waits ends the command's whole tree before it goes up."""
    token = uuid.uuid4().hex
    argv = [sys.executable, "-c", INTERRUPTED, kind, str(workdir), token]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(argv, cwd=root, stderr=subprocess.PIPE) as driver:
        wait_until((workdir / "up").exists, "the command runs")
        driver.send_signal(signal.SIGINT)
        _, complaint = driver.communicate(timeout=15)
    assert b"KeyboardInterrupt" in complaint
    assert driver.returncode == -signal.SIGINT
    assert not marked(token)
