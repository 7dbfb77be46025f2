"""The command line that asks for a recorded run once more, flag by flag. Pure."""

import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curie.declare import parse_level, parse_vary
from curie.errors import UsageError
from curie.request import RunRequest
from tasks import notation
from tasks.study import BUILTIN_METRICS, InputFile, Limits, Metric, Setting, Study

Level = Setting | InputFile


@dataclass(frozen=True, slots=True)
class Again:
    """How to run it again."""

    argv: tuple[str, ...]
    """The command, word by word."""
    beyond: tuple[str, ...] = ()
    """What the request says that no flag can: it has to stand in an experiment file."""

    @property
    def command(self) -> str:
        """The command as a shell reads it."""
        return shlex.join(self.argv)


def again(request: RunRequest, bundled: Study | None = None) -> Again:
    """The command that makes this request.

    Args:
        request: as recorded.
        bundled: what the task of that id declares, its paths absolute; None if there is no such task.
    """
    execution = _execution(request)
    if request.task is not None and bundled == request.study:
        return Again(argv=("curie", "run", request.task, *execution))
    study = request.study
    argv = ("curie", "run", study.question, *_study(study), *execution)
    return Again(argv=argv, beyond=tuple(_beyond(study)))


def _execution(request: RunRequest) -> tuple[str, ...]:
    words = ["--seed", str(request.seed)]
    if request.sandbox != "auto":
        words += ["--sandbox", request.sandbox]
    if request.max_time_s is not None:
        words += ["--max-time", repr(request.max_time_s).removesuffix(".0")]
    if request.aa:
        words.append("--aa")
    if request.reproduce is not None:
        words += ["--reproduce", str(request.reproduce)]
    return tuple(words)


def _study(study: Study) -> Iterator[str]:
    yield from ("--command", study.command)
    if study.shell:
        yield "--shell"
    for name, levels in study.vary.items():
        yield from ("--vary", f"{name}={_levels(name, levels)}")
    for name, level in study.control.items():
        yield from ("--control", f"{name}={_level(level)}")
    for name, level in study.constants.items():
        yield from ("--set", f"{name}={_level(level)}")
    for name in study.nuisance:
        yield from ("--nuisance", name)
    for metric in study.metrics:
        yield from ("--metric", _metric(metric))
    for declared in study.hypotheses:
        settings = [f"{name}={_level(level)}" for name, level in declared.settings.items()]
        least = [] if declared.min_effect is None else [f"min={declared.min_effect!r}"]
        yield from ("--hypothesis", ":".join([declared.metric, declared.direction, *settings, *least]))
    for flag, effects in (("--min-effect", study.min_effect), ("--sd", study.sd)):
        for name, value in effects.items():
            yield from (flag, f"{name}={value!r}")
    yield from _rest(study)


def _rest(study: Study) -> Iterator[str]:
    """Numbers, names and paths, where they are not the default."""
    values: tuple[tuple[str, object, object], ...] = (
        ("--repeat", study.repeat, None),
        ("--design", study.design, None),
        ("--timeout", study.limits.timeout_s, Limits().timeout_s),
        ("--cores", study.cores, _default("cores")),
        ("--alpha", study.alpha, _default("alpha")),
        ("--repo", study.repo, None),
        ("--data", study.data, None),
    )
    for flag, value, default in values:
        if value != default:
            yield from (flag, str(value))
    for name in study.env:
        yield from ("--env", name)
    if study.environment is not None and study.environment.file is not None:
        yield from ("--requirements", str(study.environment.file))
        if study.environment.wheelhouse is not None:
            yield from ("--wheelhouse", str(study.environment.wheelhouse))


def _default(name: str) -> object:
    return Study.model_fields[name].default


def _levels(name: str, levels: tuple[Level, ...]) -> str:
    """Levels with commas between them where that reads back as the same, else as a JSON list."""
    plain = ",".join(_level(level) for level in levels)
    return plain if _reads_back(name, plain, levels) else json.dumps([_json(v) for v in levels], ensure_ascii=False)


def _reads_back(name: str, text: str, levels: tuple[Level, ...]) -> bool:
    try:
        return _same(parse_vary(f"{name}={text}")[1], levels)
    except UsageError:
        return False


def _same(left: Iterable[Level], right: Iterable[Level]) -> bool:
    """Equal in value and in type: `1`, `1.0` and `true` are three levels."""
    return repr(tuple(left)) == repr(tuple(right))


def _level(level: Level) -> str:
    """As `--set` and `--control` read it."""
    if isinstance(level, InputFile):
        return f"@{level.path}"
    if isinstance(level, str):
        return f"@{level}" if level.startswith("@") else level
    return json.dumps(level, ensure_ascii=False)


def _json(level: Level) -> object:
    if isinstance(level, InputFile):
        return f"@{level.path}"
    return f"@{level}" if isinstance(level, str) and level.startswith("@") else level


def _metric(metric: Metric) -> str:
    """In the short notation; see `tasks.notation`."""
    parts = [metric.name, metric.unit]
    if metric.better != "none":
        parts.append(metric.better)
    if metric.deterministic:
        parts.append("deterministic")
    if metric.timing is not None:
        parts.append("timing" if metric.timing else "no-timing")
    if metric.tolerance:
        parts.append(f"tolerance={metric.tolerance!r}")
    parts += [
        f"{name}={value}"
        for name, value in (("reduce", metric.reduce), ("stream", metric.stream))
        if value != Metric.model_fields[name].default
    ]
    if metric.regex is not None:
        parts.append(f"regex={metric.regex}")
    if parts == [metric.name, BUILTIN_METRICS.get(metric.name, "1")]:
        return metric.name
    return ":".join(parts)


def _beyond(study: Study) -> Iterator[str]:
    """What no flag can say, each as a line of an experiment file."""
    for name in ("max_repeat", "power"):
        if (value := getattr(study, name)) != _default(name):
            yield f"{name}: {value}"
    for name in ("memory_mb", "output_mb", "pids"):
        if (value := getattr(study.limits, name)) != getattr(Limits(), name):
            yield f"limits.{name}: {value}"
    if study.environment is not None and study.environment.file is None:
        yield f"environment.requirements: {json.dumps(study.environment.requirements)}"
    for name, level in (*study.control.items(), *study.constants.items()):
        if not _says(level):
            yield f"{name}: {json.dumps(level, ensure_ascii=False, default=str)}"
    for metric in study.metrics:
        if not _writable(metric):
            yield f"metrics.{metric.name}: {metric.model_dump_json()}"


def _says(level: Level) -> bool:
    """Whether `--set` reads the level back as it is: the text `7` would become a number, a list text."""
    try:
        return _same((parse_level(_level(level)),), (level,))
    except UsageError:
        return False


def _writable(metric: Metric) -> bool:
    try:
        return notation.parse_metric(_metric(metric)) == metric
    except ValueError:
        return False
