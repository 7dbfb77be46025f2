"""What the first word of a command means: real interpreters, venvs, shims and scripts."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from curie.errors import UsageError
from curie.interpreter import own_installation, resolve_tool

SYSTEM_PATH = "/usr/bin:/bin"


def script(path: Path, text: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_system_tool_needs_no_mount() -> None:
    """What lies under /usr is in every sandbox; the digest is that of the file behind the symlinks."""
    tool = resolve_tool("sh", SYSTEM_PATH)
    assert tool.mounts == ()
    assert tool.sha256 == hashlib.sha256(Path("/bin/sh").read_bytes()).hexdigest()


def test_a_venv_interpreter_keeps_its_path_and_brings_both_prefixes(tmp_path: Path) -> None:
    """A venv's python must be started by the venv's path, or it would not see the venv's packages."""
    venv.create(tmp_path / "mon env", with_pip=False, symlinks=True)
    python = tmp_path / "mon env" / "bin" / "python3"
    tool = resolve_tool("python3", str(python.parent))
    assert tool.path == python
    assert tmp_path / "mon env" in tool.mounts
    base = Path(sys.base_prefix)
    assert base.is_relative_to("/usr") or any(base.is_relative_to(mount) for mount in tool.mounts)


def test_a_symlink_elsewhere_brings_the_real_interpreter(tmp_path: Path) -> None:
    """`~/bin/python` pointing to an interpreter needs that interpreter's prefix, not the link's folder alone."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    tool = resolve_tool("python", str(tmp_path / "bin"))
    real = Path(sys.executable).resolve()
    assert real.is_relative_to("/usr") or any(real.is_relative_to(mount) for mount in tool.mounts)


def test_a_shim_that_is_a_shell_script_is_seen_through(tmp_path: Path) -> None:
    """A version manager's python shim answers with the interpreter behind it."""
    script(tmp_path / "shims" / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    tool = resolve_tool("python3", f"{tmp_path / 'shims'}:{SYSTEM_PATH}")
    assert tool.path.parent.name != "shims"
    assert tool.sha256 == hashlib.sha256(Path(sys.executable).resolve().read_bytes()).hexdigest()


def test_a_shim_of_another_tool_is_asked_of_its_manager(tmp_path: Path) -> None:
    """`<root>/shims/tool` becomes what `<root>/bin/pyenv which tool` names."""
    root = tmp_path / ".pyenv"
    target = script(root / "versions" / "1" / "bin" / "tool", "#!/bin/sh\n")
    script(root / "bin" / "pyenv", f'#!/bin/sh\n[ "$1 $2" = "which tool" ] && echo "{target}"\n')
    script(root / "shims" / "tool", "#!/bin/sh\nexit 9\n")
    tool = resolve_tool("tool", f"{root / 'shims'}:{SYSTEM_PATH}")
    assert tool.path == target
    assert tool.mounts == (target.parent,)


def test_a_broken_shim_says_why(tmp_path: Path) -> None:
    """A shim whose version is not installed is reported with its own last line."""
    script(tmp_path / "python3.99", "#!/bin/sh\necho 'pyenv: python3.99: command not found' >&2\nexit 127\n")
    with pytest.raises(UsageError, match=r"does not start here: pyenv: python3.99: command not found"):
        resolve_tool("python3.99", f"{tmp_path}:{SYSTEM_PATH}")


def test_a_script_brings_its_interpreter(tmp_path: Path) -> None:
    """A console script's first line names a venv's python; that venv comes along."""
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    script(tmp_path / "tools" / "black", f"#!{tmp_path / 'env' / 'bin' / 'python3'}\n")
    assert tmp_path / "env" in resolve_tool("black", str(tmp_path / "tools")).mounts


def test_libraries_beside_bin_come_along(tmp_path: Path) -> None:
    """A tool of a prefix such as conda's finds its libraries; the rest of the prefix stays out."""
    script(tmp_path / "p" / "bin" / "tool", "#!/bin/sh\n")
    (tmp_path / "p" / "lib").mkdir()
    (tmp_path / "p" / "secret").mkdir()
    mounts = resolve_tool("tool", str(tmp_path / "p" / "bin")).mounts
    assert set(mounts) == {tmp_path / "p" / "bin", tmp_path / "p" / "lib"}


def test_a_home_folder_is_never_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool right in the home folder is mounted alone."""
    monkeypatch.setenv("HOME", str(tmp_path))
    tool = script(tmp_path / "tool", "#!/bin/sh\n")
    assert resolve_tool(str(tool), SYSTEM_PATH).mounts == (tool,)


def test_missing_commands_name_close_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt command is answered with the right one; a file that lies here, with `--repo .`."""
    script(tmp_path / "bin" / "zstdcat", "#!/bin/sh\n")
    with pytest.raises(UsageError, match="No command 'zstdact'") as caught:
        resolve_tool("zstdact", str(tmp_path / "bin"))
    assert caught.value.hint == "Did you mean zstdcat?"
    (tmp_path / "bench.py").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"No command 'bench.py'") as caught:
        resolve_tool("bench.py", str(tmp_path / "bin"))
    assert caught.value.hint is not None
    assert "--repo ." in caught.value.hint


def test_absolute_paths_say_what_is_wrong(tmp_path: Path) -> None:
    """Not there, and there but not executable, are two messages."""
    with pytest.raises(UsageError, match="does not exist"):
        resolve_tool(str(tmp_path / "none"), SYSTEM_PATH)
    (tmp_path / "data").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="is not an executable file"):
        resolve_tool(str(tmp_path / "data"), SYSTEM_PATH)


def test_a_program_of_the_trials_code(tmp_path: Path) -> None:
    """`./run.sh` is looked up in the code and stays relative; without code the hint is `--repo .`."""
    script(tmp_path / "run.sh", "#!/bin/sh\n")
    tool = resolve_tool("./run.sh", SYSTEM_PATH, code=tmp_path)
    assert (tool.path, tool.mounts) == (Path("run.sh"), ())
    with pytest.raises(UsageError) as caught:
        resolve_tool("./run.sh", SYSTEM_PATH)
    assert "--repo ." in str(caught.value.hint)
    (tmp_path / "run.sh").chmod(0o644)
    with pytest.raises(UsageError, match="not executable"):
        resolve_tool("./run.sh", SYSTEM_PATH, code=tmp_path)


def test_an_upgraded_interpreter_is_seen(tmp_path: Path) -> None:
    """The answer is kept per file and time of change, so that replacing the file asks again."""
    tool = script(tmp_path / "tool", "#!/bin/sh\necho 1\n")
    first = resolve_tool("tool", str(tmp_path))
    script(tool, "#!/bin/sh\necho 2\n")
    os.utime(tool, ns=(1, 1))
    assert resolve_tool("tool", str(tmp_path)).sha256 != first.sha256


def test_our_own_packages_are_named() -> None:
    """What has to be hidden from trials are the three packages' folders."""
    assert [folder.name for folder in own_installation()] == ["sandboxes", "tasks", "curie"]


def test_the_resolved_interpreter_runs() -> None:
    """The path that comes back starts, whatever `python3` is on this machine."""
    found = resolve_tool("python3", os.environ["PATH"])
    assert shutil.which(str(found.path))
    assert subprocess.run([found.path, "-c", "pass"], check=False).returncode == 0
