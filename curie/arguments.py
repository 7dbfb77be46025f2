"""From Python values to a run request: what flags and experiment files say, with types instead of text."""

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from curie.compose import RunFlags, StudyFlags, Subject, absolute, find_subject, unseen_files
from curie.declare import build_study, first_message, parse_hypothesis, parse_metric
from curie.errors import UsageError
from curie.merging import Levels, merged_settings, named
from curie.request import RunRequest
from tasks import notation
from tasks.study import DeclaredHypothesis, EnvironmentSpec, InputFile, Limits, Metric, Setting

Level = Setting | Path
"""A level in Python: a number, text, bool, None, a tuple of these; a Path, or text `@path`, is an input file."""
Metrics = Sequence[str | Metric] | Mapping[str, str]
"""Metrics: `"wall_s:s:lower"` or `Metric(...)` each, or name -> `"s:lower"`."""
_T = TypeVar("_T")

_FORWARD = (
    'Three ways forward: name a bundled task, such as "sorting"; declare the variables (command="PROGRAM {x}", '
    'vary={"x": [1, 2]}, metrics=["wall_s:s:lower"]); or name an experiment.yaml.'
)


@dataclass(frozen=True, kw_only=True)
class StudyArguments:
    """What declares or changes a study, as `curie.experiment` takes it; None and empty: not given."""

    command: str | None = None
    vary: Mapping[str, Iterable[Level]] | None = None
    metrics: Metrics = ()
    control: Mapping[str, Level] | None = None
    constants: Mapping[str, Level] | None = None
    nuisance: Sequence[str] = ()
    hypotheses: Sequence[str | DeclaredHypothesis] = ()
    min_effect: float | Mapping[str, float] | None = None
    sd: float | Mapping[str, float] | None = None
    repeat: int | None = None
    design: str | None = None
    timeout_s: float | None = None
    cores: int | None = None
    alpha: float | None = None
    shell: bool = False
    env: Sequence[str] = ()
    requirements: str | PathLike[str] | None = None
    wheelhouse: str | PathLike[str] | None = None
    repo: str | PathLike[str] | None = None
    data: str | PathLike[str] | None = None


def request_from(subject: str | PathLike[str], given: StudyArguments, how: RunFlags, cwd: Path) -> RunRequest:
    """The request behind a call; arguments override what a task or file says, as flags do.

    Raises:
        UsageError: the task is unknown, the file unreadable, an argument malformed, or there is nothing to vary.
    """
    found = _subject(str(subject), given, cwd)
    study = absolute(build_study(_fields(found, given)), cwd)
    execution = {"study": study, "task": found.task, "unseen": unseen_files(study, cwd), **vars(how)}
    try:
        return RunRequest.model_validate(execution)
    except ValidationError as error:
        raise UsageError(first_message(error), hint="See `help(curie.experiment)`.") from error


def _subject(subject: str, given: StudyArguments, cwd: Path) -> Subject:
    try:
        return find_subject(subject, StudyFlags(command=given.command), cwd)
    except UsageError as error:
        raise UsageError(error.message, hint=_FORWARD) from error


def _fields(found: Subject, given: StudyArguments) -> dict[str, object]:
    base: dict[str, object] = {}
    if found.study is not None:
        base = {name: getattr(found.study, name) for name in found.study.model_fields_set}
    elif not given.vary:
        raise UsageError("The command is given, but nothing varies.", hint='Add vary={"name": [level, level]}.')
    elif not given.metrics:
        raise UsageError("No metric is declared.", hint='Add metrics=["wall_s:s:lower"], or what the command emits.')
    if found.question is not None:
        base["question"] = found.question
    return base | _scalars(given) | _declared(given, base) | _limits(given, base)


def _scalars(given: StudyArguments) -> dict[str, object]:
    names = ("command", "repeat", "design", "cores", "alpha", "repo", "data")
    fields: dict[str, object] = {name: getattr(given, name) for name in names}
    fields |= {
        "shell": given.shell or None,
        "env": _texts(given.env, "env"),
        "nuisance": _texts(given.nuisance, "nuisance"),
    }
    return {name: value for name, value in fields.items() if value is not None and value != ()}


