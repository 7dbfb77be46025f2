"""Names of runs."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from curie.identity import new_run_id
from curie.request import RunRequest
from tasks.study import Metric, Study

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@given(st.text(min_size=1))
def test_a_name_is_a_plain_file_name(question: str) -> None:
    """Whatever is asked: time first, short, ASCII, no separator of paths."""
    study = Study(question=question, command="run {x}", vary={"x": (1, 2)}, metrics=(Metric(name="m"),))
    name = new_run_id(RunRequest(study=study), NOW)
    assert re.fullmatch(r"20260102-030405-[a-z0-9][a-z0-9-]{0,23}-[0-9a-f]{4}", name)
    assert "--" not in name


def test_a_tasks_run_bears_its_name() -> None:
    """And two at the same second differ."""
    study = Study(question="Q?", command="run {x}", vary={"x": (1, 2)}, metrics=(Metric(name="m"),))
    names = {new_run_id(RunRequest(study=study, task="sorting"), NOW) for _ in range(20)}
    assert all(name.startswith("20260102-030405-sorting-") for name in names)
    assert len(names) > 15
