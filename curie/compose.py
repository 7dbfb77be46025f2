"""From what the user typed to a run request: a task, a folder, a file, or a question with a command."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from pydantic import ValidationError

from curie.command import split
from curie.declare import (
    build_study,
    first_message,
    parse_assignment,
    parse_effects,
    parse_hypothesis,
    parse_level,
    parse_metric,
    parse_vary,
)
from curie.errors import UsageError
from curie.merging import Levels, merged_settings, named
from curie.request import RunRequest
from tasks.errors import TaskError
from tasks.loader import find_task, load_study, load_task
from tasks.study import EnvironmentSpec, InputFile, Limits, Metric, Study

_FORWARD = (
    "Three ways forward: run a bundled task (`curie tasks list`); declare the variables "
    "(--command 'PROGRAM {x}' --vary x=1,2 --metric wall_s:s:lower); or write them into a file (`curie init`)."
)


@dataclass(frozen=True)
class StudyFlags:
    """The flags that declare or change a study, as typed."""

    command: str | None = None
    shell: bool = False
    vary: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    nuisance: tuple[str, ...] = ()
    metric: tuple[str, ...] = ()
    hypothesis: tuple[str, ...] = ()
    min_effect: tuple[str, ...] = ()
    sd: tuple[str, ...] = ()
    repeat: int | None = None
    design: str | None = None
    timeout_s: float | None = None
    cores: int | None = None
    alpha: float | None = None
    env: tuple[str, ...] = ()
    requirements: Path | None = None
    wheelhouse: Path | None = None
    repo: Path | None = None
    data: Path | None = None

    @property
    def declares(self) -> bool:
        """Whether the flags alone make a study."""
        return self.command is not None


@dataclass(frozen=True)
class RunFlags:
    """The flags that say how a study is executed."""

    sandbox: str = "auto"
    executor: str = "local"
    seed: int = 0
    max_time_s: float | None = None
    aa: bool = False
    reproduce: int | None = None


@dataclass(frozen=True)
class Subject:
    """What the positional argument turned out to be."""

    study: Study | None
    """None: a free question."""
    question: str | None
    task: str | None = None


def compose(subject: str, study_flags: StudyFlags, run_flags: RunFlags, cwd: Path) -> RunRequest:
    """The request behind a command line; flags override what a task or file says.

    Raises:
        UsageError: the task is unknown, the file unreadable, a flag malformed, or there is nothing to vary.
    """
    found = find_subject(subject, study_flags, cwd)
    study = absolute(build_study(_study_fields(found, study_flags)), cwd)
    execution: dict[str, object] = {"study": study, "task": found.task, "unseen": unseen_files(study, cwd)}
    execution |= {field.name: getattr(run_flags, field.name) for field in fields(RunFlags)}
    try:
        return RunRequest.model_validate(execution)
    except ValidationError as error:
        raise UsageError(first_message(error), hint="See `curie run --help`.") from error


def unseen_files(study: Study, cwd: Path) -> tuple[str, ...]:
    """Words of the command that name a file in `cwd`, although the trials' working directory does not hold it."""
    try:
        words = split(study.command)
    except UsageError:  # what is wrong with the command is said where it is filled
        return ()
    plain = [word for word in words if "{" not in word and not Path(word).is_absolute() and _is_file(cwd / word)]
    return tuple(word for word in plain if study.repo is None or not (study.repo / word).exists())


def find_subject(subject: str, flags: StudyFlags, cwd: Path) -> Subject:
    """Tell a task, a task folder, an experiment file and a question apart.

    Raises:
        UsageError: it names something that cannot be read, or is a question without a command.
    """
    if not subject.strip():
        raise UsageError("The question is empty.", hint=_FORWARD)
    path = cwd / subject
    try:
        if _is_file(path / "task.yaml"):
            return _from_task(path, None)
        if path.suffix in {".yaml", ".yml"} and (_is_file(path) or not flags.declares):
            return Subject(study=load_study(path), question=None)
        if flags.declares:
            return Subject(study=None, question=subject)
        if _could_be_id(subject):
            return _from_task(find_task(subject).folder, subject)
    except TaskError as error:
        file = path.suffix in {".yaml", ".yml"} or path.is_dir()
        here = "`curie init` writes a file to compare with; docs/experiment-file.md has every key."
        raise UsageError(str(error), hint=here if file else "`curie tasks list` shows the bundled tasks.") from error
    if _could_be_path(subject):
        raise UsageError(f"There is no task folder and no experiment file at {path}.", hint=_FORWARD)
    raise UsageError(
        "A free question needs a model to plan the experiment, and no model is configured; "
        "without one, the variables have to be declared.",
        hint=_FORWARD,
    )


