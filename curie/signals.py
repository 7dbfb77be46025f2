"""Our own SIGINT and SIGTERM: once asks the run to stop, twice ends the process at once, or what the caller says."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_INTERRUPTED = 130


def end_process() -> None:
    """End this process at once with status 130."""
    os._exit(_INTERRUPTED)


def raise_interrupt() -> None:
    """Raise KeyboardInterrupt: for a notebook, whose other variables must not go with the run."""
    raise KeyboardInterrupt


@contextmanager
def cancel_on_signals(cancelled: threading.Event, again: Callable[[], None] = end_process) -> Iterator[None]:
    """While open, the first SIGINT or SIGTERM sets `cancelled`, and the next calls `again`, which ends the process.

    The journal is intact at any moment, and running trials end by themselves when their driver is gone, so the
    second signal loses nothing. Outside the main thread, where Python allows no handlers, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        if cancelled.is_set():
            again()
        cancelled.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            # None stands for a handler that was not installed from Python and cannot be put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
