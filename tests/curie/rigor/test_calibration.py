import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STUDIES = 400


@pytest.mark.slow
def test_simulated_studies_keep_error_coverage_and_power() -> None:
    """400 studies a scenario through designer, schedule and analyst: every bound holds within four standard errors."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/bench_calibration.py"), "--studies", str(STUDIES), "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode in {0, 1}, done.stderr
    for seen in json.loads(done.stdout)["scenarios"]:
        if not seen["judged"]:
            continue
        assert seen["family_wise_error"] <= 0.06 + 4 * _se(0.06), seen
        assert seen["coverage"] >= 0.93 - 4 * _se(0.93), seen
        if seen["promised_power"] is not None:
            assert abs(seen["power"] - seen["promised_power"]) <= 0.03 + 4 * _se(seen["promised_power"]), seen


def _se(share: float) -> float:
    return math.sqrt(share * (1 - share) / STUDIES)
