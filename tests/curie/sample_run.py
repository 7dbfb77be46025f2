"""A small finished run, built by hand: what the tests of journal, state, verify and runs stand on."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from curie.journal.events import (
    ConclusionRecorded,
    DiagnosticRecorded,
    Event,
    FindingRecorded,
    InboxReceived,
    InputDeclared,
    PlanFrozen,
    RunCreated,
    RunFinished,
    SandboxChosen,
    SnapshotTaken,
    TrialFinished,
    TrialReproduced,
    TrialStarted,
)
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.plan import (
    CommandTemplate,
    Contrast,
    DecisionRule,
    Group,
    Hypothesis,
    Plan,
    Repetitions,
    Resources,
    Variable,
)
from curie.records import (
    ArtifactRef,
    Conclusion,
    Diagnostic,
    Finding,
    Interval,
    Measurement,
    Reproduction,
    Statement,
    TrialRecord,
)
from curie.store import ArtifactStore
from curie.workspace import snapshot
from tasks.study import Limits, Metric


def ticking(start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> Callable[[], datetime]:
    """A clock that moves on by a second at every look."""
    looks = iter(range(10**9))
    return lambda: start + timedelta(seconds=next(looks))


def plan(question: str = "Is b faster than a?") -> Plan:
    """One factor, two levels, one hypothesis."""
    rule = DecisionRule(
        contrast=Contrast(weights={"g01": 1.0, "control": -1.0}), metric="wall_s", test="block-t", alpha=0.05
    )
    return Plan(
        question=question,
        design="one-factor",
        variables=(Variable(name="tool", role="independent", levels=("a", "b")),),
        groups=(
            Group(id="control", settings={"tool": "a", "level": 1.0}, label="control"),
            Group(id="g01", settings={"tool": "b", "level": 1.0}, label="tool=b"),
        ),
        metrics=(Metric(name="wall_s", unit="s", better="lower"),),
        hypotheses=(Hypothesis(id="H1", statement="tool=b lowers wall_s", direction="lower", rule=rule),),
        replicate_over="run",
        repetitions=Repetitions(kind="fixed", blocks=2, max_blocks=2, power=0.8),
        resources=Resources(cores=1, exclusive=True, limits=Limits()),
        command=CommandTemplate(template="{tool}"),
        seed=1,
    )


def record(key: str, group: str, value: float, outputs: tuple[ArtifactRef, ...] = (), attempt: int = 1) -> TrialRecord:
    """A trial that succeeded."""
    return TrialRecord(
        key=key,
        group=group,
        repetition=int(key[-2:]),
        purpose="measure",
        attempt=attempt,
        outcome="succeeded",
        settings={"tool": "a", "level": 1.0},
        seed=7,
        block=1,
        position=0,
        measurements=(Measurement(metric="wall_s", value=value, unit="s", source="builtin"),),
        values={"wall_s": value},
        outputs=outputs,
    )


def finding() -> Finding:
    """A verdict on the one hypothesis."""
    return Finding(
        id="F-H1",
        hypothesis="H1",
        statement="tool=b lowers wall_s",
        metric="wall_s",
        unit="s",
        verdict="supported",
        deterministic=False,
        effect=-0.5,
        interval=Interval(low=-0.6, high=-0.4, level=0.95),
        n=2,
        planned=2,
        reason="the interval lies below 0",
    )


def created(run_id: str = "r1", question: str = "Is b faster than a?") -> RunCreated:
    """The first event."""
    return RunCreated(
        # Of a version whose findings nobody computes again: this run's are made by hand.
        run_id=run_id,
        question=question,
        mode="declared",
        curie_version="0.0.0",
        seed=1,
        request={},
        machine={},
    )


def events(outputs: tuple[ArtifactRef, ...] = (), run_id: str = "r1") -> list[Event]:
    """Every event of the run but its end."""
    frozen = plan()
    trials: list[Event] = []
    for key, group, value in (
        ("control-r01", "control", 1.0),
        ("g01-r01", "g01", 0.5),
        ("control-r02", "control", 1.1),
        ("g01-r02", "g01", 0.6),
    ):
        trials += [TrialStarted(key=key, attempt=1), TrialFinished(record=record(key, group, value, outputs))]
    return [
        created(run_id),
        SnapshotTaken(commit="c" * 40, tree="d" * 40, files=3, dirty=False, excluded=("build/",)),
        InputDeclared(name="data", path="/data", sha256="e" * 64, size_bytes=5),
        SandboxChosen(kind="process", isolation="none"),
        PlanFrozen(plan=frozen, digest=frozen.digest()),
        *trials,
        TrialReproduced(reproduction=Reproduction(key="g01-r01", state="reproduced")),
        DiagnosticRecorded(diagnostic=Diagnostic(id="run/noisy", severity="note", message="the machine was busy")),
        InboxReceived(kind="tag", text="first", sender="ada@host"),
        FindingRecorded(finding=finding()),
        ConclusionRecorded(conclusion=Conclusion(statements=(Statement(text="b is faster", findings=("F-H1",)),))),
    ]


def write_journal(path: Path, items: Sequence[Event]) -> list[bytes]:
    """Write a journal and return its lines, newlines included."""
    with Journal.open(path, clock=ticking()) as journal:
        journal.append_many(items)
    return path.read_bytes().splitlines(keepends=True)


def finished_run(root: Path, run_id: str = "r1") -> RunPaths:
    """A whole run directory that verifies."""
    paths = RunPaths.create(root)
    output = ArtifactStore(paths.artifacts).put_bytes("stdout", b"hello\n")
    (paths.report / "report.md").write_text("# Answer\n", encoding="utf-8")
    listed = [paths.report / "report.md", *paths.artifacts.iterdir()]
    with Journal.open(paths.journal, clock=ticking()) as journal:
        taken = snapshot(None, paths.git)
        journal.append_many([taken if isinstance(e, SnapshotTaken) else e for e in events((output,), run_id)])
        files = tuple(
            ArtifactRef(
                name=path.relative_to(paths.root).as_posix(),
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
                size_bytes=path.stat().st_size,
            )
            for path in listed
        )
        journal.append(RunFinished(events=journal.events, head=journal.head, files=files))
    return paths
