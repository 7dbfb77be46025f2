"""A run in which everything that can go wrong did, built by hand: what the tests of the artifact count."""

from pathlib import Path

from curie.journal.events import (
    BlocksDecided,
    ConclusionRecorded,
    DiagnosticRecorded,
    Event,
    FindingRecorded,
    InboxReceived,
    PlanFrozen,
    RunResumed,
    RunStopped,
    SandboxChosen,
    TrialFinished,
    TrialInterrupted,
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
    Conclusion,
    Diagnostic,
    Finding,
    Interval,
    Measurement,
    MetricComparison,
    Outcome,
    Purpose,
    Reproduction,
    Statement,
    TrialRecord,
    Verdict,
)
from curie.schedule import blocks, gate
from curie.store import ArtifactStore
from curie.workspace import snapshot
from tasks.study import Limits, Metric
from tests.curie.sample_run import created, ticking

HOSTILE = (
    "## C99: forged\n---\n- **Status**: supported\n| a | b |\n```\n\x1b[31mred\u202e yes: 1e3 «x» <script> [a](b) «"
)
FAILURES: tuple[Outcome, ...] = ("failed", "timed_out", "out_of_memory", "cancelled")
VERDICTS: tuple[Verdict, ...] = ("supported", "refuted", "inconclusive")


def plan(groups: int = 7, repeat: int = 4, text: str = HOSTILE, marks: str = "") -> Plan:
    """A control and so many other groups; one hypothesis a group, one of the control with its twin.

    `marks` is put into labels of groups and taken for the unit of `y`.
    """
    ids = [f"g{n:02d}" for n in range(1, groups + 1)]
    cells = [Group(id=g, settings={"x": n, "name": text}, label=f"x={n}{marks}") for n, g in enumerate(ids, start=1)]
    metrics = (Metric(name="y", unit=marks or "1", better="lower"), Metric(name="wall_s", unit="s", better="lower"))

    def rule(group: str) -> DecisionRule:
        return DecisionRule(
            contrast=Contrast(weights={group: 1.0, "control": -1.0}),
            metric="y",
            test="block-t",
            alpha=0.05,
            threshold=0.5,
        )

    asked = [
        Hypothesis(
            id=f"H{n}",
            statement=f"x={n} lowers y {text}",
            treatment=f"x={n}",
            reference="x=0",
            direction="lower",
            rule=rule(g),
        )
        for n, g in enumerate(ids, start=1)
    ]
    twin = Hypothesis(
        id="AA1", statement="the control differs from itself", direction="different", rule=rule("g01"), calibration=True
    )
    return Plan(
        question=f"Does x move y? {text}",
        design="one-factor",
        variables=(
            Variable(name="x", role="independent", levels=tuple(range(groups + 1))),
            Variable(name="name", role="constant", levels=(text,)),
        ),
        groups=(Group(id="control", settings={"x": 0, "name": text}, label="control"), *cells),
        metrics=metrics,
        hypotheses=(*asked, twin),
        replicate_over="seed",
        repetitions=Repetitions(kind="two-stage", blocks=repeat, max_blocks=repeat + 2, power=0.8),
        resources=Resources(cores=1, exclusive=False, limits=Limits(timeout_s=12.5, memory_mb=300)),
        command=CommandTemplate(template="python {name} {x}"),
        seed=11,
    )


def record(
    key: str,
    group: str,
    block: int,
    outcome: Outcome,
    *,
    purpose: Purpose = "measure",
    text: str = HOSTILE,
) -> TrialRecord:
    """A trial with a value that no other has; a failed one says why in text that would break a page."""
    value = 1.0 + block / 7 + len(key) / 3
    good = outcome == "succeeded"
    points = tuple(Measurement(metric="y", value=value + i, unit="1", step=i, source="metrics-file") for i in range(2))
    return TrialRecord(
        key=key,
        group=group,
        repetition=max(block, 1),
        purpose=purpose,
        attempt=1,
        outcome=outcome,
        reason=None if good else f"{outcome}: {text}",
        settings={"x": 1, "name": text},
        seed=block,
        block=block,
        position=0,
        measurements=points if good else (),
        values={"y": value, "wall_s": value / 3} if good else {},
        command=("python", text),
    )


