"""What our sandboxes cost over the bare commands, paired in one run: latency, parallel execs, floods, busy cores."""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sandboxes import Backends, ExecLimits, ExecRequest, Sandbox, SandboxSpec
from sandboxes.executors import Job, LocalExecutor
from sandboxes.leases import CoreLeases, Lease, usable_cores
from sandboxes.program import base_python

BARE_BWRAP = (
    "bwrap --unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try --ro-bind /usr /usr "
    "--symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev true"
)
BUSY = "import time\nt=time.process_time()\nwhile time.process_time()-t<{}: pass"


def milliseconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


def latency(sandboxes: dict[str, Sandbox], folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of a no-op, all ways in turn within each round, the order rotated."""
    ways: dict[str, Callable[[], object]] = {
        "bare true": lambda: subprocess.run(["true"], check=True),
        "bare python -I -S": lambda: subprocess.run([str(base_python()), "-I", "-S", "-c", ""], check=True),
    }
    if "bubblewrap" in sandboxes:
        ways["bare bwrap true"] = lambda: subprocess.run(BARE_BWRAP.split(), check=True)
    for kind, sandbox in sandboxes.items():
        ways[f"{kind} exec"] = lambda s=sandbox: s.exec(ExecRequest(argv=("true",)))
        record = folder / f"record-{kind}"
        ways[f"{kind} exec, durable record"] = lambda s=sandbox, r=record: s.exec(ExecRequest(argv=("true",), record=r))
    taken: dict[str, list[float]] = {name: [] for name in ways}
    order = list(ways)
    for turn in range(rounds + 3):
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            value = milliseconds(ways[name])
            if turn >= 3:
                taken[name].append(value)
    return {
        name: {"median_ms": statistics.median(values), "p95_ms": statistics.quantiles(values, n=20)[-1]}
        for name, values in taken.items()
    }


def parallel(sandbox: Sandbox, rounds: int) -> dict[str, float]:
    """Milliseconds per exec with eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        calls = [ExecRequest(argv=("true",))] * rounds
        total = milliseconds(lambda: list(pool.map(sandbox.exec, calls)))
    return {"ms_per_exec": total / rounds}


def flood(sandbox: Sandbox, folder: Path, megabytes: int) -> dict[str, float]:
    """Speed of an output flood, and what the driver's peak memory grows by."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits = ExecLimits(output_bytes=megabytes << 20, timeout_s=300)
    took = milliseconds(lambda: sandbox.exec(ExecRequest(argv=("yes",), limits=limits, record=folder / "flood")))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (folder / "flood" / "stdout").unlink()
    return {"mb_per_s": megabytes / took * 1e3, "rss_peak_mb": peak / 1024, "rss_grown_mb": (peak - before) / 1024}


def busy_cores(backends: Backends, kind: str, folder: Path, seconds: float, jobs: int) -> dict[str, float]:
    """Sum of the jobs' CPU seconds over cores x span; foreign load on the cores is reported beside it."""
    cores = usable_cores()

    def work(lease: Lease) -> tuple[float, float]:
        workdir = Path(tempfile.mkdtemp(dir=folder))
        spec = SandboxSpec.model_validate({"kind": kind, "workdir": workdir})
        with backends.open(spec) as sandbox:
            argv = (str(base_python()), "-I", "-S", "-c", BUSY.format(seconds))
            usage = sandbox.exec(ExecRequest(argv=argv, limits=ExecLimits(cores=lease.cores))).usage
        return usage.cpu_s, usage.foreign_cpu_s or 0.0

    began = time.perf_counter()
    with LocalExecutor(CoreLeases(folder / f"leases-{kind}")) as executor:
        futures = [executor.submit(Job(str(number), work)) for number in range(jobs)]
    span = time.perf_counter() - began
    cpu, foreign = (sum(values) for values in zip(*(future.result() for future in futures), strict=True))
    capacity = len(cores) * span
    return {"busy": cpu / capacity, "foreign": foreign / capacity, "busy_of_what_was_left": cpu / (capacity - foreign)}


def measure(rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    """All measures."""
    backends = Backends()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kinds = ["process", *(["bubblewrap"] if backends.choose("auto", "user").kind == "bubblewrap" else [])]
        sandboxes: dict[str, Sandbox] = {}
        for kind in kinds:
            (folder / kind).mkdir()
            spec = SandboxSpec.model_validate({"kind": kind, "workdir": folder / kind})
            sandboxes[kind] = backends.open(spec)
        try:
            return {
                "no-op": latency(sandboxes, folder, rounds),
                "8 at a time": {kind: parallel(sandbox, rounds) for kind, sandbox in sandboxes.items()},
                "flood of 1 GB": {kind: flood(sandbox, folder, 1024) for kind, sandbox in sandboxes.items()},
                "cores busy, jobs of 1 s": {
                    kind: busy_cores(backends, kind, folder, 1.0, 4 * len(usable_cores())) for kind in sandboxes
                },
            }
        finally:
            for sandbox in sandboxes.values():
                sandbox.close()


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    results = measure(options.rounds)
    if options.json:
        print(json.dumps(results))
        return
    for title, rows in results.items():
        print(f"\n{title}")
        for name, values in rows.items():
            print(f"  {name:32}" + "  ".join(f"{key} {value:8.2f}" for key, value in values.items()))


if __name__ == "__main__":
    main()
