"""Tags on a run: into its journal if nobody writes it, else by way of its inbox."""

import getpass
import socket

from curie.errors import RunLocked, UsageError
from curie.inbox_reader import read_inbox
from curie.journal.inbox import Message, drop
from curie.journal.lock import RunLock
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.runner import utc_now
from curie.session import Session
from curie.state import project
from tasks.study import Frozen

_LONGEST = 60


class Tagged(Frozen):
    """What became of a tag."""

    tag: str
    pending: bool
    """It waits in the inbox of a run that another process is writing."""
    message: str


def add_tag(paths: RunPaths, text: str) -> Tagged:
    """Tag a run and say how.

    Raises:
        UsageError: the tag is empty, too long or holds control characters.
    """
    tag = text.strip()
    if not tag or len(tag) > _LONGEST or not tag.isprintable():
        raise UsageError(f"A tag has 1 to {_LONGEST} printable characters.")
    drop(paths.inbox, Message(kind="tag", text=tag, sender=_sender()))
    try:
        with RunLock(paths.lock), Journal.open(paths.journal, clock=utc_now) as journal:
            read_inbox(Session(journal, project(journal.opened_with)), paths)
    except RunLocked as locked:
        return Tagged(tag=tag, pending=True, message=f"tag {tag!r} is in its inbox ({locked.message})")
    return Tagged(tag=tag, pending=False, message=f"tagged {tag!r}")


def _sender() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
