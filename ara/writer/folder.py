"""Puts an artifact's files into a folder: whole or not at all, and never over what somebody else wrote."""

import contextlib
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ara.schema.base import SCHEMA_VERSION
from ara.writer.files import MARKER
from curie.durable import NO_SPACE, disk_full, sync_folder, write_all
from curie.errors import InfrastructureError, UsageError


def replace_folder(target: Path, files: Mapping[str, bytes]) -> Path:
    """Make `target` hold exactly `files`; returns `target`.

    They are written beside it first and renamed into place, so that a reader finds the old artifact or the new, and a
    process that is killed leaves no half of one under the artifact's name. An old artifact that is as we wrote it is
    deleted; one that was edited since is kept beside, as `<name>.kept-1` and so on.

    Args:
        target: the artifact's folder; it need not exist.
        files: content by path relative to it, `/` between parts.

    Raises:
        UsageError: something is there that we did not write, or a symlink.
        DiskFull: no space is left; the old artifact stays.
        InfrastructureError: it cannot be written for another reason.
        ValueError: a path leads out of the folder.
    """
    state = _what_is_there(target)
    partial = target.with_name(f".{target.name}.partial")
    try:
        _remove(partial)
        _write(partial, files)
        if state != "nothing":
            _set_aside(target, changed=state == "changed")
        partial.rename(target)
        sync_folder(target.parent)
        _remove(_old(target))
    except OSError as error:
        _undo(target, partial)
        if error.errno in NO_SPACE:
            raise disk_full(target) from error
        raise InfrastructureError(f"the artifact {target} cannot be written: {error.strerror}") from error
    return target


def _what_is_there(target: Path) -> str:
    """`nothing`, `ours` or `changed`; refuses what is not ours."""
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return "nothing"
    if stat.S_ISDIR(mode) and not any(target.iterdir()):
        return "ours"
    digests = _digests(target) if stat.S_ISDIR(mode) else None
    if digests is None:
        raise UsageError(
            f"{target} was not written by us, so it is left as it is",
            hint=f"move it away; an artifact has a folder with an {MARKER} of its own",
        )
    return "ours" if _regular_files(target) == {**digests, MARKER: None} else "changed"


def _digests(target: Path) -> dict[str, str | None] | None:
    """The digests that the marker names; None if there is no marker of ours."""
    try:
        fd = os.open(target / MARKER, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            content = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("schema") != "ara":
        return None
    version, files = content.get("schema_version"), content.get("files")
    if not isinstance(version, int) or version > SCHEMA_VERSION or not isinstance(files, dict):
        return None
    return {str(path): str(digest) for path, digest in files.items()}


def _regular_files(target: Path) -> dict[str, str | None]:
    """Digest of every file; None for the marker; what is no regular file has the empty digest, so that it differs."""
    found: dict[str, str | None] = {}
    for here, folders, names in os.walk(target):
        links = [name for name in folders if Path(here, name).is_symlink()]
        for name in (*names, *links):
            path = Path(here, name)
            relative = path.relative_to(target).as_posix()
            if stat.S_ISREG(path.lstat().st_mode):
                with path.open("rb") as file:
                    found[relative] = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                found[relative] = ""
    if MARKER in found:
        found[MARKER] = None
    return found


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into a new folder and make them durable."""
    folder.mkdir()
    folders = {folder}
    for name, data in files.items():
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts or "\0" in name:
            raise ValueError(f"{name!r} leads out of the artifact")
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.update(folder / parent for parent in relative.parents)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
    for made in folders:
        sync_folder(made)


def _set_aside(target: Path, *, changed: bool) -> None:
    if not changed:
        _remove(_old(target))
        target.rename(_old(target))
        return
    number = 1
    while (kept := target.with_name(f"{target.name}.kept-{number}")).exists() or kept.is_symlink():
        number += 1
    target.rename(kept)


def _undo(target: Path, partial: Path) -> None:
    """Put the old artifact back where the new one could not take its place."""
    with contextlib.suppress(OSError):  # the first error is the one to tell
        _remove(partial)
        if not target.exists() and _old(target).exists():
            _old(target).rename(target)


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _remove(path: Path) -> None:
    """Delete what an earlier call left, without following a link."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
