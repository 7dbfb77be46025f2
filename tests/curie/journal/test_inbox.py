"""The inbox: whole messages in order, none lost, no bad file a crash."""

import os
from pathlib import Path

import pytest

from curie.errors import InfrastructureError
from curie.journal.inbox import REFUSED, Message, drain, drop


def message(text: str) -> Message:
    """Any message."""
    return Message(kind="note", text=text, sender="ada@host")


def test_messages_come_in_order_and_once(tmp_path: Path) -> None:
    """Messages are handed over oldest first, even those of one nanosecond, and are then gone."""
    inbox = tmp_path / "inbox"
    for number, now in enumerate([5, 5, 7, 30]):
        drop(inbox, message(str(number)), now_ns=lambda now=now: now)
    got: list[str] = []
    assert drain(inbox, lambda m: got.append(m.text)) == 4
    assert got == ["0", "1", "2", "3"]
    assert drain(inbox, lambda m: got.append(m.text)) == 0


def test_message_stays_until_it_was_handled(tmp_path: Path) -> None:
    """A driver that fails while journalling a message sees it again."""
    drop(tmp_path, message("a"))

    def fail(_message: Message) -> None:
        raise InfrastructureError("disk full")

    with pytest.raises(InfrastructureError):
        drain(tmp_path, fail)
    got: list[Message] = []
    drain(tmp_path, got.append)
    assert got == [message("a")]


def test_bad_files_are_set_aside(tmp_path: Path) -> None:
    """Garbage, unknown kinds, huge files, links, FIFOs and folders are moved away; good messages pass."""
    (tmp_path / "1.json").write_text("{not json")
    (tmp_path / "2.json").write_text('{"kind":"explode","text":"","sender":""}')
    (tmp_path / "3.json").write_bytes(b"x" * 100_000)
    (tmp_path / "4.json").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "5.json")
    (tmp_path / "6.json").mkdir()
    (tmp_path / ".half").write_text("a draft of somebody who is still writing")
    drop(tmp_path, message("good"))
    got: list[Message] = []
    assert drain(tmp_path, got.append) == 1
    assert got == [message("good")]
    assert {p.name for p in (tmp_path / REFUSED).iterdir()} == {f"{n}.json" for n in range(1, 7)}
    assert (tmp_path / ".half").exists()


def test_refused_names_never_overwrite(tmp_path: Path) -> None:
    """Two bad files of one name are both kept."""
    for _ in range(2):
        (tmp_path / "x.json").write_text("bad")
        drain(tmp_path, lambda _m: None)
    assert len(list((tmp_path / REFUSED).iterdir())) == 2


def test_missing_inbox_is_empty(tmp_path: Path) -> None:
    """Draining what is not there does nothing; dropping makes it."""
    assert drain(tmp_path / "none", lambda _m: None) == 0
    assert drop(tmp_path / "none", message("a")).parent == tmp_path / "none"


def test_unwritable_inbox_is_an_error(tmp_path: Path) -> None:
    """A file in the folder's place is named."""
    (tmp_path / "inbox").write_text("")
    with pytest.raises(InfrastructureError, match="inbox"):
        drop(tmp_path / "inbox", message("a"))
