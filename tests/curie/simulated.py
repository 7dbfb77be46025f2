"""Plans through the real designer and records through the real schedule, with values that a test chooses."""

from collections.abc import Callable

from curie.designer import DesignFacts, design
from curie.plan import Plan
from curie.records import Outcome, Purpose, TrialRecord, TrialResources
from curie.schedule import TrialSlot, blocks, trials_of
from tasks.study import Metric, Study

TIME = Metric(name="wall_s", unit="s", better="lower")
COUNT = Metric(name="comparisons", better="lower", deterministic=True)


def study(**changes: object) -> Study:
    """A two-level study of one time; `changes` replace its fields."""
    fields: dict[str, object] = {
        "question": "Is b faster than a?",
        "command": "run {tool}",
        "vary": {"tool": ("a", "b")},
        "metrics": (TIME,),
    }
    return Study.model_validate(fields | changes)


def plan(*, aa: bool = False, seed: int = 1, **changes: object) -> Plan:
    """The plan of `study(**changes)`."""
    return design(study(**changes), DesignFacts(seed=seed), aa=aa)


def record(slot: TrialSlot, values: dict[str, float], outcome: Outcome = "succeeded") -> TrialRecord:
    """A record of that trial, which took two seconds."""
    return TrialRecord(
        key=slot.key,
        group=slot.group,
        repetition=slot.repetition,
        purpose=slot.purpose,
        outcome=outcome,
        settings={},
        seed=slot.seed,
        block=slot.block,
        position=slot.position,
        values=values if outcome == "succeeded" else {},
        resources=TrialResources(wall_s=2.0, cpu_s=2.0),
    )


def records(of: Plan, value: Callable[[str, int], float | dict[str, float]], n: int | None = None) -> list[TrialRecord]:
    """A succeeded record of every trial of blocks 1 to n (the plan's); a bare value is that of all metrics alike."""

    def values(slot: TrialSlot) -> dict[str, float]:
        seen = value(slot.group, slot.block)
        return seen if isinstance(seen, dict) else {m.name: seen for m in of.metrics}

    scheduled = trials_of(blocks(of, of.repetitions.blocks if n is None else n))
    return [record(slot, values(slot)) for slot in scheduled]


def one(group: str, values: dict[str, float], purpose: Purpose = "measure", repetition: int = 1) -> TrialRecord:
    """A single record outside any schedule."""
    slot = TrialSlot(
        key=f"{group}-r{repetition:02d}",
        group=group,
        repetition=repetition,
        purpose=purpose,
        seed=repetition,
        block=repetition,
        position=0,
    )
    return record(slot, values)
