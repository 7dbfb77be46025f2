"""Python environments for trials: built once per requirements, interpreter and wheelhouse, then taken from a cache."""

import errno
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from curie.canonical import canonical_json
from curie.errors import DiskFull, EnvironmentFailed, UsageError
from tasks.study import EnvironmentSpec, Frozen

_COMPLETE = "complete.json"
_LINES = "requirements.txt"
_LAST_LINES = 12
_TIMEOUT_S = 3600.0
_NESTED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[ =]*(\S+)", re.MULTILINE)
_NO_NETWORK = (
    "NewConnectionError",
    "Temporary failure in name resolution",
    "ProxyError",
    "Network is unreachable",
    "Retrying (",
    "(from versions: none)",
)
_NO_MATCH = ("No matching distribution found", "Could not find a version")
_ABOUT = (
    "import platform, sys; print(sys.implementation.name, platform.python_version(), sys.platform, platform.machine())"
)


class PythonEnvironment(Frozen):
    """A built environment."""

    digest: str
    """SHA-256 over resolved versions and interpreter: equal digests mean equal versions."""
    resolved: tuple[str, ...]
    """`name==version` of everything in it, sorted."""
    interpreter: str
    """Implementation, version, platform and machine."""
    cached: bool
    """True if it was there already."""
    venv: Path
    """Root of the virtual environment; its interpreter is `bin/python`."""


