"""What is so of a run, fact by fact, instead of one green badge: each is computed from the journal. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.journal.events import PlanFrozen, SandboxChosen, TrialFinished, TrialReproduced
from curie.page.phrase import Lit, Phrase, Piece, Ref, line, listed, refs
from curie.result import RunPhase
from curie.rigor.ledger import Ledger, reference

FactState = Literal["held", "broken", "open", "plain"]
"""`held`: checked and so; `broken`: checked and not so; `open`: not checked, or not all of it; `plain`: no check."""

_SHORT_HASH = 12
_UNFINISHED: frozenset[RunPhase] = frozenset({"interrupted", "budget", "infrastructure"})
_BRIEFLY = (("cores", " cores"), ("memory_bytes", ""), ("system", ""))


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a run."""

    id: str
    label: str
    """One or two words."""
    text: Phrase
    """What is so."""
    state: FactState
    detail: Phrase = ()
    """What else to know of it."""
    brief: Phrase = ()
    """The same in a few words, where there is little room; empty if `text` has but a few."""

    @property
    def short(self) -> Phrase:
        """What a first screen has room for."""
        return self.brief or self.text

    @property
    def refs(self) -> tuple[str, ...]:
        """What it cites from the ledger."""
        return (*refs(self.text), *refs(self.detail), *refs(self.brief))


def facts(dossier: Dossier, ledger: Ledger) -> tuple[Fact, ...]:
    """The facts that a reader should know before believing the answer, in that order."""
    return (
        _frozen(dossier),
        _trials(dossier),
        _reproduced(dossier),
        _grounded(dossier),
        _chain(dossier),
        _model(dossier),
        _sandbox(dossier),
        _machine(dossier, ledger),
    )


def clock(time: datetime) -> Lit:
    """A time to the millisecond, UTC."""
    return Lit("time", f"{time:%H:%M:%S}.{time.microsecond // 1000:03d}")


def day(time: datetime) -> Lit:
    """A day and its time to the second, UTC."""
    return Lit("time", f"{time:%Y-%m-%d %H:%M:%S} UTC")


def _frozen(dossier: Dossier) -> Fact:
    label, frozen, first = "Frozen before data", dossier.frozen_at, dossier.first_trial_at
    if frozen is None:
        return Fact("frozen", label, ("no plan was frozen",), "broken" if first else "open")
    # Of any revision: the verdicts of a later one may still rest on what was seen before an earlier one.
    looked = any(e.event.plan.exploratory for e in dossier.entries if isinstance(e.event, PlanFrozen))
    kept: FactState = "open" if looked else "held"
    when: Phrase = ("plan at event ", Lit("key", str(frozen.seq)), ", ", clock(frozen.time))
    seen = "yes, and revised after a look at outcomes" if looked else "plan before the first trial"
    if first is None:
        return Fact("frozen", label, (*when, "; no trial was started"), kept, _later(dossier), ("no trial yet",))
    before = frozen.seq < first.seq
    started = ("first trial at event ", Lit("key", str(first.seq)), ", ", clock(first.time))
    joiner = "; " if before else ", although the "
    brief = (seen if before else "no: a trial came first",)
    return Fact("frozen", label, (*when, joiner, *started), kept if before else "broken", _later(dossier), brief)


def _later(dossier: Dossier) -> Phrase:
    """Revisions after the first, and whether outcomes had been seen by then."""
    revisions = [e for e in dossier.entries if isinstance(e.event, PlanFrozen)]
    if len(revisions) < 2:  # noqa: PLR2004 -- a second revision is the first later one
        return ()
    plan = dossier.state.plan
    seen = "; outcomes had been seen by then, so its findings are exploratory" if plan and plan.exploratory else ""
    return ("revised since: ", Ref("plan.revisions"), f" revisions{seen}")


def timed(dossier: Dossier) -> tuple[str, ...]:
    """Metrics that other work on the machine disturbs, in the plan's order."""
    plan = dossier.state.plan
    return tuple(metric.name for metric in plan.metrics if metric.is_timing) if plan else ()


