"""The trials' code as a commit of the run's own git: same content, same commit. The source is only read."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path

from curie.errors import InfrastructureError, UsageError
from curie.gitcall import Repository, feed_git, run_git
from curie.journal.events import SnapshotTaken
from curie.worktree import Listing, differs, list_tree, parse_tree, shown

_PERSON = b"curie <curie@localhost> 0 +0000"
_MESSAGE = b"snapshot\n"
_LATEST = "refs/curie/latest"
_VERBATIM = "* -text !eol -ident !filter !working-tree-encoding\n"
"""Outranks every `.gitattributes`: files leave the run's git byte for byte as they came in."""
_DERIVED = "__pycache__/\n"
"""Left out of a folder without a repository: what Python makes of code is no code, and differs by installation."""

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize \d+\n"
)
_POINTER_SIZE = 1024
_CHUNK = 1 << 20


def snapshot(source: Path | None, git_dir: Path) -> SnapshotTaken:
    """Commit the content of a working tree to the run's own git.

    Dirty and untracked files are taken, ignored ones left out and listed. Files keep their bytes and executable bit,
    symlinks stay symlinks. Submodules are taken as plain files, Git LFS pointers are replaced by their content. The
    source's index and `.git` are not written. Author, date and message are fixed: the commit depends on content only.

    Args:
        source: the folder; None for no code (an empty tree).
        git_dir: the run's git directory; created if it is missing.

    Raises:
        UsageError: `source` is no folder, a file in it cannot be read, a submodule is not checked out, or a Git LFS
            pointer's content is not there.
        DiskFull: no space is left.
        InfrastructureError: git failed, or a file changed while it was read.
    """
    repository = _initialised(git_dir)
    listing = None if source is None else list_tree(source.resolve(), repository)
    feed_git(
        repository,
        ["fast-import", "--quiet", "--force", "--done", "--date-format=raw"],
        lambda stream: _write_commit(stream, listing),
        cwd=git_dir,
    )
    commit = run_git(repository, ["rev-parse", _LATEST], cwd=git_dir).decode().strip()
    tree = run_git(repository, ["rev-parse", f"{commit}^{{tree}}"], cwd=git_dir).decode().strip()
    run_git(repository, ["update-ref", f"refs/curie/{commit}", commit], cwd=git_dir)
    taken = parse_tree(run_git(repository, ["ls-tree", "-r", "-z", commit], cwd=git_dir))
    return SnapshotTaken(
        commit=commit,
        tree=tree,
        files=len(taken),
        dirty=listing is not None and differs(listing, taken),
        excluded=() if listing is None else tuple(shown(path) for path in listing.left_out()),
    )


def _initialised(git_dir: Path) -> Repository:
    """The run's git: no template, so no hooks."""
    repository = Repository(git_dir, work_tree=git_dir)
    try:
        git_dir.mkdir(parents=True, exist_ok=True)
        if not (git_dir / "HEAD").exists():
            run_git(repository, ["init", "--quiet", "--initial-branch=main"], cwd=git_dir)
        info = git_dir / "info"
        info.mkdir(exist_ok=True)
        (info / "attributes").write_text(_VERBATIM, encoding="ascii")
        (info / "exclude").write_text(_DERIVED, encoding="ascii")
    except OSError as error:
        raise InfrastructureError(f"the run's git {git_dir} cannot be made: {error.strerror}") from error
    return repository


def _write_commit(stream: BufferedIOBase, listing: Listing | None) -> None:
    """Write one commit in fast-import's language."""
    stream.write(b"commit %s\ncommitter %s\ndata %d\n%s\n" % (_LATEST.encode(), _PERSON, len(_MESSAGE), _MESSAGE))
    stream.write(b"deleteall\n")
    missing = []
    for path, owner, inner in listing.everything() if listing is not None else ():
        if not _write_file(stream, path, owner, inner):
            missing.append(shown(path))
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""  # noqa: PLR2004 - as many as fit a line
        raise UsageError(
            f"Git LFS content is not there, only pointers: {', '.join(missing[:5])}{more}",
            hint="git lfs pull",
        )
    stream.write(b"done\n")


def _write_file(stream: BufferedIOBase, path: bytes, owner: Listing, inner: bytes) -> bool:
    """Write one file; False if it is a Git LFS pointer whose content is not there."""
    place = os.fsencode(owner.root) + b"/" + inner
    try:
        if stat.S_ISLNK(os.lstat(place).st_mode):
            _write_data(stream, path, b"120000", os.readlink(place))  # noqa: PTH115 - names are bytes here
            return True
        with _opened(place) as (fd, info):
            mode = b"100755" if info.st_mode & stat.S_IXUSR else b"100644"
            if info.st_size >= _POINTER_SIZE:
                _copy_data(stream, path, mode, fd, info.st_size)
                return True
            data = os.read(fd, _POINTER_SIZE)
    except FileNotFoundError as error:
        raise InfrastructureError(f"{shown(place)} vanished while it was read", hint="try again") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(
            f"{shown(place)} cannot be read: {error.strerror}", hint="make it readable, or list it in .gitignore"
        ) from error
    pointer = _POINTER.fullmatch(data)
    if pointer is None:
        _write_data(stream, path, mode, data)
        return True
    return _write_lfs(stream, path, mode, owner, pointer[1].decode())


def _write_lfs(stream: BufferedIOBase, path: bytes, mode: bytes, owner: Listing, oid: str) -> bool:
    """Write the content that a pointer names, from the source's own LFS store; False if it is not there."""
    if owner.repository is None:
        return False
    place = owner.repository.common_dir / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    try:
        with _opened(os.fsencode(place)) as (fd, info), os.fdopen(os.dup(fd), "rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != oid:
                return False
            os.lseek(fd, 0, os.SEEK_SET)
            _copy_data(stream, path, mode, fd, info.st_size)
    except FileNotFoundError:
        return False
    return True


@contextmanager
def _opened(place: bytes) -> Iterator[tuple[int, os.stat_result]]:
    fd = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield fd, os.fstat(fd)
    finally:
        os.close(fd)


def _begin(stream: BufferedIOBase, path: bytes, mode: bytes, size: int) -> None:
    quoted = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    stream.write(b'M %s inline "%s"\ndata %d\n' % (mode, quoted, size))


def _write_data(stream: BufferedIOBase, path: bytes, mode: bytes, data: bytes) -> None:
    _begin(stream, path, mode, len(data))
    stream.write(data + b"\n")


def _copy_data(stream: BufferedIOBase, path: bytes, mode: bytes, fd: int, size: int) -> None:
    """Copy exactly `size` bytes, which were promised."""
    _begin(stream, path, mode, size)
    while size:
        chunk = os.read(fd, min(_CHUNK, size))
        if not chunk:
            raise InfrastructureError(f"{shown(path)} shrank while it was read", hint="try again")
        stream.write(chunk)
        size -= len(chunk)
    stream.write(b"\n")
