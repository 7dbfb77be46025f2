"""What is kept of CURIE_OUT, whatever a trial left there."""

import os
from pathlib import Path

import pytest

from curie import outputs
from curie.outputs import keep_outputs
from curie.store import ArtifactStore


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    """An empty artifact store."""
    (tmp_path / "artifacts").mkdir()
    return ArtifactStore(tmp_path / "artifacts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty CURIE_OUT."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_regular_files_in_order_with_their_folders(store: ArtifactStore, folder: Path) -> None:
    """Names are relative, order is by name, content is in the store."""
    (folder / "b").mkdir()
    (folder / "b" / "é x").write_bytes(b"2")
    (folder / "a").write_bytes(b"1")
    kept, _ = keep_outputs(store, folder)
    assert [(ref.name, store.get(ref)) for ref in kept] == [("a", b"1"), ("b/é x", b"2")]


def test_what_is_no_regular_file_is_left_out(store: ArtifactStore, folder: Path, tmp_path: Path) -> None:
    """No link is followed, to a file or a folder; no FIFO is waited for."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_bytes(b"k")
    (folder / "file").symlink_to(tmp_path / "secret" / "key")
    (folder / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe")
    assert keep_outputs(store, folder) == ((), 0)


def test_a_folder_that_is_gone_or_replaced_is_empty(store: ArtifactStore, folder: Path, tmp_path: Path) -> None:
    """A trial may remove CURIE_OUT, or put a link or a file in its place."""
    folder.rmdir()
    assert keep_outputs(store, folder) == ((), 0)
    folder.symlink_to(tmp_path)
    assert keep_outputs(store, folder) == ((), 0)
    folder.unlink()
    folder.write_bytes(b"")
    assert keep_outputs(store, folder) == ((), 0)


def test_a_name_that_is_not_utf8_can_be_recorded(store: ArtifactStore, folder: Path) -> None:
    """The byte is replaced in the name; the content is kept."""
    Path(os.fsdecode(os.fsencode(folder) + b"/a\xff")).write_bytes(b"1")
    ((kept,), _) = keep_outputs(store, folder)
    assert kept.name == "a\ufffd"
    assert kept.model_dump_json()


def test_bounds(store: ArtifactStore, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that exceeds what is left is passed over, and smaller ones after it are kept."""
    monkeypatch.setattr(outputs, "MAX_BYTES", 10)
    monkeypatch.setattr(outputs, "MAX_FILES", 2)
    for name, size in (("a", 4), ("b", 7), ("c", 6), ("d", 0)):
        (folder / name).write_bytes(b"x" * size)
    kept, left_out = keep_outputs(store, folder)
    assert [ref.name for ref in kept] == ["a", "c"]
    assert left_out == 2
