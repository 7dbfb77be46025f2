"""What a command gets and what is told of it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandboxes.base import CommandNotFoundError, ExecLimits, ExecRequest, PathRefusedError
from sandboxes.conformance.support import Factory, expect, refuses, shell
from sandboxes.program import base_python


def reports_exit_codes(make: Factory, _: Path) -> None:
    """Exit status 0, 3, 126, 127 and 255 come back as they are, and only 0 is ok."""
    with make() as sandbox:
        for code in (0, 3, 126, 127, 255):
            result = shell(sandbox, f"exit {code}")
            expect(result.termination == "exited" and result.returncode == code, f"exit {code}", result)
            expect(result.ok == (code == 0) and result.signal is None, "ok means exit 0", result)


def reports_signals(make: Factory, _: Path) -> None:
    """A command that a signal ends has that signal and no exit status."""
    with make() as sandbox:
        for number in (9, 11, 15):
            result = shell(sandbox, f"kill -{number} $$")
            expect((result.signal, result.returncode) == (number, None), f"signal {number}", result)


def passes_stdin(make: Factory, _: Path) -> None:
    """Standard input arrives byte for byte, also when it is larger than a pipe; without any it is empty."""
    data = bytes(range(256)) * 2000
    with make() as sandbox:
        result = sandbox.exec(ExecRequest(argv=("/bin/cat",), stdin=data))
        whole = result.stdout.head + result.stdout.tail
        expect(whole == data and not result.stdout.truncated, "stdin comes back whole", len(whole))
        expect(sandbox.exec(ExecRequest(argv=("/bin/cat",))).stdout.total_bytes == 0, "empty stdin ends at once")


def keeps_output_apart_and_binary(make: Factory, _: Path) -> None:
    """Stdout and stderr are separate, and bytes that are no text survive."""
    with make() as sandbox:
        result = shell(sandbox, r"printf '\000\377\n'; printf '\376' >&2")
    expect((result.stdout.head, result.stderr.head) == (b"\0\xff\n", b"\xfe"), "binary output", result)


def keeps_head_and_tail(make: Factory, _: Path) -> None:
    """Of long output the head, the tail and the exact count are returned."""
    with make() as sandbox:
        result = shell(sandbox, "printf first; head -c 3000000 /dev/zero; printf last")
    out = result.stdout
    expect(out.truncated and out.total_bytes == 3000009, "the count is exact", out.total_bytes)  # noqa: PLR2004 - 5+4
    expect(out.head.startswith(b"first") and out.tail.endswith(b"last"), "head and tail are the ends")


def gives_exactly_the_environment(make: Factory, _: Path) -> None:
    """The environment is what was asked for; a back end may add only HOME and its own mark."""
    given = {"A": "1", "EMPTY": "", "UNI": "ü €", "LINES": "a\nb"}
    with make() as sandbox:
        out = sandbox.exec(ExecRequest(argv=("/usr/bin/env", "-0"), env=given)).stdout.head
    seen = dict(entry.split("=", 1) for entry in out.decode().split("\0") if entry)
    expect({name: seen.get(name) for name in given} == given, "all that was given is there", seen)
    expect(set(seen) - set(given) <= {"HOME", "SANDBOX_EXEC"}, "nothing leaks in", seen)


def starts_in_the_working_directory(make: Factory, workdir: Path) -> None:
    """The working directory is the default; another one can be asked for; a missing one is refused."""
    with make() as sandbox:
        (workdir / "marker").touch()
        expect(shell(sandbox, "ls").stdout.head == b"marker\n", "ls shows the working directory")
        result = sandbox.exec(ExecRequest(argv=("/bin/pwd",), cwd="/usr"))
        expect(result.stdout.head == b"/usr\n", "cwd is honoured", result)
        refuses(PathRefusedError, sandbox.exec, ExecRequest(argv=("/bin/pwd",), cwd="/nonexistent"))


def takes_any_argument(make: Factory, _: Path) -> None:
    """Spaces, quotes, newlines, non-ASCII, bytes that are no text and long lists arrive as they are."""
    arguments = ("a b", "'\"$(id)`", "line\nline", "naïve-日本", "-n", "", os.fsdecode(b"\xff\xfe"), "x" * 100_000)
    with make() as sandbox:
        result = shell(sandbox, r'for a in "$@"; do printf "%s\000" "$a"; done', *arguments)
    expect(result.stdout.head == b"".join(os.fsencode(a) + b"\0" for a in arguments), "argv is exact")


def restores_default_signals(make: Factory, _: Path) -> None:
    """SIGPIPE is not ignored, as Python would leave it."""
    with make() as sandbox:
        started = time.monotonic()
        result = shell(sandbox, "yes | head -n 1")
    expect(result.stdout.head == b"y\n" and time.monotonic() - started < 20, "yes dies of SIGPIPE", result)  # noqa: PLR2004


def runs_at_the_same_time(make: Factory, _: Path) -> None:
    """Execs of one sandbox run concurrently, each with its own output."""
    with make() as sandbox, ThreadPoolExecutor(8) as pool:
        started = time.monotonic()
        results = list(pool.map(lambda n: shell(sandbox, f"sleep 0.5; echo {n}"), range(8)))
        took = time.monotonic() - started
    expect([r.stdout.text for r in results] == [f"{n}\n" for n in range(8)], "every output is its own", results)
    expect(took < 3, "they overlap", took)  # noqa: PLR2004 - one after the other would take 4 s


def tells_a_missing_command(make: Factory, workdir: Path) -> None:
    """A missing or unexecutable command is an error of its own, not exit status 127."""
    (workdir / "plain").write_text("#!/bin/sh\n", encoding="ascii")
    with make() as sandbox:
        for name in ("no-such-command", "/no/such/command", "./plain", "./marker-missing"):
            refuses(CommandNotFoundError, sandbox.exec, ExecRequest(argv=(name,)))


def measures_usage(make: Factory, _: Path) -> None:
    """Wall time, CPU time and memory are in the right range, and the method is named."""
    code = "import time\nd=bytearray(60_000_000)\nt=time.process_time()\nwhile time.process_time()-t<.3: pass"
    with make() as sandbox:
        usage = sandbox.exec(ExecRequest(argv=(str(base_python()), "-I", "-S", "-c", code))).usage
    expect(0.3 <= usage.cpu_s < 1 and usage.cpu_s <= usage.wall_s * 1.1, "times are plausible", usage)  # noqa: PLR2004
    expect(usage.memory_method != "unavailable" and usage.memory_peak_bytes is not None, "memory is measured", usage)
    expect(60_000_000 <= (usage.memory_peak_bytes or 0) < 150_000_000, "memory is plausible", usage)  # noqa: PLR2004


def pins_to_cores(make: Factory, _: Path) -> None:
    """A command runs on the cores asked for, and only there; what others did there is reported."""
    core = max(os.sched_getaffinity(0))
    with make() as sandbox:
        limits = ExecLimits(cores=(core,))
        result = shell(sandbox, "grep Cpus_allowed_list /proc/self/status", limits=limits)
    expect(result.stdout.text.split() == ["Cpus_allowed_list:", str(core)], "pinned", result.stdout.text)
    expect(result.usage.foreign_cpu_s is not None and result.usage.foreign_cpu_s >= 0, "foreign load", result.usage)
