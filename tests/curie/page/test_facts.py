"""The facts of a run: each is computed, and each can come out badly."""

from typing import Any

import pytest

from curie.dossier import Dossier
from curie.journal.events import Event, PlanFrozen, SandboxChosen, TrialFinished, TrialReproduced, TrialStarted
from curie.page.facts import Fact, facts
from curie.records import Reproduction
from curie.rigor.ledger import Ledger
from tests.curie import sample_run


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
    """One limit that it cannot enforce leaves it open, and is named."""
    strong = SandboxChosen(kind="bubblewrap", isolation="own namespaces")
    assert seen(dossier(*sample_run.events(), strong))["sandbox"].state == "held"
    weak = strong.model_copy(update={"unenforced": ("memory",)})
    fact = seen(dossier(*sample_run.events(), weak))["sandbox"]
    assert fact.state == "open"
    assert "memory" in str(fact.detail)


def test_a_receipt_that_merely_lies_there_proves_nothing(dossier: Any) -> None:
    """Nobody compared it: the chain stays open, and the fact says which command does."""
    run = dossier(*sample_run.events())
    run.paths.root.mkdir(parents=True)
    run.paths.signature.write_text("not a signature", encoding="utf-8")
    fact = seen(run)["chain"]
    assert fact.state == "open"
    assert "curie verify" in str(fact.detail)
