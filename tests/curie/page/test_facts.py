"""The facts of a run: each is computed, and each can come out badly."""

from typing import Any

import pytest

from curie.dossier import Dossier
from curie.journal.events import (
    Event,
    PlanFrozen,
    RunFinished,
    RunStopped,
    SandboxChosen,
    TrialFinished,
    TrialReproduced,
    TrialStarted,
)
from curie.page.facts import Fact, facts
from curie.records import Interference, Reproduction, TrialResources
from curie.rigor.ledger import Ledger
from tests.curie import sample_run
from tests.curie.page import runs


def seen(dossier: Dossier) -> dict[str, Fact]:
    """Its facts by id; every reference in them can be cited."""
    ledger = Ledger(dossier.state)
    found = {fact.id: fact for fact in facts(dossier, ledger)}
    for fact in found.values():
        for ref in fact.refs:
            ledger.cite(ref)
    return found


def test_a_good_run(dossier: Any) -> None:
    """The order of the facts, and what was checked and held."""
    found = seen(dossier(*sample_run.events()))
    assert list(found) == ["frozen", "trials", "reproduced", "grounded", "chain", "mode", "sandbox", "machine"]
    states = {name: fact.state for name, fact in found.items()}
    assert (states["frozen"], states["trials"], states["reproduced"]) == ("held", "held", "held")
    assert (states["chain"], states["sandbox"]) == ("open", "open")


def test_a_plan_behind_the_first_trial_is_broken(dossier: Any) -> None:
    """Order is told by sequence numbers, whatever the clock says."""
    events = sample_run.events()
    started = TrialStarted(key="control-r01", attempt=1)
    assert seen(dossier(*events[:4], started, *events[4:]))["frozen"].state == "broken"
    assert seen(dossier(*events[:4], started))["frozen"].state == "broken"
    assert seen(dossier(*events[:4]))["frozen"].state == "open"


def test_a_later_revision_is_told(dossier: Any) -> None:
    """Made after outcomes were seen, it leaves the fact open."""
    plan = sample_run.plan().model_copy(update={"revision": 2, "exploratory": True, "reason": "a second look"})
    fact = seen(dossier(*sample_run.events(), PlanFrozen(plan=plan, digest=plan.digest())))["frozen"]
    assert fact.state == "open"
    assert "plan.revisions" in fact.refs


@pytest.mark.parametrize("outcome", ["failed", "timed_out", "out_of_memory"])
def test_trials_that_failed_are_broken(dossier: Any, outcome: str) -> None:
    """And are counted by name."""
    bad = sample_run.record("g01-r02", "g01", 1.0).model_copy(update={"outcome": outcome})
    fact = seen(dossier(*sample_run.events(), TrialFinished(record=bad)))["trials"]
    assert fact.state == "broken"
    assert f"run.trials.{outcome}" in fact.refs


def test_trials_that_are_still_to_come_are_open(dossier: Any) -> None:
    """Nothing failed, and not all of it ran."""
    assert seen(dossier(*sample_run.events()[:7]))["trials"].state == "open"


@pytest.mark.parametrize(
    ("state", "told"), [("diverged", "broken"), ("timed_out", "broken"), ("not_comparable", "open")]
)
def test_a_rerun_that_is_no_pass(dossier: Any, state: Any, told: str) -> None:
    """A time-out is none either; too few trials to compare leave it open."""
    again: Event = TrialReproduced(reproduction=Reproduction(key="g01-r02", state=state))
    assert seen(dossier(*sample_run.events(), again))["reproduced"].state == told


def test_a_sandbox_that_enforces_everything_holds(dossier: Any) -> None:
    """One limit that it cannot enforce leaves it open, and is named; so does a weaker sandbox before a resume."""
    strong = SandboxChosen(kind="bubblewrap", isolation="own namespaces")
    others = [e for e in sample_run.events() if not isinstance(e, SandboxChosen)]
    assert seen(dossier(*others, strong))["sandbox"].state == "held"
    weak = strong.model_copy(update={"unenforced": ("memory",)})
    fact = seen(dossier(*others, weak))["sandbox"]
    assert fact.state == "open"
    assert "memory" in str(fact.detail)
    assert seen(dossier(*others, SandboxChosen(kind="process", isolation="none"), strong))["sandbox"].state == "open"


