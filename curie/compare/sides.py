"""What two runs have in common: hypotheses and groups matched by what they set, and their values block by block."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from curie.design_groups import TWIN, level_text
from curie.dossier import Dossier
from curie.plan import CONTROL, Group, Hypothesis, InputDigest, Plan, Value
from curie.records import Finding
from curie.rigor import advice
from curie.rigor.between import Side
from curie.rigor.contrasts import Trials
from curie.rigor.stages import decide_blocks

_Key = frozenset[tuple[str, str, str]]


@dataclass(frozen=True)
class RunSide:
    """One of the two runs, ready to be compared."""

    plan: Plan
    trials: Trials
    findings: Mapping[str, Finding]
    """Hypothesis -> finding."""
    blocks: int
    """Planned, the second stage included where it is decided."""

    @classmethod
    def of(cls, run: Dossier, plan: Plan) -> "RunSide":
        """From what the journal holds."""
        return cls(
            plan=plan,
            trials=Trials(run.records),
            findings={f.hypothesis: f for f in run.state.findings.values()},
            blocks=decide_blocks(plan, run.records).blocks,
        )

    def contrast(self, weights: Mapping[str, float], metric: str) -> Side:
        """A weighted sum of groups in each complete block; one group with weight 1 is its values."""
        seen = self.trials.contrasts(weights, metric, self.blocks)
        return Side(
            values=dict(zip(seen.blocks, seen.values, strict=True)),
            seeds={block: self._seeds(weights, block) for block in seen.blocks},
            magnitude=seen.magnitude,
            first_stage=self.plan.repetitions.blocks if self.plan.repetitions.kind == "two-stage" else None,
            failed=_failed(seen.missing),
        )

    def _seeds(self, weights: Mapping[str, float], block: int) -> tuple[int, ...]:
        if self.plan.replicate_over != "seed":
            return ()
        trials = (r for group in sorted(weights) for r in self.trials.group(group, self.blocks) if r.block == block)
        return tuple(sorted({trial.seed for trial in trials}))


@dataclass(frozen=True, slots=True)
class GroupPair:
    """The same settings in both runs."""

    settings: str
    before: str
    """Group id."""
    after: str


def group_pairs(before: Plan, after: Plan) -> Iterator[GroupPair]:
    """Groups with equal varied settings; constants may differ, for they may be the change that is asked about."""
    known = {_key(before, g): g for g in before.groups if g.id != TWIN}
    for group in after.groups:
        twin = known.get(_key(after, group)) if group.id != TWIN else None
        if twin is not None:
            yield GroupPair(_words(before, twin), twin.id, group.id)


def hypothesis_pairs(before: Plan, after: Plan) -> Iterator[tuple[Hypothesis, Hypothesis]]:
    """Hypotheses on the same contrast of the same settings in the same metric and direction."""
    known = {_meaning(before, h): h for h in before.hypotheses if not h.calibration}
    for hypothesis in after.hypotheses:
        if not hypothesis.calibration and (first := known.get(_meaning(after, hypothesis))) is not None:
            yield first, hypothesis


def unmatched(before: Plan, after: Plan) -> Iterator[str]:
    """What only one run has, in words."""
    pairs = list(hypothesis_pairs(before, after))
    groups = list(group_pairs(before, after))
    sides = (
        ("only before", before, {h.id for h, _ in pairs}, {g.before for g in groups}),
        ("only after", after, {h.id for _, h in pairs}, {g.after for g in groups}),
    )
    for where, plan, asked, measured in sides:
        yield from (f"{where}: {h.statement}" for h in plan.hypotheses if not h.calibration and h.id not in asked)
        yield from (f"{where}: {_words(plan, g)}" for g in plan.groups if g.id != TWIN and g.id not in measured)


def _failed(missing: Mapping[str, int]) -> str | None:
    """Trials that were attempted and gave no value; blocks that were never begun are merely fewer."""
    counts = {what: n for what, n in missing.items() if what != "not_attempted"}
    return advice.outcome_counts(counts) if counts else None


def _key(plan: Plan, group: Group) -> _Key:
    varied = {v.name for v in plan.variables if v.role != "constant"}
    return frozenset((name, *_typed(value)) for name, value in group.settings.items() if name in varied)


def _typed(value: Value) -> tuple[str, str]:
    """A file counts by its name: another content is a change, not another group."""
    return ("file", value.name) if isinstance(value, InputDigest) else (type(value).__name__, repr(value))


def _meaning(plan: Plan, hypothesis: Hypothesis) -> tuple[str, str, frozenset[tuple[_Key, float]]]:
    weights = hypothesis.rule.contrast.weights
    cells = frozenset((_key(plan, plan.group(group)), round(weight, 12)) for group, weight in weights.items())
    return hypothesis.rule.metric, hypothesis.direction, cells


def _words(plan: Plan, group: Group) -> str:
    varied = [v.name for v in plan.variables if v.role != "constant"]
    settings = ", ".join(f"{name}={level_text(group.settings[name])}" for name in varied if name in group.settings)
    return f"{settings} (control)" if group.id == CONTROL else settings
