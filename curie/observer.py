"""Who hears of a run's events, and who makes something of a run that stops. The journal remembers; these only watch."""

from pathlib import Path
from typing import Protocol

from curie.dossier import Dossier
from curie.journal.events import Event


class RunObserver(Protocol):
    """Something that follows a run, such as the console."""

    def on_event(self, event: Event) -> None:
        """Called after the event is durable, in the journal's order, from any thread but never from two at once."""
        ...


class Publisher(Protocol):
    """Something that packages a run that stops, such as the research artifact; entry-point group `curie.observers`.

    Its files are digested and sealed by the run's last event, so that whatever changes them later shows.
    """

    def publish(self, dossier: Dossier) -> Path | None:
        """Write into the run's directory, replacing what an earlier call wrote; return the folder, or None.

        Called from the driver when all trials are done, once at each end of the run (a stopped one is resumed later).
        An error is recorded as a diagnostic of the run and takes nothing else with it.
        """
        ...
