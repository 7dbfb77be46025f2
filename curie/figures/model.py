"""What a figure is to the page that shows it: markup, a description, and what the check found. Frozen data."""

from tasks.study import Frozen


class Figure(Frozen):
    """One picture, ready to be put into an HTML page as it is."""

    id: str
    """Unique in the page, such as `fig-effects`; every id inside the SVG begins with it."""
    title: str
    """One line."""
    description: str
    """What a reader who cannot see it needs: what is plotted, the axes with their units, and the pattern."""
    svg: str
    """An `<svg>` element without style, script, metadata or outside reference; it scales to its container."""
    problems: tuple[str, ...] = ()
    """What the check of the drawn figure found; empty if all is well."""


class Figures(Frozen):
    """The figures of a run. What there is nothing to draw of is None or empty, never a picture of empty axes."""

    effects: Figure | None = None
    """Effects of all hypotheses with their intervals and this machine's blind band."""
    compact: Figure | None = None
    """The same at a glance, for a first screen; not among `all`, as it shows nothing that `effects` does not."""
    distributions: tuple[Figure, ...] = ()
    """Every measured value by group; one a metric."""
    series: tuple[Figure, ...] = ()
    """Curves over step or time; one a metric that has them."""
    interactions: tuple[Figure, ...] = ()
    """Means by level of two variables; one a metric, where at least two variables vary."""
    order: tuple[Figure, ...] = ()
    """Values in the order of their execution; one a metric."""

    @property
    def all(self) -> tuple[Figure, ...]:
        """Every figure, in the order in which a page shows them."""
        first = () if self.effects is None else (self.effects,)
        return (*first, *self.distributions, *self.series, *self.interactions, *self.order)
