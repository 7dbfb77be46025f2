"""A short deterministic study whose trials tell a witness outside the run that they ran, and drivers to kill."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curie.compose import RunFlags, StudyFlags, compose
from curie.journal.events import TrialInterrupted
from curie.journal.reader import read
from curie.request import RunRequest
from curie.state import RunState, project
from curie.verify import verify

REPOSITORY = Path(__file__).resolve().parents[2]

# The line is written before the metric is printed: a trial that measured has been seen.
TRIAL = """#!/bin/sh
printf '%s\\n' "$CURIE_TRIAL" >> "{witness}"
sleep {seconds}
echo "{{\\"y\\": $(( $1 * 2 + $2 % 3 )), \\"n\\": $1}}"
"""


class Witness:
    """What trials appended: a file, or a FIFO, which a sandbox that shows its folder read-only still lets through."""

    def __init__(self, path: Path, *, fifo: bool) -> None:
        self.path = path
        self._lines: Counter[str] = Counter()
        if fifo:
            os.mkfifo(path)
            path.chmod(0o666)
        else:
            path.touch()
        self._fd = os.open(path, (os.O_RDWR if fifo else os.O_RDONLY) | os.O_NONBLOCK)

    def seen(self) -> Counter[str]:
        """Setting and seed -> how often it ran since `forget`. A trial is not told whether it is a re-run."""
        data = b""
        try:
            while part := os.read(self._fd, 65536):
                data += part
        except BlockingIOError:
            pass  # the FIFO is empty, and we are one of its writers
        for line in data.decode().splitlines():
            trial = json.loads(line)
            self._lines[f"x={trial['settings']['x']} {trial['seed']}"] += 1
        return self._lines

    def forget(self) -> None:
        """Begin anew."""
        self.seen()
        self._lines.clear()

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


@dataclass(frozen=True)
class ShortStudy:
    """The study: two groups, two blocks, re-runs; what it measures follows from settings and seed."""

    folder: Path
    request: RunRequest
    witness: Witness


@contextmanager
def short_study(folder: Path, sandbox: str, *, seconds: float = 0.02, repeat: int = 2) -> Iterator[ShortStudy]:
    """The study in a folder that any uid can enter."""
    tools = folder / "tool"
    tools.mkdir(parents=True)
    witness = Witness(tools / "witness", fifo=sandbox == "bubblewrap")
    program = tools / "measure"
    program.write_text(TRIAL.format(witness=witness.path, seconds=seconds), encoding="utf-8")
    program.chmod(0o755)
    flags = StudyFlags(
        command=f"'{program}' {{x}} {{seed}}",
        vary=("x=1,2",),
        metric=("y:1:higher", "n:1:higher:deterministic"),
        repeat=repeat,
    )
    request = compose("Does y grow with x?", flags, RunFlags(sandbox=sandbox), folder)
    try:
        yield ShortStudy(folder, request, witness)
    finally:
        witness.close()


class Drivers:
    """Talks to a zygote."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self.log = log

    def launch(self, root: Path, request: RunRequest | None, die_at: tuple[int, str] | None = None) -> int:
        """Begin or resume a run in a new process group; its pid."""
        order: dict[str, Any] = {"root": str(root), "log": str(self.log)}
        if request is not None:
            order["request"] = request.model_dump(mode="json")
        if die_at is not None:
            order["die_at"] = die_at
        return int(self._ask(order)["pid"])

    def wait(self, pid: int) -> int:
        """The exit code of a driver; negative for a signal."""
        return int(self._ask({"wait": pid})["code"])

    def run(self, root: Path, request: RunRequest | None, die_at: tuple[int, str] | None = None) -> int:
        """Launch and wait."""
        return self.wait(self.launch(root, request, die_at))

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        return reply


@contextmanager
def drivers(folder: Path) -> Iterator[Drivers]:
    """A zygote for as long as the block lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.zygote"],
        cwd=REPOSITORY,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # a library's threads would not survive the fork
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Drivers(process, folder / "drivers.log")
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait()
        process.stdout.close()


def state_of(root: Path) -> RunState:
    """What the journal says."""
    return project(read(root / "journal.jsonl"))


def essence(state: RunState) -> dict[str, object]:
    """What must not depend on how often a run was killed; the time that more blocks would take is measured."""
    return {
        "plan": state.plan_digest,
        "trials": {
            key: (r.outcome, r.settings, r.seed, r.measurements, r.values, r.command, r.block, r.position)
            for key, r in sorted(state.trials.items())
        },
        "reproductions": dict(sorted(state.reproductions.items())),
        "findings": {id_: finding.model_copy(update={"decider": None}) for id_, finding in state.findings.items()},
        "conclusion": state.conclusion,
    }


def assert_as_unbroken(study: ShortStudy, root: Path, unbroken: dict[str, object]) -> None:
    """The run equals the unbroken one, verifies, and executed no finished trial twice."""
    state = state_of(root)
    found = essence(state)
    assert {name: (found[name], unbroken[name]) for name in found if found[name] != unbroken[name]} == {}
    report = verify(root)
    assert report.ok, report
    assert_executed_once(study, root, state)


def assert_executed_once(study: ShortStudy, root: Path, state: RunState) -> None:
    """One line per finished (trial, purpose); one more only for an attempt that the journal calls interrupted.

    A trial and its re-runs share setting and seed, so that as many lines are due as there are records of them.
    """
    cut_off: Counter[str] = Counter()
    keys = {record.key: _line(record) for record in state.trials.values()}
    due = Counter(keys.values())
    for entry in read(root / "journal.jsonl"):
        if isinstance(entry.event, TrialInterrupted):
            cut_off[keys[entry.event.key]] += 1
    seen = study.witness.seen()
    assert set(seen) == set(due)
    assert {line: n for line, n in seen.items() if not due[line] <= n <= due[line] + cut_off[line]} == {}


def _line(record: Any) -> str:
    return f"x={record.settings['x']} {record.seed}"
