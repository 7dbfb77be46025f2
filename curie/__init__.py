"""Curie turns a question into controlled experiments and a computed verdict."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curie.api import Run, experiment, load
    from tasks.study import Metric

__all__ = ["Metric", "Run", "__version__", "experiment", "load"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """The Python API, imported when it is first asked for, so that `import curie` and the command line stay quick."""
    if name in {"Run", "experiment", "load"}:
        from curie import api  # noqa: PLC0415 - this delay is the point

        return getattr(api, name)
    if name == "Metric":
        from tasks.study import Metric  # noqa: PLC0415 - the same

        return Metric
    raise AttributeError(f"module 'curie' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What completion offers, the names that are not imported yet included."""
    return sorted({*globals(), *__all__})
