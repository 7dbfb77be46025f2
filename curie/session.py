"""One run while it is open: its journal, its state, and those who watch, behind one lock."""

import threading
from collections.abc import Sequence

from curie.errors import CurieError
from curie.journal.events import Event
from curie.journal.writer import Journal
from curie.observer import RunObserver
from curie.rigor.policy import Role, permit
from curie.state import RunState


class Session:
    """The only way that nodes write: an event is durable before anyone sees its effect."""

    def __init__(self, journal: Journal, state: RunState, observers: Sequence[RunObserver] = ()) -> None:
        self._journal = journal
        self._state = state
        self._observers = tuple(observers)
        self._lock = threading.Lock()
        self.cancelled = threading.Event()
        """Set when the user asks to stop; nodes return soon after."""

    @property
    def state(self) -> RunState:
        """The state after the latest event; immutable."""
        return self._state

    @property
    def events(self) -> int:
        """How many events the journal holds."""
        return self._journal.events

    @property
    def head(self) -> str:
        """Hash of the latest event."""
        return self._journal.head

    def record(self, event: Event, role: Role = "driver") -> None:
        """Append an event, then fold it into the state, then tell the observers.

        Appends of several threads share one fsync; only the fold is serialised.

        Raises:
            CurieError: `role` may not write this.
            DiskFull: nothing was appended.
        """
        if not permit(role, event):
            raise CurieError(f"The {role} may not write {event.type}; nothing was recorded.")
        self._journal.append(event)
        with self._lock:
            self._state = self._state.apply(event)
            for observer in self._observers:
                observer.on_event(event)
