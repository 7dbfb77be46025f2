"""Runs that lie nowhere: a dossier from events, and what the page says of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from curie.dossier import Dossier
from curie.journal.chain import Entry
from curie.journal.events import Event
from curie.paths import RunPaths
from curie.result import summarise
from curie.state import project
from curie.store import ArtifactStore
from tests.curie import sample_run

Make = Callable[..., Dossier]


@pytest.fixture
def dossier(tmp_path: Path) -> Make:
    """Makes a dossier of these events; nothing of it is on disk."""

    def make(*events: Event) -> Dossier:
        clock = sample_run.ticking()
        entries = tuple(
            Entry(seq=seq, time=clock(), event=event, hash=f"{seq:064x}") for seq, event in enumerate(events, start=1)
        )
        paths = RunPaths.at(tmp_path / "a run")
        state = project(entries)
        result = summarise(state, paths.root, None)
        store = ArtifactStore(paths.artifacts)
        return Dossier(paths=paths, entries=entries, head=entries[-1].hash, state=state, result=result, store=store)

    return make
