"""`verify` on a sound run, and on each thing that can be changed."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from curie.errors import RunNotFound, UsageError
from curie.journal.events import FindingRecorded, InboxReceived, PlanFrozen, RunFinished, SnapshotTaken
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.receipt import write_receipt
from curie.verify import verify
from tests.curie.sample_run import events, finished_run, plan, ticking, write_journal


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """A finished run that nobody touched."""
    return finished_run(tmp_path / "my run")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """An SSH key of the user's."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", str(path)], check=True)
    return path


def test_sound_run(run: RunPaths) -> None:
    """Everything holds, and the report says that only the chain was checked."""
    report = verify(run.root)
    assert report.problems == ()
    assert (report.ok, report.checked) == (True, "chain")
    assert [c.id for c in report.checks] == [
        "chain",
        "end",
        "files",
        "artifacts",
        "plan",
        "code",
        "findings",
        "summary",
        "receipt",
    ]


def test_edited_measurement_is_named(run: RunPaths) -> None:
    """One measurement edited on disk: the event, its type and its trial are named."""
    run.journal.write_bytes(run.journal.read_bytes().replace(b'"wall_s":0.5', b'"wall_s":0.1'))
    report = verify(run.root)
    assert not report.ok
    assert "event 9 (trial_finished g01-r01) was changed after it was written" in report.problems[0]


def _rewrite(paths: RunPaths, change: Callable[[dict[str, object]], None]) -> None:
    """Forge the whole chain anew with a change, as somebody who knows the format would."""
    prev, out = "0" * 64, []
    for line in paths.journal.read_bytes().splitlines():
        entry = json.loads(line)
        change(entry["event"])
        body = {"seq": entry["seq"], "time": entry["time"], "prev": prev, "event": entry["event"]}
        prev = hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        out.append(json.dumps({**body, "hash": prev}, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    paths.journal.write_bytes(b"".join(out))


def test_rewritten_chain_breaks_the_recorded_end(run: RunPaths) -> None:
    """A chain that was rewritten whole no longer ends in the head that run_finished names."""

    def change(event: object) -> None:
        if isinstance(event, dict) and event["type"] == "run_created":
            event["question"] = "Another question?"

    _rewrite(run, change)
    assert "run_finished" in verify(run.root).problems[0]


@pytest.mark.parametrize("harm", ["changed", "missing", "link", "pipe"])
def test_report_file(harm: str, run: RunPaths) -> None:
    """A changed, missing or replaced report is named."""
    file = run.report / "report.md"
    file.unlink()
    if harm == "changed":
        file.write_text("# Better answer\n")
    elif harm == "link":
        file.symlink_to("/etc/passwd")
    elif harm == "pipe":
        os.mkfifo(file)
    assert any("report/report.md" in problem for problem in verify(run.root).problems)


def test_artifact(run: RunPaths) -> None:
    """A changed artifact is named with the event and trial that refer to it."""
    (file,) = run.artifacts.iterdir()
    file.chmod(0o644)
    file.write_bytes(b"other\n")
    problems = verify(run.root).problems
    assert any("artifact stdout" in p and "event 7, trial control-r01" in p for p in problems)
    file.unlink()
    assert any("is missing" in p for p in verify(run.root).problems)


def test_added_file_is_mentioned(run: RunPaths) -> None:
    """A file that came later is no fault, but is said not to be covered."""
    (run.report / "extra.csv").write_text("1")
    report = verify(run.root)
    assert report.ok
    assert any("report/extra.csv" in c.message for c in report.checks)


def test_plan_digest(tmp_path: Path) -> None:
    """A plan that does not match its digest is found even in a sound chain."""
    paths = RunPaths.create(tmp_path / "r")
    write_journal(paths.journal, [PlanFrozen(plan=plan(), digest="0" * 64)])
    assert verify(paths.root).problems == ("event 1 (plan_frozen): the plan does not match its recorded digest",)


def test_finished_without_a_finding(tmp_path: Path) -> None:
    """A finished run owes a finding on every hypothesis."""
    paths = RunPaths.create(tmp_path / "r")
    with Journal.open(paths.journal, clock=ticking()) as journal:
        journal.append_many([e for e in events() if not isinstance(e, FindingRecorded | SnapshotTaken)])
        journal.append(RunFinished(events=journal.events, head=journal.head, files=()))
    assert verify(paths.root).problems == ("the run finished, but there is no finding on H1",)


def test_later_tag_and_torn_tail_are_no_fault(run: RunPaths) -> None:
    """A tag after the end keeps the run sound, and so does a torn tail, which is reported and left alone."""
    with Journal.open(run.journal, clock=ticking()) as journal:
        journal.append(InboxReceived(kind="tag", text="later", sender="t"))
    with run.journal.open("ab") as file:
        file.write(b'{"half')
    before = run.journal.read_bytes()
    report = verify(run.root)
    assert report.ok
    assert "torn tail of 6 bytes" in report.checks[0].message
    assert run.journal.read_bytes() == before


def test_no_run(tmp_path: Path) -> None:
    """A folder without a journal is no run."""
    with pytest.raises(RunNotFound):
        verify(tmp_path)


def test_signed_receipt(run: RunPaths, key: Path, tmp_path: Path) -> None:
    """A signature over the head is checked, by any key or by the listed ones, and the report says so."""
    write_receipt(run.root, key)
    assert verify(run.root).checked == "receipt"
    signers = tmp_path / "signers"
    signers.write_text(f"ada {key.with_suffix('.pub').read_text()}")
    assert verify(run.root, allowed_signers=signers).checked == "receipt"
    signers.write_text("")
    stranger = verify(run.root, allowed_signers=signers)
    assert (stranger.ok, stranger.checked) == (False, "chain")


def test_rewritten_chain_breaks_the_receipt(run: RunPaths, key: Path) -> None:
    """Against a signed head, a chain rewritten whole shows even where it is consistent in itself."""
    lines = run.journal.read_bytes().splitlines(keepends=True)
    run.journal.write_bytes(b"".join(lines[:-1]))
    write_receipt(run.root, key)

    def change(event: object) -> None:
        if isinstance(event, dict) and event["type"] == "trial_finished":
            event["record"]["values"]["wall_s"] = 0.01

    _rewrite(run, change)
    report = verify(run.root)
    assert (report.ok, report.checked) == (False, "chain")
    assert any("not the one that was signed" in p for p in report.problems)


def test_edited_receipt_breaks_the_signature(run: RunPaths, key: Path) -> None:
    """A receipt that was replaced after signing is invalid; one without a signature is called unsigned."""
    write_receipt(run.root, key)
    signature = run.signature.read_bytes()
    with Journal.open(run.journal, clock=ticking()) as journal:
        journal.append(InboxReceived(kind="tag", text="later", sender="t"))
    write_receipt(run.root)
    assert verify(run.root).checks[-1].message.endswith("anyone can replace it")
    run.signature.write_bytes(signature)
    assert "the signature does not match the receipt" in verify(run.root).problems


def test_key_that_cannot_sign(run: RunPaths, key: Path, tmp_path: Path) -> None:
    """A file that is no key is refused with what ssh-keygen said."""
    bad = tmp_path / "bad"
    bad.write_text("no key")
    with pytest.raises(UsageError, match="did not sign"):
        write_receipt(run.root, bad)
