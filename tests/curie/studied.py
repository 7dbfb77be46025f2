"""Random runs through the real designer, analyst and reproducer's records: what the tests of citing stand on."""

import random
from collections.abc import Mapping

from hypothesis import strategies as st

from curie.journal.events import EnvironmentBuilt, RunCreated, SandboxChosen
from curie.nodes.analyst import analyse
from curie.plan import Plan
from curie.records import MetricComparison, Outcome, Reproduction, TrialRecord
from curie.schedule import blocks, trials_of
from curie.state import RunState
from tasks.study import Metric
from tests.curie.simulated import plan, record

NAMES = ("tool", "size", "twice", "x1", "double", "one")
LEVELS: tuple[tuple[object, ...], ...] = (
    ("a", "b1"),
    (10, 1000, 50),
    (0.5, 1.0),
    ("{{ref:F-H2.p}}", "3 times faster; half"),
    ("twelve", "Ⅻ", "<b>7</b>"),
)
METRICS = (
    Metric(name="wall_s", unit="s", better="lower"),
    Metric(name="accuracy", better="higher"),
    Metric(name="half", unit="B", better="none"),
    Metric(name="comparisons", better="lower", deterministic=True),
)
ODD_OUTCOMES: tuple[Outcome, ...] = ("failed", "timed_out", "cancelled")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """One or two variables with odd names and levels, one to three metrics, every kind of prediction."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))
    vary = {name: draw(st.sampled_from(LEVELS)) for name in names}
    metrics = tuple(draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=3, unique=True)))
    # A prediction on every metric: one without a preferred direction gets no derived hypothesis.
    directions = st.sampled_from(("higher", "lower", "different", "same"))
    declared = [{"metric": m.name, "direction": draw(directions), "min_effect": 0.5} for m in metrics]
    seeded = draw(st.booleans())
    return plan(
        aa=draw(st.booleans()),
        seed=draw(st.integers(0, 10**9)),
        vary=vary,
        metrics=metrics,
        hypotheses=tuple(declared),
        repeat=draw(st.integers(2, 6)),
        command=f"run {' '.join(f'{{{n}}}' for n in names)}{' {seed}' if seeded else ''}",
    )


@st.composite
def states(draw: st.DrawFn) -> RunState:
    """A run of such a plan: shifted, noisy values, failures among them, some trials run again, findings on all."""
    of = draw(plans())
    noise = random.Random(draw(st.integers(0, 10**6)))  # noqa: S311 -- values for a test, drawn again from its seed
    shift = {g.id: draw(st.sampled_from((0.0, -3.0, 3.0, 250.0))) for g in of.groups}
    failing = draw(st.sampled_from((0.0, 0.0, 0.15)))
    scale = draw(st.sampled_from((1e-3, 1.0, 1e4)))
    found = {}
    for slot in trials_of(blocks(of, of.repetitions.blocks)):
        outcome: Outcome = noise.choice(ODD_OUTCOMES) if noise.random() < failing else "succeeded"
        values = {
            m.name: float(round(10 + shift[slot.group]))
            if m.deterministic
            else scale * noise.gauss(10, 0.3) + shift[slot.group]
            for m in of.metrics
        }
        found[slot.key] = record(slot, values, outcome)
    return assembled(of, found, rerun=draw(st.booleans()))


def assembled(of: Plan, trials: Mapping[str, TrialRecord], *, rerun: bool) -> RunState:
    """The state that these trials make."""
    good = [r for r in trials.values() if r.outcome == "succeeded"][:3] if rerun else []
    reruns = {r.key: _again(r, place) for place, r in enumerate(good)}
    findings = analyse(of, tuple(trials.values()), tuple(reruns.values()))
    return RunState(
        created=RunCreated(
            run_id="20260102-030405-x-1f2e",
            question=of.question,
            mode="declared",
            curie_version="0.2.0",
            seed=of.seed,
            request={},
            machine={"python": "3.11.7", "cores": 2, "memory_bytes": 17179869184, "system": "Linux", "kernel": "6.1.0"},
        ),
        plan=of,
        plan_digest=of.digest(),
        sandbox=SandboxChosen(kind="process", isolation="none"),
        environment=EnvironmentBuilt(digest="a" * 64, resolved=("numpy==1.26.4",), interpreter="py", cached=True),
        trials=dict(trials),
        reproductions=reruns,
        findings={f.id: f for f in findings},
    )


def _again(original: TrialRecord, place: int) -> Reproduction:
    seen = tuple(
        MetricComparison(metric=name, original=value, rerun=value, low=value - 1, high=value + 1, state="inside")
        for name, value in original.values.items()
    )
    return Reproduction(key=original.key, state="failed" if place == 2 else "reproduced", comparisons=seen)
