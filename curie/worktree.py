"""Which files of a working tree are its content: dirty and untracked ones too, ignored ones not. Changes nothing."""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from curie.errors import UsageError
from curie.gitcall import Repository, run_git

GITLINK = b"160000"
"""Mode by which git marks a submodule."""


@dataclass(frozen=True, slots=True)
class Nested:
    """A repository inside a working tree."""

    listing: "Listing"
    recorded: bytes | None
    """Commit that the outer repository records for it; None if it is merely there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The content of one working tree, by paths relative to its root, as bytes."""

    root: Path
    files: tuple[bytes, ...]
    """Regular files and symlinks, without those of nested repositories."""
    ignored: tuple[bytes, ...]
    """What was left out; folders end with a slash."""
    nested: Mapping[bytes, Nested] = field(default_factory=dict)
    head: bytes | None = None
    """Commit that is checked out; None without a repository or a commit."""
    committed: Mapping[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    """Path -> (mode, object) in that commit."""
    repository: Repository | None = None

    def everything(self, prefix: bytes = b"") -> Iterable[tuple[bytes, "Listing", bytes]]:
        """(path from the outermost root, listing that holds it, path in that listing) of every file."""
        for path in self.files:
            yield prefix + path, self, path
        for folder, nested in self.nested.items():
            yield from nested.listing.everything(prefix + folder + b"/")

    def left_out(self, prefix: bytes = b"") -> Iterable[bytes]:
        """Every ignored path, from the outermost root."""
        for path in self.ignored:
            yield prefix + path
        for folder, nested in self.nested.items():
            yield from nested.listing.left_out(prefix + folder + b"/")


def list_tree(root: Path, empty: Repository) -> Listing:
    """The content of the working tree at `root`.

    A folder that is (in) no git repository is listed whole, its own `.gitignore` files honoured, as is a folder of
    which the repository around it tracks nothing. Run directories of ours are left out. Empty folders are no content.

    Args:
        root: the folder.
        empty: a repository without commits, used to apply `.gitignore` where there is no other.

    Raises:
        UsageError: `root` is no folder, or a submodule is not checked out.
        InfrastructureError: git failed.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder", hint="name the folder that holds the code")
    repository = _repository_of(root)
    if repository is None:
        return _list(Repository(empty.git_dir, work_tree=root, index=empty.git_dir / "no-index"), root, {}, None)
    head, committed = _commit(repository, root)
    return _list(repository, root, committed, head)


def differs(listing: Listing, taken: Mapping[bytes, tuple[bytes, bytes]], prefix: bytes = b"") -> bool:
    """Whether the content differs, byte by byte, from the commit that is checked out.

    Files that git would convert (line ends, LFS) count as different; without a repository nothing does.

    Args:
        listing: what was listed.
        taken: path -> (mode, object) of the snapshot, from the outermost root.
        prefix: where this listing lies in the snapshot.
    """
    if listing.repository is None:
        return False
    recorded = {p: entry for p, entry in listing.committed.items() if entry[0] != GITLINK}
    if recorded != {path: taken.get(prefix + path) for path in listing.files}:
        return True
    links = {p: entry[1] for p, entry in listing.committed.items() if entry[0] == GITLINK}
    if links != {p: n.listing.head for p, n in listing.nested.items()}:
        return True
    return any(differs(n.listing, taken, prefix + folder + b"/") for folder, n in listing.nested.items())


def shown(path: bytes) -> str:
    """A path as text for messages and records; bytes that are no UTF-8 are escaped."""
    return path.decode("utf-8", "backslashreplace")


def parse_tree(listing: bytes) -> dict[bytes, tuple[bytes, bytes]]:
    """Path -> (mode, object) from the output of `git ls-tree -r -z`."""
    entries: dict[bytes, tuple[bytes, bytes]] = {}
    for line in listing.split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, _, name = facts.split(b" ")
        entries[path] = (mode, name)
    return entries


def _list(
    repository: Repository, root: Path, committed: Mapping[bytes, tuple[bytes, bytes]], head: bytes | None
) -> Listing:
    tracked: dict[bytes, tuple[bytes, bytes]] = {}
    for line in run_git(repository, ["ls-files", "-s", "-z"], cwd=root).split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, name, _ = facts.split(b" ")
        tracked[path] = (mode, name)
    others = run_git(repository, ["ls-files", "-o", "--exclude-standard", "-z"], cwd=root).split(b"\0")[:-1]
    ignored = run_git(repository, ["ls-files", "-o", "-i", "--exclude-standard", "--directory", "-z"], cwd=root).split(
        b"\0"
    )[:-1]
    runs = _run_folders(root, others)
    others = [path for path in others if not path.startswith(runs)]
    links = {path: name for path, (mode, name) in tracked.items() if mode == GITLINK}
    folders: dict[bytes, bytes | None] = {p.rstrip(b"/"): None for p in others if p.endswith(b"/")}
    folders.update(links)
    candidates = [p for p in (*(t for t in tracked if t not in links), *others) if not p.endswith(b"/")]
    return Listing(
        root=root,
        files=tuple(sorted(p for p in set(candidates) if _is_content(root, p))),
        ignored=tuple(sorted({*ignored, *runs})),
        nested={p: Nested(_nested(root, p, repository, recorded), recorded) for p, recorded in sorted(folders.items())},
        head=head,
        committed=committed,
        repository=None if repository.index is not None else repository,
    )


def _nested(root: Path, path: bytes, outer: Repository, recorded: bytes | None) -> Listing:
    folder = root / os.fsdecode(path)
    if recorded is not None and not (folder / ".git").exists():
        raise UsageError(
            f"submodule {shown(path)!r} of {root} is not checked out, so its files cannot be part of the trials' code",
            hint="git submodule update --init --recursive",
        )
    return list_tree(folder, outer)


def _is_content(root: Path, path: bytes) -> bool:
    """Whether a regular file or a symlink is there, reached through real folders (a tracked file may be gone)."""
    parts = path.split(b"/")
    here = os.fsencode(root)
    for part in parts[:-1]:
        here += b"/" + part
        try:
            if not stat.S_ISDIR(os.lstat(here).st_mode):
                return False
        except OSError:
            return False
    try:
        mode = os.lstat(here + b"/" + parts[-1]).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _run_folders(root: Path, paths: Iterable[bytes]) -> tuple[bytes, ...]:
    """Untracked run directories of ours: what earlier runs wrote is not code."""
    found = set()
    for path in paths:
        folder, _, name = path.rpartition(b"/")
        place = root / os.fsdecode(folder)
        if name == b"journal.jsonl" and folder and (place / "inbox").is_dir() and (place / "artifacts").is_dir():
            found.add(folder + b"/")
    return tuple(sorted(found))


def _commit(repository: Repository, root: Path) -> tuple[bytes | None, dict[bytes, tuple[bytes, bytes]]]:
    """The commit that is checked out and its entries at and below `root`."""
    refs = run_git(repository, ["rev-parse", "--revs-only", "--quiet", "HEAD^{commit}"], cwd=root).split()
    if not refs:
        return None, {}
    return refs[0], parse_tree(run_git(repository, ["ls-tree", "-r", "-z", os.fsdecode(refs[0])], cwd=root))


def _repository_of(root: Path) -> Repository | None:
    """The repository whose content `root` is: its own, or one around it that tracks files in it."""
    for folder in (root, *root.parents):
        git_dir = _git_dir(folder)
        if git_dir is None:
            continue
        repository = Repository(git_dir, work_tree=folder)
        if folder == root or run_git(repository, ["ls-files", "-z"], cwd=root):
            return repository
        return None
    return None


def _git_dir(folder: Path) -> Path | None:
    """The git directory of a working tree's top folder; None if `folder` is none."""
    mark = folder / ".git"
    try:
        if mark.is_dir():
            return mark if (mark / "HEAD").exists() else None
        if not mark.is_file():
            return None
        text = mark.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    target = (folder / text.removeprefix("gitdir:").strip()).resolve()
    return target if text.startswith("gitdir:") and (target / "HEAD").exists() else None
