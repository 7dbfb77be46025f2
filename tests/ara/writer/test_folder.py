"""A folder of ours is replaced whole; what is not ours, or was edited, is never lost."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ara.writer import replace_folder
from ara.writer.files import MARKER
from curie.errors import InfrastructureError, UsageError


def files(**content: str) -> dict[str, bytes]:
    """Files with the marker that the writer puts beside them."""
    import hashlib  # noqa: PLC0415 -- only here

    plain = {name.replace("__", "/") + ".md": text.encode() for name, text in content.items()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in plain.items()}
    marker = {"schema": "ara", "schema_version": 1, "files": digests}
    return {**plain, MARKER: json.dumps(marker).encode()}


def content(folder: Path) -> dict[str, bytes]:
    """What a folder holds."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_new_files_take_the_place_of_old_ones(tmp_path: Path) -> None:
    """After a second call the folder holds exactly the second files, and nothing is left beside it."""
    target = tmp_path / "ara"
    replace_folder(target, files(a="old", logic__b="old"))
    replace_folder(target, new := files(logic__c="new"))
    assert content(target) == new
    assert [p.name for p in tmp_path.iterdir()] == ["ara"]


def test_somebody_elses_folder_is_left(tmp_path: Path) -> None:
    """A folder without our marker is refused by name, and stays as it is."""
    target = tmp_path / "ara"
    target.mkdir()
    (target / "PAPER.md").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="was not written by us"):
        replace_folder(target, files(a="x"))
    assert content(target) == {"PAPER.md": b"mine"}


@pytest.mark.parametrize("link_to", ["folder", "nowhere"])
def test_a_symlink_is_not_followed(tmp_path: Path, link_to: str) -> None:
    """A link in the artifact's place is refused, wherever it leads, and nothing is written there."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "ara").symlink_to(tmp_path / link_to)
    with pytest.raises(UsageError):
        replace_folder(tmp_path / "ara", files(a="x"))
    assert not any((tmp_path / "folder").iterdir())


@pytest.mark.parametrize("change", ["edit", "add", "delete", "link"])
def test_an_edited_artifact_is_kept_beside(tmp_path: Path, change: str) -> None:
    """Whoever changed, added or removed a file of ours finds all of it under another name."""
    target = tmp_path / "ara"
    replace_folder(target, files(a="old", b="old"))
    if change == "edit":
        (target / "a.md").write_text("edited", encoding="utf-8")
    elif change == "delete":
        (target / "a.md").unlink()
    elif change == "link":
        (target / "c.md").symlink_to(tmp_path)
    else:
        (target / "notes.txt").write_text("mine", encoding="utf-8")
    before = content(target)
    replace_folder(target, new := files(a="new"))
    assert content(target) == new
    assert content(tmp_path / "ara.kept-1") == before


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    """A half-written folder of an earlier call is no artifact, and is gone after the next."""
    partial = tmp_path / ".ara.partial"
    partial.mkdir()
    (partial / "a.md").write_text("half", encoding="utf-8")
    replace_folder(tmp_path / "ara", new := files(a="x"))
    assert content(tmp_path / "ara") == new
    assert not partial.exists()


def test_a_failed_write_leaves_the_old_artifact(tmp_path: Path) -> None:
    """A name that the file system refuses is an error that says where, and the old artifact stays whole."""
    target = tmp_path / "ara"
    replace_folder(target, old := files(a="old"))
    with pytest.raises(InfrastructureError, match="cannot be written"):
        replace_folder(target, {**files(a="new"), "x" * 300: b""})
    assert content(target) == old


@given(st.sampled_from(["../x", "/x", "a/../../x", "", "a\0b"]))
def test_no_path_leads_out(name: str) -> None:
    """A path out of the folder is refused before anything is written there."""
    import tempfile  # noqa: PLC0415 -- a fixture would be shared by all examples

    with tempfile.TemporaryDirectory() as folder, pytest.raises(ValueError, match="leads out"):
        replace_folder(Path(folder) / "ara", {name: b""})


def test_a_newer_schema_is_not_ours(tmp_path: Path) -> None:
    """A folder that a newer version wrote is left to it."""
    target = tmp_path / "ara"
    replace_folder(target, files(a="x"))
    marker = json.loads((target / MARKER).read_bytes())
    (target / MARKER).write_text(json.dumps({**marker, "schema_version": 99}), encoding="utf-8")
    with pytest.raises(UsageError):
        replace_folder(target, files(a="y"))


def test_only_regular_files_are_written(tmp_path: Path) -> None:
    """Every file is a regular one, readable by its owner."""
    replace_folder(tmp_path / "ara", files(a="x", logic__b="y"))
    assert all(p.is_file() and not p.is_symlink() and os.access(p, os.R_OK) for p in (tmp_path / "ara").rglob("*.md"))
