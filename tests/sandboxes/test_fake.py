from pathlib import Path

import pytest

from sandboxes import CommandNotFoundError, ExecRequest, SandboxSpec, recover
from sandboxes.fake import FakeSandbox, completed, scripted


def test_it_answers_from_its_script_in_order(workdir: Path) -> None:
    """Answers are found by the beginning of argv, used once each, and requests are kept."""
    script = [(("ls",), completed(stdout=b"1")), (("ls",), completed(2)), (("cat", "x"), completed(stderr=b"e"))]
    with FakeSandbox(SandboxSpec(kind="fake", workdir=workdir), scripted(script)) as sandbox:
        assert sandbox.exec(ExecRequest(argv=("cat", "x", "y"))).stderr.text == "e"
        assert sandbox.exec(ExecRequest(argv=("ls", "-l"))).stdout.text == "1"
        assert sandbox.exec(ExecRequest(argv=("ls",))).returncode == 2
        with pytest.raises(CommandNotFoundError, match="foresee"):
            sandbox.exec(ExecRequest(argv=("ls",)))
        assert [request.argv[0] for request in sandbox.requests] == ["cat", "ls", "ls", "ls"]


def test_its_records_can_be_recovered(workdir: Path) -> None:
    """A record that it writes is adopted like a real one."""
    record = workdir.parent / "record"
    answer = completed(3, b"out", b"err", wall_s=1.5)
    with FakeSandbox(SandboxSpec(kind="fake", workdir=workdir), lambda _: answer) as sandbox:
        result = sandbox.exec(ExecRequest(argv=("any",), record=record))
    assert recover(record, wait_s=0) == result
    assert (result.returncode, result.stdout.text, result.usage.wall_s) == (3, "out", 1.5)
