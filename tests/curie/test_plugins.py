"""What other packages add to a run: found by entry point, sealed with the run, and unable to take it with them."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from curie.compose import RunFlags, StudyFlags, compose
from curie.config import Settings
from curie.dossier import Dossier, open_dossier
from curie.errors import DiskFull, InfrastructureError
from curie.finish import finish
from curie.journal.writer import Journal
from curie.observer import Publisher
from curie.paths import RunPaths
from curie.plugins import PUBLISHERS, installed_publishers
from curie.result import RunResult
from curie.runner import Surroundings, start
from curie.session import Session
from curie.state import project
from curie.verify import verify
from tests.curie import sample_run


class Packager:
    """Writes one file, as an artifact would."""

    def publish(self, dossier: Dossier) -> Path:
        """Write what the run came to."""
        folder = dossier.paths.ara
        folder.mkdir(exist_ok=True)
        (folder / "answer.txt").write_text(dossier.result.answer or "none", encoding="utf-8")
        return folder


class Broken:
    """Fails as foreign code does."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def publish(self, dossier: Dossier) -> Path:  # noqa: ARG002 -- the protocol's signature
        """Fail."""
        raise self._error


def run(folder: Path, *publishers: Publisher) -> RunResult:
    """A tiny real run with these publishers."""
    flags = StudyFlags(command="true {x}", vary=("x=1,2",), metric=("exit_code:1:lower",), repeat=2)
    request = compose("Is it?", flags, RunFlags(sandbox="process", reproduce=0), folder)
    settings = Settings(lease_dir=folder / "lease", cache_dir=folder / "cache", runs_dir=folder / "runs")
    return start(request, folder / "run", "r", Surroundings(settings=settings, publishers=publishers))


def test_what_is_published_is_sealed_with_the_run(tmp_path: Path) -> None:
    """The result names the artifact; editing a file of it is found and named by `verify`."""
    result = run(tmp_path, Packager())
    assert result.artifact == tmp_path / "run" / "ara"
    assert result.as_json()["artifact"] == str(result.artifact)
    assert verify(tmp_path / "run").ok
    answer = result.artifact / "answer.txt"
    assert answer.read_text(encoding="utf-8") == result.answer
    answer.write_text("something better", encoding="utf-8")
    report = verify(tmp_path / "run")
    assert not report.ok
    assert any("ara/answer.txt" in problem for problem in report.problems)


def test_a_publisher_that_fails_is_recorded_and_the_run_is_finished(tmp_path: Path) -> None:
    """The failure is a diagnostic that names the publisher; what was measured and concluded is all there."""
    result = run(tmp_path, Broken(RuntimeError("no idea")), Packager())
    assert result.phase == "finished"
    said = next(d for d in result.diagnostics if d.id == "artifact/failed")
    assert said.severity == "warning"
    assert "Broken" in said.message
    assert "no idea" in said.message
    assert result.artifact is not None
    assert "no idea" in (tmp_path / "run" / "report" / "report.md").read_text(encoding="utf-8")


def test_the_artifact_of_an_earlier_stop_does_not_pass_for_that_of_the_end(tmp_path: Path) -> None:
    """Where packaging fails at the end, what a stop had left is kept under another name, and said."""
    folder = tmp_path / "run" / "ara"

    class BreaksLater:
        """Writes, and then fails: as if the folder came from an earlier stop."""

        def publish(self, dossier: Dossier) -> Path:
            Packager().publish(dossier)
            raise RuntimeError("broken by now")

    result = run(tmp_path, BreaksLater())
    assert result.artifact is None
    assert not folder.exists()
    assert (tmp_path / "run" / "ara.stale-1" / "answer.txt").is_file()
    assert any("ara.stale-1" in d.message for d in result.diagnostics)
    assert verify(tmp_path / "run").ok


def test_a_full_disk_is_not_taken_for_a_broken_publisher(tmp_path: Path) -> None:
    """Nothing is sealed on a disk that holds no more; `resume` can go on."""
    with pytest.raises(DiskFull):
        run(tmp_path, Broken(DiskFull("full")))


def test_publishers_come_by_entry_point_in_the_order_of_their_names() -> None:
    """Each is made without arguments."""
    points = [
        EntryPoint("b", f"{__name__}:Packager", PUBLISHERS),
        EntryPoint("a", "builtins:object", PUBLISHERS),
    ]
    assert [type(p).__name__ for p in installed_publishers(points)] == ["object", "Packager"]


def test_an_entry_point_that_cannot_be_loaded_is_named() -> None:
    """The message names the entry point and what went wrong, before anything is measured."""
    with pytest.raises(InfrastructureError, match=r"gone .*no_such_module") as caught:
        installed_publishers([EntryPoint("gone", "no_such_module:Thing", PUBLISHERS)])
    assert caught.value.hint is not None


def broken_page(dossier: Dossier) -> str:
    """A page that cannot be made."""
    raise RuntimeError(f"no page of {len(dossier.entries)} events")


def test_a_page_that_cannot_be_made_does_not_take_the_run_with_it(tmp_path: Path) -> None:
    """Markdown and JSON are written and say what is missing; the run is sealed, and `verify` finds it whole."""
    paths = RunPaths.create(tmp_path / "run")
    items = [e for e in sample_run.events() if e.type != "snapshot_taken"]
    with Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
        journal.append_many(items)
    with Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
        session = Session(journal, project(journal.opened_with))
        finish(session, paths, page=broken_page)
        assert session.state.finished is not None
    assert not paths.page.exists()
    assert "no page of" in paths.markdown.read_text(encoding="utf-8")
    told = open_dossier(paths)
    assert told.result.report == paths.markdown
    assert [d.id for d in told.result.diagnostics][-1] == "report/no-page"
    assert verify(paths.root).ok


def test_a_file_added_to_a_sealed_artifact_is_named(tmp_path: Path) -> None:
    """It breaks nothing, and is said not to be covered."""
    result = run(tmp_path, Packager())
    assert result.artifact is not None
    (result.artifact / "later.txt").write_text("new", encoding="utf-8")
    files = next(c for c in verify(tmp_path / "run").checks if c.id == "files")
    assert files.ok
    assert "ara/later.txt" in files.message
