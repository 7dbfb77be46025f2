"""What did not work: trials that failed, re-runs that are no pass, attempts and runs that stopped. Pure.

Trials that ended alike are one node, whose description names every one of them: nothing is sampled.
"""

from collections.abc import Sequence

from ara.run.evidence import shortened
from ara.run.facts import RunFacts, ref
from ara.run.rows import TrialRow
from ara.run.tree_ids import Numbering
from ara.schema.trace import DeadEndNode, ExperimentNode, Node
from curie.errors import CurieError
from curie.journal.events import RunStopped, TrialReproduced
from curie.records import Reproduction

_LESSONS = {
    "failed": "The command does not succeed with these settings; its output is kept",
    "timed_out": "The command needs longer than the limit with these settings",
    "out_of_memory": "The command needs more memory than the limit with these settings",
    "cancelled": "Stopped on request; it says nothing of the settings",
    "not_attempted": "Nothing is known of it: it must run before the blocks are complete",
    "interrupted": "Ended through no fault of the experiment; another attempt follows",
    "unfinished": "Its process ended without a word; a resumed run tries it again",
    "succeeded": "Measured, but a later attempt counts instead; both records stay",
}
_TAIL = 300
_REFS = 50


def failures(facts: RunFacts, rows: Sequence[TrialRow], number: Numbering) -> list[Node]:
    """A dead end for each way in which trials of these rows did not count as a success."""
    alike: dict[tuple[str, str, str], list[TrialRow]] = {}
    for row in rows:
        if row.standing != "counts" or row.outcome != "succeeded":
            alike.setdefault((row.standing, row.outcome, row.reason), []).append(row)
    return [_failure(facts, outcome, standing, same, number) for (standing, outcome, _), same in alike.items()]


def _failure(facts: RunFacts, outcome: str, standing: str, rows: Sequence[TrialRow], number: Numbering) -> DeadEndNode:
    first = rows[0]
    words = outcome.replace("_", " ")
    if standing == "superseded":
        words = f"superseded ({words})"
    keys = ", ".join(f"{row.key} (attempt {row.attempt})" if row.attempt > 1 else row.key for row in rows)
    events = [f"journal.jsonl:{row.event}" for row in rows if row.event is not None]
    refs = events[:_REFS] or ["evidence/tables/table1_trials.md"]
    return DeadEndNode(
        id=number.next(),
        title=f"{len(rows)} {'trial' if len(rows) == 1 else 'trials'} of {first.group} {words}",
        source_refs=tuple(refs),
        description=f"Trials: {keys}",
        hypothesis=f"Group {first.group} can be run as planned",
        failure_mode=f"{words}: {shortened(first.reason or 'no reason given')}{_said(facts, first)}",
        lesson=_LESSONS.get(outcome, "See the records"),
        evidence=facts.claims_with(first.group),
    )


def _said(facts: RunFacts, row: TrialRow) -> str:
    """The end of what the trial wrote to its standard error."""
    stream = row.record.stderr if row.record else None
    if stream is None or stream.total_bytes == 0 or row.outcome == "succeeded":
        return ""
    try:
        text = facts.dossier.text(stream)
    except CurieError as error:
        return f"; its standard error cannot be read: {error}"
    return f"; standard error ends: {text[-_TAIL:].strip()}"


def not_passed(facts: RunFacts, number: Numbering) -> list[Node]:
    """The re-runs as one experiment, and below it whatever was no pass."""
    reproductions = facts.dossier.state.reproductions
    if not reproductions:
        return []
    events: dict[str, int] = {}
    for entry in facts.entries:
        if isinstance(entry.event, TrialReproduced):
            events[entry.event.reproduction.key] = entry.seq
    node = number.next()
    alike: dict[tuple[str, str], list[Reproduction]] = {}
    counted: dict[str, int] = {}
    for item in reproductions.values():
        counted[item.state] = counted.get(item.state, 0) + 1
        if item.state != "reproduced":
            alike.setdefault((item.state, item.reason or ""), []).append(item)
    return [
        ExperimentNode(
            id=node,
            title="Trials run again from the commit in fresh exports",
            source_refs=ref(min(events.values())),
            description=f"Trials: {', '.join(reproductions)}",
            result=", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counted.items()),
            evidence=facts.all_claims,
            children=tuple(_diverged(state, reason, same, events, number) for (state, reason), same in alike.items()),
        )
    ]


def _diverged(
    state: str, reason: str, same: Sequence[Reproduction], events: dict[str, int], number: Numbering
) -> DeadEndNode:
    words = state.replace("_", " ")
    outside = sorted({c.metric for item in same for c in item.comparisons if c.state == "outside"})
    told = shortened(reason) or (f"outside its range in {', '.join(outside)}" if outside else "no reason given")
    return DeadEndNode(
        id=number.next(),
        title=f"{len(same)} {'re-run' if len(same) == 1 else 're-runs'} {words}",
        source_refs=tuple(f"journal.jsonl:{events[item.key]}" for item in same[:_REFS]),
        description=f"Trials: {', '.join(item.key for item in same)}",
        hypothesis="The trial gives the same again from a fresh export",
        failure_mode=f"{words}: {told}",
        lesson="Its metrics do not carry a verdict until that is understood",
    )


def stops(facts: RunFacts, number: Numbering) -> list[Node]:
    """Every time the run stopped before its end, resumed later or not."""
    return [
        DeadEndNode(
            id=number.next(),
            title=f"The run stopped: {entry.event.reason}",
            source_refs=ref(entry.seq),
            hypothesis="The run comes to its end in one go",
            failure_mode=f"{entry.event.reason}: {shortened(entry.event.detail)}",
            lesson="Everything that had finished was kept; curie resume goes on from there",
        )
        for entry in facts.entries
        if isinstance(entry.event, RunStopped)
    ]
