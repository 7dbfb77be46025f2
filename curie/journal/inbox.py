"""Requests from other processes to the driver of a run: one atomically renamed file each."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from curie.durable import sync_folder, write_all
from curie.errors import InfrastructureError
from tasks.study import Frozen

REFUSED = "refused"
"""Folder of the inbox that keeps what could not be read."""

_LARGEST = 64 * 1024


class Message(Frozen):
    """A request to the driver."""

    kind: Literal["tag", "note", "cancel"]
    text: str = Field(max_length=10_000)
    sender: str = Field(max_length=200)
    """Who asks, such as `ada@host`."""


def drop(inbox: Path, message: Message, *, now_ns: Callable[[], int] = time.time_ns) -> Path:
    """Leave a message in a run's inbox; it is complete or not there at all. Returns its file.

    Args:
        inbox: the folder (`RunPaths.inbox`); created if it is missing.
        message: what to say.
        now_ns: nanoseconds since the epoch, which order the messages.

    Raises:
        InfrastructureError: the folder cannot be written.
    """
    name = f"{now_ns():020d}-{os.getpid()}"
    try:
        inbox.mkdir(parents=True, exist_ok=True)
        return _place(inbox, name, message.model_dump_json().encode())
    except OSError as error:
        raise InfrastructureError(f"the inbox {inbox} cannot be written: {error.strerror}") from error


def drain(inbox: Path, handle: Callable[[Message], None]) -> int:
    """Hand every message to `handle`, oldest first, and delete each one that it has taken; returns how many.

    A message is deleted only after `handle` returned, so that a driver which journals it there loses none; killed in
    between, it sees that message again. What is no message is moved to `refused/`, never an error.
    """
    try:
        names = sorted(e.name for e in os.scandir(inbox) if not e.name.startswith(".") and e.name != REFUSED)
    except OSError:
        return 0
    taken = 0
    for name in names:
        path = inbox / name
        message = _read(path)
        if message is None:
            _refuse(path)
            continue
        handle(message)
        path.unlink(missing_ok=True)
        taken += 1
    return taken


def _place(inbox: Path, name: str, data: bytes) -> Path:
    draft = inbox / f".{name}"
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        write_all(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    # A link instead of a rename: it never replaces a message that came in the same nanosecond.
    number = 0
    while True:
        path = inbox / f"{name}-{number:04d}.json"
        try:
            os.link(draft, path)
        except FileExistsError:
            number += 1
            continue
        break
    draft.unlink()
    sync_folder(inbox)
    return path


def _read(path: Path) -> Message | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode) or info.st_size > _LARGEST:
            return None
        return Message.model_validate_json(os.read(fd, _LARGEST))
    except (OSError, ValidationError):
        return None
    finally:
        os.close(fd)


def _refuse(path: Path) -> None:
    folder = path.parent / REFUSED
    try:
        folder.mkdir(exist_ok=True)
        target = folder / path.name
        number = 1
        while target.exists() or target.is_symlink():
            target = folder / f"{path.name}.{number}"
            number += 1
        path.rename(target)
    except OSError:
        return  # it stays where it is and is looked at again; a bad message must not stop a run
