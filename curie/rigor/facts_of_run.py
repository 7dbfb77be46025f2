"""What may be cited of a run as a whole, and of the machine that it ran on. Pure."""

from collections import Counter
from collections.abc import Mapping

from pydantic import JsonValue

from curie.counts import blocks_complete, blocks_planned, count_reproductions, count_trials
from curie.rigor.facts import Draft, Fact, Facts, exact, kept, measured, said
from curie.state import RunState

_GIBIBYTE = 2**30


def run_facts(state: RunState) -> Facts:
    """Counts, identity and surroundings."""
    trials, reruns = count_trials(state), count_reproductions(state)
    severities = Counter(d.severity for d in state.diagnostics)
    facts: Draft = {
        ("blocks",): exact(blocks_planned(state)) if state.plan else None,
        ("blocks_complete",): exact(blocks_complete(state)) if state.plan else None,
        ("superseded",): exact(len(state.superseded)),
        ("findings",): exact(sum(not f.calibration for f in state.findings.values())),
        ("inputs",): exact(len(state.inputs)),
        ("records",): exact(len(state.trials)),
        ("mode",): said(state.created.mode) if state.created else None,
        ("id",): said(state.created.run_id) if state.created else None,
        ("question",): said(state.created.question) if state.created else None,
        ("curie_version",): said(state.created.curie_version) if state.created else None,
        ("seed",): exact(state.created.seed) if state.created else None,
        **{("trials", name): exact(count) for name, count in trials.model_dump().items()},
        **{
            ("reproduction", name): exact(count) if isinstance(count, int) else said(", ".join(count))
            for name, count in reruns.model_dump().items()
        },
        **{("diagnostics", name): exact(severities[name]) for name in ("error", "warning", "note")},
        **{("verdict", name): exact(_verdicts(state)[name]) for name in ("supported", "refuted", "inconclusive")},
    }
    return kept(facts | _surroundings(state))


def machine_facts(state: RunState) -> Facts:
    """What was noted of the machine: `memory_bytes` in GiB, everything else as noted."""
    noted: Mapping[str, JsonValue] = state.created.machine if state.created else {}
    return kept({(name,): _noted(name, value) for name, value in noted.items()})


def _noted(name: str, value: JsonValue) -> Fact | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return said(str(value)) if value is not None else None
    if name == "memory_bytes":
        return Fact(f"{value / _GIBIBYTE:.0f} GiB", float(value))
    return exact(value) if isinstance(value, int) else Fact(str(value), value)


def _verdicts(state: RunState) -> Counter[str]:
    return Counter(f.verdict for f in state.findings.values() if not f.calibration)


def _surroundings(state: RunState) -> Draft:
    draft: Draft = {}
    if (chosen := state.sandbox) is not None:
        draft["sandbox", "kind"] = said(chosen.kind)
        draft["sandbox", "isolation"] = said(chosen.isolation)
    if (taken := state.snapshot) is not None:
        draft["code", "commit"] = said(taken.commit)
        draft["code", "tree"] = said(taken.tree)
        draft["code", "files"] = exact(taken.files)
        draft["code", "excluded"] = exact(len(taken.excluded))
    if (built := state.environment) is not None:
        draft["environment", "digest"] = said(built.digest)
        draft["environment", "interpreter"] = said(built.interpreter)
        draft["environment", "packages"] = exact(len(built.resolved))
    for name, given in state.inputs.items():
        draft["input", name, "size_bytes"] = measured(given.size_bytes, "B")
        draft["input", name, "sha256"] = said(given.sha256)
    return draft
