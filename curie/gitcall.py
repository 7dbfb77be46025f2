"""Runs git, cut off from the caller's environment and from every configuration; the only importer of GitPython."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from subprocess import PIPE
from types import ModuleType
from typing import Protocol

from curie.errors import DiskFull, InfrastructureError

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.excludesFile=/dev/null",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.symlinks=true",
    "core.fileMode=true",
    "core.protectNTFS=false",
    "core.precomposeUnicode=false",
    "core.quotePath=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "safe.directory=*",
)
"""Options of every call: no program of the user's or of the repository's is started, no byte is converted."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A git directory and the working tree that it is used with."""

    git_dir: Path
    work_tree: Path
    index: Path | None = None
    """None: the git directory's own."""

    @property
    def common_dir(self) -> Path:
        """Where objects and refs lie; differs from `git_dir` in a linked working tree."""
        link = self.git_dir / "commondir"
        if not link.is_file():
            return self.git_dir
        return (self.git_dir / link.read_text(encoding="utf-8", errors="surrogateescape").strip()).resolve()


class Feed(Protocol):
    """Writes a command's whole input."""

    def __call__(self, stream: BufferedIOBase) -> None:
        """Write to `stream`; it is closed by the caller."""
        ...


def run_git(repository: Repository, arguments: Sequence[str], *, cwd: Path) -> bytes:
    """Run git and return its output.

    Raises:
        DiskFull: git ran out of space.
        InfrastructureError: git is missing or failed; the message holds what it said.
    """
    git = _library()
    try:
        out = git.Git(str(cwd)).execute(
            _argv(arguments),
            env=_environment(repository),
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            shell=False,
        )
    except git.exc.GitError as error:
        raise _failure(arguments[0], error) from error
    if not isinstance(out, bytes):
        raise InfrastructureError(f"git {arguments[0]} gave no bytes")
    return out


def feed_git(repository: Repository, arguments: Sequence[str], feed: Feed, *, cwd: Path) -> None:
    """Run git with the input that `feed` writes. Raises what `run_git` raises, and whatever `feed` raises."""
    git = _library()
    try:
        process = git.Git(str(cwd)).execute(
            _argv(arguments), env=_environment(repository), istream=PIPE, as_process=True, shell=False
        )
    except git.exc.GitError as error:
        raise _failure(arguments[0], error) from error
    try:
        try:
            feed(process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # git ended early; its status and message follow
        process.wait()
    except git.exc.GitError as error:
        raise _failure(arguments[0], error) from error
    except BaseException:
        process.proc.kill()
        process.proc.communicate()
        raise


def _library() -> ModuleType:
    try:
        import git  # noqa: PLC0415 - importing it fails where git itself is missing, which has to be an error message
    except ImportError as error:
        raise InfrastructureError(
            "git does not work on this machine", hint="install git (2.30 or newer); `curie doctor` checks it"
        ) from error
    return git


def _argv(arguments: Sequence[str]) -> list[str]:
    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    return ["git", *options, "--literal-pathspecs", *arguments]


def _environment(repository: Repository) -> Mapping[str, str]:
    """Values for every variable by which a caller (such as a git hook) could redirect or configure git.

    GitPython starts from the caller's environment, so each one is set rather than left out.
    """
    common = repository.common_dir
    return {
        "GIT_DIR": str(repository.git_dir),
        "GIT_COMMON_DIR": str(common),
        "GIT_WORK_TREE": str(repository.work_tree),
        "GIT_INDEX_FILE": str(repository.index or repository.git_dir / "index"),
        "GIT_OBJECT_DIRECTORY": str(common / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_COUNT": "0",
        "GIT_CONFIG_PARAMETERS": "",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_GRAFT_FILE": "/dev/null",
        "GIT_REPLACE_REF_BASE": "refs/no-replacements/",
        "GIT_NAMESPACE": "",
        "GIT_TEMPLATE_DIR": "",
        "GIT_DEFAULT_HASH": "sha1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_GLOB_PATHSPECS": "0",
        "GIT_NOGLOB_PATHSPECS": "0",
        "GIT_ICASE_PATHSPECS": "0",
        "GIT_TRACE": "0",
        "GIT_TRACE2": "0",
        "GIT_TRACE2_EVENT": "0",
        "GIT_TRACE2_PERF": "0",
    }


def _failure(command: str, error: Exception) -> InfrastructureError:
    said = str(getattr(error, "stderr", "") or error).strip().removeprefix("stderr:").strip(" '\n")
    if "No space left on device" in said or "Disk quota exceeded" in said or "File too large" in said:
        return DiskFull(f"no space is left for the run's code: {said}", hint="free some space, then `curie resume`")
    return InfrastructureError(f"git {command} failed: {said}")
