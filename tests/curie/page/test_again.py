"""The command to run it again: reading it back gives the request that was recorded."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from curie.cli import run_commands
from curie.compose import RunFlags, StudyFlags, compose
from curie.page.again import again
from curie.request import RunRequest
from tasks.study import Limits, Study

ROOT = Path("/")


def read_back(command: str) -> RunRequest:
    """The request that `curie run` makes of a command line, by the command line's own parser."""
    app = typer.Typer()
    app.command("run")(run_commands.run)
    words = shlex.split(command)
    assert words[:2] == ["curie", "run"]
    group = typer.main.get_command(app)
    values: dict[str, Any] = group.make_context("run", words[2:]).params
    flags: StudyFlags = run_commands._study_flags(values)
    execution = RunFlags(sandbox=values["sandbox"], executor=values["executor"], seed=values["seed"],
                         max_time_s=values["max_time"], aa=values["aa"], reproduce=values["reproduce"])  # fmt: skip
    return compose(values["subject"], flags, execution, ROOT)


def test_a_task_is_named_by_its_id() -> None:
    """Unchanged, it needs its id and what was asked of the execution; changed, every flag."""
    request = compose("sorting", StudyFlags(), RunFlags(seed=3, aa=True, reproduce=2), ROOT)
    short = again(request, compose("sorting", StudyFlags(), RunFlags(), ROOT).study)
    assert short.command == "curie run sorting --seed 3 --aa --reproduce 2"
    assert read_back(short.command) == request
    changed = compose("sorting", StudyFlags(repeat=3), RunFlags(), ROOT)
    long = again(changed, request.study)
    assert "--repeat 3" in long.command
    assert long.beyond == ("limits.memory_mb: 512",)


FLAGS = (
    StudyFlags(command="prog {x} {seed}", vary=("x=1,2",), metric=("wall_s",)),
    StudyFlags(command="prog '{x}' \"a b\"", vary=('x=["a,b", "c d", "7", 7, 7.5, null, [1, "2"]]',),
               metric=("a:ms:lower:deterministic:tolerance=0.5", "b:1:none:reduce=mean:regex=x: ([0-9]+)")),
    StudyFlags(command="prog {x} {y} {z}", shell=True,  # noqa: S604 -- a field of data: nothing is run
               vary=("x=true,false", "y=1e-3,0.1,3.10", "z=a,b"),
               control=("y=0.1",), constants=("c=5", "d=x=y z"), nuisance=("z",), metric=("m:1:higher:no-timing",),
               hypothesis=("m:higher:x=false:min=0.25", "m:same"), min_effect=("m=0.5",), sd=("m=2",), repeat=4,
               design="full-factorial", timeout_s=7.5, cores=2, alpha=0.01, env=("HOME", "LANG")),
    StudyFlags(command="cat {x}", vary=("x=@/etc/passwd,@/etc/group",), metric=("wall_s",), data=Path("/etc/passwd")),
)  # fmt: skip


@pytest.mark.parametrize("flags", FLAGS, ids=["plain", "json", "everything", "files"])
def test_what_flags_said_they_say_again(flags: StudyFlags) -> None:
    """Levels in type and order, metrics with options, hypotheses, limits: nothing is lost, and nothing is beyond."""
    execution = RunFlags(sandbox="process", seed=9, max_time_s=12.5, reproduce=0)
    request = compose("Is it so, or isn't it?", flags, execution, ROOT)
    told = again(request)
    assert told.beyond == ()
    assert read_back(told.command) == request


@settings(max_examples=40)
@given(
    levels=st.lists(
        st.booleans() | st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8),
        min_size=1, max_size=4, unique_by=repr,
    ),
    question=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
        lambda text: text.strip() and not text.startswith("-") and not text.endswith((".yaml", ".yml"))
    ),
)  # fmt: skip
def test_any_level_and_any_question_survive(levels: list[Any], question: str) -> None:
    """Text that looks like a number, commas, quotes, at signs, line breaks: the levels come back, type and all."""
    study = Study.model_validate(
        {"question": question, "command": "p {x}", "vary": {"x": tuple(levels)}, "metrics": [{"name": "m"}]}
    )
    told = again(RunRequest(study=study))
    assert repr(read_back(told.command).study.vary["x"]) == repr(study.vary["x"])


def test_what_no_flag_says_is_named() -> None:
    """Power, memory and requirement lines stand in a file; they are listed rather than lost."""
    study = Study.model_validate(
        {"question": "q", "command": "p {x}", "vary": {"x": (1, 2)}, "metrics": [{"name": "m"}], "power": 0.9,
         "limits": Limits(memory_mb=64), "constants": {"c": "7"}, "environment": {"requirements": ["numpy"]}}
    )  # fmt: skip
    told = again(RunRequest(study=study))
    assert told.beyond == ("power: 0.9", "limits.memory_mb: 64", 'environment.requirements: ["numpy"]', 'c: "7"')