def absolute(study: Study, cwd: Path) -> Study:
    """The study with every path absolute.

    Raises:
        UsageError: a file or folder does not exist.
    """

    def place(path: Path) -> Path:
        found = (cwd / path).resolve()
        if not found.exists():
            raise UsageError(f"{path} does not exist.", hint=f"Paths are taken from {cwd}.")
        return found

    def level(value: object) -> object:
        return InputFile(path=place(value.path)) if isinstance(value, InputFile) else value

    changes: dict[str, object] = {
        "vary": {name: tuple(level(v) for v in levels) for name, levels in study.vary.items()},
        "control": {name: level(v) for name, v in study.control.items()},
        "constants": {name: level(v) for name, v in study.constants.items()},
        "repo": place(study.repo) if study.repo else None,
        "data": place(study.data) if study.data else None,
    }
    if study.environment is not None:
        paths = {key: getattr(study.environment, key) for key in ("file", "wheelhouse")}
        changes["environment"] = study.environment.model_copy(
            update={key: place(path) for key, path in paths.items() if path is not None}
        )
    return study.model_copy(update=changes)


def _from_task(folder: Path, task_id: str | None) -> Subject:
    task = load_task(folder)
    if task.study is None:
        raise UsageError(
            f"Task {task.id} declares no study: answering it needs a planner, and no model is configured.",
            hint="Declare variables with --command, --vary and --metric, or choose another task.",
        )
    return Subject(study=task.study, question=task.question, task=task_id or task.id)


def _study_fields(found: Subject, flags: StudyFlags) -> dict[str, object]:
    """Flags over what the task or file says: names are merged one by one, lists and numbers replaced."""
    fields: dict[str, object] = {}
    if found.study is not None:
        fields = {name: getattr(found.study, name) for name in found.study.model_fields_set}
    elif not flags.vary:
        raise UsageError("The command is given, but nothing varies.", hint="Add --vary NAME=LEVEL,LEVEL and --metric.")
    elif not flags.metric:
        raise UsageError("No metric is declared.", hint="Add --metric wall_s:s:lower, or the name of what it emits.")
    if found.question is not None:
        fields["question"] = found.question
    fields |= _scalars(flags) | _collections(flags, fields)
    return fields


def _scalars(flags: StudyFlags) -> dict[str, object]:
    fields: dict[str, object] = {
        "command": flags.command,
        "shell": flags.shell or None,
        "repeat": flags.repeat,
        "design": flags.design,
        "cores": flags.cores,
        "alpha": flags.alpha,
        "repo": flags.repo,
        "data": flags.data,
        "env": flags.env or None,
        "nuisance": flags.nuisance or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _collections(flags: StudyFlags, base: Mapping[str, object]) -> dict[str, object]:
    fields = _settings(flags, base)
    if flags.metric:
        fields["metrics"] = tuple(parse_metric(text) for text in flags.metric)
    if flags.hypothesis:
        fields["hypotheses"] = tuple(parse_hypothesis(text) for text in flags.hypothesis)
    metrics = _metrics(fields.get("metrics", base.get("metrics", ())))
    if flags.min_effect:
        given = parse_effects(flags.min_effect, metrics, "--min-effect")
        fields["min_effect"] = {**named(base, "min_effect"), **given}
    if flags.sd:
        fields["sd"] = {**named(base, "sd"), **parse_effects(flags.sd, metrics, "--sd")}
    if flags.timeout_s is not None:
        limits = base.get("limits", Limits())
        fields["limits"] = {**(limits.model_dump() if isinstance(limits, Limits) else {}), "timeout_s": flags.timeout_s}
    if flags.requirements is not None or flags.wheelhouse is not None:
        fields["environment"] = _environment(flags, base.get("environment"))
    return fields


def _settings(flags: StudyFlags, base: Mapping[str, object]) -> dict[str, object]:
    vary = _unique((parse_vary(text) for text in flags.vary), "--vary")
    constants = _unique(_levels(flags.constants, "--set"), "--set")
    control = _unique(_levels(flags.control, "--control"), "--control")
    return merged_settings(base, Levels(vary, constants, control), keep_nuisance=not flags.nuisance)


def _levels(texts: Iterable[str], flag: str) -> Iterable[tuple[str, object]]:
    return ((name, parse_level(value)) for name, value in (parse_assignment(text, flag) for text in texts))


def _environment(flags: StudyFlags, base: object) -> dict[str, object]:
    given = base.model_dump() if isinstance(base, EnvironmentSpec) else {}
    if flags.requirements is not None:
        given = {"file": flags.requirements}
    elif not given:
        raise UsageError("--wheelhouse is given, but no requirements.", hint="Add --requirements FILE.")
    return {**given, "wheelhouse": flags.wheelhouse or given.get("wheelhouse")}


def _metrics(value: object) -> tuple[Metric, ...]:
    return tuple(m for m in value if isinstance(m, Metric)) if isinstance(value, tuple) else ()


def _unique(pairs: Iterable[tuple[str, object]], flag: str) -> dict[str, object]:
    result: dict[str, object] = {}
    for name, value in pairs:
        if name in result:
            raise UsageError(f"{flag} {name} is given twice.")
        result[name] = value
    return result


def _is_file(path: Path) -> bool:
    """A question may be longer than any path, or hold what no path can."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _could_be_id(subject: str) -> bool:
    return not any(character.isspace() or character in "?/" for character in subject)


def _could_be_path(subject: str) -> bool:
    return "/" in subject and "?" not in subject and (subject[0] in "./~" or " " not in subject)
