"""A run as MLflow will hold it: a parent and a child for every attempt, with tags, parameters and metrics. Pure."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from curie.dossier import Dossier
from curie.export.csv_format import shown
from curie.export.rows import MeasurementRow, TrialRow
from curie.export.trial_rows import measurement_rows, trial_rows

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]
IDENTITY = "curie.identity"
"""Tag by which an earlier export is found again: a digest, so that no text of the run stands in a query."""
RUN_DIGEST = "curie.run_digest"
"""Tag that a parent and its children share."""
_MAX_TEXT = 500
_MAX_STEP = 2**53
_SHOWN_AS_TAGS = (
    "outcome",
    "reason",
    "purpose",
    "group",
    "label",
    "reproduction",
    "rerun_of",
    "superseded",
    "disturbed",
)
_SHOWN_AS_PARAMS = ("repetition", "block", "position", "seed", "commit", "environment_digest", "executable_sha256")
_RESOURCES = ("wall_s", "cpu_s", "span_s", "memory_peak_bytes", "foreign_cpu_s")
_ENDS: Mapping[str, Status] = {
    "running": "RUNNING",
    "created": "RUNNING",
    "finished": "FINISHED",
    "succeeded": "FINISHED",
}
_STOPS = frozenset({"interrupted", "budget", "cancelled", "not_attempted"})


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a metric."""

    name: str
    value: float
    step: int
    at_ms: int
    """Milliseconds since 1970."""


@dataclass(frozen=True)
class Tracked:
    """A run of MLflow's."""

    identity: str
    name: str
    status: Status
    tags: Mapping[str, str]
    params: Mapping[str, str]
    points: tuple[Point, ...]
    started_ms: int
    ended_ms: int | None


def experiment_name(dossier: Dossier) -> str:
    """Runs that ask the same question stand in one experiment."""
    return _short(" ".join(dossier.result.question.split()))


def parent(dossier: Dossier) -> Tracked:
    """The run as a whole: its plan as parameters, its verdicts and head as tags, its effects and counts as metrics."""
    result = dossier.result
    at = _ms(dossier.last_event)
    numbers = {f"trials.{name}": float(count) for name, count in result.trials.model_dump().items()}
    for finding in (*result.findings, *result.calibration):
        ends = (finding.interval.low, finding.interval.high) if finding.interval else (None, None)
        for part, value in zip(("effect", "low", "high"), (finding.effect, *ends), strict=True):
            if value is not None:
                numbers[f"{finding.hypothesis}.{part}"] = value
    tags = {
        "curie.run_id": result.run_id,
        "curie.state": result.phase,
        "curie.mode": result.mode,
        "curie.journal_head": dossier.head,
        "mlflow.note.content": result.answer or result.question,
        **{f"curie.verdict.{f.hypothesis}": f.verdict for f in (*result.findings, *result.calibration)},
        **{f"curie.tag.{n}": tag for n, tag in enumerate(result.tags, 1)},
    }
    return Tracked(
        identity=_digest(result.run_id),
        name=result.run_id,
        status=_status(result.phase),
        tags=_tags(tags, result.run_id),
        params=_plan_params(dossier),
        points=tuple(Point(name, value, 0, at) for name, value in numbers.items()),
        started_ms=_ms(dossier.started),
        ended_ms=None if result.phase in {"running", "created"} else at,
    )


def children(dossier: Dossier) -> tuple[Tracked, ...]:
    """A child for every attempt that ended, and for every planned trial without one if the run is finished."""
    over = dossier.result.phase == "finished"
    emitted: dict[tuple[str, int, bool], list[MeasurementRow]] = {}
    for point in measurement_rows(dossier):
        emitted.setdefault((point.key, point.attempt, point.superseded), []).append(point)
    rows = [r for r in trial_rows(dossier) if r.outcome != "running" and (over or r.outcome != "not_attempted")]
    seen: Counter[str] = Counter()
    made = []
    for row in rows:
        name = row.key if row.attempt <= 1 else f"{row.key} attempt {row.attempt}"
        seen[name] += 1  # the same attempt may have been recorded twice, by a driver that was killed in between
        points = emitted.get((row.key, row.attempt, row.superseded), [])
        made.append(_child(row, f"{name} #{seen[name]}", points, dossier))
    return tuple(made)


