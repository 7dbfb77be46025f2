"""The bundled sorting task: its code is correct, and its private truth follows from theory and from brute force."""

import importlib.util
import itertools
import json
import math
import subprocess
import sys
from types import ModuleType

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tasks.loader import find_task

SEEDS = range(12)


def _trial() -> ModuleType:
    starter = find_task("sorting").starter
    assert starter is not None
    spec = importlib.util.spec_from_file_location("sort_trial", starter / "sort_trial.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


trial = _trial()
truth = yaml.safe_load((find_task("sorting").folder / "private" / "truth.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("algorithm", sorted(trial.ALGORITHMS))
@given(values=st.lists(st.integers(-50, 50), max_size=80))
def test_every_algorithm_sorts(algorithm: str, values: list[int]) -> None:
    """Each algorithm gives what `sorted` gives, equal values included."""
    assert trial.ALGORITHMS[algorithm](list(values)) == sorted(values)


def test_insertion_count_is_the_theoretical_mean() -> None:
    """Over all 720 orders of six numbers, insertion sort's mean count is n(n-1)/4 + n - H_n."""
    n = 6
    counts = [trial.count(trial.insertion, list(p)) for p in itertools.permutations(range(n))]
    assert math.isclose(sum(counts) / len(counts), n * (n - 1) / 4 + n - sum(1 / k for k in range(1, n + 1)))


@pytest.mark.parametrize("n", [1, 2, 7, 64, 200])
def test_merge_never_exceeds_its_bound(n: int) -> None:
    """Merge sort needs at most n*ceil(lg n) - 2^ceil(lg n) + 1 comparisons, in every order offered."""
    up = math.ceil(math.log2(n))
    bound = n * up - 2**up + 1
    assert all(trial.count(trial.merge, trial.generate(o, n, 3)) <= bound for o in trial.ORDERS)


@pytest.mark.parametrize("cell", truth["cells"], ids=lambda c: f"{c['algorithm']}-{c['order']}-{c['size']}")
def test_cells_of_the_truth_hold(cell: dict[str, int | str]) -> None:
    """The private bounds of a cell hold for every one of a dozen seeds."""
    sort = trial.ALGORITHMS[cell["algorithm"]]
    for seed in SEEDS:
        count = trial.count(sort, trial.generate(cell["order"], cell["size"], seed))
        assert cell["at_least"] <= count <= cell["at_most"]


@pytest.mark.parametrize("contrast", truth["contrasts"], ids=lambda c: str(c["algorithm"]))
def test_contrasts_of_the_truth_hold(contrast: dict[str, int | str]) -> None:
    """The private interval of each difference to insertion sort holds over the task's own cells."""
    study = find_task("sorting").study
    assert study is not None

    def mean(algorithm: str) -> float:
        cells = list(itertools.product(study.vary["order"], study.vary["size"], SEEDS))
        counts = [trial.count(trial.ALGORITHMS[algorithm], trial.generate(o, n, seed)) for o, n, seed in cells]
        return float(sum(counts)) / len(counts)

    difference = mean(str(contrast["algorithm"])) - mean("insertion")
    assert float(contrast["at_least"]) <= difference <= float(contrast["at_most"])


def test_the_command_prints_both_metrics() -> None:
    """The declared command, run as it stands, ends with one JSON line of the declared metrics; counts repeat."""
    task = find_task("sorting")
    assert task.study is not None
    argv = task.study.command.format(algorithm="merge", order="random", size=200, seed=7).split()[1:]
    runs = [
        json.loads(subprocess.check_output([sys.executable, *argv], cwd=task.starter, text=True).splitlines()[-1])
        for _ in range(2)
    ]
    assert set(runs[0]) == {metric.name for metric in task.study.metrics}
    assert runs[0]["comparisons"] == runs[1]["comparisons"]
    assert 0 < runs[0]["sort_s"] < 1
