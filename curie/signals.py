"""Our own SIGINT and SIGTERM: once asks the run to stop, twice ends the process at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_INTERRUPTED = 130


@contextmanager
def cancel_on_signals(cancelled: threading.Event) -> Iterator[None]:
    """While open, the first SIGINT or SIGTERM sets `cancelled`, and the second ends the process with status 130.

    The journal is intact at any moment, and running trials end by themselves when their driver is gone, so the
    second signal loses nothing. Outside the main thread, where Python allows no handlers, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        if cancelled.is_set():
            os._exit(_INTERRUPTED)
        cancelled.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
