"""The artifact store: content under its digest, once, whole or not at all."""

import hashlib
import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.errors import CheckFailed, DiskFull, InfrastructureError
from curie.store import EDGE_BYTES, WHOLE_BYTES, ArtifactStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The store's folder."""
    path = tmp_path / "artifacts"
    path.mkdir()
    return path


@pytest.fixture
def store(folder: Path) -> ArtifactStore:
    """An empty store."""
    return ArtifactStore(folder)


def test_bytes_come_back_and_lie_under_their_digest(store: ArtifactStore, folder: Path) -> None:
    """What was put is got, from a read-only file named by SHA-256, and nothing else is left in the folder."""
    ref = store.put_bytes("stdout", b"hello")
    assert (ref.sha256, ref.size_bytes) == (hashlib.sha256(b"hello").hexdigest(), 5)
    assert store.get(ref) == b"hello"
    assert [p.name for p in folder.iterdir()] == [ref.sha256]
    assert store.path(ref.sha256).stat().st_mode & 0o777 == 0o444


def test_equal_content_is_kept_once(store: ArtifactStore, folder: Path) -> None:
    """Eight threads that put the same content at once leave one file."""
    threads = [threading.Thread(target=store.put_bytes, args=(str(n), b"same" * 1000)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(folder.iterdir())) == 1


def test_a_short_leftover_is_replaced(store: ArtifactStore) -> None:
    """A file that a crash left short under the right name is mended by the next put."""
    digest = hashlib.sha256(b"hello").hexdigest()
    store.path(digest).write_bytes(b"he")
    assert store.get(store.put_bytes("x", b"hello")) == b"hello"


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "missing"])
def test_only_regular_files_are_kept(kind: str, store: ArtifactStore, tmp_path: Path) -> None:
    """Links, FIFOs and folders are refused by name, without blocking."""
    path = tmp_path / "thing"
    if kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(InfrastructureError, match="thing"):
        store.put_file("x", path)


def test_changed_or_missing_artifact_is_a_failed_check(store: ArtifactStore) -> None:
    """An artifact that no longer matches is never handed out."""
    ref = store.put_bytes("x", b"hello")
    store.path(ref.sha256).chmod(0o644)
    store.path(ref.sha256).write_bytes(b"hullo")
    with pytest.raises(CheckFailed, match="changed"):
        store.get(ref)
    store.path(ref.sha256).unlink()
    with pytest.raises(CheckFailed, match="missing"):
        store.get(ref)


def test_digest_is_no_path(store: ArtifactStore) -> None:
    """A reference cannot lead out of the store."""
    with pytest.raises(ValueError, match="no SHA-256"):
        store.path("../../etc/passwd")


@given(st.integers(-2, 2), st.sampled_from([0, EDGE_BYTES, WHOLE_BYTES, WHOLE_BYTES + EDGE_BYTES]))
def test_streams_around_the_bounds(tmp_path_factory: pytest.TempPathFactory, shift: int, bound: int) -> None:
    """A stream is whole up to 1 MiB, else head, a line that counts the gap, and tail."""
    folder = tmp_path_factory.mktemp("s")
    size = max(0, bound + shift)
    data = bytes(i % 251 for i in range(256)) * (size // 256 + 1)
    data = data[:size]
    (folder / "out").write_bytes(data)
    (folder / "store").mkdir()
    ref = ArtifactStore(folder / "store").put_stream("stdout", folder / "out")
    kept = ArtifactStore(folder / "store").get(ref.artifact)
    assert ref.total_bytes == size
    assert ref.truncated == (size > WHOLE_BYTES)
    gap = f"\n[... {size - 2 * EDGE_BYTES} bytes left out ...]\n".encode()
    assert kept == (data if not ref.truncated else data[:EDGE_BYTES] + gap + data[-EDGE_BYTES:])


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 4 KiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_room_leaves_no_draft(store: ArtifactStore, folder: Path, small_files: None) -> None:
    """An artifact that does not fit is a full disk, and no half of it stays."""
    with pytest.raises(DiskFull):
        store.put_bytes("x", b"x" * 10_000)
    assert list(folder.iterdir()) == []
