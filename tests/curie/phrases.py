"""What a run's texts may say with a digit in it: whole phrases, by the object that they are about, from its journal.

A phrase is a context with its numbers (`22 of 24 succeeded`), never a bare number: a digit that changes leaves no
phrase that fits. They are written here again, from the records by way of citations, and not taken from what renders.
"""

import re
import shlex
from collections.abc import Iterator
from functools import cached_property

from pydantic import JsonValue

from curie.design_groups import level_text
from curie.journal.chain import Entry
from curie.journal.events import PlanFrozen
from curie.request import RunRequest
from curie.rigor.grounding import show
from tests.curie.phrases_of_objects import ObjectPhrases, flat

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


class Phrases(ObjectPhrases):
    """Phrases of one run: of its objects, and of it as a whole."""

    @cached_property
    def anywhere(self) -> frozenset[str]:
        """Of the run as a whole, and long texts of its journal as a whole."""
        return flat((*FIXED, *self._counts(), *self._identity(), *self._texts(), *self._planned()))

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
        counts = self.dossier.result.trials
        yield f"{counts.planned - counts.not_attempted} of {planned} trials done"
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
            yield from self.dossier.text(stream).splitlines()
        failed = next((r.key for r in self.dossier.records if r.outcome != "succeeded"), None)
        chosen = {r.key for r in self.dossier.records} if failed is None else {failed}
        yield from (f"curie show {self.dossier.paths.root} {key}" for key in chosen)
        yield from self._asked_again()

    def _asked_again(self) -> Iterator[str]:
        """Flags of the command that asks the same again, from the request that the journal holds."""
        created = self.dossier.state.created
        if created is None or "study" not in created.request:
            return
        request = RunRequest.model_validate(created.request)
        study = request.study
        yield from (f"--seed {request.seed}", f"--reproduce {request.reproduce}", f"--repo {study.repo}")
        yield from (f"--repeat {study.repeat}", f"--command {shlex.quote(study.command)}", study.question)

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


def _clock(entry: Entry) -> str:
    return f"{entry.time:%H:%M:%S}.{entry.time.microsecond // 1000:03d}"


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
