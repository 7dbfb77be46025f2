import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes import ExecLimits, ExecRequest, ExecResult, Mount, PathRefusedError, Sandbox, SandboxSpec
from sandboxes.bubblewrap import BubblewrapSandbox, Mode
from sandboxes.program import base_python

pytestmark = pytest.mark.bubblewrap
Opener = Callable[..., Sandbox]


def sh(sandbox: Sandbox, script: str, **limits: object) -> ExecResult:
    """Run a shell script."""
    return sandbox.exec(ExecRequest(argv=("/bin/sh", "-c", script), limits=ExecLimits.model_validate(limits)))


def python(sandbox: Sandbox, code: str, **limits: object) -> ExecResult:
    """Run Python code."""
    argv = (str(base_python()), "-I", "-c", code)
    return sandbox.exec(ExecRequest(argv=argv, limits=ExecLimits.model_validate(limits)))


def test_network_none_reaches_nobody(open_kind: Opener) -> None:
    """A listener on the host's loopback, DNS and a metadata address are all out of reach; own loopback works."""
    code = (
        "import socket,sys\n"
        "def reach(a):\n"
        " try: socket.create_connection(a,2); return 1\n"
        " except OSError: return 0\n"
        "own=socket.create_server(('127.0.0.1',0))\n"
        "print(reach(('127.0.0.1',{})),reach(('169.254.169.254',80)),reach(('1.1.1.1',53)),reach(own.getsockname()))"
    )
    with socket.create_server(("127.0.0.1", 0)) as server, open_kind("bubblewrap") as sandbox:
        assert python(sandbox, code.format(server.getsockname()[1])).stdout.text == "0 0 0 1\n"


def test_network_full_is_the_hosts(open_kind: Opener) -> None:
    """With `full`, a listener on the host's loopback is reached, and the isolation says so."""
    code = "import socket;socket.create_connection(('127.0.0.1',{}),2);print('in')"
    with socket.create_server(("127.0.0.1", 0)) as server, open_kind("bubblewrap", network="full") as sandbox:
        assert python(sandbox, code.format(server.getsockname()[1])).stdout.text == "in\n"
        assert "host's network" in sandbox.isolation.summary


def test_nothing_outside_is_written(open_kind: Opener, workdir: Path) -> None:
    """The system, the root and the private /etc are read-only; the host's /tmp is not the one inside."""
    script = (
        "for p in /x /usr/x /etc/x /etc/passwd /proc/sys/kernel/hostname /dev/x; do (echo bad > $p) && echo $p; done"
    )
    with open_kind("bubblewrap") as sandbox:
        assert sh(sandbox, script).stdout.text in {"", "/dev/x\n"}
        inside = Path("/tmp/sandbox-test-only-inside")
        assert sh(sandbox, f"touch {inside} /dev/shm/x").ok
        assert not inside.exists()
    assert list(workdir.iterdir()) == []


def test_host_homes_and_secrets_are_not_there(open_kind: Opener, tmp_path: Path) -> None:
    """Neither homes, nor shadow, nor folders beside the working directory, nor host processes are seen."""
    (tmp_path / "secret").write_text("canary", encoding="ascii")
    with open_kind("bubblewrap") as sandbox:
        script = f"ls {tmp_path}; ls /home; cat /etc/shadow; ls ~/.ssh; ls /run /var /sys; ls -d /proc/[0-9]*"
        result = sh(sandbox, script)
    assert "secret" not in result.stdout.text
    assert len([line for line in result.stdout.text.splitlines() if line.startswith("/proc/")]) <= 3
    assert all(not line.endswith(":") for line in result.stdout.text.splitlines())


