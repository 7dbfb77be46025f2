"""What a run's texts may say with a digit in it: whole phrases, by the object that they are about, from its journal.

A phrase is a context with its numbers (`22 of 24 succeeded`), never a bare number: a digit that changes leaves no phrase
that fits. They are written here again, from the records by way of citations, and not taken from the code that renders.
"""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from pydantic import JsonValue

from curie.counts import blocks_planned
from curie.design_groups import level_text
from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.journal.chain import Entry
from curie.journal.events import FindingRecorded, PlanFrozen, TrialFinished, TrialStarted
from curie.page.phrase import line, visible
from curie.plan import Hypothesis
from curie.records import Finding, TrialRecord
from curie.request import RunRequest
from curie.rigor.grounding import show
from curie.rigor.ledger import Ledger, reference
from curie.schedule import TrialSlot, blocks, trials_of

FIXED = (
    "Stein 1945",  # the source of a method
    "10 % of the trial's wall time",  # the rule by which a trial is marked, beside the next
    "at least 0.02 s",
    "0 USD",  # no model took part, so nothing was paid
    "sha256",
    "SHA-256",
    "RFC 8785",
    "wholly on one side of 0",  # the default threshold: a bound of the rule, no result
    "exactly 0",
    "2 MB",
    "(10\u2076 B)",  # how an axis is scaled
)
"""Words of our own templates that hold a digit; all of them."""


