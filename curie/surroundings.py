"""What a run is given outside of tests: settings, who watches, and every installed publisher."""

from collections.abc import Callable, Sequence

from curie.config import Settings
from curie.observer import RunObserver
from curie.plugins import installed_publishers
from curie.runner import Surroundings
from curie.signals import end_process


def standard_surroundings(
    observers: Sequence[RunObserver] = (),
    *,
    settings: Settings | None = None,
    second_signal: Callable[[], None] = end_process,
) -> Surroundings:
    """The surroundings of a run on this machine, for the command line and for Python alike.

    Args:
        observers: who hears of every event.
        settings: None: those of the process's environment.
        second_signal: what a second SIGINT or SIGTERM does.

    Raises:
        InfrastructureError: an installed publisher cannot be loaded.
    """
    return Surroundings(
        settings=settings or Settings(),
        observers=tuple(observers),
        publishers=installed_publishers(),
        second_signal=second_signal,
    )
