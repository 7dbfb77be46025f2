"""The evidence layer: tables, figures, results of experiments, and pointers to logs."""

from typing import Literal

from ara.schema.base import Entity

Category = Literal["tables", "figures", "results", "proofs"]
ExtractionType = Literal["raw_table", "derived_subset"]
FigureType = Literal["quantitative_plot", "diagram", "qualitative_sample", "mixed"]
ExtractionMethod = Literal["exact_from_labels", "digitized_estimate", "visual_description"]
Confidence = Literal["high", "medium", "low"]
PlotKind = Literal["line", "bar", "scatter", "box", "histogram", "heatmap"]


AxisScale = Literal["linear", "log", "symlog", "categorical"]
"""`symlog` is linear around zero and logarithmic away from it."""


class Grid(Entity):
    """Rows under a header; every row as long as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class EvidenceTable(Entity):
    """A file of `evidence/tables/`."""

    name: str
    """Base name without suffix; holds `derived_` or `subset_` if it is no raw table."""
    title: str
    source: str
    """Names the same number as the file: `Table 1, ...`."""
    caption: str
    extraction: ExtractionType
    derived_from: str | None = None
    """Base name of the raw table, with suffix."""
    screenshot: str | None = None
    """Base name of an image beside it."""
    claims: tuple[str, ...] = ()
    grid: Grid
    notes: tuple[str, ...] = ()


class Axis(Entity):
    """One axis of a plot."""

    label: str
    unit: str
    scale: AxisScale


class EvidenceFigure(Entity):
    """A file of `evidence/figures/` with its image."""

    name: str
    title: str
    source: str
    """Names the same number as the file: `Figure 1, ...`."""
    caption: str
    type: FigureType
    method: ExtractionMethod
    confidence: Confidence
    plot: PlotKind | None = None
    axes: tuple[Axis, ...] = ()
    grid: Grid | None = None
    trend: str = ""
    screenshot: str
    claims: tuple[str, ...] = ()


class EvidenceResult(Entity):
    """A file of `evidence/results/`: what an experiment of the tree gave."""

    name: str
    title: str
    source: str
    caption: str
    node: str
    claims: tuple[str, ...] = ()
    grid: Grid
    notes: tuple[str, ...] = ()


class LogPointer(Entity):
    """Where the output of a trial is kept."""

    trial: str
    stream: str
    sha256: str
    size_bytes: int
    total_bytes: int
    """Bytes that were written; larger than what is kept if the middle was left out."""


class Attachment(Entity):
    """Any other file of the artifact, byte for byte."""

    path: str
    """Relative to the artifact."""
    data: bytes
    description: str = ""
