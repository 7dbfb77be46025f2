"""The nodes of a declared study's plan graph: prepare, design, dispatch, analyse, conclude."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from curie.command import placeholders
from curie.config import Settings, passed_through, search_path
from curie.counts import count_trials
from curie.designer import design
from curie.dispatcher import Budget, Dispatcher, Pause
from curie.errors import CheckFailed, InfrastructureError, PlanRefused, UsageError
from curie.graph import Next, partition_graph
from curie.journal.events import ConclusionRecorded, DiagnosticRecorded, FindingRecorded, PlanFrozen
from curie.nodes.analyst import analyse
from curie.nodes.concluder import conclude, refuse_ungrounded
from curie.nodes.partition import DeclaredPartition
from curie.nodes.preparation import Preparation
from curie.paths import RunPaths
from curie.plan import Plan
from curie.records import Diagnostic, TrialRecord
from curie.request import RunRequest
from curie.rigor.ledger import Ledger
from curie.rigor.lint import LintContext, Prospect, lint
from curie.rigor.setup import diagnose
from curie.schedule import GATE_KEY, gate, pilot_blocks, trials_of
from curie.session import Session
from curie.store import ArtifactStore
from curie.trial_inputs import TrialInputs
from curie.trials import TrialRunner, TrialSetting
from sandboxes.executors.local import LocalExecutor
from sandboxes.leases import CoreLeases, usable_cores
from sandboxes.registry import Backends


class DeclaredStudy:
    """A study in which no model takes part. A context manager: leaving it ends what still runs."""

    def __init__(
        self, session: Session, paths: RunPaths, request: RunRequest, settings: Settings, clock: Callable[[], float]
    ) -> None:
        self._session = session
        self._paths = paths
        self._request = request
        self._settings = settings
        self._budget = Budget(deadline=_deadline(request, clock), clock=clock)
        self._preparation = Preparation(session, paths, request, settings)
        self._backends = Backends()
        self._open = ExitStack()
        self.out_of_time = False
        """Whether the time budget ended the trials."""

    @property
    def root(self) -> Path:
        """The run's directory."""
        return self._paths.root

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still runs."""
        self._open.close()

    def prepare(self) -> Next:
        """Sandbox, code, inputs, environment."""
        self._preparation.run(self._backends)
        return Next.GO_ON

    def architect(self) -> Next:
        """The designer's plan, linted, frozen; a plan with an error is refused before anything runs."""
        if self._session.state.plan is not None:
            return Next.GO_ON
        plan, diagnostics = self.propose(self._prospect())
        refuse_errors(diagnostics)
        self.freeze(plan, diagnostics)
        return Next.GO_ON

    def propose(self, prospect: Prospect) -> tuple[Plan, tuple[Diagnostic, ...]]:
        """The designer's plan, and what lint says of it."""
        plan = design(self._request.study, self._preparation.facts(), aa=self._request.aa)
        context = LintContext(
            placeholders=placeholders(plan.command.template), prospect=prospect, unseen=self._request.unseen
        )
        return plan, lint(plan, context)

    def freeze(self, plan: Plan, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Record the plan as it will be executed.

        Raises:
            UsageError: a program is missing, or the machine has too few cores.
        """
        refuse_too_many_cores(plan)
        self._trials(plan).check_programs()
        self._session.record(PlanFrozen(plan=plan, digest=plan.digest(), diagnostics=diagnostics), "architect")

    def pilot(self, n: int) -> tuple[TrialRecord, ...]:
        """The gate and `n` pilot blocks of the frozen plan.

        Raises:
            CheckFailed: the control trial did not succeed.
        """
        plan = self._plan()
        dispatcher = self._dispatcher(plan)
        dispatcher.run((gate(plan),))
        first = self._session.state.trials.get(GATE_KEY)
        if first is not None and first.outcome != "succeeded":
            raise CheckFailed(f"The control trial {first.outcome}: {first.reason}")
        dispatcher.run(trials_of(pilot_blocks(plan, n)))
        return tuple(self._session.state.trials.values())

    def dispatch(self) -> Next:
        """A declared study has one partition: its groups share one command."""
        plan = self._plan()
        partition = DeclaredPartition(self._session, plan, self._dispatcher(plan), self._request.reproduce)
        partition_graph(partition)()
        self.out_of_time = partition.pause is Pause.TIME
        return Next.STOP if partition.pause is Pause.CANCELLED else Next.GO_ON

    def analyst(self) -> Next:
        """Findings by the frozen rules; one that is recorded already is not repeated."""
        state = self._session.state
        found = analyse(self._plan(), tuple(state.trials.values()), tuple(state.reproductions.values()))
        for finding in found:
            if state.findings.get(finding.id) != finding:
                self._session.record(FindingRecorded(finding=finding), "analyst")
        for diagnostic in diagnose(self._plan(), tuple(state.trials.values()), self._last_lines()):
            if diagnostic not in state.diagnostics:
                self._session.record(DiagnosticRecorded(diagnostic=diagnostic), "analyst")
        return Next.GO_ON

    def _last_lines(self) -> dict[str, str]:
        """Trial -> last line of its stderr, where it wrote any."""
        store, found = ArtifactStore(self._paths.artifacts), {}
        for record in self._session.state.trials.values():
            if record.stderr is not None and record.stderr.total_bytes:
                lines = store.get(record.stderr.artifact).decode("utf-8", "replace").strip().splitlines()
                found[record.key] = lines[-1] if lines else ""
        return found

    def concluder(self) -> Next:
        """The answer, by reference to records.

        Raises:
            CheckFailed: it does not stand on them, which is a mistake of ours.
        """
        state = self._session.state
        conclusion = conclude(
            self._plan(),
            tuple(state.findings.values()),
            tuple(state.reproductions.values()),
            sandbox=self._preparation.sandbox(),
            disturbed=count_trials(state).disturbed > 0,
        )
        refuse_ungrounded(conclusion, Ledger(state))
        if state.conclusion != conclusion:
            self._session.record(ConclusionRecorded(conclusion=conclusion), "concluder")
        return Next.GO_ON

    def _plan(self) -> Plan:
        plan = self._session.state.plan
        if plan is None:
            raise InfrastructureError("no plan was frozen")
        return plan

    def _prospect(self) -> Prospect:
        study = self._request.study
        return Prospect(max_time_s=self._request.max_time_s, repeat_given=study.repeat is not None)

    def _dispatcher(self, plan: Plan) -> Dispatcher:
        trials = self._trials(plan)
        trials.check_programs(tuple(self._session.state.trials.values()))
        executor = LocalExecutor(CoreLeases(self._settings.lease_dir), on_cancel=trials.stop)
        return Dispatcher(
            session=self._session,
            plan=plan,
            paths=self._paths,
            trials=trials,
            executor=self._open.enter_context(executor),
            budget=self._budget,
        )

    def _trials(self, plan: Plan) -> TrialRunner:
        snapshot = self._session.state.snapshot
        if snapshot is None:
            raise InfrastructureError("no code was snapshotted")
        kind = self._preparation.sandbox()
        environment = self._preparation.environment
        setting = TrialSetting(
            plan=plan,
            paths=self._paths,
            commit=snapshot.commit,
            sandbox=kind,
            inputs=TrialInputs(declared=tuple(self._session.state.inputs.values()), isolated=kind == "bubblewrap"),
            passed=passed_through(plan.command.env),
            caller_path=search_path(),
            venv=environment.venv if environment else None,
            environment_digest=environment.digest if environment else None,
        )
        return TrialRunner(setting, ArtifactStore(self._paths.artifacts), self._backends)


def refuse_errors(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Refuse a plan that lint found errors in.

    Raises:
        PlanRefused: with every error, and the first hint.
    """
    errors = [d for d in diagnostics if d.severity == "error"]
    if errors:
        text = "\n".join(f"  {d.id}: {d.message}" for d in errors)
        raise PlanRefused(f"The plan is refused:\n{text}", hint=errors[0].hint)


def _deadline(request: RunRequest, clock: Callable[[], float]) -> float | None:
    return None if request.max_time_s is None else clock() + request.max_time_s


def refuse_too_many_cores(plan: Plan) -> None:
    """Refuse a plan that this machine has too few cores for.

    Raises:
        UsageError: it has.
    """
    here = len(usable_cores())
    if plan.resources.cores > here:
        raise UsageError(
            f"A trial asks for {plan.resources.cores} cores, and this process may use {here}.",
            hint=f"--cores {here}, or another machine.",
        )
