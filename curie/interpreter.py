"""Finds out what the first word of a command really is, and which folders a sandbox must show for it to run."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from curie.errors import UsageError
from tasks.study import Frozen

_PYTHON = re.compile(r"^(?:python|pypy)(?:\d+(?:\.\d+)?)?$")
_ASK = "import json, sys; print(json.dumps([sys.executable, sys.prefix, sys.base_prefix]))"
_ASK_TIMEOUT_S = 30.0
_SYSTEM = tuple(Path(p) for p in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"))
"""What every sandbox shows anyway."""
_LIBRARIES = ("lib", "lib64", "libexec")
_OWN_PACKAGES = ("sandboxes", "tasks", "curie")
_SHEBANG_BYTES = 256


class ResolvedTool(Frozen):
    """A program as it will be started."""

    path: Path
    """Absolute; for a shim, the program behind it; relative only for a program among the
    trial's own code, which is started by the word as it was written."""
    mounts: tuple[Path, ...]
    """Folders (or, in a home folder, the single file) to show read-only at their own paths, outermost first."""
    sha256: str
    """Of the program's bytes, symlinks followed."""


def resolve_tool(name: str, path_env: str, *, code: Path | None = None) -> ResolvedTool:
    """What `name`, the first word of a command, means.

    A Python interpreter, be it a symlink, a venv's or a version manager's shim, is asked where it lives, and that is
    what comes back. A script brings the interpreter of its first line along.

    Args:
        name: a command, or a path; a relative path with a slash is looked up in `code`.
        path_env: the search path, `:` between folders.
        code: the trial's working tree.

    Raises:
        UsageError: there is no such program, or the interpreter does not start.
    """
    if "/" in name and not Path(name).is_absolute():
        return _from_code(name, path_env, code)
    found = shutil.which(name, path=path_env)
    if found is None:
        raise _missing(name, path_env)
    return _resolve(str(Path(found).absolute()), Path(found).stat().st_mtime_ns, path_env, str(Path.cwd()))


def in_system(path: Path) -> bool:
    """Whether a path lies where every sandbox shows it anyway."""
    return any(path.is_relative_to(folder) for folder in _SYSTEM)


def own_installation() -> tuple[Path, ...]:
    """Folders of our own packages, to hide from trials where a mounted prefix would show them."""
    specs = (find_spec(package) for package in _OWN_PACKAGES)
    return tuple(Path(spec.origin).resolve().parent for spec in specs if spec is not None and spec.origin is not None)


@lru_cache(maxsize=256)
def _resolve(found: str, mtime_ns: int, path_env: str, cwd: str) -> ResolvedTool:  # noqa: ARG001 -- they key the cache
    path = Path(found)
    if _PYTHON.match(path.name):
        return _python(path, path_env)
    path = _behind_shim(path, path_env)
    real = path.resolve()
    mounts = [*_around(path), *_around(real), *_shebang_mounts(real, path_env)]
    return ResolvedTool(path=path, mounts=_outermost(mounts), sha256=_sha256(real))


def _python(path: Path, path_env: str) -> ResolvedTool:
    reply = _run((str(path), "-I", "-c", _ASK), path_env)
    try:
        executable, prefix, base = (Path(part) for part in json.loads(reply))
    except ValueError as error:
        raise UsageError(f"{path} does not answer as a Python interpreter: {reply[:200]!r}") from error
    real = executable.resolve()
    mounts = [*_whole(prefix), *_whole(base), *_around(executable), *_around(real)]
    return ResolvedTool(path=executable, mounts=_outermost(mounts), sha256=_sha256(real))


def _from_code(name: str, path_env: str, code: Path | None) -> ResolvedTool:
    if code is None or not (code / name).is_file():
        hint = "Give the folder that holds it as the trials' code: `--repo .`"
        raise UsageError(f"{name} is not among the trials' code.", hint=hint)
    if not os.access(code / name, os.X_OK):
        raise UsageError(f"{name} is not executable.", hint=f"chmod +x {name}, or name its interpreter first.")
    real = (code / name).resolve()
    return ResolvedTool(path=Path(name), mounts=_outermost(_shebang_mounts(real, path_env)), sha256=_sha256(real))


