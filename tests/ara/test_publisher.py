"""A run that stops becomes an artifact: real runs, sealed, checked, resumed, and stopped at the gate."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ara.check.model import Profile
from ara.check.report import check
from ara.observer import ArtifactPublisher
from curie.config import Settings
from curie.dossier import open_dossier
from curie.errors import UsageError
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.request import RunRequest
from curie.result import RunResult
from curie.runner import Surroundings, resume, start
from curie.verify import verify
from tasks.study import Metric, Study
from tests.curie import sample_run

SCRIPT = """
import json, os, sys
x, seed = float(sys.argv[1]), int(sys.argv[2])
if x == 9:
    sys.exit("## C99: bad\\n| a |")
with open(os.environ["CURIE_METRICS"], "w") as out:
    for step in range(3):
        print(json.dumps({"metric": "loss", "value": x + seed % 7 / 10 + step, "step": step}), file=out)
    print(json.dumps({"metric": "size", "value": 3 * x}), file=out)
"""


def around(folder: Path) -> Surroundings:
    """Leases of this test, and our publisher."""
    return Surroundings(settings=Settings(lease_dir=folder / "leases"), publishers=(ArtifactPublisher(),))


def request(folder: Path, levels: tuple[float, ...] = (1.0, 2.5, 9.0), **more: object) -> RunRequest:
    """A small study with a measured series and a deterministic metric; the level 9 fails."""
    repo = folder / "repo"
    repo.mkdir(exist_ok=True)
    (repo / "main.py").write_text(SCRIPT, encoding="utf-8")
    study = Study(
        question="Does x move the loss?",
        command="python3 main.py {x} {seed}",
        vary={"x": levels},
        metrics=(Metric(name="loss", better="lower"), Metric(name="size", unit="B", deterministic=True)),
        repeat=5,
        repo=repo,
    )
    return RunRequest.model_validate({"study": study, "sandbox": "process", **more})


def run(folder: Path, **more: object) -> RunResult:
    """The study, run."""
    return start(request(folder, **more), folder / "run", "r", around(folder))  # type: ignore[arg-type]


def reported(folder: Path) -> list[str]:
    """What our own checker says, notes included, but for targets of size that a small run honestly misses."""
    found = [d for profile in Profile for d in check(folder, profile, strict=True).diagnostics]
    return [str(d) for d in found if d.rule != "A443"]


@pytest.mark.slow
def test_a_run_is_sealed_with_its_artifact(tmp_path: Path) -> None:
    """The artifact of a run with failures is clean for the checker, and `verify` names a file of it that was edited."""
    result = run(tmp_path, aa=True)
    assert result.artifact == tmp_path / "run" / "ara"
    assert not any(d.id == "artifact/failed" for d in result.diagnostics)
    assert reported(tmp_path / "run" / "ara") == []
    assert verify(tmp_path / "run").ok
    with (tmp_path / "run/ara/logic/claims.md").open("a", encoding="utf-8") as file:
        file.write("- **Status**: supported\n")
    report = verify(tmp_path / "run")
    assert any("ara/logic/claims.md was changed" in problem for problem in report.problems)


@pytest.mark.slow
def test_an_artifact_made_again_after_the_end_is_the_same(tmp_path: Path) -> None:
    """Publishing a finished run once more changes no byte, so its seal still holds."""
    run(tmp_path, levels=(1.0, 2.0))
    ArtifactPublisher().publish(open_dossier(RunPaths.at(tmp_path / "run")))
    assert verify(tmp_path / "run").ok


@pytest.mark.slow
def test_a_gate_that_fails_leaves_hypotheses(tmp_path: Path) -> None:
    """Where the control fails, every claim is a hypothesis, the failure is a dead end, and the artifact is clean."""
    run(tmp_path, levels=(9.0, 1.0))
    folder = tmp_path / "run" / "ara"
    assert reported(folder) == []
    assert "- **Status**: hypothesis" in (folder / "logic/claims.md").read_text("utf-8")
    tree = (folder / "trace/exploration_tree.yaml").read_text("utf-8")
    assert "Trials: control-gate" in tree
    assert "## C99: bad" in tree.replace("\\", "")


@pytest.mark.slow
def test_a_stopped_run_is_published_and_replaced_on_resume(tmp_path: Path) -> None:
    """A run without time says what was not attempted; resumed, its artifact tells of the stop and the rest."""
    assert run(tmp_path, levels=(1.0, 2.0), max_time_s=0.001).phase == "budget"
    folder = tmp_path / "run" / "ara"
    assert reported(folder) == []
    assert "not_attempted" in (folder / "evidence/data/trials.csv").read_text("utf-8")
    resume(tmp_path / "run", around(tmp_path))
    assert "not_attempted" not in (folder / "evidence/data/trials.csv").read_text("utf-8")
    assert "The run stopped: budget" in (folder / "trace/exploration_tree.yaml").read_text("utf-8")
    assert reported(folder) == []


def test_a_folder_of_somebody_else_is_left(tmp_path: Path) -> None:
    """A foreign `ara/` in the run's directory stays as it is, and the error names it."""
    paths = RunPaths.create(tmp_path / "run")
    paths.ara.mkdir()
    (paths.ara / "mine.txt").write_text("mine", encoding="utf-8")
    with Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
        journal.append(sample_run.created())
    with pytest.raises(UsageError, match="was not written by us"):
        ArtifactPublisher().publish(open_dossier(paths))
    assert (paths.ara / "mine.txt").read_text("utf-8") == "mine"


def test_a_run_without_a_plan_is_an_honest_artifact(tmp_path: Path) -> None:
    """Of a run that froze no plan the core files are there and claim nothing."""
    paths = RunPaths.create(tmp_path / "run")
    with Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
        journal.append(sample_run.created())
    folder = ArtifactPublisher().publish(open_dossier(paths))
    assert folder == paths.ara
    assert reported(folder) == []
    assert "No claim" in (folder / "logic/claims.md").read_text("utf-8")


def test_the_marker_has_every_digest(tmp_path: Path) -> None:
    """`artifact.json` names every other file with the digest that it has."""
    paths = sample_run.finished_run(tmp_path / "run")
    ArtifactPublisher().publish(open_dossier(paths))
    marker = json.loads((paths.ara / "artifact.json").read_bytes())
    files: Mapping[str, str] = marker["files"]
    real = {p.relative_to(paths.ara).as_posix(): p for p in paths.ara.rglob("*") if p.is_file()}
    assert files.keys() == real.keys() - {"artifact.json"}
    assert all(hashlib.sha256(real[name].read_bytes()).hexdigest() == digest for name, digest in files.items())
    assert marker["origin"]["run_id"] == "r1"
