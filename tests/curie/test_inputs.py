"""Digests of inputs: equal content is equal, any difference that a trial could see is not."""

import hashlib
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from curie.errors import UsageError
from curie.inputs import declare, digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a bit of everything."""
    root = tmp_path / "data"
    (root / "sub/empty").mkdir(parents=True)
    (root / "a").write_text("aaa")
    (root / "sub/b ünï\n").write_text("b")
    (root / "link").symlink_to("a")
    (root / os.fsdecode(b"\xff")).write_bytes(b"raw")
    return root


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    """The digest of a file is what sha256sum says, also through a symlink."""
    (tmp_path / "f").write_bytes(b"hello")
    (tmp_path / "l").symlink_to("f")
    got = digest(tmp_path / "f")
    assert (got.sha256, got.size_bytes, got.files) == (hashlib.sha256(b"hello").hexdigest(), 5, 1)
    assert digest(tmp_path / "l") == got


def test_place_and_time_do_not_count(folder: Path, tmp_path: Path) -> None:
    """A copy elsewhere with other times has the same digest and size."""
    shutil.copytree(folder, tmp_path / "copy", symlinks=True)
    os.utime(tmp_path / "copy/a", (1, 1))
    got = digest(folder)
    assert digest(tmp_path / "copy") == got
    assert (got.size_bytes, got.files) == (7, 4)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "a").write_text("aab"),
        lambda root: (root / "a").rename(root / "c"),
        lambda root: (root / "a").chmod(0o755),
        lambda root: (root / "new").write_text(""),
        lambda root: (root / "sub/empty").rmdir(),
        lambda root: ((root / "link").unlink(), (root / "link").symlink_to("sub")),
        lambda root: ((root / "link").unlink(), (root / "link").write_text("aaa")),
    ],
    ids=["content", "name", "x bit", "new file", "empty folder", "link target", "link to file"],
)
def test_every_visible_difference_counts(change: Callable[[Path], object], folder: Path) -> None:
    """Content, names, executable bits, empty folders and link targets are part of the digest."""
    before = digest(folder).sha256
    change(folder)
    assert digest(folder).sha256 != before


@pytest.mark.parametrize("kind", ["FIFO", "socket", "device"])
@pytest.mark.parametrize("inside", [True, False])
def test_special_files_are_refused_by_name(kind: str, inside: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    """A FIFO, socket or device is refused by name, in a folder or alone, without blocking."""
    root = tmp_path / "d"
    root.mkdir()
    place = root / "odd"
    if kind == "FIFO":
        os.mkfifo(place)
    elif kind == "socket":
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(place))
        server.close()
    else:
        if inside:
            pytest.skip("making a device needs root")
        place = Path("/dev/null")
    with pytest.raises(UsageError, match=f"{place.name} is a {kind}"):
        digest(root if inside else place)


@pytest.mark.parametrize("name", ["none", "dangling"])
def test_missing_input_is_named(name: str, tmp_path: Path) -> None:
    """What is not there is a usage error that names it."""
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(UsageError, match=name):
        digest(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_input_is_named(tmp_path: Path) -> None:
    """A file without read permission is named."""
    (tmp_path / "secret").touch(mode=0)
    with pytest.raises(UsageError, match="secret cannot be read"):
        digest(tmp_path / "secret")


def test_declared_input_is_the_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event holds name, absolute path, digest and size."""
    (tmp_path / "c.tar").write_bytes(b"hello")
    monkeypatch.chdir(tmp_path)
    event = declare("file=c.tar", Path("c.tar"))
    assert (event.name, event.path, event.size_bytes) == ("file=c.tar", str(tmp_path / "c.tar"), 5)
    assert event.sha256 == digest(Path("c.tar")).sha256
