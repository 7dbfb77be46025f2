"""From a commit of the run's own git to files: one read-only export a commit, a private copy a trial."""

import os
import shutil
import tempfile
from pathlib import Path

from curie.durable import NO_SPACE, disk_full
from curie.errors import InfrastructureError
from curie.gitcall import Repository, run_git


def export(git_dir: Path, commit: str, target: Path) -> Path:
    """Write a commit's files to `target`, read-only, unless that was done before; returns `target`.

    Uses `read-tree` and `checkout-index`, which keep `export-ignore` files, as `git archive` would not. The folder
    appears complete or not at all. Folders stay writable for their owner, so that a run can be deleted.

    Raises:
        DiskFull: no space is left.
        InfrastructureError: the commit is not there, or the files could not be written.
    """
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=target.parent) as partial:
            tree = Path(partial) / "tree"
            _checkout(git_dir, commit, tree)
            _protect(tree)
            try:
                tree.rename(target)
            except OSError:
                if not target.is_dir():  # else another thread was first, with the same content
                    raise
    except OSError as error:
        raise _explained(target, error) from error
    return target


def fresh_export(git_dir: Path, commit: str, target: Path) -> Path:
    """Write a commit's files to the new or empty folder `target`, writable, straight from git's objects.

    For a re-run: nothing that a trial could have changed in an earlier export takes part. Raises what `export` raises.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise InfrastructureError(f"{target} is not empty, so an export into it would not be clean")
        _checkout(git_dir, commit, target)
    except OSError as error:
        raise _explained(target, error) from error
    return target


def private_copy(source: Path, target: Path) -> Path:
    """Copy an export to the new or empty folder `target`, writable; returns `target`.

    Symlinks stay symlinks, the executable bit is kept, and file systems that can share blocks do.

    Raises:
        DiskFull: no space is left.
        InfrastructureError: a file could not be read or written.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        _copy(source, target)
    except OSError as error:
        raise _explained(target, error) from error
    return target


def _checkout(git_dir: Path, commit: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    # In the run, not in /tmp: whoever deletes a run that was killed then deletes this too.
    with tempfile.TemporaryDirectory(prefix="curie-index-", dir=git_dir) as scratch:
        repository = Repository(git_dir, work_tree=folder, index=Path(scratch) / "index")
        run_git(repository, ["read-tree", commit], cwd=folder)
        run_git(repository, ["checkout-index", "--all", "--force", "--quiet"], cwd=folder)


def _protect(folder: Path) -> None:
    """Files readable by every uid (a sandbox may use its own) and writable by none; folders open."""
    for here, folders, files in os.walk(folder):
        for name in files:
            path = os.path.join(here, name)  # noqa: PTH118 - os.walk's own strings; Path per file doubles the time
            if not os.path.islink(path):  # noqa: PTH114 - same
                os.chmod(path, 0o555 if os.stat(path).st_mode & 0o100 else 0o444)  # noqa: PTH101, PTH116 - same
        for name in folders:
            path = os.path.join(here, name)  # noqa: PTH118 - same
            if not os.path.islink(path):  # noqa: PTH114 - same
                os.chmod(path, 0o755)  # noqa: PTH101, S103 - traversable for a sandbox's uid; the run folder guards
    folder.chmod(0o755)


def _copy(source: Path, target: Path) -> None:
    with os.scandir(source) as entries:
        for entry in entries:
            place = target / entry.name
            if entry.is_symlink():
                place.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                place.mkdir()
                _copy(Path(entry.path), place)
            else:
                _copy_file(entry, place)


def _copy_file(entry: os.DirEntry[str], place: Path) -> None:
    info = entry.stat()
    with Path(entry.path).open("rb") as source, place.open("xb") as target:
        left = info.st_size
        try:
            while left and (count := os.copy_file_range(source.fileno(), target.fileno(), left)):
                left -= count
        except OSError as error:
            if error.errno in NO_SPACE:
                raise
            source.seek(0)
            target.seek(0)
            target.truncate()
            shutil.copyfileobj(source, target, 1 << 20)
    place.chmod(0o755 if info.st_mode & 0o100 else 0o644)
    os.utime(place, ns=(info.st_mtime_ns, info.st_mtime_ns))


def _explained(target: Path, error: OSError) -> InfrastructureError:
    if error.errno in NO_SPACE:
        return disk_full(target)
    return InfrastructureError(f"the code could not be written to {target}: {error.strerror or error}")
