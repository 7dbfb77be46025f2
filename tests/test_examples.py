"""The examples are programs that run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "hello_experiment.py"


def test_hello_is_short() -> None:
    """At most 45 lines."""
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 45


@pytest.mark.slow
def test_hello_runs(tmp_path: Path) -> None:
    """As a user starts it: an answer that was measured, rows, and a report that exists."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLE.parents[1]), *filter(None, sys.path)])}
    env |= {f"CURIE_{name}_DIR": str(tmp_path / name) for name in ("RUNS", "CACHE", "LEASE")}
    done = subprocess.run(
        [sys.executable, EXAMPLE], cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer, *rows, report = done.stdout.splitlines()
    assert answer.startswith("Supported: search_us is lower")
    assert len(rows) == 4
    assert all("µs a search" in row for row in rows)
    assert Path(report.removeprefix("Report: ")).is_file()
