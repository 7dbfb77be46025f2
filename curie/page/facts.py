"""What is so of a run, fact by fact, instead of one green badge: each is computed from the journal. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.journal.events import PlanFrozen
from curie.page.phrase import Lit, Phrase, Piece, Ref, line, listed, refs
from curie.rigor.ledger import Ledger, reference

FactState = Literal["held", "broken", "open", "plain"]
"""`held`: checked and so; `broken`: checked and not so; `open`: not checked, or not all of it; `plain`: no check."""

_SHORT_HASH = 12


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

    @property
    def refs(self) -> tuple[str, ...]:
        """What it cites from the ledger."""
        return (*refs(self.text), *refs(self.detail))


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
    when: Phrase = ("plan at event ", Lit("key", str(frozen.seq)), ", ", clock(frozen.time))
    if first is None:
        return Fact("frozen", label, (*when, "; no trial was started"), "held", _later(dossier))
    before = frozen.seq < first.seq
    started = ("first trial at event ", Lit("key", str(first.seq)), ", ", clock(first.time))
    joiner = "; " if before else ", although the "
    plan = dossier.state.plan
    state: FactState = "broken" if not before else "open" if plan is not None and plan.exploratory else "held"
    return Fact("frozen", label, (*when, joiner, *started), state, _later(dossier))


def _later(dossier: Dossier) -> Phrase:
    """Revisions after the first, and whether outcomes had been seen by then."""
    revisions = [e for e in dossier.entries if isinstance(e.event, PlanFrozen)]
    if len(revisions) < 2:  # noqa: PLR2004 -- a second revision is the first later one
        return ()
    plan = dossier.state.plan
    seen = "; outcomes had been seen by then, so its findings are exploratory" if plan and plan.exploratory else ""
    return ("revised since: ", Ref("plan.revisions"), f" revisions{seen}")


def _trials(dossier: Dossier) -> Fact:
    counts = dossier.result.trials
    named = counts.model_dump(exclude={"planned", "succeeded", "disturbed"})
    unhappy = [name for name, count in named.items() if count]
    parts: list[Phrase] = [(Ref("run.trials.succeeded"), " of ", Ref("run.trials.planned"), " succeeded")]
    always = {"failed", "not_attempted"}
    parts += [(Ref(f"run.trials.{n}"), f" {n.replace('_', ' ')}") for n in named if n in always or n in unhappy]
    detail: Phrase = (Ref("run.trials.disturbed"), " marked as disturbed") if counts.disturbed else ()
    bad = set(unhappy) - {"not_attempted", "cancelled"}
    state: FactState = "broken" if bad else "open" if unhappy or not counts.planned else "held"
    return Fact("trials", "Trials", listed(parts), state, detail)


def _reproduced(dossier: Dossier) -> Fact:
    counts = dossier.result.reproduction
    if not counts.sampled:
        return Fact("reproduced", "Reproduced", ("no trial was run again",), "open")
    others = counts.model_dump(exclude={"sampled", "reproduced", "uncompared"})
    parts: list[Phrase] = [
        (Ref("run.reproduction.reproduced"), " of ", Ref("run.reproduction.sampled"), " re-run trials reproduced")
    ]
    parts += [(Ref(f"run.reproduction.{n}"), f" {n.replace('_', ' ')}") for n, count in others.items() if count]
    names = ", ".join(counts.uncompared)
    detail: Phrase = ("too few trials to compare ", Lit("metric", names)) if names else ()
    whole = counts.reproduced == counts.sampled and not names
    state: FactState = "broken" if not counts.ok else "held" if whole else "open"
    return Fact("reproduced", "Reproduced", listed(parts), state, detail)


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
    return Fact("grounded", "Grounded", text, "held" if seen.grounded == seen.statements else "broken")


def _chain(dossier: Dossier) -> Fact:
    head = dossier.head[:_SHORT_HASH]
    text: Phrase = (Lit("count", str(len(dossier.entries))), " events, head ", Lit("hash", head), "…")
    if dossier.paths.signature.exists():
        detail = "a signed head is beside the run: `curie verify` compares them"
    else:
        detail = "change shows only relative to a signed head, and there is no receipt"
    return Fact("chain", "Chain", text, "open", (detail,))


def _model(dossier: Dossier) -> Fact:
    mode = f"{dossier.result.mode} study"
    if dossier.result.mode == "declared":
        text: Phrase = (mode, ": no language model took part, cost ", Lit("count", "0 USD"))
    else:
        text = (mode,)
    return Fact("mode", "Mode, model, cost", text, "plain")


def _sandbox(dossier: Dossier) -> Fact:
    chosen = dossier.state.sandbox
    if chosen is None:
        return Fact("sandbox", "Sandbox", ("none chosen yet",), "open")
    missing = listed(((Lit("machine", line(limit)),) for limit in chosen.unenforced), "; ")
    detail: Phrase = ("not enforced: ", *missing) if missing else ()
    weak = bool(missing) or chosen.kind == "process"
    return Fact("sandbox", "Sandbox", (Lit("machine", line(chosen.isolation)),), "open" if weak else "held", detail)


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
    return Fact("machine", "Machine", text, "plain", detail)


def _cites(ledger: Ledger, ref: str) -> bool:
    try:
        ledger.cite(ref)
    except CheckFailed:
        return False
    return True
