from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.arguments import StudyArguments, request_from
from curie.compose import RunFlags, StudyFlags, compose
from curie.errors import UsageError
from tasks.study import InputFile, Metric

GIVEN = {"command": "tool {x}", "vary": {"x": [1, 2]}, "metrics": ["wall_s:s:lower"]}


def test_arguments_say_what_flags_say(tmp_path: Path) -> None:
    """The same study, written both ways, is the same request."""
    (tmp_path / "in.txt").write_text("x")
    (tmp_path / "code").mkdir()
    flags = StudyFlags(
        command="tool {x} {y} {file}",
        vary=("x=1,2.5,a", "y=true,null"),
        control=("x=2.5",),
        constants=("file=@in.txt", "depth=3"),
        nuisance=("y",),
        metric=("wall_s:s:lower", "size:B:lower:deterministic"),
        hypothesis=("wall_s:lower:x=a:min=0.5",),
        min_effect=("wall_s=0.25",),
        sd=("wall_s=0.1",),
        repeat=3,
        timeout_s=9.0,
        alpha=0.01,
        repo=Path("code"),
    )
    given = StudyArguments(
        command="tool {x} {y} {file}",
        vary={"x": [1, 2.5, "a"], "y": (True, None)},
        control={"x": 2.5},
        constants={"file": Path("in.txt"), "depth": 3},
        nuisance=["y"],
        metrics=["wall_s:s:lower", Metric(name="size", unit="B", better="lower", deterministic=True)],
        hypotheses=["wall_s:lower:x=a:min=0.5"],
        min_effect={"wall_s": 0.25},
        sd={"wall_s": 0.1},
        repeat=3,
        timeout_s=9.0,
        alpha=0.01,
        repo="code",
    )
    how = RunFlags(seed=7, aa=True)
    assert request_from("Which?", given, how, tmp_path) == compose("Which?", flags, how, tmp_path)


def test_a_task_is_changed_as_by_flags(tmp_path: Path) -> None:
    """Levels given anew replace the task's, the rest stays; one number is the only metric's."""
    flags = StudyFlags(vary=("size=100,200",), repeat=2, timeout_s=30.0)
    given = StudyArguments(vary={"size": [100, 200]}, repeat=2, timeout_s=30.0)
    assert request_from("sorting", given, RunFlags(), tmp_path) == compose("sorting", flags, RunFlags(), tmp_path)


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.text(min_size=1)))
def test_levels_keep_type_and_value(level: object) -> None:
    """Nothing is read out of a text, unlike on a command line; only a leading `@` means something."""
    if isinstance(level, str) and (level.startswith("@") or "\0" in level or not level.isprintable()):
        return
    given = StudyArguments(command="tool {x}", vary={"x": [level, (1, "other")]}, metrics=["m"])  # type: ignore[list-item]
    study = request_from("q?", given, RunFlags(), Path("/")).study
    assert study.vary["x"] == (level, (1, "other"))
    assert type(study.vary["x"][0]) is type(level)


def test_numbers_of_numpy_become_plain(tmp_path: Path) -> None:
    """Scalars and arrays of a notebook are levels."""
    numpy = pytest.importorskip("numpy")
    given = StudyArguments(
        command="t {x} {y} {z}",
        vary={"x": numpy.arange(2), "y": numpy.linspace(0, 1, 3), "z": numpy.array([True, False])},
        metrics=["m"],
    )
    study = request_from("q?", given, RunFlags(), tmp_path).study
    assert study.vary == {"x": (0, 1), "y": (0.0, 0.5, 1.0), "z": (True, False)}
    assert [type(levels[0]) for levels in study.vary.values()] == [int, float, bool]


def test_metrics_by_name(tmp_path: Path) -> None:
    """A mapping says unit and direction by name."""
    given = StudyArguments(
        command="t {x}", vary={"x": [1, 2]}, metrics={"loss": "1:lower", "wall_s": ""}, min_effect={"loss": 0.1}
    )
    study = request_from("q?", given, RunFlags(), tmp_path).study
    assert [(m.name, m.unit, m.better) for m in study.metrics] == [("loss", "1", "lower"), ("wall_s", "s", "none")]


def test_text_with_an_at_sign_is_an_input(tmp_path: Path) -> None:
    """As everywhere else; two of them are one."""
    (tmp_path / "f").write_text("x")
    given = StudyArguments(command="t {x}", vary={"x": ["@f", "@@f"]}, metrics=["m"])
    assert request_from("q?", given, RunFlags(), tmp_path).study.vary["x"] == (InputFile(path=tmp_path / "f"), "@f")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vary": {"x": {1, 2}}}, "not a list"),
        ({"vary": {"x": "12"}}, "not a list"),
        ({"vary": {"x": 3}}, "not a list"),
        ({"vary": {"x": [object()]}}, "cannot be a level"),
        ({"vary": {"x": [float("nan"), 1]}}, "not a finite number"),
        ({"vary": {"x": ["@", 1]}}, "must be followed"),
        ({"vary": None}, "nothing varies"),
        ({"metrics": ()}, "No metric"),
        ({"metrics": "wall_s:s:lower"}, "not a list"),
        ({"metrics": ["wall_s:s:faster"]}, "better must be one of"),
        ({"command": None}, "free question"),
        ({"constants": {"x": 1}}, "both varied and set"),
        ({"min_effect": 1.0, "metrics": ["a", "b"]}, "there are 2 metrics"),
        ({"min_effect": -1.0}, "not negative"),
        ({"repo": "nowhere"}, "does not exist"),
        ({"wheelhouse": "w"}, "no requirements"),
        ({"env": "HOME"}, "not a list"),
        ({"repeat": 0}, "repeat"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    """A UsageError with a hint in the words of Python, never another exception."""
    given = StudyArguments(**{**GIVEN, **changes})  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(UsageError, match=said) as error:
        request_from("What is it?", given, RunFlags(), tmp_path)
    assert error.value.hint
    assert "--" not in (error.value.hint or "").replace("`curie run --help`", "")
