"""Task folders and experiment files: what loads, and what each bad input is told."""

import os
from pathlib import Path

import pytest

from tasks.errors import (
    DuplicateTask,
    InvalidField,
    PathRefused,
    TaskError,
    TaskFileError,
    TaskNotFound,
    UnreadableFile,
    UnreadableYaml,
)
from tasks.loader import find_task, list_tasks, load_study, load_task
from tasks.study import InputFile

TASK = """\
title: T
question: Q?
study:
  command: run {x}
  vary: {x: [1, 2]}
  metrics: [y:1:higher]
"""
STUDY = "question: Q?\ncommand: run {x}\nvary:\n  x: [1, 2]\nmetrics: [y]\n"


def make_task(root: Path, name: str = "demo", text: str = TASK) -> Path:
    """A task folder below `root`."""
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "task.yaml").write_text(text, encoding="utf-8")
    return folder


def study_error(tmp_path: Path, text: str | bytes) -> TaskFileError:
    """What loading a study of that text raises."""
    file = tmp_path / "experiment.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(TaskFileError) as caught:
        load_study(file)
    assert caught.value.file == file
    return caught.value


def test_the_bundled_task_loads_whole() -> None:
    """`sorting` has a study that runs from its starter, a description, and a private folder outside the starter."""
    task = find_task("sorting")
    assert task.study is not None
    assert task.study.repo == task.starter
    assert task.study.question == task.question
    assert {m.name: m.deterministic for m in task.study.metrics} == {"sort_s": False, "comparisons": True}
    assert task.description.startswith("# ")
    assert task.private is not None
    assert task.starter is not None
    assert not task.private.is_relative_to(task.starter)


def test_a_folder_is_all_that_a_new_task_needs(tmp_path: Path) -> None:
    """A folder in an extra root is listed and found by its name, spaces and non-ASCII in the path included."""
    root = tmp_path / "mes tâches"
    make_task(root)
    assert [t.id for t in list_tasks([root])] == ["compression", "demo", "label-noise", "sorting"]
    assert find_task("demo", [root]).folder == root / "demo"


def test_unknown_task_names_close_ones() -> None:
    """A misspelt id is answered with the right one."""
    with pytest.raises(TaskNotFound, match="did you mean 'sorting'") as caught:
        find_task("sortign")
    assert caught.value.close == ("sorting",)


def test_a_task_twice_is_refused(tmp_path: Path) -> None:
    """The same id in two roots is an error that names both folders; the same root twice is not."""
    make_task(tmp_path / "a")
    make_task(tmp_path / "b")
    with pytest.raises(DuplicateTask, match=r"a/demo and .*b/demo"):
        find_task("demo", [tmp_path / "a", tmp_path / "b"])
    assert find_task("demo", [tmp_path / "a", tmp_path / "a"]).id == "demo"


def test_a_broken_task_does_not_hide_the_others(tmp_path: Path) -> None:
    """With `on_error`, listing goes on past a broken folder; without, it raises; finding another is unaffected."""
    make_task(tmp_path, "broken", "title: [")
    errors: list[TaskError] = []
    found = [t.id for t in list_tasks([tmp_path], on_error=errors.append)]
    assert found == ["compression", "label-noise", "sorting"]
    assert isinstance(errors[0], UnreadableYaml)
    with pytest.raises(UnreadableYaml):
        list_tasks([tmp_path])
    assert find_task("sorting", [tmp_path]).id == "sorting"


def test_paths_resolve_against_the_task_folder(tmp_path: Path) -> None:
    """`starter/` is the study's code by default; data and `@file` are taken from the folder."""
    folder = make_task(tmp_path, text=TASK.replace("[1, 2]", "['@a.txt', '@b.txt', '@@c']") + "data: a.txt\n")
    (folder / "starter").mkdir()
    (folder / "a.txt").write_text("a", encoding="utf-8")
    (folder / "b.txt").write_text("b", encoding="utf-8")
    study = load_task(folder).study
    assert study is not None
    assert study.repo == folder / "starter"
    assert study.data == folder / "a.txt"
    assert study.vary["x"] == (InputFile(path=folder / "a.txt"), InputFile(path=folder / "b.txt"), "@c")


