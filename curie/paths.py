"""Every path of a run directory, and how the directory comes to be. Nothing here deletes."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from curie.errors import DiskFull, InfrastructureError, RunLocked, UsageError
from curie.journal.lock import current_holder


@dataclass(frozen=True, slots=True)
class RunPaths:
    """The layout of `runs/<run_id>/`; the only place that knows it."""

    root: Path
    """The run directory, absolute."""

    @classmethod
    def at(cls, root: Path) -> "RunPaths":
        """The paths of a run directory, whether or not it exists."""
        return cls(root=Path(os.path.abspath(root)))  # noqa: PTH100 - resolve() would rewrite a user's symlinked path

    @classmethod
    def create(cls, root: Path) -> "RunPaths":
        """Make a run directory; an empty folder is taken as it is. Two processes cannot both succeed.

        Raises:
            RunLocked: a run is being written there.
            UsageError: the folder holds something, a file is in the way, or it cannot be made there.
            DiskFull: no space is left.
            InfrastructureError: another fault of the file system.
        """
        paths = cls.at(root)
        try:
            paths.root.mkdir(parents=True, exist_ok=True)
            _refuse_foreign(paths)
            # The first of two that come at once makes it; the other is told that the folder is taken.
            paths.artifacts.mkdir()
        except OSError as error:
            _explain(paths.root, error)
        for folder in (paths.inbox, paths.workspace, paths.trials, paths.report):
            folder.mkdir(exist_ok=True)
        return paths

    @property
    def run_json(self) -> Path:
        """Facts for people and tools: mode, model ids, cost. The journal wins over it."""
        return self.root / "run.json"

    @property
    def journal(self) -> Path:
        """The journal."""
        return self.root / "journal.jsonl"

    @property
    def lock(self) -> Path:
        """The run's lock."""
        return self.root / "lock"

    @property
    def inbox(self) -> Path:
        """Messages from other processes."""
        return self.root / "inbox"

    @property
    def workspace(self) -> Path:
        """Code: the run's own git and its exports."""
        return self.root / "workspace"

    @property
    def git(self) -> Path:
        """The run's own git directory."""
        return self.workspace / "git"

    @property
    def exports(self) -> Path:
        """Read-only exports, a folder a commit."""
        return self.workspace / "exports"

    @property
    def artifacts(self) -> Path:
        """The artifact store."""
        return self.root / "artifacts"

    @property
    def report(self) -> Path:
        """What people read."""
        return self.root / "report"

    @property
    def page(self) -> Path:
        """The report as HTML."""
        return self.report / "report.html"

    @property
    def markdown(self) -> Path:
        """The report as Markdown."""
        return self.report / "report.md"

    @property
    def ara(self) -> Path:
        """The research artifact."""
        return self.root / "ara"

    @property
    def trials(self) -> Path:
        """Working folders and result records of the trials."""
        return self.root / "trials"

    @property
    def receipt(self) -> Path:
        """The head of the journal, to be signed."""
        return self.root / "run.receipt"

    @property
    def signature(self) -> Path:
        """The signature of the receipt."""
        return self.root / "run.receipt.sig"

    def export(self, commit: str) -> Path:
        """The read-only export of a commit."""
        return self.exports / commit

    def attempt(self, key: str, attempt: int) -> Path:
        """The folder of one attempt of a trial.

        Raises:
            ValueError: the key is not a plain file name.
        """
        if not key or key.startswith(".") or "/" in key or "\0" in key:
            raise ValueError(f"trial key {key!r} is not a plain file name")
        return self.trials / key / f"attempt-{attempt}"


def _refuse_foreign(paths: RunPaths) -> None:
    if not any(paths.root.iterdir()):
        return
    if paths.journal.exists() or paths.lock.exists():
        holder = current_holder(paths.lock)
        if holder is not None:
            raise RunLocked(f"the run in {paths.root} is locked by pid {holder.pid} on {holder.host}")
        raise UsageError(
            f"{paths.root} already holds a run",
            hint=f"`curie resume {paths.root}` goes on with it; another --out starts a new one",
        )
    raise UsageError(
        f"{paths.root} is not empty, and a run needs a folder of its own",
        hint="name a folder that is empty or does not exist yet with --out",
    )


def _explain(root: Path, error: OSError) -> NoReturn:
    if isinstance(error, FileExistsError | NotADirectoryError):
        if root.is_dir():
            raise UsageError(f"{root} was taken by another run just now", hint="name another folder with --out")
        raise UsageError(
            f"the run directory {root} cannot be made: a file is in the way", hint="name another folder with --out"
        ) from error
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        raise UsageError(
            f"the run directory {root} cannot be written: {error.strerror}",
            hint="name a folder that you may write with --out",
        ) from error
    if error.errno in {errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.ENOENT}:
        raise UsageError(
            f"{root} cannot be a folder: {error.strerror}", hint="name another folder with --out"
        ) from error
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        raise DiskFull(f"no space is left to make {root}", hint="free some space or name another disk") from error
    raise InfrastructureError(f"the run directory {root} cannot be made: {error.strerror}") from error
