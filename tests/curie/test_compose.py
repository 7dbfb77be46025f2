"""From what was typed to a request: subjects, and flags over a file."""

from pathlib import Path

import pytest

from curie.compose import RunFlags, StudyFlags, compose
from curie.errors import UsageError
from tasks.study import Study

FILE = """
question: Q?
command: run {a} {size} {mode}
vary: {a: [1, 2], size: [10, 20]}
control: {a: 2, size: 20}
nuisance: [size]
constants: {mode: fast}
metrics: ["score:1:higher", "wall_s:s:lower"]
min_effect: {score: 1.0}
limits: {memory_mb: 64}
environment: {requirements: [x], wheelhouse: wheels}
"""


def study(folder: Path, flags: StudyFlags) -> Study:
    """The study of the file under flags."""
    (folder / "wheels").mkdir(exist_ok=True)
    (folder / "e.yaml").write_text(FILE, encoding="utf-8")
    return compose("e.yaml", flags, RunFlags(), folder).study


def test_a_file_as_it_is(tmp_path: Path) -> None:
    """Without flags nothing changes, and paths are absolute."""
    seen = study(tmp_path, StudyFlags())
    assert seen.control == {"a": 2, "size": 20}
    assert seen.environment is not None
    assert seen.environment.wheelhouse == tmp_path / "wheels"


def test_new_levels_of_one_variable_leave_the_others(tmp_path: Path) -> None:
    """Its control is its first level again; order, the other variable and its control stay."""
    seen = study(tmp_path, StudyFlags(vary=("a=5,6",)))
    assert seen.vary == {"a": (5, 6), "size": (10, 20)}
    assert seen.control == {"size": 20}


def test_a_variable_that_is_set_is_no_longer_varied(tmp_path: Path) -> None:
    """`--set size=10` makes a constant of it, nuisance or not."""
    seen = study(tmp_path, StudyFlags(constants=("size=10",)))
    assert (list(seen.vary), seen.constants, seen.nuisance) == (["a"], {"mode": "fast", "size": 10}, ())


def test_a_constant_that_is_varied_is_no_longer_set(tmp_path: Path) -> None:
    """And the other way round."""
    seen = study(tmp_path, StudyFlags(vary=("mode=fast,slow",)))
    assert (list(seen.vary), seen.constants) == (["a", "size", "mode"], {})


def test_numbers_merge_by_name_and_lists_are_replaced(tmp_path: Path) -> None:
    """--min-effect adds to the file's; --metric replaces; --timeout leaves the memory limit."""
    seen = study(tmp_path, StudyFlags(min_effect=("wall_s=0.1",), timeout_s=5.0))
    assert seen.min_effect == {"score": 1.0, "wall_s": 0.1}
    assert (seen.limits.timeout_s, seen.limits.memory_mb) == (5.0, 64)
    assert [m.name for m in study(tmp_path, StudyFlags(metric=("score:1:lower",))).metrics] == ["score"]


def test_a_wheelhouse_for_the_files_requirements(tmp_path: Path) -> None:
    """--wheelhouse alone keeps the requirements; --requirements replaces them."""
    (tmp_path / "other").mkdir()
    (tmp_path / "r.txt").touch()
    seen = study(tmp_path, StudyFlags(wheelhouse=Path("other"))).environment
    assert seen is not None
    assert (seen.requirements, seen.wheelhouse) == (("x",), tmp_path / "other")
    seen = study(tmp_path, StudyFlags(requirements=Path("r.txt"))).environment
    assert seen is not None
    assert (seen.requirements, seen.file, seen.wheelhouse) == ((), tmp_path / "r.txt", None)


def test_a_question_is_told_from_a_file_and_a_task(tmp_path: Path) -> None:
    """With a command, anything that is no file is a question, even a task's name or a folder's."""
    (tmp_path / "data").mkdir()
    flags = StudyFlags(command="run {x}", vary=("x=1,2",), metric=("wall_s",))
    for text in ("data", "sorting", "Is it? e.yaml?", "x" * 5000):
        request = compose(text, flags, RunFlags(), tmp_path)
        assert (request.study.question, request.task) == (text, None)
    assert compose("sorting", StudyFlags(), RunFlags(), tmp_path).task == "sorting"


def test_flags_change_a_bundled_task(tmp_path: Path) -> None:
    """`curie run sorting --set size=50` is one size."""
    request = compose("sorting", StudyFlags(constants=("size=50",)), RunFlags(), tmp_path)
    assert request.task == "sorting"
    assert request.study.constants["size"] == 50
    assert "size" not in request.study.vary


@pytest.mark.parametrize("subject", ["./gone", "tasks/gone", "/gone"])
def test_a_path_to_nothing_is_called_that(tmp_path: Path, subject: str) -> None:
    """Not a free question."""
    with pytest.raises(UsageError, match="no task folder"):
        compose(subject, StudyFlags(), RunFlags(), tmp_path)
