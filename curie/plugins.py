"""What installed packages add to a run, found by entry point: `curie` knows none of them by name."""

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from curie.errors import InfrastructureError
from curie.observer import Publisher

PUBLISHERS = "curie.observers"
"""Entry-point group: classes without arguments that follow the `Publisher` protocol."""


def installed_publishers(found: Iterable[EntryPoint] | None = None) -> tuple[Publisher, ...]:
    """Every installed publisher, by the name of its entry point.

    Args:
        found: the entry points to load; None: those of the group among the installed packages.

    Raises:
        InfrastructureError: one cannot be loaded; the package is named.
    """
    chosen = entry_points(group=PUBLISHERS) if found is None else found
    return tuple(_load(point) for point in sorted(chosen, key=lambda point: point.name))


def _load(point: EntryPoint) -> Publisher:
    try:
        publisher: Publisher = point.load()()
    except Exception as error:  # a foreign package may fail in any way while it is imported
        package = point.dist.name if point.dist is not None else "an unknown package"
        raise InfrastructureError(
            f"The entry point {point.name} of {package} ({point.value}) cannot be loaded: {error}",
            hint="Reinstall or remove that package.",
        ) from error
    return publisher
