"""What a run amounts to, from its state: the one model behind the screen, the JSON and the report. Pure."""

import json
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from curie.counts import ReproductionCounts, TrialCounts, count_reproductions, count_trials, planned_trials
from curie.plan import Plan
from curie.records import Diagnostic, Finding, Reproduction, Statement, TrialRecord
from curie.rigor.grounding import Grounding, ground, show
from curie.rigor.ledger import Ledger, reference
from curie.state import RunState
from tasks.study import Frozen

__all__ = [
    "ReproductionCounts",
    "RunPhase",
    "RunResult",
    "TrialCounts",
    "count_reproductions",
    "count_trials",
    "finding_json",
    "planned_trials",
    "summarise",
]

RunPhase = Literal["created", "running", "finished", "interrupted", "budget", "infrastructure", "gate"]


class RunResult(Frozen):
    """A run, told once."""

    run_id: str
    directory: Path
    question: str
    phase: RunPhase
    mode: Literal["declared", "open"]
    task: str | None
    plan: Plan | None
    plan_hash: str | None
    sandbox: str | None
    isolation: str | None
    unenforced: tuple[str, ...]
    trials: TrialCounts
    reproduction: ReproductionCounts
    findings: tuple[Finding, ...]
    """On the plan's hypotheses."""
    calibration: tuple[Finding, ...]
    """Of the control with its twin."""
    answer: str | None
    limits: tuple[str, ...]
    grounded: Grounding
    """Whether the sentences of answer and limits stand on records."""
    diagnostics: tuple[Diagnostic, ...]
    failures: tuple[TrialRecord, ...]
    """Trials that did not succeed, re-runs and the gate included."""
    divergences: tuple[Reproduction, ...]
    """Re-runs that are no pass."""
    report: Path | None
    """The HTML page: what a person opens."""
    report_markdown: Path | None = None
    """The same as Markdown."""
    artifact: Path | None = None
    """The research artifact's folder, if one was made."""
    stopped: str | None
    tags: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 done; 1 the gate or a reproduction failed; 4 stopped by a budget; 5 infrastructure; 130 interrupted."""
        codes: dict[RunPhase, int] = {"interrupted": 130, "budget": 4, "infrastructure": 5, "gate": 1}
        return codes.get(self.phase, 0 if self.reproduction.ok else 1)

    def as_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints; its keys are a contract (see docs/json.md)."""
        return {
            "run_id": self.run_id,
            "directory": str(self.directory),
            "question": self.question,
            "state": self.phase,
            "mode": self.mode,
            "model": None,
            "cost_usd": 0.0,
            "task": self.task,
            "plan_hash": self.plan_hash,
            "sandbox": {"kind": self.sandbox, "isolation": self.isolation, "unenforced": list(self.unenforced)},
            "trials": self.trials.model_dump(mode="json"),
            "reproduction": self.reproduction.model_dump(mode="json"),
            "findings": [finding_json(finding) for finding in self.findings],
            "calibration": [finding_json(finding) for finding in self.calibration],
            "answer": self.answer,
            "limits": list(self.limits),
            "grounded": self.grounded.model_dump(mode="json"),
            "diagnostics": [diagnostic.model_dump(mode="json") for diagnostic in self.diagnostics],
            "report": str(self.report) if self.report else None,
            "report_markdown": str(self.report_markdown) if self.report_markdown else None,
            "artifact": str(self.artifact) if self.artifact else None,
            "stopped": self.stopped,
            "tags": list(self.tags),
        }


def finding_json(finding: Finding) -> JsonValue:
    """A finding as `--json` prints it."""
    data: JsonValue = json.loads(finding.model_dump_json())  # which writes infinities as text, as JSON has none
    return data


def summarise(state: RunState, directory: Path, report: Path | None, *, ending: bool = False) -> RunResult:
    """Fold a state into its result.

    Args:
        state: the run's state.
        directory: the run's directory.
        report: its HTML report, if there is one; the Markdown is beside it.
        ending: the run is about to be sealed: say `finished` rather than `running`.

    Raises:
        ValueError: the state has no `run_created` event.
    """
    if state.created is None:
        raise ValueError("the journal does not begin with run_created")
    findings = tuple(state.findings.values())
    request = state.created.request
    task = request.get("task")
    ledger = Ledger(state)
    answer, limits = sentences(state)
    return RunResult(
        run_id=state.created.run_id,
        directory=directory,
        question=state.created.question,
        phase=_phase(state, ending=ending),
        mode=state.created.mode,
        task=task if isinstance(task, str) else None,
        plan=state.plan,
        plan_hash=state.plan_digest,
        sandbox=state.sandbox.kind if state.sandbox else None,
        isolation=state.sandbox.isolation if state.sandbox else None,
        unenforced=state.sandbox.unenforced if state.sandbox else (),
        trials=count_trials(state),
        reproduction=count_reproductions(state),
        findings=tuple(f for f in findings if not f.calibration),
        calibration=tuple(f for f in findings if f.calibration),
        answer=" ".join(show(s, ledger) for s in answer) or None,
        limits=tuple(show(s, ledger) for s in limits),
        grounded=ground((*answer, *limits), ledger),
        diagnostics=state.diagnostics,
        failures=tuple(r for r in state.trials.values() if r.outcome != "succeeded"),
        divergences=tuple(r for r in state.reproductions.values() if r.state != "reproduced"),
        report=report,
        report_markdown=report.with_suffix(".md") if report else None,
        stopped=state.stopped.detail if state.stopped else None,
        tags=state.tags,
    )


def sentences(state: RunState) -> tuple[tuple[Statement, ...], tuple[Statement, ...]]:
    """The answer and its limits, by reference; where the control trial failed, that is the answer."""
    gate = next((r for r in state.trials.values() if r.purpose == "gate" and r.outcome != "succeeded"), None)
    conclusion = state.conclusion
    limits = conclusion.limits if conclusion else ()
    if gate is None:
        return conclusion.statements if conclusion else (), limits
    ended = f"{{{{ref:{reference('trial', gate.key, 'fact', 'outcome')}}}}}"
    why = f" ({{{{ref:{reference('trial', gate.key, 'fact', 'reason')}}}}})" if gate.reason else ""
    text = f"None: the control trial came first and {ended}{why}; nothing else was run."
    return (Statement(text=text),), limits


def _phase(state: RunState, *, ending: bool) -> RunPhase:
    gate = next((r for r in state.trials.values() if r.purpose == "gate"), None)
    if gate is not None and gate.outcome != "succeeded":
        return "gate"
    if state.finished is not None or ending:
        return "finished"
    if state.stopped is not None:
        return state.stopped.reason
    return "running" if state.plan else "created"
