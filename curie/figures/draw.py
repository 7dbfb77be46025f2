"""All figures of a run: the way in, which costs nothing until it is called."""

from threading import Lock

from curie.dossier import Dossier
from curie.figures.model import Figures
from curie.figures.quiet import quiet

_ONE_AT_A_TIME = Lock()


def draw(dossier: Dossier) -> Figures:
    """The figures of a run, finished or not: whatever there is something to show of.

    A problem that the check of a figure finds is in that figure's `problems`; nothing is raised for it. The same
    dossier gives the same bytes, and is drawn once. Threads wait for one another, as matplotlib's settings are the
    process's.
    """
    with _ONE_AT_A_TIME, quiet():
        known = dossier.memo.get(Figures)
        if isinstance(known, Figures):
            return known
        from curie.figures.gallery import gallery  # noqa: PLC0415 -- matplotlib takes its time, and logs while it does

        drawn = gallery(dossier)
        dossier.memo[Figures] = drawn
        return drawn