class Phrases:
    """Phrases of one run."""

    def __init__(self, dossier: Dossier) -> None:
        """Of this run."""
        self.dossier = dossier
        self.ledger = Ledger(dossier.state)
        self.finished: tuple[tuple[Entry, TrialRecord], ...] = tuple(
            (e, e.event.record) for e in dossier.entries if isinstance(e.event, TrialFinished)
        )

    def said(self, *parts: str) -> str:
        """A citation as it is shown; what cannot be written in any text if there is none."""
        try:
            return self.ledger.cite(reference(*parts)).text
        except CheckFailed:
            return "\x00"

    @cached_property
    def asked(self) -> tuple[Hypothesis, ...]:
        """The hypotheses, calibrations included."""
        return self.dossier.state.plan.hypotheses if self.dossier.state.plan else ()

    @cached_property
    def names(self) -> frozenset[str]:
        """Every object that a text can be about: trials, groups, hypotheses."""
        plan = self.dossier.state.plan
        groups = [g.id for g in plan.groups] if plan else []
        return frozenset({*(r.key for _, r in self.finished), *self.planned, *groups, *(h.id for h in self.asked)})

    @cached_property
    def planned(self) -> frozenset[str]:
        """Keys of the planned trials."""
        return frozenset(slot.key for slot in self.slots)

    @cached_property
    def slots(self) -> tuple[TrialSlot, ...]:
        """The planned trials."""
        plan = self.dossier.state.plan
        return trials_of(blocks(plan, blocks_planned(self.dossier.state))) if plan else ()

    def of(self, name: str) -> frozenset[str]:
        """Of a trial, group or hypothesis."""
        found = self._made.get(name)
        if found is None:
            lines = (*self._of_trial(name), *self._of_group(name), *self._of_hypothesis(name))
            found = self._made[name] = _flat(lines)
        return found

    @cached_property
    def _made(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def anywhere(self) -> frozenset[str]:
        """Of the run as a whole, and long texts of its journal as a whole."""
        return _flat((*FIXED, *self._counts(), *self._identity(), *self._texts(), *self._planned()))

    def _counts(self) -> Iterator[str]:
        succeeded, planned, failed = (self.said("run", "trials", n) for n in ("succeeded", "planned", "failed"))
        yield from (f"{succeeded} of {planned} succeeded, {failed} failed", f"{planned} planned: {succeeded} succeeded")
        yield from (f"{planned} trials planned: {succeeded} succeeded", f"{succeeded} succeeded", f"{failed} failed")
        for name in self.dossier.result.trials.model_dump():
            count = self.said("run", "trials", name)
            yield f"{count} {name.replace('_', ' ')}"
        yield from (f"{self.said('run', 'trials', 'disturbed')} marked as disturbed",)
        again = [self.said("run", "reproduction", n) for n in ("reproduced", "sampled")]
        yield from (f"{again[0]} of {again[1]} re-run trials reproduced",)
        grounded = self.dossier.result.grounded
        yield f"{grounded.grounded} of {grounded.statements} sentences"
        yield from (f"{len(self.dossier.entries)} events", f"\u00b6 {len(self.dossier.entries)}, head")
        yield from (f"{self.said('run', 'code', 'files')} {noun}" for noun in ("file", "files"))
        yield f"{planned} of {planned} trials done"
        yield f"{planned} trials planned: {self.said('run', 'trials', 'not_attempted')} not attempted"
        yield f"{planned} planned: {self.said('run', 'trials', 'not_attempted')} not attempted"
        conclusion = self.dossier.state.conclusion
        yield from (f"{n} more below" for n in range(1, len(conclusion.limits) if conclusion else 1))

    def _identity(self) -> Iterator[str]:
        state, dossier = self.dossier.state, self.dossier
        root = str(dossier.paths.root)
        yield from (
            root,
            dossier.paths.root.name,
            f"{root}/report/report.html",
            f"{root}/report/report.md",
            f"{root}/ara",
        )
        yield from (dossier.head, dossier.head[:12])
        if state.snapshot:
            yield from (state.snapshot.commit, state.snapshot.tree, state.snapshot.commit[:12])
        if state.created:
            yield f"curie {state.created.curie_version}"
            machine = {k: self.said("machine", k) for k in state.created.machine}
            noted = state.created.machine
            parts = (
                f"{machine.get('cores')} cores",
                machine.get("memory_bytes"),
                f"{noted.get('system')} {noted.get('kernel')}",
            )
            yield ", ".join(map(str, (noted.get("processor"), *parts, f"Python {noted.get('python')}")))
            yield from map(str, parts)
            yield f"Python {noted.get('python')}"
            for name, shown in machine.items():
                yield from (f"{name.replace('_', ' ')}: {shown}", f"{name}**: {noted[name]}", f"{name}: {shown}")
                yield str(noted[name]) if isinstance(noted[name], str) else f"{name}: {noted[name]}"
        for entry in dossier.entries:
            if isinstance(entry.event, PlanFrozen):
                plan = entry.event.plan
                day = f"{entry.time:%Y-%m-%d %H:%M:%S} UTC"
                yield from (entry.event.digest, entry.event.digest[:12], f"{plan.revision} | {day} | {entry.seq} |")
                yield from (f"plan at event {entry.seq}, {_clock(entry)}", f"revision {plan.revision}")
        if first := dossier.first_trial_at:
            yield f"first trial at event {first.seq}, {_clock(first)}"
        yield from (f"{e.time:%Y-%m-%d %H:%M:%S} UTC" for e in (dossier.entries[0], dossier.entries[-1]))

    def _texts(self) -> Iterator[str]:
        """Texts of the journal, each as a whole: sentences, messages, commands, digests; no word or number alone."""
        for entry in self.dossier.entries:
            yield from (
                t for t in _strings(entry.event.model_dump(mode="json")) if re.search(r"[^\W\d_]{2}.*\s|\w{20}", t)
            )
        conclusion = self.dossier.state.conclusion
        for statement in (*conclusion.statements, *conclusion.limits) if conclusion else ():
            yield show(statement, self.ledger)
        for _, stream in self.dossier.streams():
            for row in self.dossier.text(stream).splitlines():
                yield row
        failed = next((r.key for r in self.dossier.records if r.outcome != "succeeded"), None)
        chosen = {r.key for r in self.dossier.records} if failed is None else {failed}
        yield from (f"curie show {self.dossier.paths.root} {key}" for key in chosen)
        yield from self._asked_again()

    def _asked_again(self) -> Iterator[str]:
        """Flags of the command that asks the same again, from the request that the journal holds."""
        created = self.dossier.state.created
        if created is None:
            return
        request = RunRequest.model_validate(created.request)
        study = request.study
        yield from (f"--seed {request.seed} --sandbox", f"--reproduce {request.reproduce}", f"--repo {study.repo}")
        yield from (f"--repeat {study.repeat} --repo", f"--command {shlex.quote(study.command)}", study.question)

    def _planned(self) -> Iterator[str]:
        plan = self.dossier.state.plan
        if plan is None:
            return
        reps = plan.repetitions
        yield from (f"{len(plan.groups)} groups", f"seed {plan.seed})", f"{plan.resources.cores} core")
        yield from (f"{reps.blocks} blocks", f"power of {reps.power:.15g}", f"power {reps.power:.15g}")
        for v in plan.variables:
            levels = ", ".join(map(level_text, v.levels))
            yield from (f"{v.name} = {levels}", f"| {levels} |", f"--vary {v.name}={levels.replace(', ', ',')}")
            yield from (f"levels {levels}", f"**: {levels}", f"{levels} and nothing else")
            yield f"{', '.join(map(level_text, v.levels[:-1]))} and {level_text(v.levels[-1])} and nothing else"
        yield from (f"{m.name} | {m.unit} |" for m in plan.metrics)
        yield from (f"--metric {m.name}:{m.unit}" for m in plan.metrics)
        for group in plan.groups:
            label = f"control: {group.label}" if group.id == "control" else group.label
            for m in plan.metrics:
                mean, least, most = (self.said("group", group.id, m.name, n) for n in ("mean", "min", "max"))
                yield from (f"{label} | mean {mean}", f"{label}: mean {mean}, from {least} to {most}")
        for finding in self.dossier.state.findings.values():
            visible = self.said(finding.id, "smallest_visible")
            yield from (f"smallest effect that it shows: {visible} in {finding.metric}", self._drawn(finding))

    def _of_trial(self, name: str) -> Iterator[str]:
        for entry, record in self.finished:
            if record.key != name:
                continue
            settings = self._settings(record.group)
            yield from (name, settings, record.reason or "", f"{record.purpose}, group {record.group}, repetition")
            yield from (f"journal.jsonl:{entry.seq}", f"block {record.block}", str(record.commit))
            yield f"event {entry.seq}"
        for slot in self.slots:
            if slot.key == name:
                yield from (name, self._settings(slot.group))

    def _of_group(self, name: str) -> Iterator[str]:
        plan = self.dossier.state.plan
        group = next((g for g in plan.groups if g.id == name), None) if plan else None
        if group is None:
            return
        yield from (name, group.label, self._settings(name), f"Group {name}: {group.label}")
        mine = [(e, r) for e, r in self.finished if r.group == name]
        counts = Counter((r.purpose, r.outcome) for _, r in mine)
        order = list(dict.fromkeys((r.purpose, r.outcome) for _, r in mine))
        yield ", ".join(f"{counts[k]} {k[0]} {k[1].replace('_', ' ')}" for k in order)
        met = {r.key for _, r in mine}
        missing = [slot.key for slot in self.slots if slot.group == name and slot.key not in met]
        yield from (
            f"{len(missing)} not attempted",
            f"{len(missing)} trials of {name} not attempted",
            ", ".join(missing),
        )
        yield from (f"{n} {purpose} {outcome.replace('_', ' ')}" for (purpose, outcome), n in counts.items())
        bad = [r for _, r in mine if r.outcome != "succeeded"]
        for outcome, n in Counter(r.outcome for r in bad).items():
            yield f"{n} trial{'s' if n > 1 else ''} of {name} {outcome.replace('_', ' ')}"
        yield ", ".join(r.key for r in bad)
        yield from (
            f"journal.jsonl:{e.seq}" for e, r in mine[:1] + [(e, r) for e, r in mine if r.outcome != "succeeded"]
        )
        for m in plan.metrics if plan else ():
            yield f"mean {self.said('group', name, m.name, 'mean')}"

    def _of_hypothesis(self, name: str) -> Iterator[str]:
        asked = next((h for h in self.asked if h.id == name), None)
        if asked is None:
            return
        yield from (f"{name}: {asked.treatment} against {asked.reference}", f"{name} ({asked.statement})")
        yield from (name, f"F-{name}", asked.statement, asked.treatment, asked.reference)
        ref = ("plan", "hypothesis", name)
        alpha, threshold = self.said(*ref, "alpha"), self.said(*ref, "threshold")
        yield from (
            f"all hypotheses: {alpha},",
            f"family-wise alpha {alpha}",
            f"side of {threshold}",
            f"by more than {threshold}",
        )
        yield f"within {threshold}"
        yield f"contrast {self._contrast(asked)}"
        finding = self.dossier.state.findings.get(f"F-{name}")
        if finding is not None:
            yield from self._of_finding(finding)

    def _contrast(self, asked: Hypothesis) -> str:
        weights = asked.rule.contrast.weights
        return " - ".join(sorted(weights, key=lambda g: -weights[g]))

    def _of_finding(self, finding: Finding) -> Iterator[str]:
        f = {
            n: self.said(finding.id, n)
            for n in ("effect", "relative", "effect_signed", "relative_signed", "n", "planned")
        }
        f |= {n: self.said(finding.id, n) for n in ("smallest_visible", "reproduced", "reruns", "interval")}
        both = f["effect_signed"] if finding.relative is None else f"{f['effect_signed']} ({f['relative_signed']})"
        plain = f["effect"] if finding.relative is None else f"{f['effect']} ({f['relative']})"
        span = self.span(finding)
        yield from (both, plain, span, f["interval"], finding.reason)
        yield from (
            f"{f['n']} of {f['planned']}",
            f"¶ {f['n']} of {f['planned']} ¶",
            f"{f['reproduced']} of {f['reruns']}",
        )
        if finding.n == finding.planned:
            yield f"{span} {f['n']} ¶"
        yield from (
            f"Smallest effect visible here: {f['smallest_visible']}",
            f"blind band up to {f['smallest_visible']}",
        )
        yield from (f"effect {both}", f"interval {span}")
        if finding.interval and finding.interval.low is not None and finding.interval.high is not None:
            low, high = (self.said(finding.id, n).removesuffix(f" {finding.unit}") for n in ("low", "high"))
            yield f"interval {low} to {high}"
        if decider := finding.decider:
            yield from (
                decider.advice,
                f"{decider.blocks} more blocks, about {self.said(finding.id, 'decider_seconds')}",
            )
        entry = next(
            (e for e in self.dossier.entries if isinstance(e.event, FindingRecorded) and e.event.finding == finding),
            None,
        )
        if entry:
            yield f"journal.jsonl:{entry.seq}"
            yield f"({finding.effect:.6g} {finding.unit}, n={finding.n})" if finding.effect is not None else ""

    def _drawn(self, finding: Finding) -> str:
        """It as the description of the figure of effects says it."""
        both = self.said(finding.id, "effect_signed")
        if finding.relative is not None:
            both += f" ({self.said(finding.id, 'relative_signed')})"
        parts = [f"{finding.hypothesis} ({finding.statement}): {finding.verdict}", both]
        if finding.interval is not None:
            low, high = self._ends(finding)
            parts.append(
                f"{'range' if finding.interval.level is None and finding.deterministic else 'interval'} {low} to {high}"
            )
        if finding.smallest_visible is not None:
            parts.append(f"blind band up to {self.said(finding.id, 'smallest_visible')}")
        return ", ".join(parts)

    def _ends(self, finding: Finding) -> tuple[str, str]:
        bounds = finding.interval
        low, high = (
            "unbounded" if value is None else self.said(finding.id, side).removesuffix(f" {finding.unit}")
            for side, value in (("low", bounds and bounds.low), ("high", bounds and bounds.high))
        )
        return low, high

    def span(self, finding: Finding) -> str:
        """Its interval in brackets, as tables have it."""
        bounds = finding.interval
        if bounds is None or (bounds.low is None and bounds.high is None):
            return "none"
        low, high = self._ends(finding)
        kind = "range" if bounds.level is None else f"{self.said(finding.id, 'level')} CI"
        return f"[{low}, {high}] ({kind})"

    def _settings(self, group: str) -> str:
        plan = self.dossier.state.plan
        found = next((g for g in plan.groups if g.id == group), None) if plan else None
        return ", ".join(f"{k}={level_text(v)}" for k, v in found.settings.items()) if found else ""


def _clock(entry: Entry) -> str:
    return f"{entry.time:%H:%M:%S}.{entry.time.microsecond // 1000:03d}"


def _flat(texts: "Iterator[str] | tuple[str, ...]") -> frozenset[str]:
    flat = {
        " ".join(s.split()) for t in texts for shown in (t, line(t), visible(t)) for s in (shown, *shown.splitlines())
    }
    return frozenset(t for t in flat if re.search(r"\d", t) and "\x00" not in t)


def _strings(value: JsonValue) -> Iterator[str]:
    """Every text of a JSON value, and lists of texts as one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield " ".join(str(item) for item in value)
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
