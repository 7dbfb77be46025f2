"""The main job's speed: cold --help, cost of a no-op trial, and how busy CPU-bound trials keep the cores.

- `curie --help`, cold, paired with an empty `python -I -c pass` in one run (goal: under 150 ms).
- A no-op trial through the whole runner (private copy, sandbox, journal, record) beside the bare command.
- CPU-bound trials of about a second without timing metrics: sum of cpu_s / (cores x span) (goal: at least 0.95).

Usage: python benchmarks/bench_run.py [--json]
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from curie.compose import RunFlags, StudyFlags, compose
from curie.journal.reader import read
from curie.runner import start
from curie.state import project
from sandboxes.leases import usable_cores

SPIN = "import time\nend = time.process_time() + 1.0\nwhile time.process_time() < end: pass"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    figures = {**help_speed(), **no_op_trial(), **busy_cores()}
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name:<34} {value:.4g}")
    return 0


def help_speed(rounds: int = 15) -> dict[str, float]:
    """Median milliseconds of `curie --help` and of an empty Python, alternating."""
    curie = shutil.which("curie", path=str(Path(sys.executable).parent)) or "curie"
    pairs = [
        (_timed(lambda: _quiet([curie, "--help"])), _timed(lambda: _quiet([sys.executable, "-I", "-c", "pass"])))
        for _ in range(rounds)
    ]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    return {"help_ms": 1000 * ours, "empty_python_ms": 1000 * bare, "help_over_empty_python": ours / bare}


def no_op_trial(blocks: int = 25) -> dict[str, float]:
    """Median milliseconds of a no-op: bare, as measured inside the sandbox, and as the run's journal sees a trial."""
    bare = statistics.median(_timed(lambda: _quiet(["true"])) for _ in range(50))
    walls, spans = _study("true {x}", ("x=1,2",), ("wall_s",), blocks)
    return {
        "bare_true_ms": 1000 * bare,
        "true_measured_inside_ms": 1000 * statistics.median(walls),
        "whole_trial_ms": 1000 * statistics.median(spans),
    }


def busy_cores(blocks: int = 4) -> dict[str, float]:
    """Sum of cpu_s / (cores x span) over CPU-bound trials of a second that may run side by side."""
    with tempfile.TemporaryDirectory(prefix="curie-bench-") as folder:
        root = Path(folder) / "run"
        flags = StudyFlags(
            command="python3 -c {code} {x}",
            vary=("x=1,2,3,4",),
            constants=(f"code={SPIN}",),
            metric=("exit_code",),
            repeat=blocks,
        )
        start(compose("busy?", flags, RunFlags(reproduce=0), Path.cwd()), root, "busy")
        entries = read(root / "journal.jsonl")
        state = project(entries)
        measured = [r for r in state.trials.values() if r.purpose == "measure"]
        keys = {r.key for r in measured}
        times = [e.time for e in entries if _key(e.event) in keys]
        span = (max(times) - min(times)).total_seconds()
        cpu = sum(r.resources.cpu_s for r in measured if r.resources)
        cores = len(usable_cores())
        return {"busy_share": cpu / (cores * span), "busy_cores": cores, "busy_span_s": span}


def _study(
    command: str, vary: tuple[str, ...], metric: tuple[str, ...], blocks: int
) -> tuple[list[float], list[float]]:
    with tempfile.TemporaryDirectory(prefix="curie-bench-") as folder:
        root = Path(folder) / "run"
        flags = StudyFlags(command=command, vary=vary, metric=metric, repeat=blocks)
        start(compose("no-op?", flags, RunFlags(reproduce=0), Path.cwd()), root, "no-op")
        began: dict[str, float] = {}
        walls, spans = [], []
        for entry in read(root / "journal.jsonl"):
            key, moment = _key(entry.event), entry.time.timestamp()
            if entry.event.type == "trial_started":
                began[key] = moment
            elif entry.event.type == "trial_finished":
                spans.append(moment - began[key])
                walls.append(entry.event.record.resources.wall_s if entry.event.record.resources else 0.0)
        return walls, spans


def _key(event: object) -> str:
    record = getattr(event, "record", None)
    return str(getattr(record, "key", None) or getattr(event, "key", ""))


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _quiet(argv: list[str]) -> None:
    subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    sys.exit(main())
