"""Runs to export: one with everything that can happen to a trial, written by hand into a real journal."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from curie.dossier import Dossier, open_dossier
from curie.journal.events import (
    Event,
    FindingRecorded,
    PlanFrozen,
    RunFinished,
    RunStopped,
    SandboxChosen,
    TrialFinished,
    TrialInterrupted,
    TrialReproduced,
    TrialStarted,
)
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.records import Executable, Measurement, Reproduction, TrialRecord, TrialResources
from tests.curie.sample_run import created, finding, plan, record, ticking

HOSTILE = '=HYPERLINK("http://x")\x1b[31m\u202e, "quoted"\r\nnext'
"""What a trial's last line of stderr could be."""
Build = Callable[..., Dossier]


def lively(hostile: str = HOSTILE) -> list[Event]:
    """A gate, a series, a failure, an interrupted attempt that was made again, a re-run, a trial left out."""
    series = tuple(
        Measurement(metric="wall_s", value=v, unit="s", step=s, source="metrics-file")
        for s, v in ((1.0, 0.5), (2.0, 0.25), (2.5, 0.1 + 0.2))
    )
    used = TrialResources(wall_s=0.5, cpu_s=0.25, memory_peak_bytes=4096, memory_method="cgroup")
    more = {
        "measurements": series,
        "values": {"wall_s": 0.1 + 0.2},
        "resources": used,
        "settings": {"tool": "b", "level": 1.0},
        "command": ("tool", "a b"),
        "executable": Executable(path="/bin/tool", sha256="f" * 64),
        "exit_code": 0,
    }
    failed = {"outcome": "failed", "reason": hostile, "values": {}, "exit_code": 3}
    gate = record("control-r01", "control", 1.0).model_copy(
        update={"key": "control-gate", "purpose": "gate", "block": 0}
    )
    again = record("g01-r01", "g01", 0.3).model_copy(update={"key": "g01-r01-reproduce", "purpose": "reproduce"})
    return [
        created(),
        SandboxChosen(kind="process", isolation="none"),
        PlanFrozen(plan=plan(), digest=plan().digest()),
        *_trial(gate),
        *_trial(record("g01-r01", "g01", 0.0).model_copy(update=more)),
        TrialStarted(key="control-r01", attempt=1),
        TrialInterrupted(key="control-r01", attempt=1, reason="the driver was killed"),
        *_trial(record("control-r01", "control", 1.0, attempt=2)),
        *_trial(record("control-r02", "control", 1.0).model_copy(update=failed)),
        *_trial(again),
        TrialReproduced(reproduction=Reproduction(key="g01-r01", state="reproduced")),
        FindingRecorded(finding=finding()),
    ]


def _trial(made: TrialRecord) -> list[Event]:
    return [TrialStarted(key=made.key, attempt=made.attempt), TrialFinished(record=made)]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Writes events into a run's journal, ends it if asked, and opens it."""

    def make(events: Sequence[Event] | None = None, *, name: str = "r1", end: bool = True) -> Dossier:
        paths = RunPaths.create(tmp_path / "runs" / name)
        with Journal.open(paths.journal, clock=ticking()) as journal:
            journal.append_many(lively() if events is None else events)
            if end:
                journal.append(RunFinished(events=journal.events, head=journal.head, files=()))
            else:
                journal.append(RunStopped(reason="interrupted", detail="asked to stop"))
        (paths.report / "report.md").write_text("# A report\n", encoding="utf-8")
        return open_dossier(paths)

    return make
