"""Tags and other messages to a run, whether or not a process is writing it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from curie.errors import UsageError
from curie.inbox_reader import read_inbox
from curie.journal.inbox import Message, drop
from curie.journal.lock import RunLock
from curie.journal.reader import read
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.session import Session
from curie.starter import STARTER, write_starter
from curie.state import RunState, project
from curie.tagging import add_tag
from tests.curie import sample_run


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    """A finished run."""
    return sample_run.finished_run(tmp_path / "r1")


def tags(paths: RunPaths) -> tuple[str, ...]:
    """The tags by the journal."""
    return project(read(paths.journal)).tags


def test_a_tag_on_a_run_at_rest(run: RunPaths) -> None:
    """It is in the journal at once, trimmed, each once, and the run stays finished."""
    assert not add_tag(run, " mine ").pending
    add_tag(run, "mine")
    assert tags(run) == ("first", "mine")
    assert project(read(run.journal)).finished is not None


def test_a_tag_on_a_run_that_is_written(run: RunPaths) -> None:
    """It waits in the inbox, and is in the journal once somebody reads it."""
    with RunLock(run.lock):
        assert add_tag(run, "later").pending
        assert tags(run) == ("first",)
    add_tag(run, "now")
    assert set(tags(run)) == {"first", "later", "now"}


@pytest.fixture
def session(run: RunPaths) -> Iterator[Session]:
    """A session that writes it."""
    with Journal.open(run.journal, clock=sample_run.ticking()) as journal:
        yield Session(journal, RunState())


def test_a_cancel_stops_the_run_and_a_tag_does_not(run: RunPaths, session: Session) -> None:
    """The driver journals every message, and only a cancel is acted upon."""
    drop(run.inbox, Message(kind="tag", text="a", sender="me"))
    read_inbox(session, run)
    assert not session.cancelled.is_set()
    drop(run.inbox, Message(kind="cancel", text="", sender="me"))
    read_inbox(session, run)
    assert session.cancelled.is_set()
    assert session.state.tags == ("a",)


def test_what_is_no_message_stops_nothing(run: RunPaths, session: Session) -> None:
    """Rubbish in the inbox is passed over."""
    (run.inbox / "x.json").write_text(json.dumps({"kind": "format-disk"}), encoding="utf-8")
    (run.inbox / "folder.json").mkdir()
    read_inbox(session, run)
    assert not session.cancelled.is_set()


def test_the_starter_is_not_written_over(tmp_path: Path) -> None:
    """Without force; nor into a folder that is not there."""
    path = tmp_path / "experiment.yaml"
    write_starter(path, force=False)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="there already"):
        write_starter(path, force=False)
    assert path.read_text(encoding="utf-8") == "mine"
    write_starter(path, force=True)
    assert path.read_text(encoding="utf-8") == STARTER
    with pytest.raises(UsageError, match="cannot be written"):
        write_starter(tmp_path / "gone" / "e.yaml", force=False)
