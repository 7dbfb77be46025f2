"""The trials' code: what is snapshotted, how it is exported, and what is never touched or run."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from curie.errors import UsageError
from curie.exports import export, fresh_export, private_copy
from curie.workspace import snapshot

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """Runs a user's git in a folder, with an identity and no configuration of this machine."""
    home = tmp_path_factory.mktemp("home")

    def run(folder: Path, *words: str) -> str:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "u",
            "GIT_AUTHOR_EMAIL": "u@example.org",
            "GIT_COMMITTER_NAME": "u",
            "GIT_COMMITTER_EMAIL": "u@example.org",
        }
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *words],
            cwd=folder,
            env=env,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    return run


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return root


def content(root: Path) -> dict[str, str | bytes]:
    """Name -> bytes, or `-> target` for a symlink, of everything below a folder."""
    found: dict[str, str | bytes] = {}
    for here, folders, files in os.walk(root):
        for name in (*files, *folders):
            path = Path(here) / name
            key = os.fspath(path.relative_to(root))
            if path.is_symlink():
                found[key] = f"-> {path.readlink()}"
            elif path.is_file():
                found[key] = path.read_bytes()
    return found


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    """A committed repository in a folder with a space and non-ASCII letters in its name."""
    root = write(tmp_path / "my çode", {"a.py": "print(1)\n", "sub/b.txt": "b\n", ".gitignore": "*.log\nbuild/\n"})
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    return root


def exported(taken_commit: str, git_dir: Path, target: Path) -> dict[str, str | bytes]:
    """What a commit's export holds."""
    return content(export(git_dir, taken_commit, target))


def test_clean_repository_is_taken_as_it_is(repo: Path, tmp_path: Path, git: Git) -> None:
    """A clean tree is the very tree of its commit, and not dirty."""
    taken = snapshot(repo, tmp_path / "run git")
    assert taken.tree == git(repo, "rev-parse", "HEAD^{tree}").strip()
    assert (taken.dirty, taken.files, taken.excluded) == (False, 3, ())


def test_dirty_untracked_deleted_and_ignored(repo: Path, tmp_path: Path) -> None:
    """Changed and untracked files are taken, deleted ones are not, ignored ones are listed."""
    write(repo, {"a.py": "print(2)\n", "new.py": "n", "x.log": "l", "build/o.bin": "o", "sub/y.log": "y"})
    (repo / "sub/b.txt").unlink()
    taken = snapshot(repo, tmp_path / "git")
    assert taken.dirty
    assert set(taken.excluded) >= {"x.log", "build/"}
    got = exported(taken.commit, tmp_path / "git", tmp_path / "out")
    assert got == {"a.py": b"print(2)\n", "new.py": b"n", ".gitignore": b"*.log\nbuild/\n"}


def test_tracked_files_count_even_if_ignored(repo: Path, tmp_path: Path, git: Git) -> None:
    """A file that was added by force is code, although a pattern ignores it."""
    write(repo, {"kept.log": "k"})
    git(repo, "add", "-f", "kept.log")
    taken = snapshot(repo, tmp_path / "git")
    assert "kept.log" in exported(taken.commit, tmp_path / "git", tmp_path / "out")


def test_source_repository_is_never_written(repo: Path, tmp_path: Path) -> None:
    """Not a byte or time of the source's .git changes, nor of its files."""
    write(repo, {"new.py": "n"})

    def state() -> dict[str, tuple[int, bytes]]:
        return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in repo.rglob("*") if p.is_file()}

    before = state()
    snapshot(repo, tmp_path / "git")
    assert state() == before


