"""Every error that tasks raises on purpose.

TaskError                  the request or a file is at fault; the message says where and what to try
├── TaskNotFound           no task has that id; close ones are named
├── DuplicateTask          two catalogue folders hold a task of the same id
└── TaskFileError          a file is at fault: file, and where known line, column and key
    ├── UnreadableFile     missing, not a regular file, too large, not UTF-8
    ├── UnreadableYaml     not YAML, a key given twice, or an alias bomb
    ├── InvalidField       a key is unknown or its value is not what the schema asks for
    └── PathRefused        a path leads out of the task's folder, or shows what only a judge may see
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class TaskError(Exception):
    """A task or study cannot be used as asked for."""


class TaskNotFound(TaskError):
    """No task has that id."""

    def __init__(self, task_id: str, known: Iterable[str]) -> None:
        self.task_id = task_id
        names = sorted(known)
        self.close: tuple[str, ...] = tuple(get_close_matches(task_id.lower(), names, n=3, cutoff=0.5))
        """Ids that look alike, the closest first."""
        if self.close:
            advice = f"did you mean {' or '.join(repr(name) for name in self.close)}?"
        else:
            advice = f"known are: {', '.join(names) or 'none'}"
        super().__init__(f"no task {task_id!r}; {advice}")


class DuplicateTask(TaskError):
    """Two catalogue folders hold a task of the same id."""

    def __init__(self, task_id: str, folders: Iterable[Path]) -> None:
        self.task_id = task_id
        self.folders = tuple(folders)
        where = " and ".join(str(folder) for folder in self.folders)
        super().__init__(
            f"task {task_id!r} is there twice: {where}; rename one folder, or give its path instead of the id"
        )


class TaskFileError(TaskError):
    """A file is at fault. `line` and `column` count from 1; None where a whole file is meant."""

    def __init__(
        self, file: Path, message: str, *, line: int | None = None, column: int | None = None, key: str | None = None
    ) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        """Path of the key, such as `study.vary.size[1]`."""
        place = str(file) if line is None else f"{file}:{line}:{column}"
        super().__init__(f"{place}: {key}: {message}" if key else f"{place}: {message}")


class UnreadableFile(TaskFileError):
    """The file is missing, not a regular file, too large, or not UTF-8."""


class UnreadableYaml(TaskFileError):
    """The text is not YAML, gives a key twice, or grows beyond bounds when its aliases are expanded."""


class InvalidField(TaskFileError):
    """A key is unknown, missing, or its value is not what the schema asks for."""


class PathRefused(TaskFileError):
    """A path leads out of the task's folder, or shows what only a judge may see."""
