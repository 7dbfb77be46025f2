"""From a finding back to its trials: the contrast, block by block, and what each group gave in it. Pure."""

from dataclasses import dataclass

from curie.page.bounds import Bounds, Listed, bounded
from curie.plan import Hypothesis
from curie.records import Finding, TrialRecord
from curie.rigor.contrasts import Trials
from curie.state import RunState

_MOST_GROUPS = 12
"""Groups of a contrast that are columns; the others are named in the heading only."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one group gave in one block."""

    key: str | None
    """Of the trial; None if it was not attempted."""
    outcome: str
    """In words."""
    valued: bool
    """Whether it has a value of the metric."""


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block of a contrast."""

    block: int
    complete: bool
    """Whether the contrast could be computed, so that the block entered the finding."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a finding came about."""

    finding: Finding
    hypothesis: Hypothesis | None
    """None if a later revision of the plan no longer asks it."""
    groups: tuple[str, ...]
    """Ids, in the order of the cells."""
    groups_left_out: int
    rows: Listed[BlockRow]
    """Of the blocks in which any of these groups has a record."""
    whole: bool
    """Whether that is every planned block."""


def derivations(state: RunState, bounds: Bounds) -> tuple[Derivation, ...]:
    """One a finding; all their tables together hold at most `bounds.cells` cells."""
    plan = state.plan
    asked = {h.id: h for h in plan.hypotheses} if plan else {}
    trials = Trials(tuple(state.trials.values()))
    share = bounds.cells // max(1, len(state.findings))
    return tuple(
        _derivation(finding, asked.get(finding.hypothesis), trials, share) for finding in state.findings.values()
    )


def _derivation(finding: Finding, hypothesis: Hypothesis | None, trials: Trials, most: int) -> Derivation:
    if hypothesis is None:
        return Derivation(finding=finding, hypothesis=None, groups=(), groups_left_out=0, rows=Listed(()), whole=True)
    rule = hypothesis.rule
    groups = tuple(rule.contrast.weights)
    complete = set(trials.contrasts(rule.contrast.weights, rule.metric, finding.planned).blocks)
    shown = groups[:_MOST_GROUPS]
    by_block = {group: {r.block: r for r in trials.group(group, finding.planned)} for group in shown}
    begun = [block for block in range(1, finding.planned + 1) if any(block in by_block[group] for group in shown)]
    numbers = bounded(begun, max(1, most // (len(shown) + 1)))
    rows = tuple(
        BlockRow(
            block=block,
            complete=block in complete,
            cells=tuple(_cell(by_block[group].get(block), rule.metric) for group in shown),
        )
        for block in numbers.shown
    )
    return Derivation(
        finding=finding,
        hypothesis=hypothesis,
        groups=shown,
        groups_left_out=len(groups) - len(shown),
        rows=Listed(shown=rows, left_out=numbers.left_out),
        whole=len(begun) == finding.planned,
    )


def _cell(record: TrialRecord | None, metric: str) -> Cell:
    if record is None:
        return Cell(key=None, outcome="not attempted", valued=False)
    valued = record.outcome == "succeeded" and metric in record.values
    return Cell(key=record.key, outcome=record.outcome.replace("_", " "), valued=valued)
