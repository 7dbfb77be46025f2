"""What is told of a run: seconds and bytes of figures, page, Markdown, artifact and CSV, for a small and a large run.

The goal (issue and design): a page of at most 2 MB however large the run. The peer of the CSV export is pandas writing
the same rows from a frame that is already built. Run: `python benchmarks/bench_report.py [--repeat N]`.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ara.run.assemble import artifact_of
from ara.writer.files import render
from curie.designer import DesignFacts, design
from curie.dossier import Dossier, open_dossier
from curie.export.tables import table_of
from curie.export.write import text_of
from curie.figures.draw import draw
from curie.journal.events import (
    ConclusionRecorded,
    Event,
    FindingRecorded,
    PlanFrozen,
    RunCreated,
    SandboxChosen,
    SnapshotTaken,
    TrialFinished,
)
from curie.journal.writer import Journal
from curie.machine import machine_facts
from curie.nodes.analyst import analyse
from curie.nodes.concluder import conclude
from curie.page.markdown import markdown
from curie.page.page import html
from curie.paths import RunPaths
from curie.plan import Plan
from curie.records import TrialRecord, TrialResources
from curie.schedule import blocks, trials_of
from curie.workspace import snapshot
from tasks.study import Metric, Study

SMALL, LARGE = (16, 10, 2), (40, 50, 5)
"""Groups, blocks, metrics: as many trials as `curie run sorting`, and 2,000 trials of five metrics."""


def planned(groups: int, repeat: int, metrics: int) -> Plan:
    """A one-factor plan of that size."""
    study = Study(
        question="How long does it take to tell of this?",
        command="run {tool} {seed}",
        vary={"tool": tuple(f"t{n:02}" for n in range(groups))},
        metrics=tuple(Metric(name=f"m{n}", unit="s", better="lower", timing=False) for n in range(metrics)),
        repeat=repeat,
    )
    return design(study, DesignFacts(seed=1))


def trials(plan: Plan) -> list[TrialRecord]:
    """A record of every trial, with noise and a small effect of each group."""
    draw_value = random.Random(3)  # noqa: S311 -- made-up measurements
    shift = {group.id: 0.02 * place for place, group in enumerate(plan.groups)}
    return [
        TrialRecord(
            key=slot.key,
            group=slot.group,
            repetition=slot.repetition,
            purpose=slot.purpose,
            outcome="succeeded",
            settings=plan.group(slot.group).settings,
            seed=slot.seed,
            block=slot.block,
            position=slot.position,
            values={m.name: draw_value.gauss(10 + shift[slot.group], 0.2) for m in plan.metrics},
            resources=TrialResources(wall_s=2.0, cpu_s=1.9),
        )
        for slot in trials_of(blocks(plan, plan.repetitions.blocks))
    ]


def written(folder: Path, plan: Plan) -> Dossier:
    """A run on disk whose journal holds these trials."""
    paths = RunPaths.create(folder)
    records = trials(plan)
    findings = analyse(plan, records)
    events: list[Event] = [
        RunCreated(
            run_id="bench",
            question=plan.question,
            mode="declared",
            curie_version="bench",
            seed=1,
            request={},
            machine=machine_facts(),
        ),
        SandboxChosen(kind="process", isolation="none"),
        PlanFrozen(plan=plan, digest=plan.digest()),
        *(TrialFinished(record=record) for record in records),
        *(FindingRecorded(finding=finding) for finding in findings),
        ConclusionRecorded(conclusion=conclude(plan, findings, sandbox="process")),
    ]
    taken: SnapshotTaken = snapshot(None, paths.git)
    with Journal.open(paths.journal, clock=lambda: datetime.now(UTC)) as journal:
        journal.append_many([events[0], taken, *events[1:]])
    return open_dossier(paths)


def timed(work: Callable[[], bytes], repeat: int) -> tuple[float, int]:
    """Median seconds, and the bytes that were made."""
    seconds, size_bytes = [], 0
    for _ in range(repeat):
        begin = time.perf_counter()
        size_bytes = len(work())
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds), size_bytes


def report(name: str, size: tuple[int, int, int], repeat: int) -> None:
    """Print a line a thing that is made of the run."""
    with tempfile.TemporaryDirectory() as folder:
        plan = planned(*size)
        dossier = written(Path(folder) / "run", plan)
        print(f"{name}: {len(dossier.records)} trials, {len(plan.metrics)} metrics, {len(plan.hypotheses)} hypotheses")
        table = table_of(dossier, "trials")
        frame = pd.DataFrame(table.records())
        made: dict[str, Callable[[], bytes]] = {
            "figures": lambda: "".join(f.svg for f in draw(afresh(dossier)).all).encode(),
            "page": lambda: html(afresh(dossier)).encode(),
            "Markdown": lambda: markdown(dossier).encode(),
            "artifact": lambda: b"".join(render(artifact_of(afresh(dossier))).values()),
            "both of one": lambda: both(afresh(dossier)),
            "CSV": lambda: "".join(text_of(dossier, "csv", "trials")).encode(),
            "CSV by pandas": lambda: frame.to_csv(index=False).encode(),
        }
        for label, work in made.items():
            seconds, size_bytes = timed(work, repeat)
            print(f"  {label:<14} {seconds:8.2f} s  {size_bytes:>10,} bytes")


def afresh(dossier: Dossier) -> Dossier:
    """The same run, nothing of it drawn yet."""
    return replace(dossier, memo={})


def both(dossier: Dossier) -> bytes:
    """Page and artifact of one dossier, as the end of a run makes them: the figures are drawn once."""
    return html(dossier).encode() + b"".join(render(artifact_of(dossier)).values())


def main() -> None:
    """Measure both sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    report("small", SMALL, repeat)
    report("large", LARGE, repeat)


if __name__ == "__main__":
    main()