class _Pip:
    """One build: runs commands in a folder and turns their failures into ours."""

    def __init__(self, spec: EnvironmentSpec, place: Path, variables: Mapping[str, str] | None) -> None:
        self._spec = spec
        self._place = place
        self._variables = dict(variables) if variables is not None else None
        self.python = place / "venv" / "bin" / "python"

    def write_lines(self) -> None:
        """Put the requirement lines where pip reads them."""
        (self._place / _LINES).write_text("\n".join(self._spec.requirements) + "\n", encoding="utf-8")

    def create(self, base: Path) -> None:
        """Make the empty venv; ours is never its parent, and the system's packages stay out."""
        self._run((str(base), "-I", "-m", "venv", str(self.python.parent.parent)), "creating the venv")

    def install(self) -> None:
        """Install what the requirements ask for."""
        argv = [str(self.python), "-I", "-m", "pip", "install", "--no-input", "--retries", "2"]
        argv += ["--disable-pip-version-check", "--quiet", "--requirement", str(self._place / _LINES)]
        if self._spec.file is not None:
            argv += ["--requirement", str(self._spec.file.resolve())]
        if self._spec.wheelhouse is not None:
            argv += ["--isolated", "--no-index", "--find-links", str(self._spec.wheelhouse.resolve())]
        self._run(tuple(argv), "installing the requirements")

    def resolved(self) -> tuple[str, ...]:
        """Names and versions of everything installed."""
        argv = (str(self.python), "-I", "-m", "pip", "list", "--format=json", "--disable-pip-version-check")
        listed = json.loads(self._run(argv, "listing what was installed"))
        return tuple(sorted(f"{entry['name'].lower().replace('_', '-')}=={entry['version']}" for entry in listed))

    def _run(self, argv: tuple[str, ...], doing: str) -> str:
        folder = self._spec.file.resolve().parent if self._spec.file is not None else self._place
        try:
            done = subprocess.run(
                argv,
                cwd=folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EnvironmentFailed(f"The trials' Python environment: {doing} took over {_TIMEOUT_S:.0f} s.") from error
        if done.returncode != 0:
            output = f"{done.stdout}\n{done.stderr}"
            last = "\n".join([line for line in output.splitlines() if line.strip()][-_LAST_LINES:])
            if "No space left on device" in output:
                raise DiskFull(f"No room while {doing} in {self._place}.", hint="Free space there.")
            raise EnvironmentFailed(
                f"The trials' Python environment: {doing} failed (exit {done.returncode}):\n{last}",
                hint=_advice(output, self._spec),
            )
        return done.stdout


def build_environment(
    spec: EnvironmentSpec, cache: Path, *, python: Path | None = None, variables: Mapping[str, str] | None = None
) -> PythonEnvironment:
    """The environment that `spec` asks for, built now or taken from `cache`.

    Two processes that ask for the same one build it once. A build that was cut off is removed and begun anew.
    Nothing of the environment that we run in ourselves is visible in it.

    Args:
        spec: requirement lines, a requirements or lock file, or both; with a wheelhouse no index is asked.
        cache: folder of built environments; made if missing.
        python: the interpreter to build for; None: the one below our own venv.
        variables: pip's whole process environment; None: inherited (pip's own settings work as they do by hand).

    Raises:
        UsageError: the file, the wheelhouse or the interpreter is missing or unreadable.
        EnvironmentFailed: venv or pip failed; with its last lines and what to try.
        DiskFull: the cache has no room.
    """
    base = python or Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    texts = _requirements(spec)
    interpreter = _about(base)
    place = cache.absolute() / _lookup_key(spec, texts, f"{base} {interpreter}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _locked(place.with_name(place.name + ".lock")):
            return _read(place) or _build(place, base, interpreter, _Pip(spec, place, variables))
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(f"No room in {cache} for a Python environment.", hint="Free space there.") from error
        hint = "Set CURIE_CACHE_DIR to a folder that can be written."
        raise EnvironmentFailed(f"No Python environment can be built in {cache}: {error}.", hint=hint) from error


def _build(place: Path, base: Path, interpreter: str, pip: _Pip) -> PythonEnvironment:
    if place.exists():
        shutil.rmtree(place)
    place.mkdir()
    pip.write_lines()
    pip.create(base)
    pip.install()
    resolved = pip.resolved()
    digest = hashlib.sha256(canonical_json([interpreter, *resolved])).hexdigest()
    built = PythonEnvironment(
        digest=digest, resolved=resolved, interpreter=interpreter, cached=False, venv=pip.python.parent.parent
    )
    fresh = place / f"{_COMPLETE}.new"
    fresh.write_text(built.model_copy(update={"cached": True}).model_dump_json(), encoding="utf-8")
    fresh.replace(place / _COMPLETE)
    return built


def _read(place: Path) -> PythonEnvironment | None:
    """What was built there; None if nothing was, or a build was cut off, or its interpreter is gone."""
    try:
        text = (place / _COMPLETE).read_text(encoding="utf-8")
        found = PythonEnvironment.model_validate_json(text)
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
    return found if (found.venv / "bin" / "python").exists() else None


def _requirements(spec: EnvironmentSpec) -> list[str]:
    """The requirement lines and the text of every file they name, in the order met."""
    texts = ["\n".join(spec.requirements)]
    todo, seen = [spec.file] if spec.file is not None else [], set[Path]()
    while todo:
        file = todo.pop(0).resolve()
        if file in seen:
            continue
        seen.add(file)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The requirements file {file} cannot be read: {error}.") from error
        texts.append(text)
        todo += [file.parent / name for name in _NESTED.findall(text) if "://" not in name]
    if spec.wheelhouse is not None and not spec.wheelhouse.is_dir():
        raise UsageError(f"The wheelhouse {spec.wheelhouse} is not a folder.", hint="pip download -d WHEELS -r FILE")
    return texts


def _lookup_key(spec: EnvironmentSpec, texts: list[str], interpreter: str) -> str:
    """What would be built, as far as it can be known without building: it names the cache entry."""
    wheels: list[str] = []
    if spec.wheelhouse is not None:
        entries = sorted((entry.name, entry.stat()) for entry in spec.wheelhouse.iterdir())
        wheels = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in entries]
    return hashlib.sha256(canonical_json([interpreter, spec.wheelhouse is not None, [*texts], [*wheels]])).hexdigest()[
        :24
    ]


def _about(base: Path) -> str:
    try:
        done = subprocess.run((str(base), "-I", "-c", _ABOUT), capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        hint = "Name a working Python interpreter in the command."
        raise UsageError(f"The interpreter {base} does not start: {error}.", hint=hint) from error
    return done.stdout.strip()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _advice(output: str, spec: EnvironmentSpec) -> str:
    source = f"-r {spec.file}" if spec.file is not None else " ".join(f"'{line}'" for line in spec.requirements)
    if "ensurepip" in output:
        return "This Python lacks ensurepip: install the package python3-venv, or use another interpreter."
    download = f"pip download -d {spec.wheelhouse or 'WHEELS'} {source}"
    if spec.wheelhouse is not None and any(sign in output for sign in _NO_MATCH):
        return f"The wheelhouse lacks it; where there is a network, with the same version of Python: {download}"
    if any(sign in output for sign in _NO_NETWORK):
        return (
            "No package index was reached, or none has it. Where there is a network, with the same version of Python: "
            f"{download}; then add --wheelhouse WHEELS, or declare it in the study's environment."
        )
    return "Check the requirement lines by hand: pip install " + source
