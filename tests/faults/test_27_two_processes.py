"""C2 number 27: two processes and one run: the second is told who has it, and nothing is interleaved."""

import signal

import pytest

from curie.verify import verify
from tests.faults.command_line import Place, ended, study, wait_for


@pytest.mark.slow
def test_two_runs_in_one_directory(place: Place) -> None:
    """While a run is written a second start or resume there exits 3; afterwards a start there exits 2."""
    run = place.cwd / "run"
    waits = f'while ! test -e "{place.root}/go"; do sleep 0.05; done'
    slow = study(f'sh -c \'{waits}; echo "{{{{\\"y\\": {{x}}}}}}"\'', "--out", "run")
    with ended(place.spawn(slow)) as process:
        wait_for(run, lambda state: state.open_attempts)
        for arguments in (slow, ["resume", "run"]):
            second = place.curie(*arguments)
            assert second.code == 3, second
            assert f"pid {process.pid}" in second.err
        assert place.curie("status", "run").code == 0
        tagged = place.curie("runs", "tag", "run", "mine")
        assert tagged.code == 0, tagged
        (place.root / "go").touch()
        process.communicate(timeout=60)
    assert process.returncode == 0
    again = place.curie(*slow)
    assert again.code == 2
    assert "already holds a run" in again.err
    assert place.curie("status", "run", "--json").data["tags"] == ["mine"]
    assert verify(run).ok


@pytest.mark.slow
def test_two_starts_at_once(place: Place) -> None:
    """Of processes that begin at the same moment in the same folder one runs, and the others are refused."""
    crowd = [place.spawn(study("echo '{{\"y\": {x}}}'", "--out", "run")) for _ in range(3)]
    said = [process.communicate(timeout=60)[1] for process in crowd]
    codes = sorted(process.returncode for process in crowd)
    assert codes[0] == 0, said
    assert codes[1] in {2, 3}
    assert codes[2] in {2, 3}
    assert not any("Traceback" in text for text in said)
    assert verify(place.cwd / "run").ok


@pytest.mark.slow
def test_stopped_driver_is_not_robbed(place: Place) -> None:
    """A driver that only sleeps (SIGSTOP) still holds its run."""
    with ended(place.spawn(study('sh -c \'sleep 0.3; echo "{{\\"y\\": {x}}}"\'', "--out", "run"))) as process:
        wait_for(place.cwd / "run", lambda state: state.open_attempts)
        process.send_signal(signal.SIGSTOP)
        assert place.curie("resume", "run").code == 3
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
    assert process.returncode == 0
