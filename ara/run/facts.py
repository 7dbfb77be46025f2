"""What the parts of a run's artifact share: its plan, its rows, and who has which id. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ara.run.rows import TrialRow, events_of, trial_rows
from ara.schema.base import entry_id
from ara.schema.logic import ClaimStatus
from curie.dossier import Dossier
from curie.journal.chain import Entry
from curie.journal.events import FindingRecorded, PlanFrozen
from curie.plan import Hypothesis, Plan
from curie.records import Finding

STATUSES: dict[str, ClaimStatus] = {"supported": "supported", "refuted": "refuted", "inconclusive": "testing"}
"""Verdict -> status, where a measured trial ran: behind `inconclusive` there is data that does not decide."""


@dataclass(frozen=True)
class RunFacts:
    """A dossier, and what the layers refer to in each other."""

    dossier: Dossier

    @property
    def plan(self) -> Plan | None:
        """The latest revision."""
        return self.dossier.state.plan

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The events without the run's end."""
        return events_of(self.dossier)

    @cached_property
    def rows(self) -> tuple[TrialRow, ...]:
        """Every trial."""
        return trial_rows(self.dossier)

    @cached_property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Those that ask something; the control with its twin is no claim."""
        return tuple(h for h in self.plan.hypotheses if not h.calibration) if self.plan else ()

    @cached_property
    def claim_ids(self) -> Mapping[str, str]:
        """Hypothesis -> claim."""
        return {h.id: entry_id("C", number) for number, h in enumerate(self.hypotheses, start=1)}

    @cached_property
    def experiment_ids(self) -> Mapping[str, str]:
        """Hypothesis -> experiment."""
        return {h.id: entry_id("E", number) for number, h in enumerate(self.hypotheses, start=1)}

    @cached_property
    def findings(self) -> Mapping[str, Finding]:
        """Hypothesis -> its finding."""
        return {f.hypothesis: f for f in self.dossier.state.findings.values()}

    @cached_property
    def finding_events(self) -> Mapping[str, int]:
        """Hypothesis -> the event that recorded its latest finding."""
        return {e.event.finding.hypothesis: e.seq for e in self.entries if isinstance(e.event, FindingRecorded)}

    @cached_property
    def plan_events(self) -> Sequence[tuple[int, PlanFrozen]]:
        """Every plan revision with its event, the first one first."""
        return [(e.seq, e.event) for e in self.entries if isinstance(e.event, PlanFrozen)]

    def status(self, hypothesis: str) -> ClaimStatus:
        """The status of the claim that a hypothesis makes."""
        finding = self.findings.get(hypothesis)
        if finding is None or (finding.verdict == "inconclusive" and not self._tried(hypothesis)):
            return "hypothesis"
        return STATUSES[finding.verdict]

    def _tried(self, hypothesis: str) -> bool:
        """Whether any measured trial of its contrast ran, well or badly."""
        groups = {g for h in self.hypotheses if h.id == hypothesis for g in h.rule.contrast.weights}
        return any(record.group in groups for record in self.dossier.measured)

    def claims_about(self, metric: str) -> tuple[str, ...]:
        """The claims about a metric."""
        return tuple(self.claim_ids[h.id] for h in self.hypotheses if h.rule.metric == metric)

    def claims_with(self, group: str) -> tuple[str, ...]:
        """The claims whose contrast takes a group in."""
        return tuple(self.claim_ids[h.id] for h in self.hypotheses if group in h.rule.contrast.weights)

    @property
    def all_claims(self) -> tuple[str, ...]:
        """Every claim, in order."""
        return tuple(self.claim_ids.values())


def ref(seq: int | None) -> tuple[str, ...]:
    """An event as a source reference."""
    return () if seq is None else (f"journal.jsonl:{seq}",)
