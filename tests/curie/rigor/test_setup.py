from curie.nodes.analyst import analyse
from curie.plan import Plan
from curie.records import TrialRecord
from curie.rigor.setup import diagnose
from tests.curie.simulated import COUNT, TIME, plan, records

SEEDED = plan(metrics=(TIME,), command="run {tool} {seed}")


def ids(of: Plan, seen: list[TrialRecord], last_lines: dict[str, str] | None = None) -> set[str]:
    """Ids of what is said about these records."""
    return {d.id for d in diagnose(of, seen, last_lines or {})}


def test_success_beside_words_on_stderr_is_said() -> None:
    """A pipe may have hidden a failure; the first trial is named with its last line."""
    seen = records(SEEDED, lambda g, b: b + len(g))
    (said,) = diagnose(SEEDED, seen, {"control-r01": "sh: xz: not found"})
    assert (said.id, said.severity) == ("setup/stderr", "warning")
    assert "control-r01 ends: sh: xz: not found" in said.message
    assert ids(SEEDED, seen) == set()


def test_one_number_everywhere_is_said() -> None:
    """Deterministic or not: what varies may not reach what is measured."""
    for metric in (TIME, COUNT):
        of = plan(metrics=(metric,), command="run {tool} {seed}")
        assert ids(of, records(of, lambda _g, _b: 0.0)) == {"setup/no-effect-at-all"}
        assert ids(of, records(of, lambda g, _b: float(len(g)))) == set()


def test_blocks_that_a_seed_never_reaches_are_one_measurement() -> None:
    """Ten times the same numbers support nothing, however different the groups are; the advice says what to do."""
    finding = analyse(SEEDED, records(SEEDED, lambda g, _b: 1.0 if g == "control" else 2.0))[0]
    assert (finding.verdict, finding.effect) == ("inconclusive", 1.0)
    assert "no seed reaches it" in finding.reason
    assert finding.decider is not None
    assert "declare wall_s deterministic" in finding.decider.advice
