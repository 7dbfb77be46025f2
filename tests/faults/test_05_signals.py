"""C2 number 5: Ctrl-C once and twice, SIGTERM, kill -9: the run can be resumed, and no process is left."""

import signal
import time

import pytest

from curie.schedule import gate
from curie.state import RunState
from curie.verify import verify
from tests.curie.simulated import plan
from tests.faults.command_line import Place, ended, state_of, study, wait_for

HANGS = """
trap '' TERM INT
case "$CURIE_TRIAL" in *'"seed": @SEED@'*)
  test -e "$CURIE_CHECKPOINT/seen" || { touch "$CURIE_CHECKPOINT/seen"; sleep 30; } ;;
esac
echo "{\\"y\\": $1}"
"""
"""The gate's first attempt ends only by SIGKILL; what it left in CURIE_CHECKPOINT lets the second one pass."""
GATE_SEED = gate(plan().model_copy(update={"seed": 0})).seed
"""Tells the gate from every other trial, which its trial is not told otherwise."""


def running(state: RunState) -> bool:
    """Whether a trial runs."""
    return bool(state.open_attempts)


@pytest.fixture(params=["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
def arguments(request: pytest.FixtureRequest, place: Place) -> list[str]:
    """A run whose first trial hangs, in each sandbox."""
    (place.cwd / "repo").mkdir()
    (place.cwd / "repo" / "hang.sh").write_text(HANGS.replace("@SEED@", str(GATE_SEED)), encoding="utf-8")
    return study("sh hang.sh {x}", "--repo", "repo", "--out", "run", sandbox=request.param)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_once(place: Place, arguments: list[str], number: int) -> None:
    """One signal ends the trials and the run: exit 130, what happened is recorded, and `resume` goes on."""
    run = place.cwd / "run"
    with ended(place.spawn(arguments)) as process:
        wait_for(run, running)
        time.sleep(0.2)
        began = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert time.monotonic() - began < 5
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "curie resume" in err
    assert place.processes() == []
    state = state_of(run)
    assert state.stopped is not None
    assert state.stopped.reason == "interrupted"
    assert not state.open_attempts
    assert verify(run).ok


@pytest.mark.slow
def test_once_then_resumed(place: Place) -> None:
    """A run interrupted while trials run and wait stops soon, and ends, resumed, with every trial measured once."""
    seen = place.root / "seen"
    trial = f'sh -c \'echo {{x}} >> "{seen}"; sleep 0.3; echo "{{{{\\"y\\": {{x}}}}}}"\''
    run = place.cwd / "run"
    with ended(place.spawn(study(trial, "--out", "run", "--repeat", "4"))) as process:
        wait_for(run, lambda state: len(state.trials) >= 2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode == 130
    before = state_of(run).trials
    assert place.curie("resume", "run", "--json").data["trials"]["succeeded"] == 8
    after = state_of(run)
    assert {key: after.trials[key] for key in before} == before
    interrupted = sum(after.attempts.values()) - len(after.trials)
    assert len(seen.read_text().split()) <= len(after.trials) + interrupted


@pytest.mark.slow
def test_twice(place: Place, arguments: list[str]) -> None:
    """A second Ctrl-C ends the driver at once, and the trials follow: nothing is left, nothing is lost."""
    run = place.cwd / "run"
    with ended(place.spawn(arguments)) as process:
        wait_for(run, running)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        process.communicate(timeout=30)
        assert time.monotonic() - began < 5
    assert process.returncode == 130
    place.assert_nothing_left()
    assert verify(run).ok


@pytest.mark.slow
def test_killed(place: Place, arguments: list[str]) -> None:
    """After kill -9 of the driver its trials end within their grace, and `resume` runs them again."""
    run = place.cwd / "run"
    with ended(place.spawn(arguments)) as process:
        wait_for(run, running)
        time.sleep(0.2)
        process.kill()
        process.wait()
    place.assert_nothing_left()
    assert place.curie("resume", "run", "--json").data["trials"]["succeeded"] == 4
    assert verify(run).ok
