"""How many blocks: fixed, from a declared spread, or two-stage. Pure."""

from collections.abc import Sequence

from curie.plan import Hypothesis, Repetitions
from curie.rigor.power import least_blocks, required_blocks
from tasks.study import Study

DEFAULT_BLOCKS = 10
"""Blocks of a fixed design of which nothing is known, and of the first stage of a two-stage design."""
_EXACT_RUNS = 2
_EXACT_SEEDS = 5


def repetitions_of(study: Study, hypotheses: Sequence[Hypothesis], *, seeded: bool) -> Repetitions:
    """The repetitions of a plan with these hypotheses.

    | declared                                         | repetitions                                            |
    |--------------------------------------------------|--------------------------------------------------------|
    | `repeat`                                         | that many                                              |
    | only deterministic metrics                       | 2, which checks determinism; 5 where blocks have seeds |
    | `min_effect` and `sd`                            | fewest with the power at alpha / hypotheses, capped    |
    | `min_effect`, spread unknown                     | two-stage: 10, then up to `max_repeat`                 |
    | neither                                          | 10                                                     |

    Unless `repeat` says so, never fewer than what lets the sign-flip test reach the adjusted level.
    """
    if study.repeat is not None:
        return _fixed(study, study.repeat)
    tested = [h for h in hypotheses if h.rule.test != "exact"]
    if not tested:
        return _fixed(study, _EXACT_SEEDS if seeded else _EXACT_RUNS)
    alpha = study.alpha / len(tested)
    least = least_blocks(alpha)
    aimed = [h for h in tested if h.rule.threshold > 0]
    if any(not study.sd.get(h.rule.metric) for h in aimed):
        first = max(DEFAULT_BLOCKS, least)
        if first >= study.max_repeat:
            return _fixed(study, max(study.max_repeat, least))
        return Repetitions(kind="two-stage", blocks=first, max_blocks=study.max_repeat, power=study.power)
    if aimed:
        return _fixed(study, max(least, *(_needed(study, h, alpha) for h in aimed)))
    return _fixed(study, max(DEFAULT_BLOCKS, least))


def _needed(study: Study, hypothesis: Hypothesis, alpha: float) -> int:
    rule = hypothesis.rule
    distance = rule.threshold / study.sd[rule.metric]
    needed = required_blocks(distance, alpha, study.power, same=hypothesis.direction == "same")
    return study.max_repeat if needed is None else min(needed, study.max_repeat)


def _fixed(study: Study, blocks: int) -> Repetitions:
    return Repetitions(kind="fixed", blocks=blocks, max_blocks=blocks, power=study.power)