def disturbed(dossier: Dossier) -> bool:
    """Whether other work disturbed trials of a plan that measures time."""
    return bool(dossier.result.trials.disturbed and timed(dossier))


def _trials(dossier: Dossier) -> Fact:
    counts = dossier.result.trials
    named = counts.model_dump(exclude={"planned", "succeeded", "disturbed"})
    unhappy = [name for name, count in named.items() if count]
    always = {"failed", "not_attempted"}
    others: list[Phrase] = [
        (Ref(f"run.trials.{n}"), f" {n.replace('_', ' ')}") for n in named if n in always or n in unhappy
    ]
    parts: list[Phrase] = [(Ref("run.trials.succeeded"), " of ", Ref("run.trials.planned"), " succeeded"), *others]
    brief: list[Phrase] = [(Ref("run.trials.succeeded"), " of ", Ref("run.trials.planned"), " ok"), *others]
    details: list[Phrase] = []
    if counts.disturbed:
        marked: Phrase = (Ref("run.trials.disturbed"), " marked as disturbed")
        details.append((*marked, ", and a metric is a time" if disturbed(dossier) else ""))
        brief += [(Ref("run.trials.disturbed"), " disturbed")] if disturbed(dossier) else []
    replaced = any(record.purpose == "measure" for record in dossier.state.superseded)
    if replaced:
        details.append((Ref("run.superseded"), " earlier records superseded"))
        brief.append(("some superseded",))
    bad = set(unhappy) - {"not_attempted", "cancelled"}
    doubtful = unhappy or not counts.planned or disturbed(dossier) or replaced
    state: FactState = "broken" if bad or dossier.result.phase == "gate" else "open" if doubtful else "held"
    return Fact("trials", "Trials", listed(parts), state, listed(details, "; "), listed(brief))


def _reproduced(dossier: Dossier) -> Fact:
    counts = dossier.result.reproduction
    if not counts.sampled:
        return Fact("reproduced", "Reproduced", ("no trial was run again",), "open")
    others = counts.model_dump(exclude={"sampled", "reproduced", "uncompared"})
    agreed: Phrase = (Ref("run.reproduction.reproduced"), " of ", Ref("run.reproduction.sampled"))
    rest: list[Phrase] = [(Ref(f"run.reproduction.{n}"), f" {n.replace('_', ' ')}") for n, c in others.items() if c]
    names = listed((Lit("metric", name),) for name in counts.uncompared)
    details: list[Phrase] = [("too few trials to compare ", *names)] if names else []
    stopped = dossier.result.phase in _UNFINISHED
    if stopped:
        details.append(("the run is not finished",))
    if stale := _stale(dossier):
        details.append((*listed((Lit("key", key),) for key in stale), " ran anew after its re-run was compared"))
    whole = counts.reproduced == counts.sampled and not names and not stopped and not stale
    state: FactState = "broken" if not counts.ok else "held" if whole else "open"
    text = listed([(*agreed, " re-run trials reproduced"), *rest])
    brief = listed([(*agreed, " re-runs"), *rest, *([("some not compared",)] if names or stale else [])])
    return Fact("reproduced", "Reproduced", text, state, listed(details, "; "), brief)


def _stale(dossier: Dossier) -> tuple[str, ...]:
    """Trials of which a later record counts than the one that a re-run was compared with."""
    compared: dict[str, int] = {}
    counted: dict[str, int] = {}
    for entry in dossier.entries:
        if isinstance(entry.event, TrialReproduced):
            compared[entry.event.reproduction.key] = entry.seq
        elif isinstance(entry.event, TrialFinished):
            counted[entry.event.record.key] = entry.seq
    return tuple(key for key, seq in compared.items() if counted.get(key, 0) > seq)


