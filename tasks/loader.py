"""Reads task folders and experiment files: bundled ones by id, any other by path. Adding a task touches no code."""

import os
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from tasks.errors import DuplicateTask, InvalidField, PathRefused, TaskError, TaskNotFound
from tasks.schema import Task, TaskFile
from tasks.study import InputFile, Study
from tasks.study_file import expand, resolve, resolve_path, validate
from tasks.yaml_file import YamlFile, read_text

__all__ = ["bundled_root", "find_task", "list_tasks", "load_study", "load_task"]

TASK_FILE = "task.yaml"
_DESCRIPTION = "description.md"
_STARTER = "starter"
_PRIVATE = "private"


def bundled_root() -> Path:
    """The folder of the tasks that ship with this package."""
    return Path(str(resources.files("tasks"))) / "catalog"


def list_tasks(
    extra_roots: Sequence[Path] = (), *, on_error: Callable[[TaskError], None] | None = None
) -> tuple[Task, ...]:
    """Every task of the bundled catalogue and of `extra_roots`, by id.

    Args:
        extra_roots: folders that hold task folders.
        on_error: called with each task that cannot be read, which is then left out; None: the first one raises.

    Raises:
        TaskError: a task cannot be read, or is there twice, and there is no `on_error`.
    """
    found: list[Task] = []
    for task_id, folders in sorted(_folders(extra_roots).items()):
        try:
            found.append(load_task(_only(task_id, folders)))
        except TaskError as error:
            if on_error is None:
                raise
            on_error(error)
    return tuple(found)


def find_task(task_id: str, extra_roots: Sequence[Path] = ()) -> Task:
    """The task of that id; other tasks, broken or not, are not read.

    Raises:
        TaskNotFound: no folder has that name; it names close ones.
        DuplicateTask: two have.
        TaskFileError: it cannot be read.
    """
    known = _folders(extra_roots)
    if task_id not in known:
        raise TaskNotFound(task_id, known)
    return load_task(_only(task_id, known[task_id]))


def load_task(folder: Path) -> Task:
    """A task from its folder: `task.yaml`, and where present `description.md`, `starter/` and `private/`.

    Raises:
        UnreadableFile: `task.yaml` or `description.md` is missing (the former), no regular file or no UTF-8.
        UnreadableYaml: `task.yaml` is not YAML.
        InvalidField: a key is unknown or missing, or a value is wrong.
        PathRefused: a symlink or path leaves the folder, or the private part would be seen by trials.
    """
    folder = folder.resolve()
    _refuse_links(folder)
    file = YamlFile.read(folder / TASK_FILE)
    content = validate(file, TaskFile, _with_question(file))
    task_id = content.id or folder.name
    if content.id is not None and content.id != folder.name:
        line, column, key = file.place(("id",))
        message = f"{content.id!r} is not the folder's name, {folder.name!r}"
        raise InvalidField(file.path, message, line=line, column=column, key=key)
    starter = _folder(folder / _STARTER)
    data = resolve_path(file, content.data, ("data",), confine=folder) if content.data else None
    study = content.study and resolve(file, content.study, ("study",), confine=folder)
    study = study and study.model_copy(update={"repo": study.repo or starter, "data": study.data or data})
    private = _folder(folder / _PRIVATE)
    if private is not None:
        _keep_private(file, private, data, study)
    description = folder / _DESCRIPTION
    fields = content.model_dump(include={"title", "question", "budget_s", "domain", "tags"})
    whole = {
        "id": task_id,
        **fields,
        "description": read_text(description) if description.exists() else "",
        "study": study,
        "starter": starter,
        "data": data,
        "folder": folder,
        "private": private,
    }
    return validate(file, Task, cast("dict[str, JsonValue]", whole))


def load_study(path: Path) -> Study:
    """A study from an `experiment.yaml`; its relative paths are taken from the file's folder.

    Raises:
        TaskFileError: it cannot be read, or says something that no study says; with line, column and key.
    """
    file = YamlFile.read(path.resolve())
    study = validate(file, Study, cast("dict[str, JsonValue]", expand(file, file.data, ())))
    return resolve(file, study, (), confine=None)


def _with_question(file: YamlFile) -> dict[str, JsonValue]:
    data = dict(file.data)
    study = expand(file, data.get("study"), ("study",))
    if isinstance(study, dict):
        data["study"] = {"question": data.get("question"), **study}
    return data


def _folders(extra_roots: Iterable[Path]) -> dict[str, list[Path]]:
    known: dict[str, list[Path]] = {}
    roots = dict.fromkeys(root.resolve() for root in (bundled_root(), *extra_roots))
    for root in roots:
        for entry in sorted(root.glob(f"*/{TASK_FILE}")):
            known.setdefault(entry.parent.name, []).append(entry.parent)
    return known


def _only(task_id: str, folders: list[Path]) -> Path:
    if len(folders) > 1:
        raise DuplicateTask(task_id, folders)
    return folders[0]


def _folder(path: Path) -> Path | None:
    return path if path.is_dir() else None


def _refuse_links(folder: Path) -> None:
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            entry = Path(parent, name)
            if entry.is_symlink() and not entry.resolve().is_relative_to(folder):
                raise PathRefused(entry, "a symlink that leads out of the task's folder; copy the file instead")


def _keep_private(file: YamlFile, private: Path, data: Path | None, study: Study | None) -> None:
    """Nothing that a trial may read may hold, or lie in, the private folder."""
    shown: dict[str, Path | None] = {"data": data}
    if study is not None:
        shown |= {"study.repo": study.repo, "study.data": study.data}
        levels = [*study.constants.items(), *((name, level) for name, vary in study.vary.items() for level in vary)]
        shown |= {f"study {name}": level.path for name, level in levels if isinstance(level, InputFile)}
    for what, path in shown.items():
        if path is not None and (path.is_relative_to(private) or private.is_relative_to(path)):
            message = f"{path} would show {_PRIVATE}/ to the trials; only a judge may see it"
            raise PathRefused(file.path, message, key=what)
