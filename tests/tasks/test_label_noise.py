"""The bundled label-noise task: split-aware, replicated over seeds, in an environment of its own; its truth holds."""

import itertools
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from curie.design_groups import DesignFacts
from curie.designer import design
from curie.environments import PythonEnvironment, build_environment
from curie.errors import EnvironmentFailed
from curie.rigor.lint import LintContext, lint
from tasks.loader import find_task
from tasks.study import Study

TASK = find_task("label-noise")
truth = yaml.safe_load((TASK.folder / "private" / "truth.yaml").read_text(encoding="utf-8"))
"""What a judge knows."""


def _study() -> Study:
    assert TASK.study is not None
    return TASK.study


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of environments that the workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / "environments"


@pytest.fixture(scope="module")
def environment(cache: Path) -> PythonEnvironment:
    """The task's own environment, built by the code that runs build it with."""
    spec = _study().environment
    assert spec is not None
    try:
        return build_environment(spec, cache)
    except EnvironmentFailed as error:
        pytest.skip(f"scikit-learn cannot be installed here: {str(error).splitlines()[-1]}")


@pytest.fixture
def inside(environment: PythonEnvironment) -> Any:
    """Runs code beside the starter's module, in the task's environment; gives the JSON that it prints."""

    def run(code: str) -> Any:
        argv = [environment.venv / "bin" / "python", "-B", "-c", f"import json, noise_trial as trial\n{code}"]
        return json.loads(subprocess.check_output(argv, cwd=TASK.starter, text=True))

    return run


def test_it_plans_without_an_error() -> None:
    """Sixteen groups over seeds, six hypotheses, all tested: what follows from a seed is still a sample of seeds."""
    plan = design(_study(), DesignFacts(seed=0))
    assert (len(plan.groups), plan.replicate_over) == (16, "seed")
    assert [h.rule.test for h in plan.hypotheses] == ["block-t"] * 6
    assert not plan.resources.exclusive
    context = LintContext(placeholders=frozenset({"model", "noise", "seed"}))
    assert {d.id for d in lint(plan, context)} <= {"lint/power-unknown"}


def test_the_environment_is_pinned() -> None:
    """Every requirement has one version, so that two machines measure the same library."""
    spec = _study().environment
    assert spec is not None
    assert spec.file is not None
    lines = [line for line in spec.file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert "scikit-learn==1.7.2" in lines
    assert all(line.count("==") == 1 for line in lines)


def test_the_truth_answers_what_is_asked() -> None:
    """Every hypothesis and every group of the study has its private entry, by the study's own levels."""
    asked = [str(next(iter(h.settings.items()))) for h in _study().hypotheses]
    assert asked == [str(next((k, c[k]) for k in ("noise", "model") if k in c)) for c in truth["contrasts"]]
    cells = {(c["noise"], c["model"]) for c in truth["cells"]}
    assert cells == {(n, m) for n in _study().vary["noise"] for m in _study().vary["model"]}


@pytest.mark.slow
def test_folds_hold_out_every_row_once(inside: Any) -> None:
    """Training and test part are disjoint, cover all rows, keep the classes' proportion; another seed, other folds."""
    seen = inside("""
labels = trial.load_breast_cancer().target
parts = [(train.tolist(), test.tolist()) for train, test in trial.splits(labels, 3)]
other = [test.tolist() for _, test in trial.splits(labels, 4)]
print(json.dumps([labels.tolist(), parts, other]))""")
    labels, parts, other = seen
    assert sorted(row for _, test in parts for row in test) == list(range(569))
    for train, test in parts:
        assert sorted([*train, *test]) == list(range(569))
        assert sum(labels[row] for row in test) / len(test) == pytest.approx(357 / 569, abs=0.01)
    assert other != [test for _, test in parts]


@pytest.mark.slow
def test_exactly_the_share_is_flipped(inside: Any) -> None:
    """Each share flips that many labels and leaves its argument alone; a larger share flips what a smaller one does."""
    flipped = inside("""
labels = trial.load_breast_cancer().target[:450]
before = labels.copy()
noisy = [trial.flip(labels, share, (5, 0)) for share in (0, 0.1, 0.2, 0.3, 1)]
assert (labels == before).all()
print(json.dumps([trial.np.flatnonzero(n != labels).tolist() for n in noisy]))""")
    assert [len(rows) for rows in flipped] == [0, 45, 90, 135, 450]
    assert all(set(few) <= set(many) for few, many in itertools.pairwise(flipped))


@pytest.mark.slow
def test_noise_never_reaches_what_is_held_out(inside: Any) -> None:
    """With and without noise, training rows, test rows and test labels are the same; only training labels differ."""
    clean, noisy = inside("""
print(json.dumps([trial.measure("bayes", noise, 7) for noise in (0, 0.3)]))""")
    assert [(train, test) for train, _, test in clean[1]] == [(train, test) for train, _, test in noisy[1]]
    assert all(a[1] != b[1] for a, b in zip(clean[1], noisy[1], strict=True))
    assert clean[0]["flipped_share"] == 0
    assert noisy[0]["flipped_share"] == pytest.approx(0.3, abs=0.002)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["rows[test] = 0", "labels[test] = 0", "test[0] = train[0]"])
