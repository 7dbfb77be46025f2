from typing import get_args

import pytest

from curie.journal.events import (
    ConclusionRecorded,
    Event,
    FindingRecorded,
    RunStopped,
    TrialFinished,
    TrialStarted,
)
from curie.nodes.analyst import analyse
from curie.records import Conclusion, Purpose
from curie.rigor import policy
from curie.rigor.policy import EventType, Role, may_attempt, permit
from tests.curie.simulated import one, plan, records

ROLES: tuple[Role, ...] = get_args(Role)
FINDING = FindingRecorded(finding=analyse(plan(), records(plan(), lambda *_: 1.0))[0])


def test_every_kind_of_event_has_a_writer() -> None:
    """The table names exactly the events that there are."""
    union = get_args(Event)[0]
    kinds = {model.model_fields["type"].default for model in get_args(union)}
    assert set(get_args(EventType)) == kinds
    assert set().union(*policy._MAY_WRITE.values()) == kinds


@pytest.mark.parametrize(
    ("event", "writers"),
    [
        (FINDING, {"analyst"}),
        (ConclusionRecorded(conclusion=Conclusion(statements=())), {"concluder"}),
        (RunStopped(reason="budget", detail=""), {"driver"}),
        (TrialStarted(key="control-r01", attempt=1), {"verifier", "runner", "reproducer"}),
    ],
)
def test_only_its_role_writes_an_event(event: Event, writers: set[Role]) -> None:
    """A technician cannot write a finding, nor an analyst a trial."""
    assert {role for role in ROLES if permit(role, event)} == writers


@pytest.mark.parametrize(
    ("purpose", "writer"),
    [
        ("gate", "verifier"),
        ("measure", "runner"),
        ("pilot", "runner"),
        ("reproduce", "reproducer"),
        ("confirm", "reproducer"),
    ],
)
def test_a_trial_is_written_by_who_runs_its_kind(purpose: Purpose, writer: Role) -> None:
    """The reproducer cannot add measurements, and the runner cannot write its own reproduction."""
    event = TrialFinished(record=one("control", {"wall_s": 1.0}, purpose))
    assert {role for role in ROLES if permit(role, event)} == {writer}


def test_a_result_that_was_seen_is_redone_only_for_a_cited_defect() -> None:
    """Failed or not: trying until it pleases is no experiment."""
    done = [one("g01", {"wall_s": 1.0})]
    assert not may_attempt("g01-r01", done, 0).allowed
    assert may_attempt("g01-r01", done, 0, defect="setup/stale-file").allowed
    assert may_attempt("g01-r02", done, 0).allowed


def test_interruptions_are_retried_within_a_limit() -> None:
    """An attempt without a result is no result."""
    assert may_attempt("g01-r01", [], 2).allowed
    assert not may_attempt("g01-r01", [], 3).allowed
