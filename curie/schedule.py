"""Which trial runs when: seeded, randomised complete blocks, and the sample that is re-run. Pure.

One repetition of every group runs before the next repetition of any (randomised complete blocks, Fisher 1935), and all
groups of a block share its seed (common random numbers), so that drift and luck fall on all groups alike.
Order and seeds come from SHA-256 of the plan's seed, which no version of Python changes.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence

from curie.plan import CONTROL, Plan
from curie.records import Purpose, TrialRecord
from tasks.study import Frozen

_SEED_BITS = 0x7FFFFFFF
_EVERY_GROUP_UP_TO = 8
_SHARE = 0.1
GATE_KEY = f"{CONTROL}-gate"
"""Key of the one control trial that must succeed before anything else runs."""


class TrialSlot(Frozen):
    """A trial that is to run."""

    key: str
    """Name of the trial, the same in every run of the same plan."""
    group: str
    repetition: int
    """From 1; of a re-run, the original's."""
    purpose: Purpose
    seed: int
    """31 bits; shared by all groups of a block, and by a trial and its re-runs."""
    block: int
    """From 1; 0 for the gate."""
    position: int
    """Place within the block, from 0."""


class Block(Frozen):
    """One repetition of every group, in the order in which they run."""

    number: int
    """From 1."""
    seed: int
    slots: tuple[TrialSlot, ...]


def gate(plan: Plan) -> TrialSlot:
    """The control trial that runs before everything else."""
    seed = _seed(plan, "gate", 0)
    return TrialSlot(key=GATE_KEY, group=CONTROL, repetition=1, purpose="gate", seed=seed, block=0, position=0)


def blocks(plan: Plan, n: int) -> tuple[Block, ...]:
    """Blocks 1 to `n` of the measured trials; a longer schedule begins with the shorter one."""
    return tuple(_block(plan, number, "measure") for number in range(1, n + 1))


def pilot_blocks(plan: Plan, n: int) -> tuple[Block, ...]:
    """`n` blocks that only measure time and spread; their seeds are not those of the measured blocks."""
    return tuple(_block(plan, number, "pilot") for number in range(1, n + 1))


def next_slots(plan: Plan, n: int, records: Sequence[TrialRecord]) -> tuple[TrialSlot, ...]:
    """What is still to run of the gate and blocks 1 to `n`, in order.

    Before the gate has run, only the gate; after a gate that did not succeed, nothing.
    """
    done = {r.key: r for r in records}
    first = done.get(GATE_KEY)
    if first is None:
        return (gate(plan),)
    if first.outcome != "succeeded":
        return ()
    return tuple(slot for block in blocks(plan, n) for slot in block.slots if slot.key not in done)


def reproduction_sample(plan: Plan, records: Sequence[TrialRecord], count: int | None = None) -> tuple[TrialSlot, ...]:
    """Re-runs of a seeded sample of the measured trials that succeeded, in random order.

    The sample holds one trial of every group (of the control and seven others if there are more than eight), and
    more, drawn from all, up to a tenth of the trials, or to `count` if that is given (fewer groups if it is small,
    the control first). It is drawn by key, so that results cannot steer it.
    """
    ran = [r for r in records if r.purpose == "measure" and r.outcome == "succeeded"]
    shuffled = sorted(ran, key=lambda r: _digest(plan, "sample", r.key))
    first_of: dict[str, TrialRecord] = {}
    for record in shuffled:
        first_of.setdefault(record.group, record)
    chosen = sorted(first_of.values(), key=lambda r: r.group != CONTROL)
    if count is None:
        chosen = chosen[:_EVERY_GROUP_UP_TO]
        count = max(len(chosen), math.ceil(_SHARE * len(ran)))
    taken = {r.key for r in chosen}
    chosen = [*chosen, *(r for r in shuffled if r.key not in taken)][:count]
    return tuple(rerun(r, "reproduce") for r in sorted(chosen, key=lambda r: _digest(plan, "rerun", r.key)))


def rerun(original: TrialRecord, purpose: Purpose) -> TrialSlot:
    """The same group and seed again: `purpose` is `reproduce`, or `confirm` for a second look."""
    return TrialSlot(
        key=f"{original.key}-{purpose}",
        group=original.group,
        repetition=original.repetition,
        purpose=purpose,
        seed=original.seed,
        block=original.block,
        position=original.position,
    )


def original_key(key: str) -> str:
    """The key of the trial that a re-run repeats; a key that is no re-run's is returned as it is."""
    return key.removesuffix("-reproduce").removesuffix("-confirm")


def trials_of(scheduled: Iterable[Block]) -> tuple[TrialSlot, ...]:
    """All slots of these blocks, in order."""
    return tuple(slot for block in scheduled for slot in block.slots)


def _block(plan: Plan, number: int, purpose: Purpose) -> Block:
    seed = _seed(plan, purpose, number)
    order = sorted((g.id for g in plan.groups), key=lambda g: _digest(plan, f"order-{purpose}-{number}", g))
    suffix = "" if purpose == "measure" else f"-{purpose}"
    return Block(
        number=number,
        seed=seed,
        slots=tuple(
            TrialSlot(
                key=f"{group}-r{number:02d}{suffix}",
                group=group,
                repetition=number,
                purpose=purpose,
                seed=seed,
                block=number,
                position=position,
            )
            for position, group in enumerate(order)
        ),
    )


def _seed(plan: Plan, purpose: Purpose, number: int) -> int:
    return int.from_bytes(_digest(plan, "seed", f"{purpose}-{number}")[:4], "big") & _SEED_BITS


def _digest(plan: Plan, use: str, what: str) -> bytes:
    return hashlib.sha256(f"curie|{plan.seed}|{use}|{what}".encode()).digest()
