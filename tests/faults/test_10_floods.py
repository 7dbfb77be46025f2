"""C2 numbers 9, 10 and 11: floods of output, fork bombs and children that do not want to die."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from curie.verify import verify
from tests.faults.command_line import Place, ended, processes_of, state_of, study

SANDBOXES = ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)]
MIB = 1 << 20
EXPERIMENT = """
question: Does y grow with x?
command: {command}
vary: {{x: [1, 2]}}
metrics: [{{name: y, unit: "1", better: higher, deterministic: true}}]
repeat: 2
limits: {{timeout_s: {timeout}, output_mb: {output_mb}, pids: {pids}}}
"""


def experiment(place: Place, command: str, *, timeout: float = 20, output_mb: int = 256, pids: int = 1024) -> list[str]:
    """Arguments that run an experiment file with limits."""
    text = EXPERIMENT.format(command=json.dumps(command), timeout=timeout, output_mb=output_mb, pids=pids)
    (place.cwd / "experiment.yaml").write_text(text, encoding="utf-8")
    return ["run", "experiment.yaml", "--out", "run", "--reproduce", "0"]


def peak_bytes(place: Place, arguments: list[str]) -> int:
    """Largest resident set of the driver."""
    peak = 0
    with ended(place.spawn(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)) as process:
        while process.poll() is None:
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
            peak = max(peak, int(found[1]) * 1024 if found else 0)
            time.sleep(0.02)
    return peak


@pytest.mark.parametrize("flood", ["yes", "yes a-rather-long-line-of-which-there-are-fewer", "cat /dev/zero"])
def test_flood(place: Place, flood: str) -> None:
    """A flood is stopped at its cap, the driver stays small, and head, tail and count are kept."""
    arguments = experiment(place, f"sh -c '{flood}' {{x}}", output_mb=64)
    assert peak_bytes(place, arguments) < 250 * MIB
    record = state_of(place.cwd / "run").trials["control-gate"]
    assert record.outcome == "failed"
    assert "64 MiB" in str(record.reason)
    assert record.stdout is not None
    assert record.stdout.total_bytes == 64 * MIB
    assert record.stdout.truncated
    assert sum(path.stat().st_size for path in (place.cwd / "run").rglob("*") if path.is_file()) < MIB
    assert verify(place.cwd / "run").ok


def test_long_output_without_a_metric(place: Place) -> None:
    """A trial that printed sixty million short lines and no metric fails within seconds."""
    began = time.monotonic()
    done = place.curie(*experiment(place, "sh -c 'yes | head -c 120000000' {x}"))
    assert done.code == 1, done
    assert "y was not emitted" in str(state_of(place.cwd / "run").trials["control-gate"].reason)
    assert time.monotonic() - began < 15


@pytest.mark.soak
def test_ten_gigabytes(place: Place) -> None:
    """`yes`, stopped at a cap of 10 GB, costs the driver less than 100 MB."""
    quiet = peak_bytes(Place.make(place.root / "quiet"), study())
    loud = peak_bytes(place, experiment(place, "sh -c yes {x}", timeout=600, output_mb=9537))
    print(f"driver's peak: {loud / MIB:.0f} MiB, without the flood {quiet / MIB:.0f} MiB")  # noqa: T201 -- the measure
    assert loud - quiet < 100_000_000


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_fork_bomb(place: Place, sandbox: str) -> None:
    """A fork bomb is bounded, ends by the time-out, and is gone within seconds."""
    began = time.monotonic()
    bomb = "sh -c 'b() {{ b | b & }}; b; sleep 60' {x}"
    done = place.curie(*experiment(place, bomb, timeout=1, pids=64), "--sandbox", sandbox)
    assert done.code == 1, done
    assert time.monotonic() - began < 12
    record = state_of(place.cwd / "run").trials["control-gate"]
    assert record.outcome in {"timed_out", "failed"}


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_children_that_do_not_want_to_die(place: Place, sandbox: str) -> None:
    """A time-out ends the whole tree: who ignores SIGTERM, who was forked twice, and who has a session of its own."""
    stubborn = (
        'sh -c \'trap "" TERM HUP INT; (setsid sh -c "trap : TERM; while :; do sleep 7; done" &) ; sleep 60\' {x}'
    )
    began = time.monotonic()
    done = place.curie(*experiment(place, stubborn, timeout=0.5), "--sandbox", sandbox)
    assert time.monotonic() - began < 6
    assert done.code == 1, done
    record = state_of(place.cwd / "run").trials["control-gate"]
    assert record.outcome == "timed_out"
    assert record.resources.wall_s < 2.5
    assert processes_of(place.root) == []