def test_same_content_same_commit(repo: Path, tmp_path: Path) -> None:
    """The commit depends on content only: not on place, time, or whether git knows the folder."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(repo, copy, ignore=shutil.ignore_patterns(".git"))
    os.utime(copy / "a.py", (1, 1))
    one, two = snapshot(repo, tmp_path / "g1"), snapshot(copy, tmp_path / "g2")
    assert (one.commit, one.tree) == (two.commit, two.tree)
    assert snapshot(repo, tmp_path / "g1") == one


@pytest.mark.parametrize("make", [None, "folder", "repository"])
def test_nothing_is_an_empty_tree(make: str | None, tmp_path: Path, git: Git) -> None:
    """No source, an empty folder and a repository without commits all give the empty tree, which exports."""
    source = None
    if make:
        source = tmp_path / "src"
        source.mkdir()
        if make == "repository":
            git(source, "init", "-q")
    taken = snapshot(source, tmp_path / "git")
    assert (taken.tree, taken.files, taken.dirty) == (EMPTY_TREE, 0, False)
    assert exported(taken.commit, tmp_path / "git", tmp_path / "out") == {}


def test_odd_names_links_and_modes_survive(tmp_path: Path) -> None:
    """Newlines, quotes, backslashes, bytes that are no UTF-8, links out and dangling, and x bits come out the same."""
    source = tmp_path / "src"
    names = ["new\nline", 'quo"te', "back\\slash", " lead", "ünï", "-dash", ":(top)x", "a\tb", "git~1"]
    write(source, dict.fromkeys(names, "x"))
    (source / os.fsdecode(b"\xff\xfe")).write_bytes(b"raw")
    (source / "out").symlink_to("../../etc/passwd")
    (source / "dangling").symlink_to("nowhere")
    (source / "dir").mkdir()
    (source / "dir/deep").write_bytes(b"\0\r\n")
    (source / "to_dir").symlink_to("dir")
    (source / "run.sh").write_text("#!/bin/sh\n")
    (source / "run.sh").chmod(0o700)
    taken = snapshot(source, tmp_path / "git")
    out = export(tmp_path / "git", taken.commit, tmp_path / "out")
    assert content(out) == content(source)
    assert (out / "run.sh").stat().st_mode & 0o777 == 0o555
    assert (out / "ünï").stat().st_mode & 0o777 == 0o444
    copy = private_copy(out, tmp_path / "copy")
    assert content(copy) == content(source)
    assert (copy / "run.sh").stat().st_mode & 0o777 == 0o755
    (copy / "ünï").write_text("writable")
    assert content(out) == content(source)


def test_attributes_convert_nothing(repo: Path, tmp_path: Path, git: Git) -> None:
    """Line ends, ident, encodings, filters and export-ignore leave no trace: files keep their bytes."""
    attributes = (
        "* text=auto eol=crlf\n*.id ident\n*.u16 working-tree-encoding=UTF-16\n"
        "*.f filter=evil\nhidden export-ignore\n.gitattributes export-ignore\n"
    )
    files = {".gitattributes": attributes, "unix": "a\nb\n", "dos": "a\r\nb\r\n", "x.id": "$Id$\n"}
    write(repo, {**files, "y.u16": "plain", "z.f": "z", "hidden": "h"})
    git(repo, "config", "filter.evil.clean", f"touch {tmp_path}/pwned; cat")
    taken = snapshot(repo, tmp_path / "git")
    got = exported(taken.commit, tmp_path / "git", tmp_path / "out")
    for name, text in {**files, "y.u16": "plain", "z.f": "z", "hidden": "h"}.items():
        assert got[name] == text.encode()
    assert not (tmp_path / "pwned").exists()


def test_nothing_of_the_repository_or_the_caller_is_run(
    repo: Path, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks, fsmonitor, filters, pagers and templates of repository, user and environment start nothing."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/pwned'\nexit 0\n")
    trap.chmod(0o755)
    for hook in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction"):
        shutil.copy(trap, repo / ".git/hooks" / hook)
    for key in ("core.fsmonitor", "core.pager", "filter.x.clean", "filter.x.smudge", "diff.external"):
        git(repo, "config", key, str(trap))
    write(repo, {".gitattributes": "* filter=x\n"})
    hooks = tmp_path / "template/hooks"
    hooks.mkdir(parents=True)
    shutil.copy(trap, hooks / "reference-transaction")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "no such"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no index"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trap))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor={trap}'")
    monkeypatch.setenv("GIT_GLOB_PATHSPECS", "1")
    taken = snapshot(repo, tmp_path / "git")
    export(tmp_path / "git", taken.commit, tmp_path / "out")
    assert not (tmp_path / "pwned").exists()
    assert not (tmp_path / "no index").exists()
    assert taken.files == 4


def test_works_without_home_and_ignores_user_configuration(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No HOME is no problem, and a user's global excludes and attributes change nothing."""
    config = write(tmp_path / "xdg", {"git/ignore": "*.py\n", "git/config": "[core]\nautocrlf = true\n"})
    monkeypatch.delenv("HOME", raising=False)
    first = snapshot(repo, tmp_path / "g1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    assert snapshot(repo, tmp_path / "g2") == first


def test_folder_in_a_repository_that_does_not_track_it_is_taken_whole(repo: Path, tmp_path: Path) -> None:
    """An installed package below an ignored virtual environment keeps its files."""
    source = write(repo / "build/site-packages/starter", {"main.py": "m", "x.log": "l"})
    taken = snapshot(source, tmp_path / "git")
    assert set(exported(taken.commit, tmp_path / "git", tmp_path / "out")) == {"main.py", "x.log"}


def test_tracked_folder_of_a_repository_follows_its_rules(repo: Path, tmp_path: Path, git: Git) -> None:
    """A subfolder is snapshotted alone, with the ignore rules of the repository around it."""
    write(repo, {"sub/c.log": "l", "sub/d": "d"})
    taken = snapshot(repo / "sub", tmp_path / "git")
    assert set(exported(taken.commit, tmp_path / "git", tmp_path / "out")) == {"b.txt", "d"}
    assert (taken.dirty, taken.excluded) == (True, ("c.log",))
    (repo / "sub/d").unlink()
    assert not snapshot(repo / "sub", tmp_path / "git").dirty


def test_earlier_runs_are_not_code(repo: Path, tmp_path: Path) -> None:
    """Run directories inside the source are left out and listed, so that the digest does not depend on them."""
    clean = snapshot(repo, tmp_path / "git").tree
    run = write(repo / "runs/r1", {"journal.jsonl": "{}", "run.json": "{}", "artifacts/x": "x"})
    (run / "inbox").mkdir()
    taken = snapshot(repo, repo / "runs/r1/workspace/git")
    assert (taken.tree, taken.excluded, taken.dirty) == (clean, ("runs/r1/",), False)


def test_submodule_is_taken_as_files(repo: Path, tmp_path: Path, git: Git) -> None:
    """A checked-out submodule's content is in the snapshot, without its .git; clean stays clean."""
    library = write(tmp_path / "lib", {"lib.py": "l"})
    git(library, "init", "-q")
    git(library, "add", ".")
    git(library, "commit", "-qm", "lib")
    git(repo, "submodule", "--quiet", "add", str(library), "vendor/lib")
    git(repo, "commit", "-qm", "with submodule")
    taken = snapshot(repo, tmp_path / "git")
    assert exported(taken.commit, tmp_path / "git", tmp_path / "out")["vendor/lib/lib.py"] == b"l"
    assert not taken.dirty
    write(repo, {"vendor/lib/lib.py": "changed"})
    assert snapshot(repo, tmp_path / "git").dirty


def test_missing_submodule_is_refused_by_name(repo: Path, tmp_path: Path, git: Git) -> None:
    """A submodule that is not checked out is named, with the command that helps."""
    library = write(tmp_path / "lib", {"lib.py": "l"})
    git(library, "init", "-q")
    git(library, "add", ".")
    git(library, "commit", "-qm", "lib")
    git(repo, "submodule", "--quiet", "add", str(library), "vendor/lib")
    git(repo, "submodule", "--quiet", "deinit", "-f", "vendor/lib")
    with pytest.raises(UsageError, match="vendor/lib") as caught:
        snapshot(repo, tmp_path / "git")
    assert "submodule update" in str(caught.value.hint)


def test_lfs_pointer_is_resolved_or_refused_by_name(repo: Path, tmp_path: Path) -> None:
    """A pointer becomes the content of the local LFS store; without it, the file is named."""
    oid = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of b"hello"
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 5\n"
    write(repo, {"big.bin": pointer})
    with pytest.raises(UsageError, match=r"big\.bin"):
        snapshot(repo, tmp_path / "git")
    write(repo / ".git/lfs/objects/2c/f2", {oid: "hello"})
    taken = snapshot(repo, tmp_path / "git")
    assert exported(taken.commit, tmp_path / "git", tmp_path / "out")["big.bin"] == b"hello"


def test_special_files_and_symlinked_folders_are_no_content(repo: Path, tmp_path: Path) -> None:
    """A FIFO is skipped, and a tracked file behind a folder turned into a link is not read through it."""
    os.mkfifo(repo / "pipe")
    secret = write(tmp_path / "secret", {"b.txt": "secret"})
    shutil.rmtree(repo / "sub")
    (repo / "sub").symlink_to(secret)
    taken = snapshot(repo, tmp_path / "git")
    got = exported(taken.commit, tmp_path / "git", tmp_path / "out")
    assert got["sub"] == f"-> {secret}"
    assert "pipe" not in got
    assert "sub/b.txt" not in got


def test_linked_worktree_and_other_hash(tmp_path: Path, repo: Path, git: Git) -> None:
    """A linked working tree and a repository with SHA-256 names are read as any other."""
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    write(tmp_path / "linked", {"x.log": "l"})
    taken = snapshot(tmp_path / "linked", tmp_path / "g1")
    assert (taken.files, taken.dirty, taken.excluded) == (3, False, ("x.log",))
    other = write(tmp_path / "sha256", {"f": "f"})
    git(other, "init", "-q", "--object-format=sha256")
    git(other, "add", ".")
    assert snapshot(other, tmp_path / "g2").files == 1


def test_export_happens_once_and_fresh_export_ignores_it(repo: Path, tmp_path: Path) -> None:
    """A second export returns the first; a fresh one comes from git, whatever became of the first."""
    taken = snapshot(repo, tmp_path / "git")
    out = export(tmp_path / "git", taken.commit, tmp_path / "out")
    (out / "a.py").chmod(0o644)
    (out / "a.py").write_text("tampered")
    assert (export(tmp_path / "git", taken.commit, tmp_path / "out") / "a.py").read_text() == "tampered"
    fresh = fresh_export(tmp_path / "git", taken.commit, tmp_path / "fresh")
    assert (fresh / "a.py").read_text() == "print(1)\n"


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_source_that_is_no_folder_is_refused(kind: str, tmp_path: Path) -> None:
    """A missing or plain-file source is a usage error that names it."""
    source = tmp_path / "src"
    if kind == "file":
        source.write_text("x")
    with pytest.raises(UsageError, match="src"):
        snapshot(source, tmp_path / "git")
