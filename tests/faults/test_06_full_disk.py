"""C2 number 6: no space left: a message, nothing recorded is lost, and `resume` goes on once there is room."""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from curie.verify import verify
from tests.faults.command_line import Place, state_of, study


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
@pytest.mark.root
def test_disk_fills_while_trials_run(place: Place, small_disk: Path) -> None:
    """The run stops with exit 5 and says what is full; with room again it ends, and keeps what it had measured."""
    run = small_disk / "run"
    ballast = small_disk / "ballast"
    # Every trial keeps one kibibyte of its own; the disk has room for the code and a few of them.
    keeps = 'sh -c \'head -c 60000 /dev/urandom > "$CURIE_OUT/o"; echo "{{\\"y\\": {x}}}"\''
    ballast.write_bytes(b"\0" * 400_000)
    done = place.curie(*study(keeps, "--out", str(run), "--repeat", "6"))
    assert done.code == 5, done
    assert "space" in done.err
    before = state_of(run)
    assert 0 < len(before.trials) < 13
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    resumed = place.curie("resume", str(run), "--json")
    assert resumed.code == 0, resumed
    assert resumed.data["trials"]["succeeded"] == 12
    after = state_of(run)
    assert {key: after.trials[key] for key in before.trials} == before.trials
    assert verify(run).ok


@pytest.mark.slow
@pytest.mark.root
def test_disk_full_from_the_start(place: Place, small_disk: Path) -> None:
    """A disk with no room for a run is named; nothing is left running, and nothing half-made stays in the way."""
    run = small_disk / "run"
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        while True:
            try:
                os.write(file.fileno(), b"\0" * 4096)
            except OSError:
                break
    done = place.curie(*study("echo '{{\"y\": {x}}}'", "--out", str(run)))
    assert done.code == 5, done
    assert "space" in done.err
    ballast.unlink()
    again = place.curie(*study("echo '{{\"y\": {x}}}'", "--out", str(run)))
    assert again.code == 0 or place.curie("resume", str(run)).code == 0, again


@pytest.mark.slow
def test_file_size_limit(place: Place) -> None:
    """The same without root: a file-size limit (RLIMIT_FSIZE) stops the journal; `resume` without it goes on."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))

    done = place.curie(*study("echo '{{\"y\": {x}}}'", "--out", "run", "--repeat", "20"), preexec_fn=limited)
    assert done.code == 5, done
    assert "space" in done.err
    assert "limit" in done.err
    before = state_of(place.cwd / "run")
    assert before.trials
    assert before.finished is None
    resumed = place.curie("resume", "run", "--json")
    assert resumed.data["trials"]["succeeded"] == 40
    after = state_of(place.cwd / "run")
    assert {key: after.trials[key] for key in before.trials} == before.trials
    assert verify(place.cwd / "run").ok
