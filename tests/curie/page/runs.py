"""Runs of every ending as lists of events: going on, stopped, failed at the gate, with data, with many hypotheses."""

from collections.abc import Sequence
from pathlib import Path

from curie.journal.events import (
    ConclusionRecorded,
    DataProfiled,
    Event,
    FindingRecorded,
    InputDeclared,
    PlanFrozen,
    RunFinished,
    RunStopped,
    TrialFinished,
    TrialReproduced,
)
from curie.profile.build import Content, profile
from curie.profile.concerns import concerns
from curie.profile.model import ColumnProfile, DataProfile, Drift, Overlap, TableProfile, ValueCount
from curie.records import Conclusion, Interference, Reproduction, Statement, TrialResources
from tests.curie import sample_run


def going_on() -> list[Event]:
    """The first block is complete, the second has one trial."""
    return sample_run.events()[:11]


def stopped(reason: str = "budget") -> list[Event]:
    """The same, stopped there."""
    return [*going_on(), RunStopped.model_validate({"reason": reason, "detail": "the time budget is spent"})]


def gate_failed() -> list[Event]:
    """The control trial failed; nothing else was run."""
    changes = {"key": "control-gate", "purpose": "gate", "outcome": "failed", "reason": "exit status 1", "values": {}}
    gate = sample_run.record("control-r01", "control", 1.0).model_copy(update=changes)
    return [*sample_run.events()[:5], TrialFinished(record=gate)]


def many_hypotheses(count: int = 10) -> list[Event]:
    """Ten verdicts and an answer of a clause each."""
    plan = sample_run.plan()
    (asked,) = plan.hypotheses
    statement = "tool=b with a setting of a long name lowers wall_s against tool=a, by more than the threshold"
    names = [f"H{number}" for number in range(1, count + 1)]
    several = tuple(asked.model_copy(update={"id": name, "statement": statement}) for name in names)
    plan = plan.model_copy(update={"hypotheses": several})
    findings = [
        sample_run.finding().model_copy(update={"id": f"F-{n}", "hypothesis": n, "statement": statement}) for n in names
    ]
    clauses = "; ".join(
        f"wall_s is lower with tool=b ({{{{ref:F-{n}.effect}}}}, {{{{ref:F-{n}.interval}}}}) than with tool=a"
        for n in names
    )
    text = f"Supported: {clauses}."
    answer = Conclusion(statements=(Statement(text=text, findings=tuple(f.id for f in findings)),))
    kept = [e for e in sample_run.events()[:-2] if not isinstance(e, PlanFrozen)]
    return [
        *kept[:4],
        PlanFrozen(plan=plan, digest=plan.digest()),
        *kept[4:],
        *(FindingRecorded(finding=f) for f in findings),
        ConclusionRecorded(conclusion=answer),
    ]


def doubted() -> list[Event]:
    """Ten verdicts of which some are reversed in a cell, a re-run that diverged, and a disturbed trial."""
    used = TrialResources(wall_s=1.0, cpu_s=1.0, interference=Interference(foreign_cpu_s=0.5, disturbed=True))
    told: list[Event] = []
    for event in many_hypotheses():
        if isinstance(event, FindingRecorded) and event.finding.hypothesis in {"H2", "H5", "H9"}:
            cells = ("order=sorted, size=200", "order=sorted, size=1000")
            told.append(FindingRecorded(finding=event.finding.model_copy(update={"reversed_in": cells})))
        elif isinstance(event, TrialFinished) and event.record.key == "g01-r02":
            told.append(TrialFinished(record=event.record.model_copy(update={"resources": used})))
        else:
            told.append(event)
    again = TrialReproduced(reproduction=Reproduction(key="g01-r02", state="diverged"))
    return [*told, again, RunFinished(events=len(told) + 1, head="0" * 64, files=())]


def leaky_data(folder: Path) -> DataProfile:
    """A real profile: train and test share rows, drift, lack values and are out of balance; odd files beside them."""
    head = "x,y,label\n"
    train = [f"{n / 7:.3f},{n % 5 or ''},{'rare' if n % 11 == 0 else 'usual'}" for n in range(200)]
    test = [f"{n / 7 + 40:.3f},{n % 5 or ''},{'rare' if n % 11 == 0 else 'usual'}" for n in range(60)]
    folder.mkdir()
    (folder / "train.csv").write_text(head + "\n".join(train), encoding="utf-8")
    (folder / "test.csv").write_text(head + "\n".join([*test, *train[:9]]), encoding="utf-8")
    (folder / "odd.csv").write_text("a;b\n1;2\n3\n<b>;|\n", encoding="utf-8")
    (folder / "one.csv").write_text(
        "split,v,label\n" + "".join(f"{'test' if n % 3 else 'train'},{n},{'pq'[n % 2]}\n" for n in range(60)),
        encoding="utf-8",
    )
    (folder / "broken.npz").write_bytes(b"PK\x03\x04 not a zip")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    return profile(Content(name="data", sha256="e" * 64, size_bytes=9), folder)


def extreme_data() -> DataProfile:
    """Sixty tables of two hundred columns with long names, three hundred classes, and as much drift and overlap."""
    columns = tuple(
        ColumnProfile(name=f"{number}-" + "long name " * 12, type="float", missing=1, distinct=9, distinct_exact=False,
                      minimum=0.0, maximum=1.0, mean=0.5, sd=0.1)
        for number in range(200)
    )  # fmt: skip
    classes = tuple(ValueCount(value=f"class {number} " * 6, count=1) for number in range(300))
    paths = [f"folder/{number}/" + "deep/" * 20 + "t.csv" for number in range(60)]
    tables = tuple(
        TableProfile(path=path, format="csv", rows=9, columns=columns, duplicates=0, target="c", balance=classes,
                     complete=False, columns_more=5)
        for path in paths
    )  # fmt: skip
    drift = tuple(
        Drift(column=c.name, left=paths[0], right=paths[1], statistic="total-variation", value=0.5, p=0.001)
        for c in columns
    )
    overlap = tuple(Overlap(left=paths[0], right=path, rows=3) for path in paths[1:])
    return DataProfile(name="data", sha256="e" * 64, size_bytes=1, files=60, tables=tables, drift=drift,
                       drift_more=7, overlap=overlap, splits_apart=4)  # fmt: skip


def with_data(told: DataProfile) -> list[Event]:
    """The sample run with this profile of its input."""
    first, *rest = sample_run.events()
    place = next(n for n, e in enumerate(rest) if isinstance(e, InputDeclared)) + 1
    return [first, *rest[:place], DataProfiled(profile=told), *rest[place:]]


def sentences_of(told: DataProfile) -> Sequence[str]:
    """The concerns of a profile."""
    return [c.message for c in concerns(told)]