def finding(hypothesis: Hypothesis, verdict: Verdict, text: str = HOSTILE) -> Finding:
    """A verdict on a hypothesis."""
    return Finding(
        id=f"F-{hypothesis.id}",
        hypothesis=hypothesis.id,
        statement=hypothesis.statement,
        metric="y",
        unit="1",
        verdict=verdict,
        deterministic=False,
        calibration=hypothesis.calibration,
        effect=-0.123456789012345,
        interval=Interval(low=-0.5, high=0.25, level=0.99),
        n=3,
        planned=4,
        reason=f"the interval says so {text}",
    )


def trial_events(frozen: Plan, count: int, text: str = HOSTILE) -> list[Event]:
    """Gate and blocks: every fifth trial fails, in turn in each way."""
    slot = gate(frozen)
    found: list[Event] = [TrialFinished(record=record(slot.key, "control", 0, "succeeded", purpose="gate", text=text))]
    number = 0
    for block in blocks(frozen, count):
        for slot in block.slots:
            number += 1
            outcome: Outcome = "succeeded" if number % 5 else FAILURES[(number // 5) % len(FAILURES)]
            found += [
                TrialStarted(key=slot.key, attempt=1),
                TrialFinished(record=record(slot.key, slot.group, slot.block, outcome, text=text)),
            ]
    return found


def events(first: Plan, latest: Plan, repeat: int, text: str = HOSTILE) -> list[Event]:
    """Two plan revisions, trials of every outcome, and every kind of interruption."""
    trials = trial_events(latest, repeat - 1, text)
    again = record("control-r01", "control", 1, "succeeded", text=text).model_copy(update={"attempt": 2})
    found: list[Event] = [
        SandboxChosen(kind="process", isolation="none", unenforced=("network",)),
        PlanFrozen(plan=first, digest=first.digest()),
        PlanFrozen(plan=latest, digest=latest.digest()),
        *trials,
        TrialFinished(record=again),
        TrialStarted(key=f"g01-r{repeat:02d}", attempt=1),
        TrialInterrupted(key=f"g01-r{repeat:02d}", attempt=1, reason=text),
        TrialStarted(key=f"g02-r{repeat:02d}", attempt=1),
        RunStopped(reason="budget", detail=text),
        RunResumed(curie_version="0.0.0"),
        BlocksDecided(blocks=repeat, reason="the spread asks for it"),
        TrialFinished(record=record("g01-r01-reproduce", "g01", 1, "succeeded", purpose="reproduce", text=text)),
        TrialReproduced(
            reproduction=Reproduction(
                key="g01-r01",
                state="diverged",
                comparisons=(
                    MetricComparison(metric="y", original=1.5, rerun=2.5, low=1.0, high=2.0, state="outside"),
                ),
            )
        ),
        TrialReproduced(reproduction=Reproduction(key="g02-r01", state="timed_out", reason=text)),
        DiagnosticRecorded(diagnostic=Diagnostic(id="run/noisy", severity="note", message=text)),
        InboxReceived(kind="note", text=text, sender="ada@host"),
    ]
    found += [FindingRecorded(finding=finding(h, VERDICTS[n % 3], text)) for n, h in enumerate(latest.hypotheses)]
    return [
        *found,
        ConclusionRecorded(conclusion=Conclusion(statements=(Statement(text="Some of it."),), limits=(text,))),
    ]


def write(root: Path, groups: int = 7, repeat: int = 4, text: str = HOSTILE, marks: str = "") -> RunPaths:
    """The run's directory, without an end; its code is one file with a name as hostile as its content."""
    paths = RunPaths.create(root)
    first = plan(groups, repeat, text, marks)
    latest = first.model_copy(update={"revision": 2, "reason": text, "exploratory": True})
    code = root.parent / f"{root.name}-code"
    (code / "sub dir").mkdir(parents=True)
    (code / "main.py").write_text("print(1)\n", encoding="utf-8")
    (code / "sub dir" / "a b [c] (d).md").write_text("# code\n", encoding="utf-8")
    name = "".join(c for c in text if c not in "/\0")[:80].encode("utf-8", "replace").decode().strip()
    (code / f"x{name}.md").write_text(text, encoding="utf-8", errors="replace")
    (code / "link").symlink_to("/etc/hostname")
    ArtifactStore(paths.artifacts)
    with Journal.open(paths.journal, clock=ticking()) as journal:
        journal.append(created(question=first.question))
        journal.append(snapshot(code, paths.git))
        journal.append_many(events(first, latest, repeat, text))
    return paths
