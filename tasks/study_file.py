"""Turns YAML into a validated study: expands the short notation, resolves paths, places every error."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from tasks.errors import InvalidField, PathRefused
from tasks.notation import parse_level, parse_metric
from tasks.schema import TaskFile
from tasks.study import DeclaredHypothesis, EnvironmentSpec, InputFile, Limits, Metric, Setting, Study
from tasks.yaml_file import Loc, YamlFile

Level = Setting | InputFile
ModelT = TypeVar("ModelT", bound=BaseModel)

_KNOWN_KEYS = sorted(
    {f for m in (TaskFile, Study, Metric, DeclaredHypothesis, EnvironmentSpec, Limits) for f in m.model_fields}
)


def validate(file: YamlFile, model: type[ModelT], data: dict[str, JsonValue]) -> ModelT:
    """`data` as `model`.

    Raises:
        InvalidField: with line, column and key of the first fault.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # A misspelt key comes first: what it makes missing is a consequence.
        errors = sorted(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
        line, column, key = file.place(errors[0]["loc"])
        same = [e for e in errors if file.place(e["loc"])[2] == key]
        message = _words(same)
        if others := len({file.place(e["loc"])[2] for e in errors} - {key}):
            message += f" (and {others} more)"
        raise InvalidField(file.path, message, line=line, column=column, key=key or None) from error


def expand(file: YamlFile, study: JsonValue, at: Loc) -> JsonValue:
    """The declaration of a study at `at`, with `name:unit:better` and `@path` expanded.

    Raises:
        InvalidField: one of them is malformed.
    """
    if not isinstance(study, dict):
        return study
    out: dict[str, JsonValue] = dict(study)
    if isinstance(metrics := out.get("metrics"), list):
        out["metrics"] = [_metric(file, m, (*at, "metrics", i)) for i, m in enumerate(metrics)]
    if isinstance(vary := out.get("vary"), dict):
        out["vary"] = {
            name: [_level(file, v, (*at, "vary", name, i)) for i, v in enumerate(levels)]
            if isinstance(levels, list)
            else levels
            for name, levels in vary.items()
        }
    for part in ("control", "constants"):
        if isinstance(named := out.get(part), dict):
            out[part] = {name: _level(file, v, (*at, part, name)) for name, v in named.items()}
    return out


def resolve(file: YamlFile, study: Study, at: Loc, *, confine: Path | None) -> Study:
    """The study with every path absolute, relative ones taken from the file's folder.

    Args:
        file: where it was read.
        study: as validated.
        at: where in the file it stands.
        confine: the folder that no path may leave; None: any place is allowed.

    Raises:
        InvalidField: a path does not exist.
        PathRefused: a path leaves `confine`.
    """

    def path(value: Path | None, *key: str | int) -> Path | None:
        return None if value is None else resolve_path(file, value, (*at, *key), confine=confine)

    def level(value: Level, *key: str | int) -> Level:
        if not isinstance(value, InputFile):
            return value
        return InputFile(path=resolve_path(file, value.path, (*at, *key), confine=confine))

    environment = study.environment and study.environment.model_copy(
        update={name: path(getattr(study.environment, name), "environment", name) for name in ("file", "wheelhouse")}
    )
    return study.model_copy(
        update={
            "vary": {n: tuple(level(v, "vary", n, i) for i, v in enumerate(vs)) for n, vs in study.vary.items()},
            "control": {n: level(v, "control", n) for n, v in study.control.items()},
            "constants": {n: level(v, "constants", n) for n, v in study.constants.items()},
            "environment": environment,
            "repo": path(study.repo, "repo"),
            "data": path(study.data, "data"),
        }
    )


def resolve_path(file: YamlFile, value: Path, at: Loc, *, confine: Path | None) -> Path:
    """`value` as an existing absolute path, taken from the file's folder if relative.

    Raises:
        InvalidField: nothing is there.
        PathRefused: it leads out of `confine`.
    """
    line, column, key = file.place(at)
    try:
        path = (file.path.parent / value.expanduser()).resolve()
        there = path.exists()
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidField(file.path, f"not a path: {error}", line=line, column=column, key=key) from error
    if confine is not None and not path.is_relative_to(confine.resolve()):
        raise PathRefused(file.path, f"{value} leads out of the task's folder", line=line, column=column, key=key)
    if not there:
        raise InvalidField(file.path, f"there is no {path}", line=line, column=column, key=key)
    return path


def _metric(file: YamlFile, value: JsonValue, at: Loc) -> JsonValue:
    if not isinstance(value, str):
        return value
    return _placed(file, at, lambda: parse_metric(value).model_dump(exclude_unset=True))


def _level(file: YamlFile, value: JsonValue, at: Loc) -> JsonValue:
    if not isinstance(value, str):
        return value

    def written() -> JsonValue:
        level = parse_level(value)
        return {"path": str(level.path)} if isinstance(level, InputFile) else str(level)

    return _placed(file, at, written)


def _placed(file: YamlFile, at: Loc, make: Callable[[], JsonValue]) -> JsonValue:
    try:
        return make()
    except ValidationError as error:
        message = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
    except ValueError as error:
        message = str(error)
    line, column, key = file.place(at)
    raise InvalidField(file.path, message, line=line, column=column, key=key)


def _words(errors: list[ErrorDetails]) -> str:
    first = errors[0]
    name = str(first["loc"][-1]) if first["loc"] else ""
    if len(errors) > 1 and {"bool", "str"} <= {str(part) for e in errors for part in e["loc"]}:
        return "a value must be a number, text, true, false, null, a list of those, or `@path`"
    if first["type"] == "extra_forbidden":
        close = get_close_matches(name, _KNOWN_KEYS, n=1, cutoff=0.6)
        return f"unknown key {name!r}" + (f"; did you mean {close[0]!r}?" if close else "")
    if first["type"] == "missing":
        return f"{name!r} is missing"
    return first["msg"].removeprefix("Value error, ")
