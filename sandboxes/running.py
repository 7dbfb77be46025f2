"""One running supervisor as the driver sees it: start, wait, cancel, kill."""

import contextlib
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sandboxes.base import SandboxUnavailableError
from sandboxes.inside.job import CANCEL
from sandboxes.processes import descendants, kill_until_none
from sandboxes.program import above_standard

_KILL_TIMEOUT_S: Final = 10.0
_CANCEL_PATIENCE_S: Final = 2.0
_MOST_NOTICES: Final = 65536


class Running:
    """A supervisor process, its lifeline and its notices."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        pass_fds: Sequence[int],
        others: Callable[[], list[int]],
    ) -> None:
        """Start it; `others` finds processes that belong to it although they are not below it any more.

        Raises:
            SandboxUnavailableError: the program could not be started.
        """
        self._lock = threading.Lock()
        self._others = others
        lifeline_end, lifeline = os.pipe()
        notices, notices_end = os.pipe()
        self._lifeline: int | None = above_standard(lifeline)
        self._notices = above_standard(notices)
        try:
            self.process = subprocess.Popen(
                argv,
                env=env,
                cwd="/",
                stdin=lifeline_end,
                stdout=notices_end,
                stderr=notices_end,
                pass_fds=pass_fds,
                start_new_session=True,  # a Ctrl-C at the terminal is the driver's to handle
            )
        except OSError as error:
            os.close(self._lifeline)
            os.close(self._notices)
            raise SandboxUnavailableError(f"{argv[0]} could not be started: {error}") from error
        finally:
            os.close(lifeline_end)
            os.close(notices_end)

    def cancel(self) -> None:
        """Ask the supervisor to kill the tree now."""
        with self._lock, contextlib.suppress(BrokenPipeError):
            if self._lifeline is not None:
                os.write(self._lifeline, CANCEL)

    def wait(self, timeout_s: float) -> tuple[bytes, bool]:
        """Notices until everybody who could write one is gone; False with them if that took too long."""
        poll = select.poll()
        poll.register(self._notices, select.POLLIN)
        deadline = time.monotonic() + timeout_s
        text = b""
        while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            part = os.read(self._notices, 4096)
            if not part:
                return text, True
            text = (text + part)[:_MOST_NOTICES]
        return text, False

    def kill(self) -> bool:
        """Kill the supervisor and all that is below it or belongs to it; False if something survived for 10 s.

        The supervisor is asked first: nobody finds its tree as surely as it does itself.
        """
        self.cancel()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_CANCEL_PATIENCE_S)
        self._cut_lifeline()
        return kill_until_none(self._alive, timeout_s=_KILL_TIMEOUT_S)

    def _alive(self) -> list[int]:
        """What is left; the supervisor last, because its death would let its children out of sight."""
        mine = descendants(self.process.pid) if self.process.poll() is None else []
        return mine + self._others() + ([self.process.pid] if self.process.poll() is None else [])

    def close(self) -> None:
        """Reap the process and close what is open; it must have ended or been killed."""
        self._cut_lifeline()
        os.close(self._notices)
        self.process.wait()

    def _cut_lifeline(self) -> None:
        with self._lock:
            if self._lifeline is not None:
                os.close(self._lifeline)
                self._lifeline = None
