"""Calibration: simulated studies through the real designer, schedule and analyst; errors, coverage and power counted.

Only the records are simulated. A scenario says what is true; a verdict that contradicts it is an error, and so is any
verdict on a truth that lies on the boundary itself. Exit status 1 if a bound fails:

- family-wise error <= alpha + 0.01,
- interval coverage >= 93 %,
- power at the declared standardised effect within 3 points of the promise.

Usage: python benchmarks/bench_calibration.py [--studies 5000] [--seed 1] [--only NAME] [--json]
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from calibration_scenarios import ALPHA, METRIC, Scenario, scenarios

from curie.designer import DesignFacts, design
from curie.nodes.analyst import analyse
from curie.plan import Plan
from curie.records import Finding, TrialRecord
from curie.rigor.promise import declared_sds, promised_power
from curie.rigor.stages import decide_blocks
from curie.rigor.statistics import distance
from curie.schedule import blocks

ERROR_MARGIN = 0.01
LEAST_COVERAGE = 0.93
POWER_MARGIN = 0.03


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the studies of a scenario came to."""

    name: str
    studies: int
    blocks: float
    error: float
    coverage: float
    power: float | None
    promised: float | None
    judged: bool

    @property
    def failures(self) -> tuple[str, ...]:
        """Bounds that do not hold."""
        if not self.judged:
            return ()
        found = []
        if self.error > ALPHA + ERROR_MARGIN:
            found.append("error")
        if self.coverage < LEAST_COVERAGE:
            found.append("coverage")
        if self.power is not None and self.promised is not None and abs(self.power - self.promised) > POWER_MARGIN:
            found.append("power")
        return tuple(found)

    def standard_error(self, share: float) -> float:
        """Binomial, of a share of the studies."""
        return math.sqrt(max(share * (1 - share), 1e-12) / self.studies)


def simulate(scenario: Scenario, studies: int, seed: int) -> Result:
    """Run `studies` studies of one scenario."""
    rng = np.random.default_rng([seed, *scenario.name.encode()])
    plan = design(scenario.study, DesignFacts(seed=seed))
    truths = _true_contrasts(plan, scenario.truth)
    templates = _templates(plan)
    shift = np.array([scenario.truth.get(g.label, 0.0) for g in plan.groups])
    first, groups = plan.repetitions.blocks, len(plan.groups)
    wrong = covered = intervals = held = used = 0
    for _ in range(studies):
        values = scenario.noise(rng, plan.repetitions.max_blocks, groups) + shift
        records = _filled(plan, [t for n in range(1, first + 1) for t in templates[n]], values)
        total = decide_blocks(plan, records).blocks
        records += _filled(plan, [t for n in range(first + 1, total + 1) for t in templates[n]], values)
        findings = analyse(plan, records)
        used += total
        wrong += any(_is_wrong(plan, f, truths[f.hypothesis]) for f in findings)
        covered += sum(_covers(f, truths[f.hypothesis]) for f in findings)
        intervals += len(findings)
        held += sum(f.verdict == "supported" for f in findings if f.hypothesis in scenario.powered)
    return Result(
        name=scenario.name,
        studies=studies,
        blocks=used / studies,
        error=wrong / studies,
        coverage=covered / intervals,
        power=held / (studies * len(scenario.powered)) if scenario.powered else None,
        promised=_promise(plan, scenario),
        judged=scenario.judged,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Simulate, print and judge; 1 if a bound fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--studies", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="scenarios whose name contains this")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    began = time.perf_counter()
    results = [
        simulate(scenario, options.studies, options.seed) for scenario in scenarios() if options.only in scenario.name
    ]
    seconds = time.perf_counter() - began
    if options.json:
        print(json.dumps({"seconds": seconds, "scenarios": [_as_json(r) for r in results]}, indent=1))
    else:
        _print(results, seconds)
    return 1 if any(r.failures for r in results) else 0


def _true_contrasts(plan: Plan, truth: Mapping[str, float]) -> dict[str, float]:
    labels = {g.id: g.label for g in plan.groups}
    assert set(truth) <= set(labels.values()), f"no group {set(truth) - set(labels.values())}"
    return {
        h.id: math.fsum(w * truth.get(labels[g], 0.0) for g, w in h.rule.contrast.weights.items())
        for h in plan.hypotheses
    }


def _templates(plan: Plan) -> dict[int, list[TrialRecord]]:
    """By block, a record of every trial that the schedule could come to, without its value."""
    return {
        block.number: [
            TrialRecord(
                key=slot.key,
                group=slot.group,
                repetition=slot.repetition,
                purpose="measure",
                outcome="succeeded",
                settings={},
                seed=slot.seed,
                block=slot.block,
                position=slot.position,
            )
            for slot in block.slots
        ]
        for block in blocks(plan, plan.repetitions.max_blocks)
    }


def _filled(plan: Plan, templates: Sequence[TrialRecord], values: np.ndarray) -> list[TrialRecord]:
    """The records with their values, which a plain copy puts in: they need no validation."""
    column = {g.id: i for i, g in enumerate(plan.groups)}
    rows = values.tolist()
    return [t.model_copy(update={"values": {METRIC: rows[t.block - 1][column[t.group]]}}) for t in templates]


def _is_wrong(plan: Plan, finding: Finding, truth: float) -> bool:
    hypothesis = next(h for h in plan.hypotheses if h.id == finding.hypothesis)
    gap = distance(hypothesis.direction, truth, hypothesis.rule.threshold)
    if finding.verdict == "supported":
        return gap < 1e-9
    return finding.verdict == "refuted" and gap > -1e-9


def _covers(finding: Finding, truth: float) -> bool:
    bounds = finding.interval
    if bounds is None or bounds.low is None or bounds.high is None:
        return True
    return bounds.low <= truth <= bounds.high


def _promise(plan: Plan, scenario: Scenario) -> float | None:
    """The promised power of the powered hypotheses, from the spread that the noise really has."""
    if not scenario.powered:
        return None
    spread = scenario.study.sd or {METRIC: 1.0}
    promises = {p.hypothesis: p.power for p in promised_power(plan, declared_sds(plan, spread))}
    found = [power for h in scenario.powered if (power := promises[h]) is not None]
    return sum(found) / len(found)


def _as_json(result: Result) -> dict[str, object]:
    return {
        "name": result.name,
        "studies": result.studies,
        "blocks": result.blocks,
        "family_wise_error": result.error,
        "family_wise_error_se": result.standard_error(result.error),
        "coverage": result.coverage,
        "power": result.power,
        "promised_power": result.promised,
        "judged": result.judged,
        "failures": list(result.failures),
    }


def _print(results: Sequence[Result], seconds: float) -> None:
    print(f"{'scenario':<38} {'blocks':>6} {'error':>7} {'SE':>6} {'cover':>6} {'power':>6} {'SE':>6} {'promise':>7}")
    for r in results:
        power = f"{r.power:6.3f} {r.standard_error(r.power):6.4f}" if r.power is not None else f"{'':>13}"
        said = " ".join(r.failures) or ("ok" if r.judged else "not judged")
        promised = f"{r.promised:7.3f}" if r.promised is not None else f"{'':>7}"
        error = f"{r.error:7.4f} {r.standard_error(r.error):6.4f} {r.coverage:6.3f}"
        print(f"{r.name:<38} {r.blocks:6.1f} {error} {power} {promised}  {said}")
    studies = results[0].studies if results else 0
    print(f"{studies} studies a scenario, {len(results)} scenarios, {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