def test_a_symlink_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A link to outside is named and refused; one that stays inside is fine."""
    folder = make_task(tmp_path)
    (folder / "inside").symlink_to(folder / "task.yaml")
    assert load_task(folder).id == "demo"
    (folder / "starter").mkdir()
    (folder / "starter" / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(PathRefused, match="passwd: a symlink that leads out"):
        load_task(folder)


@pytest.mark.parametrize("path", ["../other", "/etc/hostname"])
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    """A task cannot ask for files that are not its own."""
    (tmp_path / "other").mkdir()
    folder = make_task(tmp_path, text=TASK + f"data: {path}\n")
    with pytest.raises(PathRefused, match=r"task.yaml:7:1: data: .* leads out"):
        load_task(folder)


@pytest.mark.parametrize("repo", [".", "private", "private/x"])
def test_the_private_part_is_never_shown(tmp_path: Path, repo: str) -> None:
    """A study whose code would hold the judge's folder, or lie in it, is refused."""
    folder = make_task(tmp_path, text=TASK + f"  repo: {repo}\n")
    (folder / "private" / "x").mkdir(parents=True)
    with pytest.raises(PathRefused, match="only a judge"):
        load_task(folder)


def test_an_id_must_be_the_folders_name(tmp_path: Path) -> None:
    """A copied folder whose `id` was left behind is named, not loaded under the wrong name."""
    with pytest.raises(InvalidField, match=r"task.yaml:1:1: id: 'other' is not the folder's name"):
        load_task(make_task(tmp_path, text="id: other\n" + TASK))


def test_a_missing_task_file_is_said(tmp_path: Path) -> None:
    """A folder without task.yaml, a folder in its place, and a pipe are each refused in words, at once."""
    (tmp_path / "t").mkdir()
    with pytest.raises(UnreadableFile, match="No such file"):
        load_task(tmp_path / "t")
    os.mkfifo(tmp_path / "t" / "task.yaml")
    with pytest.raises(UnreadableFile, match="not a regular file"):
        load_task(tmp_path / "t")
    with pytest.raises(UnreadableFile, match="is a folder"):
        load_study(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("question: Q\nvary: [1\nx: 2\n", 3, 2, "did not find expected"),
        ("question: Q\nvary:\n\tx: 1\n", 3, 1, "cannot start any token"),
        ("question: Q\nquestion: R\n", 2, 1, "'question' is given twice"),
        ("question: Q\nvary: {x: [1], x: [2]}\n", 2, 16, "'x' is given twice"),
        ("- a\n- b\n", 1, 1, "must hold `key: value` lines"),
        ("", 1, 1, "must hold `key: value` lines"),
        ("1: 2\n", 1, 1, "a key must be text"),
        ("a: !!python/object/apply:os.getcwd []\n", 1, 4, "could not determine a constructor"),
        ("a: &a [*a]\n", 1, 4, "nested deeper"),
        ("a: " + "[" * 60 + "]" * 60, 1, None, "nested deeper"),
        ("a: 1\n---\nb: 2\n", 2, 1, "but found another document"),
    ],
)
def test_unreadable_yaml_is_placed(tmp_path: Path, text: str, line: int, column: int | None, says: str) -> None:
    """Each kind of broken YAML gives line, column and a sentence."""
    error = study_error(tmp_path, text)
    assert isinstance(error, UnreadableYaml)
    assert says in str(error)
    assert error.line == line
    assert column is None or error.column == column


