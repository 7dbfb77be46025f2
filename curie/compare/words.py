"""What a comparison says in words: reasons, notes and the answer. Pure."""

from collections.abc import Iterator, Sequence

from curie.compare.model import Change, EffectShift, GroupShift
from curie.dossier import Dossier
from curie.rigor.between import ExactDifference, Side
from curie.rigor.grounding import percent, quantity
from tasks.study import Metric

_NAMED = 3


def reason_tested(metric: Metric, direction: str, level: float, visible: float | None, *, paired: bool) -> str:
    """Why a tested difference is decided or not; `level` is the error that its interval is drawn at."""
    how = "within blocks of the same seed" if paired else "between the two sets of blocks"
    name = f"the {percent(1 - level)} interval of the difference {how}"
    if visible is None:
        return "every pair of blocks of the same seed moved by the same amount, so that only the sign can be tested"
    if direction == "undecided":
        return f"{name} holds 0; a change of {quantity(visible, metric.unit)} would have been seen"
    return f"{name} does not hold 0"


def reason_untested(before: Side, after: Side) -> str:
    """Why there is no test."""
    for side, name in ((before, "earlier"), (after, "later")):
        if side.failed:
            return f"trials of the {name} run are missing: {side.failed}"
    if not before.values or not after.values:
        return f"no complete block in the {'earlier' if not before.values else 'later'} run"
    if min(len(before.values), len(after.values)) < 2:  # noqa: PLR2004 -- a variance needs two values
        return "one block shows no spread"
    return "the blocks show no spread that a test could use"


def reason_exact(seen: ExactDifference) -> str:
    """How an exact comparison came out."""
    what = "the one value" if seen.compared == 1 else f"all {seen.compared} values"
    changed = seen.higher + seen.lower
    if changed == 0:
        return f"{what} compared: equal within the tolerance"
    return f"{changed} of {seen.compared} compared values differ: {seen.higher} higher, {seen.lower} lower"


def notes(before: Dossier, after: Dossier, changes: Sequence[Change], *, timing: bool) -> tuple[str, ...]:
    """What a reader must know before believing the comparison."""
    return tuple(_notes(before, after, changes, timing=timing))


def _notes(before: Dossier, after: Dossier, changes: Sequence[Change], *, timing: bool) -> Iterator[str]:
    aspects = {change.aspect for change in changes}
    if "question" in aspects:
        yield "The questions are worded differently; what is compared is matched by settings and metrics."
    for run in (before, after):
        if run.state.finished is None:
            yield f"{run.result.run_id} is not finished ({run.result.phase}): what it has so far is compared."
        if failed := len(run.result.failures):
            yield (
                f"{run.result.run_id} has {failed} {'trial' if failed == 1 else 'trials'} that did not succeed; what "
                "they belong to is not compared."
            )
        if not run.result.reproduction.ok:
            yield f"Not every re-run of {run.result.run_id} came out like its original."
    if timing:
        yield (
            "The runs were not interleaved: a mean time also moves with the state of the machine. The difference of "
            "an effect does not, as far as that hits both sides of the effect alike."
        )
    if any(aspect.startswith("machine ") for aspect in aspects):
        yield "The machine is not the same in both runs."
    if not changes:
        yield "Nothing is known to have changed: this measures how well the run repeats."


def answer(effects: Sequence[EffectShift], groups: Sequence[GroupShift], changes: Sequence[Change]) -> str:
    """What moved, named; or that nothing is shown to have."""
    moved = [e for e in effects if e.shift.direction not in {"undecided", "equal"}]
    shifted = [g for g in groups if g.shift.direction not in {"undecided", "equal"}]
    flipped = [e for e in effects if e.verdict_before and e.verdict_after and e.verdict_before != e.verdict_after]
    parts = [_effects(effects, moved)] if effects else []
    if shifted:
        named = _named([f"{g.shift.metric} with {g.settings} ({g.shift.direction})" for g in shifted])
        parts.append(f"Group means that moved: {named}.")
    if flipped:
        named = _named([f"{e.hypothesis} from {e.verdict_before} to {e.verdict_after}" for e in flipped])
        parts.append(f"Verdicts that changed: {named}.")
    if not moved and not shifted and any(g.shift.method != "none" for g in groups):
        parts.append("No group mean is shown to have moved.")
    if changes:
        parts.append(f"Changed between the runs: {_named([change.aspect for change in changes])}.")
    return " ".join(parts)


def _effects(effects: Sequence[EffectShift], moved: Sequence[EffectShift]) -> str:
    compared = [e for e in effects if e.shift.method != "none"]
    if not compared:
        return f"None of the {len(effects)} shared effects could be compared: {effects[0].shift.reason}."
    if not moved:
        return f"None of the {len(compared)} shared effects that could be compared is shown to have moved."
    named = _named([f"{e.hypothesis} ({e.shift.direction})" for e in moved])
    return f"Effects that moved: {named}."


def _named(parts: Sequence[str]) -> str:
    rest = len(parts) - _NAMED
    shown = ", ".join(parts[:_NAMED])
    return f"{shown} and {rest} more" if rest > 0 else shown