def test_a_leak_fails_the_trial(environment: PythonEnvironment, fault: str) -> None:
    """A model that changes what is held out, or parts that overlap, end in exit status 1 and a message."""
    code = f"""
import noise_trial as trial
rows, labels = trial.load_breast_cancer(return_X_y=True)
train, test = trial.splits(labels, 1)[0]
class Cheat(trial.GaussianNB):
    def fit(self, given, wanted):
        {fault}
        return super().fit(given, wanted)
trial.held_out(Cheat(), rows, labels, train, test, labels[train].copy())"""
    argv = [environment.venv / "bin" / "python", "-B", "-c", code]
    done = subprocess.run(argv, cwd=TASK.starter, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "training touched the rows held out\n")


@pytest.mark.slow
def test_a_seed_gives_the_same_numbers(environment: PythonEnvironment) -> None:
    """The declared command, run twice, prints the same digests and all declared metrics; another seed, others."""

    def run(seed: int) -> str:
        words = _study().command.format(model="forest", noise=0.2, seed=seed).split()[1:]
        return subprocess.check_output([environment.venv / "bin" / "python", "-B", *words], cwd=TASK.starter, text=True)

    first, again, other = run(11), run(11), run(2**63 - 5)
    assert first == again
    assert first.splitlines()[0] != other.splitlines()[0]
    assert set(json.loads(first.splitlines()[-1])) == {metric.name for metric in _study().metrics}
    assert [line.split(":")[0] for line in first.splitlines()[:-1]] == [f"fold {k}" for k in range(5)]


@pytest.mark.slow
def test_a_short_run_finds_the_truth(environment: PythonEnvironment, cache: Path, tmp_path: Path) -> None:
    """Three blocks through the real command line: every effect within six standard errors of the judge's mean."""
    blocks = 3
    folders = {"RUNS": tmp_path / "runs", "LEASE": tmp_path / "lease", "CACHE": cache}
    words = ["run", "label-noise", "-n", str(blocks), "--reproduce", "1", "--sandbox", "process", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", "from curie.cli.app import main; main()", *words],
        cwd=tmp_path,
        env={**os.environ, **{f"CURIE_{name}_DIR": str(path) for name, path in folders.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {f["treatment"]: f for f in json.loads(done.stdout)["findings"]}
    for contrast in truth["contrasts"]:
        changed = next(f"{k}={contrast[k]}" for k in ("noise", "model") if k in contrast)
        error = contrast["sd"] / math.sqrt(blocks)
        assert found[changed]["effect"] == pytest.approx(contrast["mean"], abs=6 * error)
    assert found["noise=0.3"]["verdict"] == found["model=tree"]["verdict"] == "supported"
