"""What a killed driver left half-made in its run: drafts that never got their name. Nothing that was recorded."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from curie.paths import RunPaths


def sweep(paths: RunPaths) -> None:
    """Remove half-made files and folders. The caller holds the run's lock, so nobody is making them now."""
    for place in _half_made(paths):
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
        else:
            place.unlink(missing_ok=True)


def _half_made(paths: RunPaths) -> Iterator[Path]:
    yield from paths.artifacts.glob(".draft-*")
    yield from paths.exports.glob(".partial-*")
    yield from paths.git.glob("curie-index-*")
