"""The HTML report: one self-contained file from a dossier, under a policy that lets nothing in and nothing out."""

import base64
import hashlib
import shlex
from collections.abc import Callable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from curie.dossier import Dossier
from curie.figures.draw import draw
from curie.figures.model import Figure, Figures
from curie.page.bounds import MOST_BYTES, Bounds
from curie.page.facts import clock, day
from curie.page.first import first
from curie.page.marks import Marks
from curie.page.model import Report, report
from curie.page.phrase import Lit, line, visible
from curie.page.progress import PHASES, gate_failure, progress_of
from curie.page.rules import rule_of
from curie.rigor.ledger import reference

_HALVINGS = 12
_TITLE = 120


def html(dossier: Dossier) -> str:
    """The page, at most `MOST_BYTES` long: what is listed gets shorter until it fits, and says how much is left out.

    The same dossier gives the same bytes. Reads kept output through `dossier.text`, and nothing else.
    """
    figures = draw(dossier)
    bounds = Bounds()
    page = _render(report(dossier, bounds), figures)
    for _ in range(_HALVINGS):
        if len(page.encode()) <= MOST_BYTES:
            break
        bounds = bounds.halved()
        page = _render(report(dossier, bounds), figures)
    return page


def policy(style: str) -> str:
    """The content security policy of a page with this one style sheet."""
    parts = ["default-src 'none'", f"style-src {_source(style)}", "base-uri 'none'", "form-action 'none'"]
    return "; ".join(parts)


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _render(model: Report, figures: Figures) -> str:
    environment = Environment(
        loader=PackageLoader("curie"), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    marks = Marks(model.ledger, model.targets)
    environment.globals.update(_functions(marks))
    environment.filters.update(_FILTERS)
    style = _style(environment)
    shown, left_out = _fitting(figures, model.bounds.figure_bytes)
    return environment.get_template("report.html.j2").render(
        report=model,
        dossier=model.dossier,
        state=model.dossier.state,
        result=model.dossier.result,
        plan=model.dossier.state.plan,
        figures=shown,
        figures_left_out=left_out,
        first=first(model),
        picture=_picture(shown, model),
        progress=progress_of(model.dossier),
        gate=gate_failure(model.dossier),
        phase=PHASES[model.dossier.result.phase],
        directory=shlex.quote(str(model.dossier.paths.root)),
        directory_plain=str(model.dossier.paths.root),
        title=line(model.dossier.result.question, _TITLE),
        style=Markup(style),  # noqa: S704 -- our own style sheet
        policy=policy(style),
    )


def _picture(figures: Figures, model: Report) -> Figure | None:
    """The figure of the first screen: the effects; before there are any, every value of the first metric so far."""
    if figures.compact is not None or model.dossier.result.phase == "gate":
        return figures.compact
    return next(iter(figures.distributions), None)


def _functions(marks: Marks) -> Mapping[str, Callable[..., object]]:
    return {
        "n": marks.n,
        "bare": marks.bare,
        "cell": marks.cell,
        "lit": marks.lit,
        "code": marks.code,
        "block": marks.block,
        "phrase": marks.phrase,
        "phrases": marks.phrases,
        "linked": marks.linked,
        "rule_of": rule_of,
        "clock": _text(clock),
        "day": _text(day),
        "has": marks.has,
        "ref": reference,
        "text": marks.text,
    }


_FILTERS: Mapping[str, Callable[..., object]] = {
    "line": line,
    "visible": visible,
    "words": lambda name: str(name).replace("_", " "),
    "svg": lambda figure: Markup(figure.svg),  # noqa: S704 -- drawn by us; its texts are escaped where it is drawn
}


def _text(make: Callable[..., Lit]) -> Callable[..., str]:
    return lambda *args: make(*args).text


def _style(environment: Environment) -> str:
    """The style sheet as it stands between the tags, where its hash is taken."""
    loader = environment.loader
    if loader is None:
        raise ValueError("an environment without a loader has no style sheet")
    return loader.get_source(environment, "report.css")[0]


def _fitting(figures: Figures, most: int) -> tuple[Figures, tuple[Figure, ...]]:
    """As many figures as fit, in their order, and the others."""
    kept: set[str] = set()
    for figure in figures.all:
        size = len(figure.svg.encode())
        if size <= most:
            kept.add(figure.id)
            most -= size

    def fits(of: tuple[Figure, ...]) -> tuple[Figure, ...]:
        return tuple(figure for figure in of if figure.id in kept)

    effects = figures.effects if figures.effects is not None and figures.effects.id in kept else None
    shown = Figures(
        effects=effects,
        compact=figures.compact,
        distributions=fits(figures.distributions),
        series=fits(figures.series),
        interactions=fits(figures.interactions),
        order=fits(figures.order),
    )
    return shown, tuple(figure for figure in figures.all if figure.id not in kept)
