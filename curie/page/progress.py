"""Where a run stands that has no end yet, or a bad one: what is there, what is missing, how it goes on. Pure."""

import shlex
from dataclasses import dataclass

from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.page.bounds import Listed, bounded
from curie.page.phrase import Phrase, Ref, listed
from curie.plan import Hypothesis
from curie.records import TrialRecord
from curie.result import RunPhase

PENDING = 6
"""Hypotheses without a verdict on the first screen."""
_GATE_CHARACTERS = 1400
_GATE_LINES = 14
_ENDED: frozenset[RunPhase] = frozenset({"finished", "gate"})
_RESUMABLE: frozenset[RunPhase] = frozenset({"interrupted", "budget", "infrastructure"})
PHASES: dict[RunPhase, str] = {
    "created": "being prepared",
    "running": "running",
    "finished": "finished",
    "interrupted": "interrupted",
    "budget": "stopped by its time budget",
    "infrastructure": "stopped by a fault of the machine",
    "gate": "ended by its control trial",
}
"""Each phase in words."""


@dataclass(frozen=True, slots=True)
class GateFailure:
    """The control trial that came first and failed."""

    record: TrialRecord
    stderr: str
    """The end of it; empty if it printed nothing."""
    cut: bool
    """Whether there is more than is shown."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a first screen says where no verdict can stand yet."""

    done: int
    """Measured trials that came to an end, well or badly."""
    planned: int
    told: Phrase
    """Trials and blocks, in a sentence."""
    missing: Phrase
    """What a stopped run still lacks; empty for any other."""
    resume: str
    """The command that goes on; empty where nothing is to be resumed."""
    pending: Listed[Hypothesis]
    """What will be decided; empty once there are verdicts."""


def progress_of(dossier: Dossier) -> Progress | None:
    """None for a run that came to its end, or has no plan."""
    result, plan = dossier.result, dossier.state.plan
    if plan is None or result.phase in _ENDED:
        return None
    stopped = result.phase in _RESUMABLE
    counts = result.trials
    return Progress(
        done=counts.planned - counts.not_attempted,
        planned=counts.planned,
        told=_told(dossier),
        missing=_missing(dossier) if stopped else (),
        resume=resume_command(dossier),
        pending=bounded(() if result.findings else plan.hypotheses, PENDING),
    )


def resume_command(dossier: Dossier) -> str:
    """The command that goes on with a run that stopped; empty for one that runs or came to its end."""
    if dossier.result.phase not in _RESUMABLE:
        return ""
    return f"curie resume {shlex.quote(str(dossier.paths.root))}"


def gate_failure(dossier: Dossier) -> GateFailure | None:
    """The control trial's failure; None where it succeeded or has not run."""
    if dossier.result.phase != "gate":
        return None
    record = next(r for r in dossier.records if r.purpose == "gate")
    try:
        text = dossier.text(record.stderr).rstrip()
    except CheckFailed as error:
        text = f"[not shown: {error.message}]"
    tail = "\n".join(text[-_GATE_CHARACTERS:].splitlines()[-_GATE_LINES:])
    whole = record.stderr is None or not record.stderr.truncated
    return GateFailure(record=record, stderr=tail, cut=len(tail) < len(text) or not whole)


def _told(dossier: Dossier) -> Phrase:
    counts = dossier.result.trials
    others = ("failed", "timed_out", "out_of_memory", "cancelled")
    parts: list[Phrase] = [(Ref("run.trials.succeeded"), " of ", Ref("run.trials.planned"), " trials succeeded")]
    parts += [(Ref(f"run.trials.{n}"), f" {n.replace('_', ' ')}") for n in others if getattr(counts, n)]
    parts.append((Ref("run.trials.not_attempted"), " still to come"))
    blocks: Phrase = (Ref("run.blocks_complete"), " of ", Ref("run.blocks"), " blocks complete")
    return (*listed(parts), "; ", *blocks)


def _missing(dossier: Dossier) -> Phrase:
    """Trials, re-runs and verdicts that a resumed run would still make."""
    result = dossier.result
    parts: list[Phrase] = []
    if result.trials.not_attempted:
        parts.append((Ref("run.trials.not_attempted"), " of ", Ref("run.trials.planned"), " trials"))
    if not result.reproduction.sampled:
        parts.append(("the re-runs",))
    parts.append(("every verdict" if not result.findings else "verdicts over all blocks",))
    return listed(parts)
