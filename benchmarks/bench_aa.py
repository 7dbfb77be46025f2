"""Real A/A studies: one unchanged command timed against itself; how often is a difference called supported?

Everything is real: designer, sandbox, exclusive cores, schedule, analyst. The two levels differ in a label that the
command ignores, so that every `supported` is a false positive. Beside it, on the very same machine, the control is
measured first and the treatment afterwards, as a system without blocks would do; its trials go through the same test.
Exit status 1 if the share of studies called supported exceeds alpha + 2 SE.

Usage: python benchmarks/bench_aa.py [--studies 100] [--blocks 8] [--sandbox auto] [--json]
"""

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from curie.compose import RunFlags, StudyFlags, compose
from curie.config import Settings
from curie.journal.reader import read
from curie.nodes.analyst import analyse
from curie.records import TrialRecord
from curie.request import RunRequest
from curie.runner import Surroundings, start
from curie.state import project

ALPHA = 0.05
COMMAND = "i=0; while [ $i -lt 8000 ]; do i=$((i+1)); done; : {label}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print and judge; 1 if the bound fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--blocks", type=int, default=8)
    parser.add_argument("--sandbox", default="auto")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    began = time.perf_counter()
    blocked = sequential = 0
    walls: list[float] = []
    with tempfile.TemporaryDirectory(prefix="curie-aa-") as folder:
        for number in range(options.studies):
            records, supported = study(Path(folder) / f"{number}", number, options.blocks, options.sandbox)
            blocked += supported
            walls += [r.resources.wall_s for r in records if r.resources is not None]
            sequential += unblocked(Path(folder) / f"{number}-sequential", number, options.blocks, options.sandbox)
    bound = ALPHA + 2 * math.sqrt(ALPHA * (1 - ALPHA) / options.studies)
    figures = {
        "studies": options.studies,
        "blocks": options.blocks,
        "supported_in_blocks": blocked / options.studies,
        "supported_control_first": sequential / options.studies,
        "bound": bound,
        "mean_wall_s": math.fsum(walls) / len(walls),
        "seconds": time.perf_counter() - began,
    }
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        show(figures)
    return int(blocked / options.studies > bound)


def study(root: Path, seed: int, blocks: int, sandbox: str) -> tuple[tuple[TrialRecord, ...], bool]:
    """One A/A study: its measured trials, and whether a difference was called supported."""
    result = start(request(("a", "b"), seed, blocks, sandbox), root, root.name, Surroundings(settings=Settings()))
    assert result.trials.succeeded == 2 * blocks, result.failures
    state = project(read(root / "journal.jsonl"))
    measured = tuple(r for r in state.trials.values() if r.purpose == "measure")
    return measured, any(f.verdict == "supported" for f in result.findings)


def unblocked(root: Path, seed: int, blocks: int, sandbox: str) -> bool:
    """All of one label, then all of the other, through the same test: what blocks guard against."""
    records: list[TrialRecord] = []
    plan = None
    for group, labels in (("control", ("a", "b")), ("g01", ("b", "a"))):
        part = root.with_name(f"{root.name}-{group}")
        start(request(labels, seed, blocks // 2, sandbox), part, part.name, Surroundings(settings=Settings()))
        state = project(read(part / "journal.jsonl"))
        plan = plan or state.plan
        mine = sorted((r for r in state.trials.values() if r.purpose == "measure"), key=lambda r: (r.block, r.position))
        records += [
            r.model_copy(update={"group": group, "block": n, "repetition": n}) for n, r in enumerate(mine[:blocks], 1)
        ]
    assert plan is not None
    return any(f.verdict == "supported" for f in analyse(plan, records))


def request(labels: tuple[str, ...], seed: int, blocks: int, sandbox: str) -> RunRequest:
    """A study in which nothing but an ignored label varies."""
    vary = (f"label={','.join(labels)}",)
    # S604 takes the field for subprocess' argument; the study runs its loop by /bin/sh inside the sandbox.
    flags = StudyFlags(command=COMMAND, shell=True, vary=vary, metric=("wall_s",), repeat=blocks)  # noqa: S604
    return compose(
        "Does a label change the time?", flags, RunFlags(sandbox=sandbox, seed=seed, reproduce=0), Path.cwd()
    )


def show(figures: dict[str, float]) -> None:
    """The figures for people."""
    size = f"{figures['blocks']:.0f} blocks, {figures['mean_wall_s']:.4f} s a trial"
    print(f"{figures['studies']:.0f} real A/A studies of {size}")
    print(f"called supported, randomised blocks: {figures['supported_in_blocks']:.3f} (bound {figures['bound']:.3f})")
    print(f"called supported, control first:     {figures['supported_control_first']:.3f} (for comparison)")
    print(f"took {figures['seconds']:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
