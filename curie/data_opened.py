"""Which declared inputs were opened while a trial ran, and how surely by that trial."""

from collections.abc import Iterable
from pathlib import Path

from curie.records import DataOpened
from curie.trial_inputs import TrialInputs
from sandboxes.opened import OpenWatch

_MOST_NAMED = 100


def watch(inputs: TrialInputs) -> OpenWatch:
    """A watch on every declared input."""
    return OpenWatch([Path(item.path) for item in inputs.declared])


def data_opened(inputs: TrialInputs, seen: OpenWatch, *, concurrent: bool) -> DataOpened:
    """What `seen` saw, by name of the input.

    Args:
        inputs: the run's inputs.
        seen: a watch that has ended.
        concurrent: other trials of this run could run beside it; then any of them may have opened the files.
    """
    if not seen.complete:
        return DataOpened()
    names = sorted({_name(inputs, path) for path in seen.opened})
    shown = tuple(names[:_MOST_NAMED])
    return DataOpened(
        files=shown, more=len(names) - len(shown), attribution="concurrent-set" if concurrent else "trial"
    )


def _name(inputs: TrialInputs, path: Path) -> str:
    """The input's name (`data`, or its variable), and the path below it."""
    for item in inputs.declared:
        root = Path(item.path)
        if path == root or path.is_relative_to(root):
            name = item.name.split("=", 1)[0]
            return "/".join(_parts(name, root.name, path.relative_to(root)))
    return str(path)


def _parts(name: str, base: str, below: Path) -> Iterable[str]:
    yield name
    yield base
    yield from below.parts
