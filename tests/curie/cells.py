"""What each cell of a table about a run must hold, by the row's object and the column's head, from the journal."""

import json
from functools import cached_property

from curie.journal.events import TrialStarted
from tests.curie.phrases import Phrases

_TRIAL_FACTS = {
    "block": "block",
    "place": "position",
    "position": "position",
    "attempt": "attempt",
    "seed": "seed",
    "exit_code": "exit_code",
    "wall time": "wall_s",
    "its wall time": "wall_s",
    "memory": "memory_peak",
    "cpu time of others": "foreign_cpu",
}
_FINDING = {"p": "p", "adjusted p": "p_adjusted", "n": "n", "planned": "planned", "effect": "effect"}


class Cells:
    """Texts by (object, metric or empty, head of the column, in small letters)."""

    def __init__(self, phrases: Phrases) -> None:
        """Of the run of these phrases."""
        self._phrases = phrases

    def of(self, name: str, metric: str, column: str) -> frozenset[str] | None:
        """What may stand there; None if the journal does not say, so that the cell is text."""
        head = column.strip("`* ").lower()
        return self._all.get((name, metric, head)) or self._all.get((name, "", head))

    @cached_property
    def _all(self) -> dict[tuple[str, str, str], frozenset[str]]:
        found: dict[tuple[str, str, str], set[str]] = {}

        def put(name: str, metric: str, column: str, *texts: object) -> None:
            shown = {t if isinstance(t, str) else json.dumps(t) for t in texts}
            found.setdefault((name, metric, column), set()).update({"none" if t == "null" else t for t in shown})

        self._trials(put)
        self._starts(put)
        self._slots(put)
        self._groups(put)
        self._findings(put)
        self._reruns(put)
        return {key: frozenset(texts) for key, texts in found.items()}

    def _trials(self, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, C901, PLR0912 -- the closure above; a line a column
        said, plan = self._phrases.said, self._phrases.dossier.state.plan
        for entry, record in self._phrases.finished:
            key = record.key
            for column in ("event", "export_id"):
                put(key, "", column, entry.seq)
            for column, fact in _TRIAL_FACTS.items():
                raw = getattr(record, fact, None)
                put(key, "", column, said("trial", key, "fact", fact), *([] if raw is None else [raw]))
            put(key, "", "commit", str(record.commit))
            if record.purpose == "reproduce":
                put(key, "", "rerun_of", key.removesuffix("-reproduce"))
            put(key, "", "repetition", record.repetition)
            put(key, "", "finished", entry.time.isoformat())
            if record.executable is not None:
                put(key, "", "executable", str(record.executable.path))
            put(key, "", "group", record.group)
            for name, level in record.settings.items():
                put(
                    key,
                    "",
                    f"setting.{name}".lower(),
                    level,
                    json.dumps(level) if isinstance(level, str) else str(level),
                )
            for m in plan.metrics if plan else ():
                value = record.values.get(m.name)
                shown = ("none", "") if value is None else (value, said("trial", key, "metric", m.name))
                for column in (m.name, f"{m.name} ({m.unit})", f"metric.{m.name}"):
                    put(key, "", column.lower(), *shown)
                put(key, m.name, "value", *shown, *((record.outcome,) if value is None else ()))
            for m in record.measurements:
                put(key, m.metric, "value", m.value)
                put(key, m.metric, "unit", m.unit)
            if used := record.resources:
                put(key, "", "wall_s", used.wall_s)
                put(key, "", "cpu_s", used.cpu_s)
                put(key, "", "span_s", used.span_s)
                put(key, "", "foreign_cpu_s", used.interference.foreign_cpu_s)
                put(key, "", "involuntary_switches", used.interference.involuntary_switches)
                put(key, "", "memory_peak_bytes", "" if used.memory_peak_bytes is None else used.memory_peak_bytes)
            for stream in (record.stdout, record.stderr):
                if stream is not None:
                    name = stream.artifact.name
                    put(key, name, "sha256", stream.artifact.sha256)
                    put(key, name, "bytes kept", stream.artifact.size_bytes)
                    put(key, name, "bytes written", stream.total_bytes)

    def _starts(self, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 -- the closure above
        for entry in self._phrases.dossier.entries:
            if isinstance(entry.event, TrialStarted):
                put(entry.event.key, "", "started", entry.time.isoformat())

    def _slots(self, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 -- the closure above
        """Trials that were planned and have no record."""
        for slot in self._phrases.slots:
            if slot.key not in {r.key for _, r in self._phrases.finished}:
                for column, value in {
                    "block": slot.block,
                    "position": slot.position,
                    "attempt": 0,
                    "seed": slot.seed,
                }.items():
                    put(slot.key, "", column, value)
                put(slot.key, "", "group", slot.group)
                put(slot.key, "", "repetition", slot.repetition)
                group = next(g for g in self._phrases.dossier.state.plan.groups if g.id == slot.group)  # type: ignore[union-attr]
                for name, level in group.settings.items():
                    put(slot.key, "", f"setting.{name}".lower(), level if isinstance(level, str) else str(level))

    def _groups(self, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 -- the closure above
        said, plan = self._phrases.said, self._phrases.dossier.state.plan
        for group in plan.groups if plan else ():
            put(group.id, "", "n", said("group", group.id, "n"))
            for m in plan.metrics if plan else ():
                mean = said("group", group.id, m.name, "mean")
                for column in (m.name, f"{m.name} ({m.unit})"):
                    put(
                        group.id,
                        "",
                        column.lower(),
                        "none" if mean == "\x00" else mean,
                        mean.removesuffix(f" {m.unit}"),
                    )

    def _findings(self, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 -- the closure above
        said = self._phrases.said
        calibrations = {h.id for h in self._phrases.asked if h.calibration}
        order = [h.id for h in self._phrases.asked if not h.calibration]
        for finding in self._phrases.dossier.state.findings.values():
            name = finding.hypothesis
            put(name, "", "claim", "none" if name in calibrations else f"C{order.index(name) + 1:02d}")
            for column, field in _FINDING.items():
                put(name, "", column, getattr(finding, field))
            both = said(finding.id, "effect_signed")
            put(
                name,
                "",
                "effect",
                both if finding.relative is None else f"{both} ({said(finding.id, 'relative_signed')})",
            )
            bounds = finding.interval
            for column in ("low", "high", "level"):
                put(name, "", column, None if bounds is None else getattr(bounds, column))
            put(name, "", "interval", self._phrases.span(finding))
            put(name, "", "n", f"{finding.n} of {finding.planned}")
            put(name, "", "reproduced", f"{said(finding.id, 'reproduced')} of {said(finding.id, 'reruns')}")
            visible = said(finding.id, "smallest_visible")
            put(name, "", "smallest visible effect", "unknown" if visible == "\x00" else visible)
            put(name, "", "unit", finding.unit)

    def _reruns(self, put) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 -- the closure above
        for key, rerun in self._phrases.dossier.state.reproductions.items():
            for seen in rerun.comparisons:
                heads = {
                    "original": "original",
                    "re-run": "rerun",
                    "low": "low",
                    "accepted from": "low",
                    "high": "high",
                }
                for column, field in (heads | {"to": "high"}).items():
                    shown = self._phrases.said("rerun", key, seen.metric, field)
                    put(key, seen.metric, column, getattr(seen, field), "none" if shown == "\x00" else shown)
