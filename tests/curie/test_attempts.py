"""What a trial sees: argv, environment, inputs by path, folders."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.attempts import AttemptPaths, search_path, trial_argv, trial_environment, trial_settings
from curie.errors import InfrastructureError
from curie.journal.events import InputDeclared
from curie.plan import CommandTemplate, InputDigest
from curie.schedule import gate
from curie.trial_inputs import TrialInputs, recorded
from sandboxes.base import SandboxSpec
from sandboxes.registry import Backends
from tests.curie import sample_run

FILE = InputDeclared(name="tool=/home/me/a b", path="/home/me/a b", sha256="e" * 64, size_bytes=5)
DATA = InputDeclared(name="data", path="/home/me/data", sha256="f" * 64, size_bytes=5)


def test_an_input_is_where_the_sandbox_shows_it() -> None:
    """By content and name in a file system of its own, at its own path otherwise."""
    level = InputDigest(name="a b", sha256="e" * 64)
    isolated, bare = (TrialInputs(declared=(FILE, DATA), isolated=isolated) for isolated in (True, False))
    assert isolated.setting("tool", level) == "/inputs/eeeeeeeeeeee/a b"
    assert bare.setting("tool", level) == "/home/me/a b"
    assert (isolated.data(), bare.data()) == ("/inputs/ffffffffffff/data", "/home/me/data")
    assert {mount.target for mount in isolated.mounts()} == {"/inputs/eeeeeeeeeeee/a b", "/inputs/ffffffffffff/data"}
    assert not any(mount.writable for mount in isolated.mounts())
    assert recorded(level) == "a b@sha256:eeeeeeeeeeee"


def test_an_input_that_was_never_declared_is_our_fault() -> None:
    """It is not passed on as text, and neither is one of another variable."""
    inputs = TrialInputs(declared=(FILE,), isolated=True)
    with pytest.raises(InfrastructureError, match="never declared"):
        inputs.setting("other", InputDigest(name="a b", sha256="e" * 64))
    assert inputs.data() is None


def test_equal_inputs_are_mounted_once() -> None:
    """The same file as two variables' level."""
    twin = FILE.model_copy(update={"name": "other=/home/me/a b"})
    assert len(TrialInputs(declared=(FILE, twin), isolated=True).mounts()) == 1


def test_argv_and_environment(tmp_path: Path) -> None:
    """Typed settings reach the command as words and CURIE_TRIAL as JSON; the seed is in both."""
    command = CommandTemplate(template="{tool} -{level} {seed}")
    plan = sample_run.plan().model_copy(update={"command": command})
    slot = gate(plan)
    settings = trial_settings(plan, slot, TrialInputs(declared=(), isolated=False))
    assert trial_argv(plan, slot, settings) == ("a", "-1.0", str(slot.seed))
    paths = AttemptPaths(tmp_path / "gate" / "attempt-1")
    paths.create()
    paths.work.mkdir()
    mounts = paths.mounts(isolated=False)
    with Backends().open(SandboxSpec(kind="process", workdir=paths.work, mounts=mounts)) as sandbox:
        env = trial_environment(plan, slot, settings, paths, sandbox)
    trial = json.loads(env["CURIE_TRIAL"])
    assert trial == {"settings": {"tool": "a", "level": 1.0}, "seed": slot.seed}
    assert Path(env["CURIE_METRICS"]).is_file()
    assert Path(env["CURIE_OUT"]).is_dir()
    assert env["OMP_NUM_THREADS"] == "1"


def test_a_checkpoint_belongs_to_the_trial(tmp_path: Path) -> None:
    """Two attempts share it, and nothing else."""
    one, two = (AttemptPaths(tmp_path / f"attempt-{n}") for n in (1, 2))
    assert one.checkpoint == two.checkpoint
    assert one.outputs != two.outputs


@given(st.lists(st.sampled_from(["/a", "/b", "/usr/bin", ""])), st.lists(st.sampled_from(["/a", "/c", ""])))
def test_a_search_path_has_each_folder_once(first: list[str], caller: list[str]) -> None:
    """In order of precedence, without the empty entry that would mean the working directory."""
    parts = search_path(first, ":".join(caller)).split(":")
    assert len(parts) == len(set(parts))
    assert "" not in parts
    assert "/bin" in parts
    wanted = [part for part in dict.fromkeys([*first, *caller]) if part]
    assert parts[: len(wanted)] == wanted
