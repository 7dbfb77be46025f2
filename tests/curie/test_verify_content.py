import json
import shutil
from pathlib import Path

import pytest

from curie.compose import RunFlags, StudyFlags, compose
from curie.config import Settings
from curie.journal.chain import Entry
from curie.journal.events import FindingRecorded, RunFinished
from curie.journal.reader import read
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.runner import Surroundings, start, utc_now
from curie.verify import verify


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """A finished run of a real study."""
    flags = StudyFlags(command="sh -c 'exit {x}'", vary=("x=0,3",), metric=("exit_code:1:lower:deterministic",))
    settings = Settings(lease_dir=tmp_path / "leases")
    request = compose("Which exits?", flags, RunFlags(sandbox="process"), tmp_path)
    start(request, tmp_path / "run", "r", Surroundings(settings=settings))
    return RunPaths.at(tmp_path / "run")


def problems(paths: RunPaths) -> str:
    """What verify complains of."""
    return "; ".join(verify(paths.root).problems)


def test_a_sound_run_has_none(run: RunPaths) -> None:
    """Chain, files, code, findings and summary."""
    assert problems(run) == ""


def test_a_finding_that_does_not_follow_from_the_trials_is_named(run: RunPaths) -> None:
    """Even where whoever forged it chained the whole journal anew."""

    def forged(entry: Entry) -> object:
        event = entry.event
        if isinstance(event, FindingRecorded):
            return event.model_copy(update={"finding": event.finding.model_copy(update={"effect": -1.0})})
        return event

    events = [forged(entry) for entry in read(run.journal) if entry.event.type != "run_finished"]
    run.journal.unlink()
    with Journal.open(run.journal, clock=utc_now) as journal:
        journal.append_many(events)  # type: ignore[arg-type]
        journal.append(RunFinished(events=journal.events, head=journal.head, files=()))
    assert "findings on H1 do not follow from the recorded trials" in problems(run)


def test_code_that_is_gone_is_named(run: RunPaths) -> None:
    """Findings cite a commit; without its objects nobody can run it again."""
    shutil.rmtree(run.git / "objects")
    assert "that the trials ran from is damaged or gone" in problems(run)


def test_a_summary_that_disagrees_with_the_journal_is_named(run: RunPaths) -> None:
    """run.json is for people and lists; it must not say more than the journal."""
    facts = json.loads(run.run_json.read_bytes())
    run.run_json.write_text(json.dumps({**facts, "mode": "open"}), encoding="utf-8")
    assert "run.json says something else than the journal about mode" in problems(run)
