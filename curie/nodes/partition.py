"""The nodes of a partition's graph in a declared study: gate, blocks, re-runs."""

from collections.abc import Sequence

from curie.dispatcher import Dispatcher, Pause
from curie.graph import Next
from curie.journal.events import BlocksDecided, DiagnosticRecorded, TrialReproduced
from curie.plan import Plan
from curie.records import Diagnostic, Reproduction, TrialRecord
from curie.rigor.execution import compare, comparisons_in, confirm, needs_confirmation
from curie.rigor.stages import decide_blocks
from curie.schedule import GATE_KEY, TrialSlot, blocks, gate, next_slots, reproduction_sample, rerun
from curie.session import Session


class DeclaredPartition:
    """All groups of a declared study: one worker implements them, by one command template."""

    def __init__(self, session: Session, plan: Plan, dispatcher: Dispatcher, wanted_reruns: int | None) -> None:
        self._session = session
        self._plan = plan
        self._dispatcher = dispatcher
        self._wanted_reruns = wanted_reruns
        self.pause: Pause | None = None
        """Why the partition stopped before its end."""

    def technician(self) -> Next:
        """The template is the code already; what an earlier process left running is settled here."""
        self._dispatcher.adopt(self._known_slots())
        return Next.GO_ON

    def verifier(self) -> Next:
        """One control trial, from a clean export, must emit every metric before anything else runs."""
        if self._dispatch((gate(self._plan),)):
            return Next.STOP
        return Next.GO_ON if self._session.state.trials[GATE_KEY].outcome == "succeeded" else Next.STOP

    def runner(self) -> Next:
        """The blocks; of a two-stage design the first stage, then as many as its variance asks for."""
        if self._dispatch(next_slots(self._plan, self._blocks(), self._records())):
            return Next.STOP
        if self._plan.repetitions.kind == "fixed" or self._session.state.blocks_decided is not None:
            return Next.GO_ON
        decision = decide_blocks(self._plan, self._records())
        self._session.record(BlocksDecided(blocks=decision.blocks, reason=decision.reason), "runner")
        return Next.AGAIN

    def reproducer(self) -> Next:
        """A sample of trials again, each in a fresh export; one that comes out differently gets a second look."""
        sample = self._sample()
        if not sample:
            self._not_reproduced()
            return Next.GO_ON
        if self._dispatch(sample):
            return Next.STOP
        family = comparisons_in(self._plan, len(sample))
        doubtful = [slot for slot in sample if needs_confirmation(self._plan, self._compared(slot, family))]
        if self._dispatch([rerun(self._originals()[slot.key], "confirm") for slot in doubtful]):
            return Next.STOP
        for slot in sample:
            self._conclude(slot, family)
        return Next.GO_ON

    def _dispatch(self, slots: Sequence[TrialSlot]) -> bool:
        """Run slots; whether something stopped them."""
        self.pause = self._dispatcher.run(slots)
        return self.pause is not None

    def _blocks(self) -> int:
        return self._session.state.blocks_decided or self._plan.repetitions.blocks

    def _records(self) -> tuple[TrialRecord, ...]:
        return tuple(self._session.state.trials.values())

    def _known_slots(self) -> tuple[TrialSlot, ...]:
        measured = tuple(slot for block in blocks(self._plan, self._blocks()) for slot in block.slots)
        reruns = tuple(
            rerun(record, purpose)
            for record in self._records()
            if record.purpose == "measure"
            for purpose in ("reproduce", "confirm")
        )
        return (gate(self._plan), *measured, *reruns)

    def _sample(self) -> tuple[TrialSlot, ...]:
        if self._wanted_reruns == 0:
            return ()
        return reproduction_sample(self._plan, self._records(), self._wanted_reruns)

    def _originals(self) -> dict[str, TrialRecord]:
        """Key of a re-run -> the record that it repeats."""
        return {rerun(r, "reproduce").key: r for r in self._records() if r.purpose == "measure"}

    def _compared(self, slot: TrialSlot, family: int) -> Reproduction:
        original = self._originals()[slot.key]
        return compare(self._plan, original, self._session.state.trials[slot.key], self._peers(original), family)

    def _conclude(self, slot: TrialSlot, family: int) -> None:
        original = self._originals()[slot.key]
        if original.key in self._session.state.reproductions:
            return
        result = self._compared(slot, family)
        second = self._session.state.trials.get(rerun(original, "confirm").key)
        if second is not None:
            again = compare(self._plan, original, second, self._peers(original), family)
            result = confirm(self._plan, result, again)
        self._session.record(TrialReproduced(reproduction=result), "reproducer")

    def _peers(self, original: TrialRecord) -> tuple[TrialRecord, ...]:
        return tuple(r for r in self._records() if r.group == original.group and r.purpose == "measure")

    def _not_reproduced(self) -> None:
        why = "the request asked for none" if self._wanted_reruns == 0 else "no measured trial succeeded"
        message = f"No trial was run again: {why}."
        diagnostic = Diagnostic(id="execution/no-rerun", severity="warning", message=message)
        self._session.record(DiagnosticRecorded(diagnostic=diagnostic), "reproducer")
