"""From trial records to one number per block and hypothesis, and to what is missing. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curie.plan import Plan
from curie.records import TrialRecord
from curie.rigor.statistics import estimate

NOT_FINITE = "without a finite value"
"""What a trial counts as that says it succeeded but has no finite value of the metric."""


@dataclass(frozen=True, slots=True)
class BlockContrasts:
    """One contrast in one metric over the planned blocks."""

    values: tuple[float, ...]
    """The contrast in each complete block, in the metric's unit."""
    blocks: tuple[int, ...]
    """Numbers of the complete blocks."""
    reference: float | None
    """Mean of the side that is subtracted; None without a complete block."""
    magnitude: float
    """Largest absolute value of a trial in a complete block."""
    missing: Mapping[str, int]
    """Outcome -> trials of the planned blocks that gave no value."""


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean of at least one finite value, also where their sum would overflow."""
    try:
        return math.fsum(values) / len(values)
    except OverflowError:
        return math.fsum(v / len(values) for v in values)


class Trials:
    """The measured trials of a plan by group and block."""

    def __init__(self, records: Sequence[TrialRecord]) -> None:
        """Index `records`; of several attempts of one trial the last one counts."""
        self._at: dict[tuple[str, int], TrialRecord] = {}
        for record in records:
            if record.purpose == "measure":
                known = self._at.get((record.group, record.block))
                if known is None or known.attempt <= record.attempt:
                    self._at[record.group, record.block] = record

    def group(self, group: str, blocks: int) -> tuple[TrialRecord, ...]:
        """The trials of `group` in blocks 1 to `blocks`, as far as there are any."""
        found = (self._at.get((group, block)) for block in range(1, blocks + 1))
        return tuple(r for r in found if r is not None)

    def value(self, group: str, block: int, metric: str) -> float | str:
        """The value of that trial, or why there is none: its outcome, or that the value is not finite."""
        record = self._at.get((group, block))
        if record is None:
            return "not_attempted"
        if record.outcome != "succeeded":
            return record.outcome
        value = record.values.get(metric)
        return value if value is not None and math.isfinite(value) else NOT_FINITE

    def unchanging(self, groups: Iterable[str], metric: str, blocks: int) -> bool:
        """Whether each of these groups has one and the same value in all of at least two blocks."""
        for group in groups:
            values = [self.value(group, block, metric) for block in range(1, blocks + 1)]
            if len(values) < 2 or len(set(values)) > 1 or isinstance(values[0], str):  # noqa: PLR2004 -- to agree takes two
                return False
        return True

    def contrasts(self, weights: Mapping[str, float], metric: str, blocks: int) -> BlockContrasts:
        """The contrast `weights` in `metric` over blocks 1 to `blocks`."""
        values: list[float] = []
        complete: list[int] = []
        references: list[float] = []
        missing: Counter[str] = Counter()
        magnitude = 0.0
        for block in range(1, blocks + 1):
            cells = [(w, self.value(group, block, metric)) for group, w in weights.items()]
            numbers = [(w, v) for w, v in cells if isinstance(v, float | int)]
            if len(numbers) < len(cells):
                missing.update(v for _, v in cells if isinstance(v, str))
                continue
            try:
                contrast, reference = math.fsum(w * v for w, v in numbers), _subtracted(numbers)
            except OverflowError:
                missing[NOT_FINITE] += 1
                continue
            values.append(contrast)
            references.append(reference)
            magnitude = max(magnitude, *(abs(v) for _, v in numbers))
            complete.append(block)
        return BlockContrasts(
            values=tuple(values),
            blocks=tuple(complete),
            reference=mean(references) if references else None,
            magnitude=magnitude,
            missing=missing,
        )


def contrast_sds(plan: Plan, records: Sequence[TrialRecord]) -> dict[str, float]:
    """Standard deviation of the block contrasts by hypothesis, from pilot records (else measured ones).

    Hypotheses with fewer than two complete blocks are left out. The unit is the metric's.
    """
    pilot = [r.model_copy(update={"purpose": "measure"}) for r in records if r.purpose == "pilot"]
    used = pilot or [r for r in records if r.purpose == "measure"]
    trials = Trials(used)
    last = max((r.block for r in used), default=0)
    found: dict[str, float] = {}
    for hypothesis in plan.hypotheses:
        rule = hypothesis.rule
        block = trials.contrasts(rule.contrast.weights, rule.metric, last)
        seen = estimate(block.values, block.magnitude)
        if seen is not None:
            found[hypothesis.id] = seen.sd
    return found


def _subtracted(numbers: Sequence[tuple[float, float]]) -> float:
    """Mean of the values with negative weights."""
    negative = [(w, v) for w, v in numbers if w < 0]
    total = math.fsum(w for w, _ in negative)
    return math.fsum(w * v for w, v in negative) / total if total else 0.0