def _child(row: TrialRow, name: str, points: Iterable[MeasurementRow], dossier: Dossier) -> Tracked:
    begun = _ms(row.started or row.finished or dossier.last_event)
    ended = _ms(row.finished or row.started or dossier.last_event)
    facts = {f"curie.{n}": shown(getattr(row, n)) for n in _SHOWN_AS_TAGS if getattr(row, n) is not None}
    settings = {f"setting.{n}": shown(v) if not isinstance(v, tuple) else str(list(v)) for n, v in row.settings.items()}
    params = {n: shown(getattr(row, n)) for n in _SHOWN_AS_PARAMS if getattr(row, n) is not None}
    return Tracked(
        identity=_digest(row.run_id, name),
        name=name.removesuffix(" #1"),
        status=_status(row.outcome),
        tags=_tags({"curie.run_id": row.run_id, "curie.key": row.key, **facts}, row.run_id),
        params={n: _short(v) for n, v in (settings | params).items() if v},
        points=tuple(_points(row, points, begun, ended)),
        started_ms=begun,
        ended_ms=ended,
    )


def _points(row: TrialRow, emitted: Iterable[MeasurementRow], begun: int, ended: int) -> Iterable[Point]:
    """Every number as emitted, a series by its steps; reduced values and resources under names of their own."""
    by_metric: dict[str, list[MeasurementRow]] = {}
    for point in emitted:
        by_metric.setdefault(point.metric, []).append(point)
    for name, series in by_metric.items():
        whole = all(_whole(p.step) for p in series)
        for place, point in enumerate(series):
            step = int(point.step) if whole and point.step is not None else place
            at = ended if point.t_s is None else begun + round(point.t_s * 1000) if _sane(point.t_s) else ended
            yield Point(name, point.value, step, at)
        if len(series) > 1 and name in row.metrics:
            yield Point(f"{name}.reduced", row.metrics[name], 0, ended)
    for name in _RESOURCES:
        if (value := getattr(row, name)) is not None:
            yield Point(f"resource.{name}", float(value), 0, ended)


def _whole(step: float | None) -> bool:
    return step is not None and math.isfinite(step) and step == int(step) and abs(step) < _MAX_STEP


def _sane(seconds: float) -> bool:
    """A trial says its own times, which may be anything."""
    return math.isfinite(seconds) and 0 <= seconds < _MAX_STEP / 1e6


def _plan_params(dossier: Dossier) -> dict[str, str]:
    plan = dossier.state.plan
    if plan is None:
        return {}
    params = {
        "plan_sha256": dossier.state.plan_digest or plan.digest(),
        "command": plan.command.template,
        "seed": str(plan.seed),
        "design": plan.design,
        "groups": str(len(plan.groups)),
        "environment_digest": plan.environment_digest or "",
        "code_digest": plan.code_digest or "",
        **{f"levels.{v.name}": ", ".join(str(level) for level in v.levels) for v in plan.variables},
    }
    return {name: _short(value) for name, value in params.items() if value}


def _tags(tags: Mapping[str, str], run_id: str) -> dict[str, str]:
    return {name: _short(value) for name, value in tags.items() if value} | {RUN_DIGEST: _digest(run_id)}


def _status(end: str) -> Status:
    return _ENDS.get(end, "KILLED" if end in _STOPS else "FAILED")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _short(text: str) -> str:
    """What every store of MLflow's takes: bounded, and text that UTF-8 can say."""
    kept = text.encode("utf-8", "backslashreplace").decode()
    return kept if len(kept) <= _MAX_TEXT else f"{kept[: _MAX_TEXT - 1]}…"


def _ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)
