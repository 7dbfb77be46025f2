"""Files, records and the closed state, for every back end."""

import os
from pathlib import Path

from sandboxes.base import ExecRequest, PathRefusedError, SandboxClosedError
from sandboxes.conformance.support import Factory, expect, record_beside, refuses
from sandboxes.recovery import recover


def reads_and_writes_files(make: Factory, workdir: Path) -> None:
    """Files go in and out byte for byte, in folders made on the way; reading is bounded."""
    with make() as sandbox:
        sandbox.write_file("a b/ü/data.bin", b"\0\xff" * 10)
        sandbox.write_file("a b/ü/data.bin", b"\0\xff" * 100)
        expect(sandbox.read_file("a b/ü/data.bin") == b"\0\xff" * 100, "what was written is read")
        expect(sandbox.read_file("a b/ü/data.bin", 3) == b"\0\xff\0", "bounded reading")
        inside = sandbox.locate(workdir / "a b" / "ü" / "data.bin")
        expect(sandbox.read_file(inside, 1) == b"\0", "located paths can be read", inside)
        refuses(FileNotFoundError, sandbox.read_file, "missing")


def refuses_ways_out(make: Factory, workdir: Path) -> None:
    """Links, `..`, foreign absolute paths, FIFOs and folders are refused, for reading and for writing."""
    with make() as sandbox:
        outside = workdir.parent / f"{workdir.name}-outside"
        outside.mkdir(exist_ok=True)
        (workdir / "link").symlink_to(outside / "x")
        (workdir / "folder-link").symlink_to(outside)
        os.mkfifo(workdir / "fifo")
        (workdir / "folder").mkdir()
        bad = ("link", "folder-link/x", "fifo", "folder", "../x", "folder/../../x", "/etc/passwd", "", "/", "a\0b")
        for path in bad:
            refuses(PathRefusedError, sandbox.read_file, path)
            refuses(PathRefusedError, sandbox.write_file, path, b"x")
        expect(not list(outside.iterdir()), "nothing was written outside")
        refuses(PathRefusedError, sandbox.locate, outside)


def refuses_when_closed(make: Factory, _: Path) -> None:
    """A closed sandbox refuses everything; closing twice is fine."""
    sandbox = make()
    sandbox.close()
    sandbox.close()
    refuses(SandboxClosedError, sandbox.exec, ExecRequest(argv=("true",)))
    refuses(SandboxClosedError, sandbox.read_file, "x")
    refuses(SandboxClosedError, sandbox.write_file, "x", b"")


def keeps_a_record(make: Factory, workdir: Path) -> None:
    """With a record folder the result can be adopted by another process, equal to what exec returned."""
    record = record_beside(workdir)
    with make() as sandbox:
        result = sandbox.exec(ExecRequest(argv=("/bin/echo", "kept"), record=record))
    expect(recover(record, wait_s=0) == result, "recovered", result)
    expect(result.stdout.path == record / "stdout", "the stream is on disk", result.stdout.path)
    os.truncate(record / "result.json", (record / "result.json").stat().st_size // 2)
    expect(recover(record, wait_s=0) is None, "a torn result is none")
