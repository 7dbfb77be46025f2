"""C2 number 1: kill -9 of the driver anywhere; `resume` ends as the unbroken run, and pays for nothing twice."""

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curie.journal.reader import read
from tests.faults.short_study import (
    Drivers,
    ShortStudy,
    assert_as_unbroken,
    drivers,
    essence,
    short_study,
    state_of,
)

SANDBOXES = ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)]
STAGES = ("before", "written", "durable")


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drivers]:
    """One importing process for all tests of this file."""
    with drivers(tmp_path_factory.mktemp("zygote")) as ready:
        yield ready


@pytest.fixture(params=SANDBOXES)
def study(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ShortStudy]:
    """The short study in each sandbox."""
    with short_study(tmp_path, request.param) as made:
        yield made


def unbroken(study: ShortStudy, zygote: Drivers) -> tuple[dict[str, object], int]:
    """What a run that nobody kills amounts to, and how many events it has."""
    root = study.folder / "unbroken"
    assert zygote.run(root, study.request) == 0, zygote.log.read_text()
    state = state_of(root)
    assert_as_unbroken(study, root, essence(state))
    assert state.finished is not None
    study.witness.forget()
    return essence(state), state.finished.events + 1


def finish(zygote: Drivers, root: Path) -> None:
    """Resume until the run has ended."""
    code = zygote.run(root, None)
    assert code == 0, zygote.log.read_text()


def start_again_if_nothing_was_asked(study: ShortStudy, zygote: Drivers, root: Path) -> None:
    """A run killed before its question was durable has nothing to resume; the same command begins it anew."""
    if state_of(root).created is None:
        assert zygote.run(root, None) == 2
        assert zygote.run(root, study.request) == 0, zygote.log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_failpoint_at_every_append(study: ShortStudy, zygote: Drivers, stage: str) -> None:
    """Killed before, within or after any append of the journal, the resumed run equals the unbroken one."""
    if study.request.sandbox == "bubblewrap" and stage != "durable":
        pytest.skip("what the sandbox adds lies between appends; `durable` is where that begins")
    whole, events = unbroken(study, zygote)
    # `before` is `durable` of the event ahead of it, but for the work between the two: every third suffices.
    for number in range(1, events + 1, 3 if stage == "before" else 1):
        root = study.folder / f"{number}"
        assert zygote.run(root, study.request, die_at=(number, stage)) == -signal.SIGKILL, zygote.log.read_text()
        start_again_if_nothing_was_asked(study, zygote, root)
        finish(zygote, root)
        assert_as_unbroken(study, root, whole)
        assert (root / "run.json").exists()
        study.witness.forget()


@pytest.mark.slow
def test_a_driver_that_dies_again_and_again(study: ShortStudy, zygote: Drivers) -> None:
    """When every process is killed at its eighth append, the run still comes to its end, and to the same one."""
    whole, _ = unbroken(study, zygote)
    root = study.folder / "broken"
    code = zygote.run(root, study.request, die_at=(8, "durable"))
    for _ in range(40):
        if code == 0:
            break
        assert code == -signal.SIGKILL, zygote.log.read_text()
        code = zygote.run(root, None, die_at=(len(read(root / "journal.jsonl")) + 8, "durable"))
    assert code == 0
    assert_as_unbroken(study, root, whole)


def random_kills(study: ShortStudy, zygote: Drivers, count: int) -> None:
    """Kill the whole process group `count` times at random moments, over as many runs as that takes."""
    whole, _ = unbroken(study, zygote)
    moments = random.Random(1)  # noqa: S311 -- moments to kill at, not a secret
    kills = during_trials = runs = 0
    while kills < count:
        root = study.folder / f"run-{runs}"
        runs += 1
        before = kills
        pid, code = zygote.launch(root, study.request), -signal.SIGKILL
        while code:
            assert code == -signal.SIGKILL, zygote.log.read_text()
            # A few a run: the report at the end takes as long as the trials, and kills must meet both.
            if kills < min(count, before + 3):
                time.sleep(moments.uniform(0.02, 0.5))
                os.killpg(pid, signal.SIGKILL)
            code = zygote.wait(pid)
            if code:
                kills += 1
                asked = (root / "journal.jsonl").exists() and state_of(root)
                during_trials += bool(asked and asked.open_attempts)
                pid = zygote.launch(root, None if asked and asked.created else study.request)
        assert_as_unbroken(study, root, whole)
        study.witness.forget()
        shutil.rmtree(root)
    print(f"{study.request.sandbox}: {kills} kills over {runs} runs, {during_trials} while trials ran")  # noqa: T201 -- what the soak is read for
    assert during_trials


@pytest.mark.slow
def test_twelve_random_kills(study: ShortStudy, zygote: Drivers) -> None:
    """SIGKILL to the process group at random moments changes nothing about the result."""
    random_kills(study, zygote, 12)


@pytest.mark.soak
def test_three_hundred_random_kills(study: ShortStudy, zygote: Drivers) -> None:
    """The same, 300 times."""
    random_kills(study, zygote, 300)