def _declared(given: StudyArguments, base: Mapping[str, object]) -> dict[str, object]:
    levels = Levels(
        vary={name: _levels(name, values) for name, values in (given.vary or {}).items()},
        constants=_each(given.constants),
        control=_each(given.control),
    )
    fields = merged_settings(base, levels, keep_nuisance=not given.nuisance)
    if given.metrics:
        fields["metrics"] = _metrics(given.metrics)
    if given.hypotheses:
        fields["hypotheses"] = tuple(
            parse_hypothesis(h) if isinstance(h, str) else h for h in _listed(given.hypotheses, "hypotheses")
        )
    metrics = fields.get("metrics", base.get("metrics", ()))
    known = [m for m in metrics if isinstance(m, Metric)] if isinstance(metrics, tuple) else []
    for name, effects in (("min_effect", given.min_effect), ("sd", given.sd)):
        if effects is not None:
            fields[name] = {**named(base, name), **_effects(name, effects, known)}
    return fields


def _limits(given: StudyArguments, base: Mapping[str, object]) -> dict[str, object]:
    fields: dict[str, object] = {}
    if given.timeout_s is not None:
        limits = base.get("limits", Limits())
        fields["limits"] = {**(limits.model_dump() if isinstance(limits, Limits) else {}), "timeout_s": given.timeout_s}
    before = base.get("environment")
    if given.requirements is not None:
        fields["environment"] = {"file": given.requirements, "wheelhouse": given.wheelhouse}
    elif given.wheelhouse is not None:
        if not isinstance(before, EnvironmentSpec):
            raise UsageError("wheelhouse is given, but no requirements.", hint="Add requirements=FILE.")
        fields["environment"] = {**before.model_dump(), "wheelhouse": given.wheelhouse}
    return fields


def _metrics(given: Metrics) -> tuple[Metric, ...]:
    if isinstance(given, Mapping):
        return tuple(parse_metric(f"{name}:{rest}" if rest else name) for name, rest in given.items())
    return tuple(parse_metric(m) if isinstance(m, str) else m for m in _listed(given, "metrics"))


def _effects(name: str, given: float | Mapping[str, float], metrics: Sequence[Metric]) -> dict[str, object]:
    if isinstance(given, Mapping):
        return dict(given)
    if len(metrics) != 1:
        raise UsageError(
            f"{name}={given}: there are {len(metrics)} metrics.", hint=f'Write {name}={{"metric": number}}.'
        )
    return {metrics[0].name: given}


def _each(given: Mapping[str, Level] | None) -> dict[str, object]:
    return {name: _level(name, value) for name, value in (given or {}).items()}


def _levels(name: str, values: Iterable[Level]) -> tuple[object, ...]:
    return tuple(_level(name, value) for value in _listed(values, f"vary[{name!r}]"))


def _level(name: str, value: object) -> object:
    """A level as studies have it; numbers of numpy and its kin become Python's own."""
    if isinstance(value, Path):
        return InputFile(path=value)
    if isinstance(value, str):
        try:
            return notation.parse_level(value)
        except ValueError as error:
            raise UsageError(
                f"{name}: {error}", hint="Text that begins with @ is a path; write @@ for an @."
            ) from error
    plain = _plain(name, value)
    if isinstance(plain, float) and not math.isfinite(plain):
        raise UsageError(f"{name}: {plain} is not a finite number.", hint="Leave it out, or use None.")
    return plain


def _plain(name: str, value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case numbers.Integral():
            return int(value)
        case numbers.Real():
            return float(value)
        case list() | tuple():
            return tuple(_plain(name, item) for item in value)
        case _ if type(value).__name__ == "bool":  # numpy's own truth values are no bool of Python's
            return bool(value)
    raise UsageError(
        f"{name}: a {type(value).__name__} cannot be a level.",
        hint="Use numbers, text, bool, None, tuples of these, or a Path.",
    )


def _listed(values: Iterable[_T], name: str) -> list[_T]:
    """The items; what Python would take apart, has no order or is no collection is refused."""
    if isinstance(values, str | bytes | AbstractSet | Mapping) or not isinstance(values, Iterable):
        raise UsageError(f"{name} is {values!r}, not a list.", hint="Write a list, such as [1, 2].")
    return list(values)


def _texts(values: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(_listed(values, name))
