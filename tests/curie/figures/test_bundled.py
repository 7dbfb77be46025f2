"""The bundled tasks' own plans, with simulated values: every figure passes the check."""

import random
from pathlib import Path

import pytest

from curie.designer import DesignFacts, design
from curie.figures.draw import draw
from tasks.loader import list_tasks
from tasks.study import Study
from tests.curie.figures.dossiers import dossier
from tests.curie.simulated import records

STUDIES = [(task.id, task.study) for task in list_tasks() if task.study is not None]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "study"), STUDIES, ids=[name for name, _ in STUDIES])
def test_no_figure_of_a_bundled_task_has_a_problem(tmp_path: Path, name: str, study: Study) -> None:
    """Effects, distributions and order of each, with values that span decades."""
    noise = random.Random(name)  # noqa: S311 -- simulated values, no secret
    of = design(study, DesignFacts(seed=1), aa=True)
    trials = records(of, lambda _, block: 10 ** noise.uniform(-3, 4) + block)
    figures = draw(dossier(tmp_path, of, trials))
    assert figures.effects is not None
    assert len(figures.distributions) == len(of.metrics)
    assert {f.id: f.problems for f in figures.all if f.problems} == {}
