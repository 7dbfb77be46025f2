"""Which unused uid commands run as under root, and lending it the folders that it may write."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_UNASSIGNED: Final = 1_879_048_192
"""Start of the range that systemd's UIDS-GIDS.md leaves to nobody (up to 2^31 - 2)."""
_DYNAMIC: Final = 61_184
"""Start of the range for services without a user (up to 65,519), where a container maps only 16 bits."""
_DYNAMIC_COUNT: Final = 4_336
_PER_PROCESS: Final = 64
_UID_MAP: Final = Path("/proc/self/uid_map")


def unused_uid(number: int, uid_map: str | None = None) -> int:
    """A uid that belongs to nobody, distinct for the first 64 numbers of each living process.

    Tells sandboxes of one machine apart, so that limits that count per user count per sandbox. `uid_map` is the
    text of /proc/self/uid_map, read if not given.
    """
    if uid_map is None:
        uid_map = _UID_MAP.read_text(encoding="ascii")
    wanted = _UNASSIGNED + os.getpid() * _PER_PROCESS + number % _PER_PROCESS
    for line in uid_map.splitlines():
        inside, _, count = map(int, line.split())
        if inside <= wanted < inside + count:
            return wanted
    return _DYNAMIC + (os.getpid() * _PER_PROCESS + number) % _DYNAMIC_COUNT


def lend(path: Path, uid: int) -> None:
    """Give a file, or a folder with all below it, to a uid and the gid of the same number."""
    for name, folder in _below(path):
        os.chown(name, uid, uid, dir_fd=folder, follow_symlinks=False)


def take_back(path: Path, uid: int) -> None:
    """Give to the caller what is owned by `uid` at or below a path; nothing else is touched."""
    for name, folder in _below(path):
        with suppress(FileNotFoundError):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if status.st_uid == uid:
                os.chown(name, os.geteuid(), os.getegid(), dir_fd=folder, follow_symlinks=False)


def readable_by_others(path: Path) -> bool:
    """Whether an unrelated user may read a file, or read and enter a folder."""
    mode = path.stat().st_mode
    wanted = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return mode & wanted == wanted


def _below(path: Path) -> Iterator[tuple[str, int | None]]:
    """Every entry at or below a path, as a name and the folder that it is in; links are not followed."""
    yield str(path), None
    if path.is_dir() and not path.is_symlink():
        for _, folders, files, fd in os.fwalk(path, follow_symlinks=False):
            for name in (*folders, *files):
                yield name, fd
