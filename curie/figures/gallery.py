"""All figures of a run, from its dossier."""

from curie.dossier import Dossier
from curie.figures.canvas import drawing_settings
from curie.figures.compact import compact
from curie.figures.distributions import distributions
from curie.figures.effects import effects
from curie.figures.interactions import interactions
from curie.figures.measured import measured
from curie.figures.model import Figures
from curie.figures.order import order
from curie.figures.series import series


def gallery(dossier: Dossier) -> Figures:
    """The figures of a run, whatever there is to show; none without a plan."""
    plan = dossier.state.plan
    if plan is None:
        return Figures()
    seen = measured(dossier, plan)
    with drawing_settings():
        return Figures(
            effects=effects(plan, dossier.result.findings, dossier.result.calibration),
            compact=compact(plan, dossier.result.findings),
            distributions=distributions(seen),
            series=series(seen),
            interactions=interactions(seen),
            order=order(seen),
        )
