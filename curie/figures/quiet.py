"""Keeps what matplotlib logs about its own folders and fonts off the user's screen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Raise matplotlib's log level to errors for a while.

    Without a writable home it works in a temporary folder and says so as a warning, at its first import; while it
    lists the machine's fonts it asks for patience. Neither is of use to somebody who asked for a report.
    """
    logger = logging.getLogger("matplotlib")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
