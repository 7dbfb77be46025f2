from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from curie.schedule import (
    GATE_KEY,
    blocks,
    gate,
    next_slots,
    original_key,
    pilot_blocks,
    reproduction_sample,
    rerun,
    trials_of,
)
from tests.curie.simulated import plan, record, records

SIX = plan(command="run {tool}", vary={"tool": tuple("abcdef")})


@given(seed=st.integers(0, 2**40), n=st.integers(1, 20), groups=st.integers(2, 9))
def test_every_block_holds_every_group_once_under_one_seed(seed: int, n: int, groups: int) -> None:
    """Randomised complete blocks with common random numbers; seeds have 31 bits; keys are unique."""
    made = plan(seed=seed, vary={"tool": tuple(range(groups))})
    scheduled = blocks(made, n)
    for block in scheduled:
        assert sorted(s.group for s in block.slots) == sorted(g.id for g in made.groups)
        assert {s.seed for s in block.slots} == {block.seed}
        assert [s.position for s in block.slots] == list(range(groups))
        assert 0 <= block.seed < 2**31
    keys = [s.key for s in trials_of(scheduled)]
    assert len(set(keys)) == len(keys)
    assert blocks(made, n + 3)[:n] == scheduled


def test_the_order_is_the_same_on_every_machine() -> None:
    """Keys, order and seeds are frozen: a change here breaks the resume of every recorded run."""
    first = blocks(plan(seed=7, vary={"tool": ("a", "b", "c")}), 1)[0]
    assert [(s.key, s.seed) for s in first.slots] == [
        ("g01-r01", 572396666),
        ("g02-r01", 572396666),
        ("control-r01", 572396666),
    ]


def test_every_group_comes_at_every_place_about_equally_often() -> None:
    """Over 1,200 blocks, each of 36 (group, place) pairs is within five standard deviations of 200."""
    seen = Counter((s.group, s.position) for s in trials_of(blocks(SIX, 1200)))
    assert len(seen) == 36
    assert all(abs(count - 200) < 5 * (1200 * (1 / 6) * (5 / 6)) ** 0.5 for count in seen.values())


def test_the_gate_comes_first_and_a_failed_one_stops_everything() -> None:
    """Nothing is dispatched before the control has succeeded once."""
    assert next_slots(SIX, 2, []) == (gate(SIX),)
    ok = record(gate(SIX), {"wall_s": 1.0})
    assert len(next_slots(SIX, 2, [ok])) == 12
    assert next_slots(SIX, 2, [ok.model_copy(update={"outcome": "failed"})]) == ()
    assert gate(SIX).key == GATE_KEY


def test_what_ran_does_not_run_again() -> None:
    """After a resume, exactly the trials without a record are left, in their order."""
    done = records(SIX, lambda *_: 1.0)
    ok = record(gate(SIX), {"wall_s": 1.0})
    left = next_slots(SIX, 10, [ok, *done[:17]])
    assert [s.key for s in left] == [r.key for r in done[17:]]


def test_pilot_trials_are_not_measured_ones() -> None:
    """A pilot has its own keys and seeds, so that no measured seed has been seen."""
    pilot, measured = pilot_blocks(SIX, 3), blocks(SIX, 3)
    assert not {b.seed for b in pilot} & {b.seed for b in measured}
    assert pilot[0].slots[0].key.endswith("-r01-pilot")


def test_the_sample_holds_every_group_and_ignores_results() -> None:
    """One of each group, the same whatever was measured, with the original's seed; failed trials are not sampled."""
    low, high = (records(SIX, lambda group, block, k=k: k * (len(group) + block)) for k in (1, -1))
    sample = reproduction_sample(SIX, low)
    assert sample == reproduction_sample(SIX, list(reversed(high)))
    assert {s.group for s in sample} == {g.id for g in SIX.groups}
    by_key = {r.key: r for r in low}
    assert all(s.seed == by_key[original_key(s.key)].seed and s.purpose == "reproduce" for s in sample)
    failed = [r.model_copy(update={"outcome": "failed"}) if r.group == "g01" else r for r in low]
    assert "g01" not in {s.group for s in reproduction_sample(SIX, failed)}


def test_the_sample_is_bounded_and_grows_with_the_run() -> None:
    """Eight groups of many, a tenth of many trials, or what was asked for; the control is always in it."""
    many = plan(vary={"tool": tuple(range(20))}, repeat=6)
    ran = records(many, lambda *_: 1.0)
    assert len(reproduction_sample(many, ran)) == 12
    assert len(reproduction_sample(many, [r for r in ran if r.block < 3])) == 8
    assert [s.group for s in reproduction_sample(many, ran, 1)] == ["control"]
    assert reproduction_sample(many, ran, 0) == ()
    assert len(reproduction_sample(many, ran, 500)) == 120


def test_keys_of_reruns_name_their_original() -> None:
    """`-reproduce` and `-confirm` are appended to the key of the trial that is run again."""
    original = records(SIX, lambda *_: 1.0)[0]
    assert rerun(original, "confirm").key == f"{original.key}-confirm"
    assert original_key(rerun(original, "confirm").key) == original.key
