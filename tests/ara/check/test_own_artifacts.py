"""What we write has nothing against it: not an error, not a warning, not a note."""

from pathlib import Path

import pytest

from ara.check.report import check
from ara.observer import ArtifactPublisher
from curie.dossier import open_dossier
from tests.ara import eventful_run
from tests.curie import sample_run


@pytest.mark.parametrize("eventful", [False, True], ids=["sample", "eventful"])
def test_the_artifact_of_a_run_is_clean(tmp_path: Path, eventful: bool) -> None:  # noqa: FBT001 -- a parameter
    """A plain run, and one in which everything went wrong and every text is hostile."""
    paths = eventful_run.write(tmp_path / "r") if eventful else sample_run.finished_run(tmp_path / "r")
    folder = ArtifactPublisher().publish(open_dossier(paths))
    assert folder is not None
    assert check(folder).diagnostics == ()
