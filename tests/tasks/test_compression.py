"""The bundled compression task: its trial samples, packs and checks as it says, and its private truth holds."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from curie.design_groups import DesignFacts
from curie.designer import design
from curie.rigor.lint import LintContext, lint
from tasks.loader import find_task
from tasks.study import Study

STDLIB = Path(sysconfig.get_paths()["stdlib"])
SEEDS = range(3)


def _trial() -> ModuleType:
    starter = find_task("compression").starter
    assert starter is not None
    spec = importlib.util.spec_from_file_location("compress_trial", starter / "compress_trial.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _study() -> Study:
    study = find_task("compression").study
    assert study is not None
    return study


trial = _trial()
truth = yaml.safe_load((find_task("compression").folder / "private" / "truth.yaml").read_text(encoding="utf-8"))
"""What a judge knows."""


def _changed(contrast: dict[str, str | float]) -> str:
    name = "codec" if "codec" in contrast else "level"
    return f"{name}={contrast[name]}"


@pytest.fixture(scope="module")
def ratios() -> dict[tuple[str, int, int], float]:
    """Ratio by codec, level and seed, of the study's own levels."""
    found: dict[tuple[str, int, int], float] = {}
    for seed in SEEDS:
        data = trial.sample(STDLIB, trial.SAMPLE_BYTES, seed)
        for codec, (compress, _) in trial.CODECS.items():
            for level in (1, 6, 9):
                found[codec, level, seed] = len(data) / len(compress(data, level))
    return found


def test_it_plans_without_an_error() -> None:
    """Nine groups; four hypotheses compared exactly and six tested; the linter has no error to report."""
    plan = design(_study(), DesignFacts(seed=0))
    assert len(plan.groups) == 9
    assert [h.rule.test for h in plan.hypotheses].count("exact") == 4
    assert len(plan.hypotheses) == 10
    context = LintContext(placeholders=frozenset({"codec", "level", "seed"}))
    assert {d.id for d in lint(plan, context)} <= {"lint/power-unknown"}


def test_a_sample_follows_from_its_seed() -> None:
    """The same seed draws the same bytes, another seed others, and both have the size asked for."""
    first, again, other = (trial.sample(STDLIB, 200_000, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert len(first) == len(other) == 200_000


def test_only_modules_of_the_library_are_drawn(tmp_path: Path) -> None:
    """Tests, caches, installed packages, symlinks and other files are no part of the sample."""
    for name in ("a.py", "pkg/b.py", "test/t.py", "pkg/tests/t.py", "site-packages/s.py", "__pycache__/c.py", "d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    (tmp_path / "link.py").symlink_to(tmp_path / "d.txt")
    assert trial.modules(tmp_path) == ["a.py", "pkg/b.py"]
    assert set(trial.sample(tmp_path, 18, 0).splitlines()) == {b"# a.py", b"# pkg/b.py"}


def test_too_small_a_library_is_said(tmp_path: Path) -> None:
    """A stripped library ends the trial with what is there and what was needed, rather than with a smaller sample."""
    (tmp_path / "a.py").write_text("1234", encoding="utf-8")
    with pytest.raises(SystemExit, match="holds 4 bytes of modules, and the trial needs 1,000"):
        trial.sample(tmp_path, 1000, 0)


@given(data=st.binary(min_size=1, max_size=3000), level=st.integers(1, 9), codec=st.sampled_from(sorted(trial.CODECS)))
@settings(max_examples=40)
def test_every_codec_gives_back_what_it_was_given(data: bytes, level: int, codec: str) -> None:
    """Any bytes survive any codec at any level; ratio and times are positive numbers, the ratio the same each time."""
    seen = trial.measure(codec, level, data)
    assert all(value > 0 for value in seen.values())
    assert trial.measure(codec, level, data)["ratio"] == seen["ratio"]


@pytest.mark.parametrize("codec", sorted(trial.CODECS))
def test_a_corrupted_round_trip_fails(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong byte on the way back ends the trial with a message, and so with exit status 1."""
    compress, decompress = trial.CODECS[codec]
    monkeypatch.setitem(trial.CODECS, codec, (compress, lambda packed: decompress(packed)[:-1] + b"?"))
    with pytest.raises(SystemExit, match=f"{codec} at level 6 did not give back what it was given"):
        trial.measure(codec, 6, b"abc" * 100)


def test_the_command_prints_sample_and_metrics() -> None:
    """The declared command, run as it stands, names its sample and ends with a JSON line of the declared metrics."""
    argv = _study().command.format(codec="bz2", level=6, seed=7).split()[1:]
    starter = find_task("compression").starter
    runs = [subprocess.check_output([sys.executable, "-B", *argv], cwd=starter, text=True) for _ in range(2)]
    first, again = ([run.splitlines()[0], json.loads(run.splitlines()[-1])] for run in runs)
    assert re.fullmatch(r"sample of 1,000,000 bytes, sha256 [0-9a-f]{64}", first[0])
    assert set(first[1]) == {metric.name for metric in _study().metrics}
    assert (first[0], first[1]["ratio"]) == (again[0], again[1]["ratio"])


@pytest.mark.slow
@pytest.mark.parametrize("cell", truth["cells"], ids=lambda c: f"{c['codec']}-{c['level']}")
def test_cells_of_the_truth_hold(cell: dict[str, str | int | float], ratios: dict[tuple[str, int, int], float]) -> None:
    """The private bounds of each ratio hold for samples that the truth was not computed from."""
    for seed in SEEDS:
        assert cell["at_least"] <= ratios[cell["codec"], cell["level"], seed] <= cell["at_most"]


def test_the_truth_answers_what_is_asked() -> None:
    """Every hypothesis of the study has its private contrast, and none is there twice."""
    asked = [(h.metric, *h.settings.items()) for h in _study().hypotheses]
    known = [(c["metric"], next((k, c[k]) for k in ("codec", "level") if k in c)) for c in truth["contrasts"]]
    assert sorted(map(str, asked)) == sorted(map(str, known))


@pytest.mark.slow
def test_a_short_run_finds_the_truth(tmp_path: Path) -> None:
    """Two blocks and re-runs through the real command line: each exact verdict is the judge's, its effect in bounds."""
    env = {**os.environ, **{f"CURIE_{name}_DIR": str(tmp_path / name.lower()) for name in ("RUNS", "CACHE", "LEASE")}}
    argv = ["run", "compression", "-n", "2", "--sandbox", "process", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", "from curie.cli.app import main; main()", *argv],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {f["treatment"]: f for f in json.loads(done.stdout)["findings"] if f["deterministic"]}
    exact = [c for c in truth["contrasts"] if c["metric"] == "ratio"]
    assert len(found) == len(exact)
    for contrast in exact:
        finding = found[_changed(contrast)]
        assert finding["verdict"] == contrast["verdict"], finding["reason"]
        assert contrast["at_least"] <= finding["effect"] <= contrast["at_most"]