def test_rights_are_shed(open_kind: Opener) -> None:
    """No effective capability, no new privileges, no other groups; the host's name is hidden."""
    with open_kind("bubblewrap") as sandbox:
        status = sh(sandbox, "cat /proc/self/status; id -G; hostname").stdout.text
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert int(fields["CapEff"], 16) == 0
    assert int(fields["CapPrm"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert status.splitlines()[-1] == "sandbox"
    assert len(status.splitlines()[-2].split()) == 1


@pytest.mark.root
def test_root_becomes_an_unused_uid_and_outputs_come_back(open_kind: Opener, workdir: Path) -> None:
    """As root, commands run as a uid without an account; afterwards all outputs belong to the caller."""
    (workdir / "given").mkdir(mode=0o700)
    with open_kind("bubblewrap") as sandbox:
        uid = int(sh(sandbox, "id -u; touch given/new; mkdir -m 0 locked; ln -s /etc/shadow link").stdout.text)
    assert uid >= 60_000
    assert str(uid) not in [line.split(":")[2] for line in Path("/etc/passwd").read_text(encoding="utf-8").splitlines()]
    owners = {path.name: path.lstat().st_uid for path in workdir.rglob("*")} | {"": workdir.stat().st_uid}
    assert set(owners.values()) == {os.geteuid()}
    assert set(owners) == {"given", "new", "locked", "link", ""}


@pytest.mark.root
def test_the_user_namespace_works_for_root_too(workdir: Path) -> None:
    """Where the unused uid does not work, the user namespace is the other way; outputs belong to the caller."""
    with BubblewrapSandbox(SandboxSpec(kind="bubblewrap", workdir=workdir), mode=Mode.USER_NAMESPACE) as sandbox:
        result = sh(sandbox, "id -u; touch new; grep CapEff /proc/self/status")
    assert result.stdout.text.split() == ["65534", "CapEff:", "0" * 16]
    assert (workdir / "new").stat().st_uid == os.geteuid()


def test_mounts_show_what_was_asked_for(open_kind: Opener, tmp_path: Path) -> None:
    """Read-only mounts cannot be written, writable ones can, both at their own or another place."""
    for name in ("data", "out"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    (tmp_path / "data" / "file").write_text("here", encoding="ascii")
    mounts = (
        Mount(source=tmp_path / "data"),
        Mount(source=tmp_path / "out", target="/results", writable=True),
        Mount(source=tmp_path / "data" / "file", target="/inputs/a b"),
    )
    with open_kind("bubblewrap", mounts=mounts) as sandbox:
        assert sandbox.locate(tmp_path / "out" / "x") == "/results/x"
        assert sandbox.locate(tmp_path / "data" / "file") in {str(tmp_path / "data" / "file"), "/inputs/a b"}
        script = f"cat {tmp_path}/data/file '/inputs/a b'; touch {tmp_path}/data/x || echo no; echo done > /results/x"
        assert sh(sandbox, script).stdout.text == "herehereno\n"
        assert sandbox.read_file("/results/x") == b"done\n"
        with pytest.raises(PathRefusedError):
            sandbox.write_file(f"{tmp_path}/data/x", b"")
    assert (tmp_path / "out" / "x").stat().st_uid == os.geteuid()


def test_hidden_folders_and_files_are_empty(open_kind: Opener, tmp_path: Path) -> None:
    """A hidden folder is empty and read-only where a mount would show it; a mount from inside it stays."""
    for name in ("shown", "shown/secret", "shown/secret/asked"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
        (tmp_path / name / "file").write_text(name, encoding="ascii")
    (tmp_path / "shown" / "key").write_text("canary", encoding="ascii")
    secret = tmp_path / "shown" / "secret"
    mounts = (Mount(source=tmp_path / "shown"), Mount(source=secret / "asked"))
    hidden = (secret, tmp_path / "shown" / "key", tmp_path / "missing")
    with open_kind("bubblewrap", mounts=mounts, hidden=hidden) as sandbox:
        out = sh(sandbox, f"cd {tmp_path}/shown; ls . secret secret/asked; cat key; touch secret/x || echo no").stdout
        assert out.text.split() == [".:", "file", "key", "secret", "secret:", "asked", "secret/asked:", "file", "no"]
        with pytest.raises(PathRefusedError):
            sandbox.locate(secret / "file")


@pytest.mark.parametrize(
    ("source", "target"),
    [("/", "/host"), ("/proc", "/p"), ("/run", "/r"), ("~", "/home"), ("/dev/null", "/n"), ("/usr/share", "/etc"),
     ("/usr/share", "/"), ("/usr/share", "relative"), ("/usr/share", "/a/../etc"), ("/missing", "/m")],
)  # fmt: skip
def test_dangerous_mounts_are_refused(source: str, target: str, workdir: Path) -> None:
    """The host's root, a home, devices, and places that the sandbox provides itself are refused by name."""
    mount = Mount(source=Path(source).expanduser(), target=target)
    with pytest.raises(PathRefusedError, match=r"mount|place"):
        BubblewrapSandbox(SandboxSpec(kind="bubblewrap", workdir=workdir, mounts=(mount,)))


def test_a_socket_is_refused_as_a_mount(workdir: Path, tmp_path: Path) -> None:
    """No socket, such as a container engine's, can be mounted."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "engine.sock"))
        mount = Mount(source=tmp_path / "engine.sock", target="/engine.sock")
        with pytest.raises(PathRefusedError, match="sockets"):
            BubblewrapSandbox(SandboxSpec(kind="bubblewrap", workdir=workdir, mounts=(mount,)))


@pytest.mark.root
def test_a_mount_that_the_unused_uid_cannot_read_is_named(workdir: Path, tmp_path: Path) -> None:
    """A private file is refused with the way out, instead of failing inside with a riddle."""
    private = tmp_path / "private"
    private.touch(mode=0o600)
    spec = SandboxSpec(kind="bubblewrap", workdir=workdir, mounts=(Mount(source=private),))
    with pytest.raises(PathRefusedError, match=r"chmod o\+rX"):
        BubblewrapSandbox(spec, mode=Mode.UNUSED_UID)


def test_the_supervisor_and_the_record_are_out_of_reach(open_kind: Opener, tmp_path: Path) -> None:
    """The command can neither kill, trace nor read its supervisor, has no descriptor of the record, and no path."""
    code = (
        "import os\n"
        "try: os.kill(1,9)\n"
        "except OSError: pass\n"
        "def ok(f,*a):\n"
        " try: f(*a); return True\n"
        " except OSError: return False\n"
        "print(ok(os.readlink,'/proc/1/fd/3'), ok(open,'/proc/1/environ','rb'), ok(open,'/proc/1/mem','rb+'))\n"
        "print(sorted(int(f) for f in os.listdir('/proc/self/fd'))[:4])\n"
        "print(os.environ)"
    )
    with open_kind("bubblewrap") as sandbox:
        argv = (str(base_python()), "-I", "-c", code)
        result = sandbox.exec(ExecRequest(argv=argv, record=tmp_path / "record"))
        shown = sh(sandbox, f"ls -d {tmp_path}/record || echo none").stdout.text
    lines = result.stdout.text.splitlines()
    assert result.ok
    assert lines[0] == "False False False"
    assert lines[1] == "[0, 1, 2, 3]"
    assert shown == "none\n"


def test_a_fork_bomb_is_bounded_and_removed(open_kind: Opener) -> None:
    """A fork bomb meets the limit of processes, and the time-out ends all of it at once."""
    bomb = "import os\nwhile True:\n try: os.fork()\n except OSError: pass"
    with open_kind("bubblewrap") as sandbox:
        result = python(sandbox, bomb, pids=40, timeout_s=1.5)
        assert result.termination == "timed_out"
        assert result.usage.wall_s < 4
        assert sh(sandbox, "ls -d /proc/[0-9]* | wc -l").returncode == 0


def test_memory_beyond_the_limit_is_reported(open_kind: Opener) -> None:
    """A command above its memory limit is stopped: out_of_memory by the control group, else by its own failure."""
    with open_kind("bubblewrap") as sandbox:
        result = python(sandbox, "x = bytearray(200_000_000); print(len(x))", memory_bytes=64 << 20)
        if sandbox.isolation.unenforced:
            assert result.returncode == 1
            assert "MemoryError" in result.stderr.text
        else:
            assert (result.termination, result.signal) == ("out_of_memory", 9)
            assert (result.usage.memory_peak_bytes or 0) <= 64 << 20
        assert python(sandbox, "print(1)", memory_bytes=64 << 20).ok