def _behind_shim(path: Path, path_env: str) -> Path:
    """The program behind a shim of pyenv, rbenv, asdf or their like: `<root>/shims/<name>`, asked by `which`."""
    if path.parent.name != "shims":
        return path
    root = path.parent.parent
    for manager in (root.name.lstrip("."), "mise"):
        folders = (str(root / "bin"), str(root / "libexec"), path_env)
        command = shutil.which(manager, path=os.pathsep.join(folders))
        if command is not None:
            where = {"HOME": str(root.parent), f"{manager.upper()}_ROOT": str(root), "ASDF_DATA_DIR": str(root)}
            answer = Path(_run((command, "which", path.name), path_env, where).strip())
            return answer if answer.is_file() else path
    return path


def _shebang_mounts(script: Path, path_env: str) -> list[Path]:
    with script.open("rb") as stream:
        first = stream.read(_SHEBANG_BYTES).split(b"\n", 1)[0]
    if not first.startswith(b"#!"):
        return []
    words = os.fsdecode(first[2:]).split()
    if not words:
        return []
    if Path(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    found = shutil.which(words[0], path=path_env) if words else None
    if found is None or Path(found).resolve() == script:
        return []
    return list(_resolve(str(Path(found).absolute()), Path(found).stat().st_mtime_ns, path_env, str(Path.cwd())).mounts)


def _run(argv: tuple[str, ...], path_env: str, more: Mapping[str, str] = MappingProxyType({})) -> str:
    try:
        done = subprocess.run(
            argv,
            env={"PATH": path_env, "LC_ALL": "C.UTF-8", **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASK_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{argv[0]} did not answer within {_ASK_TIMEOUT_S:.0f} s.") from error
    except OSError as error:
        raise UsageError(f"{argv[0]} cannot be started: {error.strerror}.") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise UsageError(f"{argv[0]} does not start here: {last}", hint="Name a program that runs by itself first.")
    return done.stdout


def _around(program: Path) -> list[Path]:
    """The program's folder, and beside a `bin` its libraries; the file alone where its folder holds private things."""
    if _is_private(program.parent):
        return [program]
    if program.parent.name != "bin":
        return [program.parent]
    beside = (program.parent.parent / name for name in _LIBRARIES)
    return [program.parent, *(folder for folder in beside if folder.is_dir())]


def _whole(prefix: Path) -> list[Path]:
    """A prefix, or where that is a home folder only the parts that an interpreter needs."""
    if not _is_private(prefix):
        return [prefix]
    return [prefix / name for name in ("bin", *_LIBRARIES, "pyvenv.cfg") if (prefix / name).exists()]


def _is_private(folder: Path) -> bool:
    """Whether it is the user's home, or holds it."""
    try:
        return Path.home().is_relative_to(folder)
    except RuntimeError:
        return folder == Path("/")


def _outermost(paths: list[Path]) -> tuple[Path, ...]:
    """Without what the system shows anyway, and without what lies in another."""
    kept: list[Path] = []
    for path in sorted(set(paths), key=lambda p: len(p.parts)):
        if not in_system(path) and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return tuple(kept)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _missing(name: str, path_env: str) -> UsageError:
    if Path(name).is_absolute():
        there = Path(name).exists()
        return UsageError(f"{name} {'is not an executable file' if there else 'does not exist'}.")
    here = Path.cwd() / name
    if here.is_file():
        hint = f"A file of that name lies here: add `--repo .` and write ./{name}"
        return UsageError(f"No command {name!r} on PATH.", hint=hint)
    folders = (Path(part) for part in path_env.split(os.pathsep) if part)
    known = {entry.name for folder in folders if folder.is_dir() for entry in folder.iterdir()}
    if " " in name:
        hint = "A value is always one argument: put the flags into the command, or into a script that takes a name"
        return UsageError(f"No command {name!r} on PATH.", hint=hint)
    close = get_close_matches(name, sorted(known), n=3, cutoff=0.75)
    hint = f"Did you mean {' or '.join(close)}?" if close else "Install it, or give its full path."
    return UsageError(f"No command {name!r} on PATH.", hint=hint)
