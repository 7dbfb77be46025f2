"""The artifacts of the bundled tasks: short real runs, checked by every rule, and their trials counted."""

import csv

import pytest

from ara.check.model import Profile
from ara.check.report import check
from ara.observer import ArtifactPublisher
from curie.compose import RunFlags, StudyFlags, compose
from curie.config import Settings
from curie.dossier import Dossier, open_dossier
from curie.errors import EnvironmentFailed
from curie.paths import RunPaths
from curie.runner import Surroundings, start
from curie.verify import verify

pytestmark = pytest.mark.slow

TASKS = ("sorting", "compression", "label-noise")


@pytest.fixture(scope="module", params=TASKS)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    """A task's run with two blocks, as the command line would make it."""
    place = tmp_path_factory.mktemp(request.param)
    base = tmp_path_factory.getbasetemp()
    # Shared with the tests of the task itself, and by the workers of this session: it is built once.
    cache = (base.parent if base.name.startswith("popen-") else base) / "environments"
    settings = Settings(runs_dir=place / "runs", cache_dir=cache, lease_dir=place / "leases")
    flags = StudyFlags(repeat=2)
    wanted = compose(request.param, flags, RunFlags(sandbox="process", reproduce=1), place)
    try:
        start(wanted, place / "run", "r", Surroundings(settings=settings, publishers=(ArtifactPublisher(),)))
    except EnvironmentFailed as error:
        pytest.skip(f"the task's environment cannot be built here: {str(error).splitlines()[-1]}")
    return open_dossier(RunPaths.at(place / "run"))


@pytest.mark.parametrize("profile", list(Profile))
def test_the_check_reports_nothing(told: Dossier, profile: Profile) -> None:
    """No error, no warning and no note, in either profile."""
    seen = check(told.paths.ara, profile)
    assert [f"{d.file}:{d.line}: {d.rule} {d.message}" for d in seen.diagnostics] == []


def test_every_trial_is_there(told: Dossier) -> None:
    """As many rows as the journal has records, each with its outcome, gate and re-runs included."""
    with (told.paths.ara / "evidence" / "data" / "trials.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["key"]: row["outcome"] for row in csv.DictReader(file)}
    assert rows == {record.key: record.outcome for record in told.records}


def test_the_run_and_its_artifact_are_sealed(told: Dossier) -> None:
    """`verify` finds everything as it was at the end."""
    assert told.result.phase == "finished"
    assert verify(told.paths.root).ok