def test_an_alias_bomb_is_refused_unexpanded(tmp_path: Path) -> None:
    """Nine levels of nine aliases each would be 400 million values; they are counted, not built."""
    lines = ["l0: &l0 [1,1,1,1,1,1,1,1,1]"]
    lines += [f"l{i}: &l{i} [{','.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 9)]
    assert "values once its aliases are expanded" in str(study_error(tmp_path, "\n".join(lines)))


def test_deep_nesting_does_not_crash_the_parser(tmp_path: Path) -> None:
    """A hundred thousand open brackets are an error, not a crash of the process."""
    assert isinstance(study_error(tmp_path, "a: " + "[" * 100_000), UnreadableYaml)


def test_bytes_that_are_no_text_are_placed(tmp_path: Path) -> None:
    """Latin-1 bytes and a huge file are refused with a reason; NUL is not YAML."""
    assert str(study_error(tmp_path, b"question: Q\nname: caf\xe9\n")).endswith(":2:10: is not UTF-8 text")
    assert "larger than" in str(study_error(tmp_path, b"#" * (2 << 20)))
    assert isinstance(study_error(tmp_path, b"a: \x00b"), UnreadableYaml)


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        (("metrics: [y]", "metrcis: [y]"), ":5:1: metrcis:", "did you mean 'metrics'?"),
        (("metrics: [y]", "metrics: [y:1:bigger]"), ":5:11: metrics[0]:", "better must be one of higher, lower, none"),
        (("metrics: [y]", "metrics: [a:b:c:d]"), ":5:11: metrics[0]:", "not written as NAME:UNIT"),
        (("metrics: [y]", "metrics: [wall_s:ms:lower]"), ":5:11: metrics[0]:", "measured in 's'"),
        (("metrics: [y]", "metrics: [y, y]"), ":5:1: metrics:", "declared twice"),
        (("metrics: [y]", "metrics: [{name: y, better: up}]"), ":5:21: metrics[0].better:", "should be 'higher'"),
        (("[1, 2]", "[]"), ":3:1: vary:", "'x' has no level"),
        (("[1, 2]", "[1, 1]"), ":3:1: vary:", "level 1 is given twice"),
        (("[1, 2]", "[1, '']"), ":3:1: vary:", "level 2 is empty"),
        (("[1, 2]", "[1, .nan]"), ":3:1: vary:", "level nan is not a finite number"),
        (("[1, 2]", "[1, -.inf]"), ":3:1: vary:", "not a finite number"),
        (("[1, 2]", "[1, '@']"), ":4:10: vary.x[1]:", "must be followed by the path"),
        (("[1, 2]", "[1, '@no such.tar']"), ":4:10: vary.x[1]:", "there is no"),
        (("[1, 2]", '[1, "@a\\0b"]'), ":4:10: vary.x[1]:", "not a path"),
        (("[1, 2]", "[1, '@~nobody-here/x']"), ":4:10: vary.x[1]:", "not a path"),
        (("[1, 2]", f"[1, '@{'x' * 300}']"), ":4:10: vary.x[1]:", "not a path"),
        (("[1, 2]", "[1, {a: b}]"), ":4:", "must be a number, text"),
        (("[1, 2]", "5"), ":4:3: vary.x:", "valid tuple"),
        (("metrics: [y]", "metrics: [y]\nrepeat: 0"), ":6:1: repeat:", "greater than or equal to 1"),
        (("metrics: [y]", "metrics: [y]\ncontrol: {x: 3}"), ": control x=3 is not one", "its levels: 1, 2"),
        (("question: Q?\n", ""), ":1:1:", "'question' is missing"),
    ],
)
def test_a_wrong_field_is_placed(tmp_path: Path, change: tuple[str, str], place: str, says: str) -> None:
    """Each wrong field gives file, line, column and key path, and says what was expected."""
    error = study_error(tmp_path, STUDY.replace(*change))
    assert isinstance(error, InvalidField)
    assert place in str(error)
    assert says in str(error)


def test_scalars_mean_what_people_write(tmp_path: Path) -> None:
    """YAML 1.2: `on` is a word, `1e-3` a number, `010` ten, `1:30` text, a date text; types stay apart."""
    file = tmp_path / "experiment.yaml"
    levels = "[on, no, true, 1e-3, 0.5, 010, 0x1F, 1:30, 2024-01-02, 1, 1.0, '1', null, [1, 2]]"
    file.write_text(STUDY.replace("[1, 2]", levels), encoding="utf-8")
    wanted = ("on", "no", True, 0.001, 0.5, 10, 31, "1:30", "2024-01-02", 1, 1.0, "1", None, (1, 2))
    got = load_study(file).vary["x"]
    assert got == wanted
    assert [type(v) for v in got] == [type(v) for v in wanted]


def test_an_experiment_may_point_anywhere(tmp_path: Path) -> None:
    """Paths of an experiment.yaml are taken from its own folder, and may leave it."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "corpus.tar").write_bytes(b"x")
    file = tmp_path / "sub" / "experiment.yaml"
    file.write_text(STUDY + "constants: {file: '@../corpus.tar'}\nrepo: ..\n", encoding="utf-8")
    study = load_study(file)
    assert study.constants["file"] == InputFile(path=tmp_path / "corpus.tar")
    assert study.repo == tmp_path


def test_notation_of_metrics(tmp_path: Path) -> None:
    """Strings and mappings may be mixed; a built-in metric brings its unit; the last word declares it deterministic."""
    file = tmp_path / "experiment.yaml"
    file.write_text(STUDY.replace("[y]", "[wall_s, 'n:1:lower:deterministic', {name: z, unit: m}]"), encoding="utf-8")
    metrics = load_study(file).metrics
    assert [(m.name, m.unit, m.better, m.deterministic) for m in metrics] == [
        ("wall_s", "s", "none", False),
        ("n", "1", "lower", True),
        ("z", "m", "none", False),
    ]
