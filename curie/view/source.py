"""The page of a run, made anew when the journal has grown, and at most every other second."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from curie.dossier import Dossier, open_dossier
from curie.errors import CheckFailed, CurieError, RunNotFound
from curie.journal.lock import current_holder
from curie.paths import RunPaths

_LEAST_SECONDS = 2.0
"""Between two renderings: drawing costs more than reading."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a run stands, for the bar above the page."""

    version: str
    """Changes if and only if the page may look different."""
    text: str


class PageSource:
    """Renders on demand. Several requests may ask at once; the drawing happens in one of them."""

    def __init__(
        self, paths: RunPaths, render: Callable[[Dossier], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._paths = paths
        self._render = render
        self._clock = clock
        self._lock = threading.Lock()
        self._made: tuple[str, bytes, float] | None = None
        self._told: Status | None = None

    def status(self) -> Status:
        """Where the run stands now. A journal that cannot be read is said in words, not raised."""
        version, told = self._version(), self._told
        if told is None or told.version != version:
            self._told = told = Status(version=version, text=self._words())
        return told

    def page(self) -> bytes:
        """The report as HTML, at most two seconds behind the journal.

        Raises:
            CurieError: the journal cannot be read.
        """
        with self._lock:
            version, now = self._version(), self._clock()
            made = self._made
            if made is not None and (made[0] == version or now - made[2] < _LEAST_SECONDS):
                return made[1]
            body = self._render(open_dossier(self._paths)).encode("utf-8", "replace")
            self._made = (version, body, now)
            return body

    def _version(self) -> str:
        """Of the journal and of who writes it: a driver that dies changes the state without an event."""
        try:
            info = self._paths.journal.stat()
        except OSError:
            return "gone"
        holder = current_holder(self._paths.lock)
        return f"{info.st_size}-{info.st_mtime_ns}-{holder.pid if holder else 0}"

    def _words(self) -> str:
        try:
            run = open_dossier(self._paths)
        except CurieError as error:
            return error.message
        trials, result = run.result.trials, run.result
        if result.plan is None:
            return f"{result.phase}, no plan yet; run {result.run_id}"
        done = trials.planned - trials.not_attempted
        # Where a run stands comes first: a telephone has no room for all of a line.
        return f"{result.phase}, {done} of {trials.planned} trials done; run {result.run_id}"


def require_run(paths: RunPaths) -> None:
    """Refuse to serve what is no run.

    Raises:
        RunNotFound: there is no journal.
        CheckFailed: the journal holds no run yet, or was changed.
    """
    if not paths.journal.exists():
        raise RunNotFound(f"There is no run in {paths.root}.", hint="`curie runs` lists the runs.")
    try:
        open_dossier(paths)
    except CheckFailed as error:
        raise CheckFailed(error.message, hint=error.hint or "Try again when the run has begun.") from error
