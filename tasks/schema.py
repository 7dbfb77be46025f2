"""What a task is: a question with what belongs to it and, apart, what only a judge may see."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from tasks.study import Frozen, Study

TaskId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
"""The name of a task's folder."""


class Task(Frozen):
    """A question with starter code, read-only data and a budget. All paths are absolute."""

    id: TaskId
    """The folder's name."""
    title: str = Field(min_length=1)
    """A line for lists."""
    question: str = Field(min_length=1)
    """As a scientist would ask it."""
    description: str = ""
    """Markdown: background, method, what the trials measure."""
    study: Study | None = None
    """The declared study; None if answering needs a planner."""
    starter: Path | None = None
    """Folder with the code that an experimenter starts from."""
    data: Path | None = None
    """File or folder that trials may read."""
    budget_s: float | None = Field(default=None, gt=0)
    """Wall-clock seconds that answering should take at most; None: unbounded."""
    domain: str | None = None
    """Field of science, such as `algorithms`."""
    tags: tuple[str, ...] = ()
    folder: Path
    """Where the task lies."""
    private: Path | None = None
    """Folder that only a judge may see; never shown to a trial, a worker or a model."""


class TaskFile(Frozen):
    """What `task.yaml` holds; the rest of a task is the files beside it."""

    id: TaskId | None = None
    """If given, the folder's name."""
    title: str = Field(min_length=1)
    question: str = Field(min_length=1)
    study: Study | None = None
    """Its question is the task's, unless it has its own."""
    data: Path | None = None
    budget_s: float | None = Field(default=None, gt=0)
    domain: str | None = None
    tags: tuple[str, ...] = ()
