"""What a comparison of two runs says. Frozen data, no I/O."""

from typing import Literal

from curie.records import Interval, Verdict
from tasks.study import Frozen, Name

Method = Literal["paired-t", "welch-t", "exact", "none"]
"""`paired-t`: blocks of both runs had the same seeds; `welch-t`: they had not; `exact`: a deterministic metric."""
Direction = Literal["higher", "lower", "equal", "differs", "undecided"]
"""Of the later run against the earlier. `equal` and `differs` (both ways) only where values are compared exactly."""


class Change(Frozen):
    """Something that is not the same in both runs."""

    aspect: str
    """Such as `code`, `package numpy`, `constant size`, `machine`."""
    before: str
    after: str


class Shift(Frozen):
    """How far one number moved from the earlier run to the later one."""

    metric: Name
    unit: str
    before: float | None
    """The effect, or the group's mean, in the earlier run; None without data."""
    after: float | None
    difference: float | None
    """After minus before, in `unit`; of the compared blocks where seeds are paired."""
    interval: Interval | None = None
    """Of the difference, Holm-adjusted over its family; None where nothing was tested."""
    p: float | None = None
    p_adjusted: float | None = None
    method: Method
    n_before: int
    """Complete blocks."""
    n_after: int
    smallest_visible: float | None = None
    """Smallest change that this comparison would show with the plans' power, from the spread seen."""
    direction: Direction
    reason: str
    """Why, in a sentence."""


class EffectShift(Frozen):
    """A hypothesis that both runs decided."""

    hypothesis: str
    """Its id in the earlier run."""
    statement: str
    verdict_before: Verdict | None
    verdict_after: Verdict | None
    shift: Shift


class GroupShift(Frozen):
    """A group that both runs measured, in one metric."""

    settings: str
    """In words; `control` for the control."""
    controlled: bool
    """False for times: the runs were not interleaved, so that another state of the machine looks like a change."""
    shift: Shift


class Comparison(Frozen):
    """Two runs, side by side."""

    before: str
    """Id of the earlier run named."""
    after: str
    question: str
    changes: tuple[Change, ...]
    effects: tuple[EffectShift, ...]
    groups: tuple[GroupShift, ...]
    unmatched: tuple[str, ...]
    """Hypotheses and groups that only one of the runs has, in words."""
    notes: tuple[str, ...]
    """What a reader of the comparison should know."""
    answer: str
    """In a sentence or two."""
