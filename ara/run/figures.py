"""The run's figures with their images and the data that they were drawn from."""

from dataclasses import dataclass

from ara.run.evidence import exact, slug
from ara.run.facts import RunFacts
from ara.schema.evidence import Attachment, Axis, AxisScale, EvidenceFigure, Grid
from curie.figures.draw import draw
from curie.figures.model import Figure, Figures

_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Pictures:
    """Figures, and the image files that they name."""

    figures: tuple[EvidenceFigure, ...] = ()
    images: tuple[Attachment, ...] = ()


def figures_of(facts: RunFacts) -> Pictures:
    """Every figure that the report draws of the run, as an SVG file beside its description and data."""
    drawn = draw(facts.dossier)
    pictures = [_picture(facts, drawn, figure, number) for number, figure in enumerate(drawn.all, start=1)]
    return Pictures(tuple(p for p, _ in pictures), tuple(i for _, i in pictures))


def _picture(facts: RunFacts, drawn: Figures, figure: Figure, number: int) -> tuple[EvidenceFigure, Attachment]:
    name = f"figure{number}_{slug(figure.id)}"
    axes, grid = _effects(facts, figure) if figure is drawn.effects else _values(facts, figure)
    page = EvidenceFigure(
        name=name,
        title=f"Figure {number}: {figure.title}",
        source=f"Figure {number}, drawn from the run's records",
        caption=_told(drawn, figure),
        type="quantitative_plot",
        method="exact_from_labels",
        confidence="high",
        plot="scatter" if figure not in drawn.series else "line",
        axes=axes,
        grid=grid,
        trend=_told(drawn, figure),
        screenshot=f"{name}.svg",
        claims=facts.all_claims,
    )
    image = Attachment(
        path=f"evidence/figures/{name}.svg",
        data=_HEAD + figure.svg.encode("utf-8", "replace") + b"\n",
        description=figure.title,
    )
    return page, image


def _told(drawn: Figures, figure: Figure) -> str:
    """The figure in words: effects with their findings' numbers; else its first sentence, as the table has the rest."""
    if figure is drawn.effects:
        return figure.description
    first, _, _ = figure.description.partition(". ")
    return f"{figure.title}. {first.rstrip('.')}." if not any(c.isdigit() for c in first) else figure.title


def _effects(facts: RunFacts, figure: Figure) -> tuple[tuple[Axis, ...], Grid]:
    findings = facts.dossier.state.findings.values()
    rows = tuple(
        (
            f.hypothesis,
            f.metric,
            exact(f.effect),
            exact(f.interval.low if f.interval else None),
            exact(f.interval.high if f.interval else None),
            f.unit,
        )
        for f in findings
    )
    units = ", ".join(dict.fromkeys(f.unit for f in findings)) or "none"
    axes = (
        Axis(label="effect", unit=units, scale=_scale(figure)),
        Axis(label="hypothesis", unit="none", scale="categorical"),
    )
    return axes, Grid(header=("hypothesis", "metric", "effect", "low", "high", "unit"), rows=rows)


def _values(facts: RunFacts, figure: Figure) -> tuple[tuple[Axis, ...], Grid]:
    """The measured values behind a plot of one metric: the one whose name the figure's id holds."""
    metrics = facts.plan.metrics if facts.plan else ()
    named = [m for m in metrics if slug(m.name) in slug(figure.id)] or list(metrics)
    rows = tuple(
        (row.key, row.group, metric.name, exact(row.record.values[metric.name]))
        for metric in named
        for row in facts.rows
        if row.record and row.standing == "counts" and row.purpose == "measure" and metric.name in row.record.values
    )
    axes = tuple(Axis(label=m.name, unit=m.unit, scale=_scale(figure)) for m in named)
    return axes, Grid(header=("trial", "group", "metric", "value"), rows=rows)


def _scale(figure: Figure) -> AxisScale:
    """How the values are placed, which the drawing chooses by their spread: its axis says so in words."""
    if "log scale away from zero" in figure.svg:
        return "symlog"
    return "log" if "log scale" in figure.svg else "linear"