def _grounded(dossier: Dossier) -> Fact:
    seen = dossier.result.grounded
    if not seen.statements:
        return Fact("grounded", "Grounded", ("nothing was concluded",), "open")
    text: Phrase = (
        Lit("count", str(seen.grounded)),
        " of ",
        Lit("count", str(seen.statements)),
        " sentences of answer and limits have every number from a record",
    )
    brief: Phrase = (Lit("count", str(seen.grounded)), " of ", Lit("count", str(seen.statements)), " sentences")
    return Fact("grounded", "Grounded", text, "held" if seen.grounded == seen.statements else "broken", (), brief)


def _chain(dossier: Dossier) -> Fact:
    head = dossier.head[:_SHORT_HASH]
    text: Phrase = (Lit("count", str(len(dossier.entries))), " events, head ", Lit("hash", head), "…")
    if dossier.paths.signature.exists():
        detail = "a signed head is beside the run: `curie verify` compares them"
    else:
        detail = "change shows only relative to a signed head, and there is no receipt"
    return Fact("chain", "Chain", text, "open", (detail,), ("head ", Lit("hash", head), "…"))


def _model(dossier: Dossier) -> Fact:
    mode = f"{dossier.result.mode} study"
    if dossier.result.mode == "declared":
        cost = Lit("count", "0 USD")
        text: Phrase = (mode, ": no language model took part, cost ", cost)
        return Fact("mode", "Mode, model, cost", text, "plain", (), ("declared, no model, ", cost))
    return Fact("mode", "Mode, model, cost", (mode,), "plain")


def _sandbox(dossier: Dossier) -> Fact:
    chosen = dossier.state.sandbox
    if chosen is None:
        return Fact("sandbox", "Sandbox", ("none chosen yet",), "open")
    # A run that was resumed may have been in a weaker sandbox before.
    every = [e.event for e in dossier.entries if isinstance(e.event, SandboxChosen)] or [chosen]
    limits = dict.fromkeys(limit for one in every for limit in one.unenforced)
    details: list[Phrase] = []
    if limits:
        details.append(("not enforced: ", *listed(((Lit("machine", line(limit)),) for limit in limits), "; ")))
    kinds = list(dict.fromkeys(one.kind for one in every))
    if len(kinds) > 1:
        details.append(("chosen in turn: ", *listed((Lit("machine", kind),) for kind in kinds)))
    weak = bool(limits) or "process" in kinds
    brief: list[Phrase] = [(Lit("machine", kind),) for kind in kinds]
    brief += [("which does not isolate",)] if "process" in kinds else []
    brief += [("not all limits enforced",)] if limits and "process" not in kinds else []
    text = (Lit("machine", line(chosen.isolation)),)
    return Fact("sandbox", "Sandbox", text, "open" if weak else "held", listed(details, "; "), listed(brief))


def _machine(dossier: Dossier, ledger: Ledger) -> Fact:
    known = set(dossier.state.created.machine) if dossier.state.created else set()
    shapes: tuple[tuple[str, str, str], ...] = (
        ("", "processor" if "processor" in known else "machine", ""),
        ("", "cores", " cores"),
        ("", "memory_bytes", ""),
        ("", "system", ""),
        ("Python ", "python", ""),
    )
    there = {name for name in known if _cites(ledger, f"machine.{name}")}
    parts = [
        tuple(piece for piece in (before, Ref(f"machine.{name}"), after) if piece)
        for before, name, after in shapes
        if name in there
    ]
    text: Phrase = listed(parts) or ("unknown",)
    blind: list[Phrase] = [
        (Ref(reference(f.id, "smallest_visible")), " in ", Lit("metric", f.metric))
        for f in dossier.result.calibration
        if f.smallest_visible is not None
    ]
    detail: tuple[Piece, ...] = ("smallest effect that it shows: ", *listed(blind)) if blind else ()
    least = [(Ref(f"machine.{name}"), unit) for name, unit in _BRIEFLY if name in there]
    return Fact("machine", "Machine", text, "plain", detail, listed(tuple(p for p in one if p) for one in least))


def _cites(ledger: Ledger, ref: str) -> bool:
    try:
        ledger.cite(ref)
    except CheckFailed:
        return False
    return True
