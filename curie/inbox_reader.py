"""The driver's side of the inbox: every message becomes an event, and a cancel stops the run."""

from curie.journal.events import InboxReceived
from curie.journal.inbox import Message, drain
from curie.paths import RunPaths
from curie.session import Session


def read_inbox(session: Session, paths: RunPaths) -> None:
    """Journal what other processes asked for since the last look."""

    def handle(message: Message) -> None:
        session.record(InboxReceived(kind=message.kind, text=message.text, sender=message.sender))
        if message.kind == "cancel":
            session.cancelled.set()

    drain(paths.inbox, handle)
