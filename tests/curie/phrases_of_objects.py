"""What may be said of one trial, group or hypothesis with a digit in it: whole phrases from the journal."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from curie.counts import blocks_planned
from curie.design_groups import level_text
from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.journal.chain import Entry
from curie.journal.events import FindingRecorded, TrialFinished
from curie.page.phrase import line, visible
from curie.plan import Hypothesis
from curie.records import Finding, TrialRecord
from curie.rigor.ledger import Ledger, reference
from curie.schedule import TrialSlot, blocks, trials_of


class ObjectPhrases:
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
            found = self._made[name] = flat(lines)
        return found

    @cached_property
    def _made(self) -> dict[str, frozenset[str]]:
        return {}

    def _of_trial(self, name: str) -> Iterator[str]:
        for entry, record in self.finished:
            if record.key != name:
                continue
            settings = self._settings(record.group)
            yield from (
                name,
                settings,
                record.reason or "",
                f"{record.purpose}, group {record.group}, repetition {record.repetition}",
            )
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
        yield f"n={finding.n})"
        if finding.interval is not None:
            low, high = self._ends(finding)
            yield f"{f['effect_signed']} ({f['relative_signed'].removesuffix(' %')}"
            # The screen breaks a long interval into two lines.
            yield from (f"[{low}, {high}]", f"[{low},", f"{high}]", f"({self.said(finding.id, 'level')} CI)")
            yield from (f"[{low}, {high}] {f['n']} \u00b6", f"[{low}, {f['n']} \u00b6", f"CI) {f['n']} \u00b6")
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


def flat(texts: "Iterator[str] | tuple[str, ...]") -> frozenset[str]:
    """Those with a digit, as they are, on one line and line by line, and as a page and a screen show them."""
    shapes = {
        " ".join(s.split()) for t in texts for shown in (t, line(t), visible(t)) for s in (shown, *shown.splitlines())
    }
    return frozenset(t for t in shapes if re.search(r"\d", t) and "\x00" not in t)
