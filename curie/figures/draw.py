"""All figures of a run."""

from curie.dossier import Dossier
from curie.figures.model import Figures


def draw(dossier: Dossier) -> Figures:
    """The figures of a run, finished or not: whatever there is something to show of."""
    return Figures() if dossier.state.plan is None else Figures()
