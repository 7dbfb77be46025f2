"""Who hears of a run's events. The journal remembers; observers only watch."""

from typing import Protocol

from curie.journal.events import Event


class RunObserver(Protocol):
    """Something that follows a run, such as the console."""

    def on_event(self, event: Event) -> None:
        """Called after the event is durable, in the journal's order, from any thread but never from two at once."""
        ...
