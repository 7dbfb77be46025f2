"""What a trial measured: every source of metrics, read whole, and series reduced to one value."""

import contextlib
import itertools
import json
import math
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from curie.pattern_search import PatternTooSlowError, search
from curie.records import Measurement
from tasks.study import Frozen, Metric

MAX_POINTS = 100_000
"""Lines of a metrics file, and matches of a pattern; more would swell the journal, and is a failure that says so."""
MAX_FILE_BYTES = 64 << 20
"""Size of a metrics file; a larger one is a runaway trial too."""
MAX_LINE_BYTES = 16 << 20
"""A longer line of stdout is no object of metrics."""

_FILE = "CURIE_METRICS"
"""Key of a problem that concerns the metrics file and no single metric; not a valid metric of a plan's own."""


class Sources(Frozen):
    """Where a trial's numbers may be."""

    metrics_file: Path
    stdout: Path
    stderr: Path
    builtin: dict[str, float]
    """Built-in metric -> value."""


class Collected(Frozen):
    """Everything found, and everything wrong with it."""

    measurements: tuple[Measurement, ...]
    values: dict[str, float]
    problems: tuple[str, ...]
    """Why the trial cannot count as succeeded; empty if every metric has a finite value."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    metric: str
    value: float
    unit: str | None = None
    step: float | None = None
    t_s: float | None = None


def collect(metrics: Sequence[Metric], sources: Sources) -> Collected:
    """Find every declared metric, by the order: pattern, built-in, metrics file, last JSON line of stdout.

    What is emitted under a name that no metric has is ignored.
    """
    series, problems = _metrics_file(sources.metrics_file, {m.name: m for m in metrics})
    wanted = [m for m in metrics if m.regex is None and not m.builtin and m.name not in series]
    series |= _stdout_json(sources.stdout, wanted, problems)
    for metric in metrics:
        if metric.regex is not None:
            path = sources.stdout if metric.stream == "stdout" else sources.stderr
            series[metric.name] = _matches(metric, path, problems)
        elif metric.builtin and metric.name in sources.builtin:
            value = sources.builtin[metric.name]
            series[metric.name] = [_measurement(metric, value, "builtin")]
    values = {m.name: reduce_series(m, series[m.name]) for m in metrics if series.get(m.name)}
    problems = _missing_or_not_finite(metrics, values) | problems
    return Collected(
        measurements=tuple(point for points in series.values() for point in points if math.isfinite(point.value)),
        values={name: value for name, value in values.items() if math.isfinite(value)},
        problems=tuple(problems.values()),
    )


def reduce_series(metric: Metric, points: Sequence[Measurement]) -> float:
    """One value for a series: NaN if any point is not finite, since no reducer may hide that.

    `area` is the integral over `step` by trapezoids (over the index where steps are missing).
    """
    values = [point.value for point in points]
    if not all(map(math.isfinite, values)):
        return math.nan
    reducers: Mapping[str, Callable[[], float]] = {
        "last": lambda: values[-1],
        "best": lambda: max(values) if metric.better == "higher" else min(values),
        "mean": lambda: math.fsum(values) / len(values),
        "area": lambda: _area(points),
    }
    try:
        return reducers[metric.reduce]()
    except OverflowError:
        return math.inf


def _area(points: Sequence[Measurement]) -> float:
    steps = [float(i) if point.step is None else point.step for i, point in enumerate(points)]
    pairs = sorted(zip(steps, (point.value for point in points), strict=True))
    return math.fsum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in itertools.pairwise(pairs))


def _missing_or_not_finite(metrics: Sequence[Metric], values: Mapping[str, float]) -> dict[str, str]:
    problems = {}
    for metric in metrics:
        value = values.get(metric.name)
        if value is None:
            problems[metric.name] = f"metric {metric.name} was not emitted"
        elif not math.isfinite(value):
            problems[metric.name] = f"metric {metric.name} is {value}, not a finite number"
    return problems


def _metrics_file(path: Path, metrics: Mapping[str, Metric]) -> tuple[dict[str, list[Measurement]], dict[str, str]]:
    series: dict[str, list[Measurement]] = {}
    problems: dict[str, str] = {}
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return {}, {_FILE: "CURIE_METRICS is no regular file any more"}
    if path.exists() and path.stat().st_size > MAX_FILE_BYTES:
        return {}, {_FILE: f"CURIE_METRICS holds more than {MAX_FILE_BYTES >> 20} MiB"}
    for number, raw in enumerate(_lines(path), start=1):
        if number > MAX_POINTS:
            problems[_FILE] = f"CURIE_METRICS holds more than {MAX_POINTS} lines"
            break
        if not raw.strip():
            continue
        try:
            line = _Line.model_validate_json(raw)
        except ValidationError as error:
            problems[_FILE] = f"CURIE_METRICS line {number} cannot be read: {error.errors()[0]['msg']}"
            break
        metric = metrics.get(line.metric)
        if metric is None:
            continue
        if line.unit not in {None, metric.unit}:
            problems[metric.name] = f"metric {metric.name} was emitted in {line.unit!r}, declared in {metric.unit!r}"
        series.setdefault(metric.name, []).append(_point(metric, line))
    return series, problems


def _point(metric: Metric, line: _Line) -> Measurement:
    return Measurement(
        metric=metric.name, value=line.value, unit=metric.unit, step=line.step, t_s=line.t_s, source="metrics-file"
    )


def _stdout_json(path: Path, wanted: Sequence[Metric], problems: dict[str, str]) -> dict[str, list[Measurement]]:
    found = _last_object(path) if wanted else None
    series: dict[str, list[Measurement]] = {}
    for metric in wanted:
        if found is None or metric.name not in found:
            continue
        value = found[metric.name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            problems[metric.name] = f"metric {metric.name} is {json.dumps(value)[:40]} on stdout, not a number"
            continue
        series[metric.name] = [_measurement(metric, _as_float(value), "stdout-json")]
    return series


def _matches(metric: Metric, path: Path, problems: dict[str, str]) -> list[Measurement]:
    try:
        found = search(metric.regex or "", path, most=MAX_POINTS)
    except PatternTooSlowError as error:
        problems[metric.name] = f"metric {metric.name}: {error}"
        return []
    if len(found) > MAX_POINTS:
        problems[metric.name] = f"the pattern of metric {metric.name} matches more than {MAX_POINTS} times"
    points: list[Measurement] = []
    for text in found[:MAX_POINTS]:
        try:
            value = float(text)
        except ValueError:
            problems[metric.name] = f"metric {metric.name} matched {text[:40]!r}, which is not a number"
            break
        points.append(_measurement(metric, value, "regex"))
    return points


def _measurement(metric: Metric, value: float, source: str) -> Measurement:
    return Measurement.model_validate({"metric": metric.name, "value": value, "unit": metric.unit, "source": source})


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _last_object(path: Path) -> dict[str, object] | None:
    """The last line of the whole stream that is a JSON object."""
    with _mapped(path) as content:
        end = len(content)
        # By its brace, not line by line: a stream of 256 MiB can have a hundred million lines.
        while (brace := content.rfind(b"}", 0, end)) >= 0:
            start = content.rfind(b"\n", 0, brace) + 1
            stop = content.find(b"\n", brace)
            stop = stop if stop >= 0 else len(content)
            line = bytes(content[start:stop]).strip() if stop - start <= MAX_LINE_BYTES else b""
            if line.startswith(b"{") and line.endswith(b"}"):
                with contextlib.suppress(ValueError, RecursionError):
                    value: object = json.loads(line)
                    if isinstance(value, dict):
                        return value
            end = max(start - 1, 0)
    return None


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        return


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap | bytes]:
    """The file's bytes without reading them into memory; a missing or empty file is no bytes."""
    if not path.is_file() or path.stat().st_size == 0:
        yield b""
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content
