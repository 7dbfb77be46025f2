from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes import Mount, PathRefusedError, SandboxSpec
from sandboxes.cgroups import find_parents
from sandboxes.files import checked_parts, read_below, write_below
from sandboxes.ownership import unused_uid
from sandboxes.view import check_target, locate, parents, places

NAMES = st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=20).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) <= 200
)


@given(st.text(max_size=40))
def test_accepted_paths_stay_below(path: str) -> None:
    """Whatever the text, it is refused or names something strictly below the folder."""
    try:
        parts = checked_parts(path)
    except PathRefusedError:
        return
    assert parts
    assert not {"", ".", ".."} & set(parts)
    assert not PurePosixPath(*parts).is_absolute()


@given(parts=st.lists(NAMES, min_size=1, max_size=4), data=st.binary(max_size=100))
def test_what_is_written_is_read(parts: list[str], data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any name that Linux allows works, and nothing else appears."""
    root = tmp_path_factory.mktemp("root")
    write_below(root, parts, data)
    assert read_below(root, parts, 1000) == data
    assert [path for path in root.rglob("*") if path.is_file()] == [root.joinpath(*parts)]


@given(st.text("abc/.", max_size=30).map(lambda text: f"/{text}"))
def test_accepted_targets_are_normal_and_harmless(target: str) -> None:
    """A mount's place is absolute, free of `..`, and in no folder that the sandbox provides."""
    try:
        checked = check_target(target)
    except PathRefusedError:
        return
    path = PurePosixPath(checked)
    assert path.is_absolute()
    assert ".." not in path.parts
    assert all(not path.is_relative_to(reserved) for reserved in ("/proc", "/dev", "/etc", "/workspace"))


def test_parents_come_outermost_first() -> None:
    """The root is left out; the place itself too."""
    assert parents("/a/b/c") == ["/a", "/a/b"]
    assert parents("/a") == []


def test_inner_mounts_come_after_outer_ones_and_win(tmp_path: Path) -> None:
    """Order and `locate` follow the depth of the place."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "work").mkdir()
    mounts = (Mount(source=inner, target="/data/x/inner"), Mount(source=tmp_path / "outer", target="/data/x"))
    shown = places(SandboxSpec(kind="bubblewrap", workdir=tmp_path / "work", mounts=mounts), ())
    targets = [place.target for place in shown]
    assert targets.index("/data/x") < targets.index("/data/x/inner")
    assert locate(inner / "f", shown) == "/data/x/inner/f"
    assert locate(tmp_path / "work" / "f", shown) == "/workspace/f"
    assert locate(Path("/usr/bin"), shown) == "/usr/bin"
    with pytest.raises(PathRefusedError):
        locate(tmp_path, shown)


def test_unused_uids_fit_the_map() -> None:
    """On a full map the uid is in systemd's unassigned range; in a container with 16 bits in the dynamic range."""
    assert 1_879_048_192 <= unused_uid(3, "0 0 4294967295\n") < 2**31
    assert unused_uid(0, "0 0 4294967295\n") != unused_uid(1, "0 0 4294967295\n")
    assert 61_184 <= unused_uid(0, "0 100000 65536\n") < 65_520


def test_v1_groups_are_made_below_our_own(tmp_path: Path) -> None:
    """Each controller's folder is the one that this process is in; controllers elsewhere do not count."""
    for name in ("memory/a/b", "pids"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "tasks").touch()
    found = find_parents("4:memory:/a/b\n8:pids:/\n1:cpu:/\n0::/\n", tmp_path)
    assert [(p.folder, p.version, p.memory, p.pids) for p in found] == [
        (tmp_path / "memory/a/b", 1, True, False),
        (tmp_path / "pids", 1, False, True),
    ]
    assert find_parents("4:memory:/elsewhere\n", tmp_path) == ()


def test_v2_groups_are_made_where_controllers_are_delegated(tmp_path: Path) -> None:
    """The own group if it hands controllers on, else the one above, else none."""
    own = tmp_path / "user" / "scope"
    own.mkdir(parents=True)
    for folder in (own, own.parent):
        (folder / "cgroup.procs").touch()
    (own.parent / "cgroup.subtree_control").write_text("cpu memory pids", encoding="ascii")
    (own / "cgroup.subtree_control").mkdir()
    [parent] = find_parents("0::/user/scope\n", tmp_path)
    assert (parent.folder, parent.version, parent.memory, parent.pids) == (own.parent, 2, True, True)
    (own.parent / "cgroup.procs").unlink()
    assert find_parents("0::/user/scope\n", tmp_path) == ()
