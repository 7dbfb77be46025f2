"""What a run stands on cannot change under it, and a role writes only what it may."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from curie.errors import CurieError
from curie.journal.events import BlocksDecided, FindingRecorded, PlanFrozen, RunCreated, TrialFinished, TrialStarted
from curie.journal.reader import read
from curie.journal.writer import Journal
from curie.rigor.policy import Role
from curie.session import Session
from curie.state import RunState
from tests.curie import sample_run
from tests.faults.command_line import Place, state_of, study

READS = 'sh -c \'sleep 0.2; echo "{{\\"y\\": $(cat "$1")}}"\' {x} {file}'


def stopped(place: Place, arguments: list[str]) -> None:
    """A run that its budget stopped after the gate."""
    done = place.curie(*arguments, "--out", "run", "--max-time", "0.001")
    assert done.code == 4, done
    assert len(state_of(place.cwd / "run").trials) < 5


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["--set", "--data"])
def test_input_changed_before_resume(place: Place, flag: str) -> None:
    """A changed input is refused by name, and the run goes on once the old content is back."""
    held = place.cwd / "held file"
    held.write_text("1", encoding="utf-8")
    value = f"file=@{held}" if flag == "--set" else str(held)
    command = READS if flag == "--set" else 'sh -c \'echo "{{\\"y\\": $(cat "$CURIE_DATA")}}"\' {x}'
    stopped(place, study(command, flag, value))
    held.write_text("2", encoding="utf-8")
    refused = place.curie("resume", "run")
    assert refused.code == 5
    assert str(held) in refused.err
    held.write_text("1", encoding="utf-8")
    assert place.curie("resume", "run", "--max-time", "60").code == 0


@pytest.mark.slow
def test_repository_changed_before_resume(place: Place) -> None:
    """The code was snapshotted: trials after a resume run the old code, whatever became of the working tree."""
    repo = place.cwd / "my repo"
    repo.mkdir()
    (repo / "go.sh").write_text("echo '{\"y\": '$1'}'\n", encoding="utf-8")
    stopped(place, study("sh go.sh {x}", "--repo", str(repo)))
    (repo / "go.sh").write_text("echo '{\"y\": 99}'\n", encoding="utf-8")
    assert place.curie("resume", "run", "--max-time", "60").code == 0
    values = {record.values["y"] for record in state_of(place.cwd / "run").trials.values()}
    assert values == {1.0, 2.0}


@pytest.mark.parametrize("sandbox", ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
def test_trials_share_no_files(place: Place, sandbox: str) -> None:
    """What a trial does to its working folder, to the code or to CURIE_OUT reaches no other trial."""
    repo = place.cwd / "repo"
    repo.mkdir()
    (repo / "count").write_text("0", encoding="utf-8")
    steps = 'echo x >> count; echo x >> new; echo x >> "$CURIE_OUT/o"; n=$(cat count new "$CURIE_OUT/o" | grep -c x)'
    (repo / "go.sh").write_text(f"""{steps}; echo '{{"y": '$n'}}'\n""", encoding="utf-8")
    done = place.curie(
        *study("sh go.sh {x}", "--repo", str(repo), sandbox=sandbox),
        *("--out", "run", "--reproduce", "2"),
    )
    assert done.code == 0, done
    assert {record.values["y"] for record in state_of(place.cwd / "run").trials.values()} == {3.0}


WRITES: list[tuple[Role, object]] = [
    ("architect", TrialStarted(key="g01-r01", attempt=1)),
    ("technician", FindingRecorded(finding=sample_run.finding())),
    ("analyst", TrialFinished(record=sample_run.record("g01-r01", "g01", 1.0))),
    ("runner", FindingRecorded(finding=sample_run.finding())),
    ("runner", PlanFrozen(plan=sample_run.plan(), digest=sample_run.plan().digest())),
    ("verifier", TrialFinished(record=sample_run.record("g01-r01", "g01", 1.0))),
    ("reproducer", TrialFinished(record=sample_run.record("g01-r01", "g01", 1.0))),
    ("concluder", BlocksDecided(blocks=9, reason="more")),
    (
        "analyst",
        RunCreated(run_id="r", question="q", mode="declared", curie_version="1", seed=0, request={}, machine={}),
    ),
]


@pytest.mark.parametrize(("role", "event"), WRITES)
def test_a_role_writes_what_it_may(tmp_path: Path, role: Role, event: object) -> None:
    """A session refuses an event that the role may not write, and neither journal nor state shows it."""
    path = tmp_path / "journal.jsonl"
    with Journal.open(path, clock=lambda: datetime.now(UTC)) as journal:
        session = Session(journal, RunState())
        with pytest.raises(CurieError, match=f"The {role} may not write"):
            session.record(event, role)  # type: ignore[arg-type]
        assert session.state == RunState()
    assert read(path) == []