def test_disturbed_trials_leave_times_open(dossier: Any) -> None:
    """With the count in the text; where no metric is a time they change nothing."""
    record = sample_run.record("g01-r02", "g01", 1.0)
    used = TrialResources(wall_s=1.0, cpu_s=1.0, interference=Interference(foreign_cpu_s=0.5, disturbed=True))
    hit = TrialFinished(record=record.model_copy(update={"resources": used}))
    events = sample_run.events()
    place = next(n for n, e in enumerate(events) if isinstance(e, TrialFinished) and e.record.key == "g01-r02")
    events[place] = hit
    fact = seen(dossier(*events))["trials"]
    assert fact.state == "open"
    assert "run.trials.disturbed" in str(fact.short)
    plan = sample_run.plan()
    untimed = tuple(m.model_copy(update={"timing": False}) for m in plan.metrics)
    calm = plan.model_copy(update={"metrics": untimed})
    told = [PlanFrozen(plan=calm, digest=calm.digest()) if isinstance(e, PlanFrozen) else e for e in events]
    assert seen(dossier(*told))["trials"].state == "held"


def test_a_record_that_replaced_another_is_told(dossier: Any) -> None:
    """Trials are open, and a re-run that was compared with the earlier record says nothing of this one."""
    again = TrialFinished(record=sample_run.record("g01-r02", "g01", 1.1))
    found = seen(dossier(*sample_run.events(), again))
    assert found["trials"].state == "open"
    assert "run.superseded" in found["trials"].refs
    rerun = TrialReproduced(reproduction=Reproduction(key="g01-r02", state="reproduced"))
    assert seen(dossier(*sample_run.events(), rerun))["reproduced"].state == "held"
    stale = seen(dossier(*sample_run.events(), rerun, again))["reproduced"]
    assert stale.state == "open"
    assert "g01-r02" in str(stale.detail)


def test_a_run_that_ended_at_its_gate_holds_nothing_of_its_trials(dossier: Any) -> None:
    """The control trial failed: trials are broken; nothing was run again, nothing was concluded on data."""
    found = seen(dossier(*runs.gate_failed()))
    assert (found["trials"].state, found["reproduced"].state) == ("broken", "open")


def test_a_stopped_run_has_not_been_run_again_in_full(dossier: Any) -> None:
    """All re-runs so far agree, and the rest is missing."""
    stop = RunStopped.model_validate({"reason": "budget", "detail": "spent"})
    kept = [e for e in sample_run.events() if not isinstance(e, RunFinished)]
    assert seen(dossier(*kept, stop))["reproduced"].state == "open"


def test_any_exploratory_revision_leaves_the_freeze_open(dossier: Any) -> None:
    """Also if a later one calls itself none, and before any trial was started."""
    plan = sample_run.plan()
    looked = plan.model_copy(update={"revision": 2, "exploratory": True, "reason": "a look"})
    later = plan.model_copy(update={"revision": 3, "reason": "again"})
    frozen = [PlanFrozen(plan=p, digest=p.digest()) for p in (looked, later)]
    assert seen(dossier(*sample_run.events(), *frozen))["frozen"].state == "open"


def test_a_receipt_that_merely_lies_there_proves_nothing(dossier: Any) -> None:
    """Nobody compared it: the chain stays open, and the fact says which command does."""
    run = dossier(*sample_run.events())
    run.paths.root.mkdir(parents=True)
    run.paths.signature.write_text("not a signature", encoding="utf-8")
    fact = seen(run)["chain"]
    assert fact.state == "open"
    assert "curie verify" in str(fact.detail)
