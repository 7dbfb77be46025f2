"""Runs one trial under the trial contract and turns what the supervisor measured into its record."""

import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from curie.attempts import (
    AttemptFacts,
    AttemptPaths,
    search_path,
    trial_argv,
    trial_environment,
    trial_settings,
)
from curie.data_opened import data_opened, watch
from curie.errors import InfrastructureError
from curie.exports import fresh_export, private_copy
from curie.input_guard import InputGuard
from curie.interpreter import ResolvedTool, in_system, own_installation
from curie.outcome import outcome_of
from curie.outputs import keep_outputs
from curie.paths import RunPaths
from curie.plan import Plan
from curie.programs import programs
from curie.records import DataOpened, Executable, Interference, TrialRecord, TrialResources
from curie.schedule import TrialSlot, gate
from curie.store import ArtifactStore
from curie.trial_inputs import TrialInputs, recorded
from sandboxes.base import ExecLimits, ExecRequest, ExecResult, Kind, Mount, Sandbox, SandboxClosedError, SandboxSpec
from sandboxes.recovery import recover
from sandboxes.registry import Backends

ORPHAN_WAIT_S = 10.0
"""How long a resumed run waits for a trial of its dead driver: longer than the grace that the trial has."""
_DISTURBED_SHARE = 0.1
_DISTURBED_LEAST_S = 0.02
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a trial runs: its cores, and whether others run beside it."""

    cores: tuple[int, ...]
    concurrent: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """What only the process that ran an attempt knows of it."""

    opened: DataOpened
    span_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSetting:
    """What all trials of a run share."""

    plan: Plan
    paths: RunPaths
    commit: str
    sandbox: Kind
    inputs: TrialInputs
    passed: Mapping[str, str]
    """Variables passed through from the caller."""
    caller_path: str
    venv: Path | None = None
    """The trials' Python environment."""
    environment_digest: str | None = None


class TrialRunner:
    """Runs and adopts trials. Threads may run different trials at once."""

    def __init__(self, setting: TrialSetting, store: ArtifactStore, backends: Backends) -> None:
        self._setting = setting
        self._store = store
        self._backends = backends
        self._open: set[Sandbox] = set()
        self._seen: dict[tuple[str, int], Watched] = {}
        self._guard = InputGuard(setting.inputs.declared)
        self._stopped = False
        self._lock = threading.Lock()

    def check_programs(self, earlier: Sequence[TrialRecord] = ()) -> None:
        """Make sure, before anything runs, that every group's program exists and is the one of `earlier` trials.

        Raises:
            UsageError: one does not exist.
            InfrastructureError: one was replaced since.
        """
        plan = self._setting.plan
        code = self._setting.paths.export(self._setting.commit)
        for group in plan.groups:
            slot = gate(plan).model_copy(update={"group": group.id})
            argv = trial_argv(plan, slot, trial_settings(plan, slot, self._setting.inputs))
            tool = self._programs(argv, code)[0]
            before = {r.executable.sha256 for r in earlier if r.executable and r.executable.path == str(tool.path)}
            if before - {tool.sha256}:
                raise InfrastructureError(
                    f"The program {tool.path} is not the one that this run began with: nothing would be comparable.",
                    hint="Install the old version and resume, or start a new run.",
                )

    def run(self, slot: TrialSlot, attempt: int, lane: Lane) -> ExecResult:
        """Execute one attempt to its end; `record` turns the result into a record.

        Raises:
            UsageError: the program does not exist.
            SandboxError: the sandbox did not work; the experiment is not to blame.
            InfrastructureError: no private copy could be made, or an input changed meanwhile.
        """
        plan, paths = self._setting.plan, self._paths(slot, attempt)
        began = time.monotonic()
        paths.create()
        self._copy_code(slot, paths)
        settings = trial_settings(plan, slot, self._setting.inputs)
        argv = trial_argv(plan, slot, settings)
        tools = self._programs(argv, paths.work)
        _write_facts(paths, argv, tools[0], lane)
        seen = watch(self._setting.inputs)
        with self._sandbox(self._spec(paths, tools)) as sandbox, seen:
            env = trial_environment(plan, slot, settings, paths, sandbox)
            env["PATH"] = self._search_path(tools)
            if (data := self._setting.inputs.data()) is not None:
                env["CURIE_DATA"] = data
            result = sandbox.exec(
                ExecRequest(
                    argv=(str(tools[0].path), *argv[1:]),
                    env={**env, **self._setting.passed},
                    limits=self._limits(lane),
                    record=paths.record,
                )
            )
        self._guard.check()
        opened = data_opened(self._setting.inputs, seen, concurrent=lane.concurrent)
        self._seen[slot.key, attempt] = Watched(opened, time.monotonic() - began)
        return result

    def adopt(self, slot: TrialSlot, attempt: int) -> ExecResult | None:
        """The result of an attempt that an earlier process started, waiting for one that still runs.

        None if it never came to an end of its own.
        """
        paths = self._paths(slot, attempt)
        return recover(paths.record, wait_s=ORPHAN_WAIT_S) if paths.facts.exists() else None

    def record(self, slot: TrialSlot, attempt: int, result: ExecResult) -> TrialRecord:
        """The record of a finished attempt; its streams and outputs go to the artifact store.

        Raises:
            DiskFull: the store has no space.
        """
        plan, paths = self._setting.plan, self._paths(slot, attempt)
        facts = AttemptFacts.model_validate_json(paths.facts.read_bytes())
        end = outcome_of(plan, result, paths)
        # Nobody watched an attempt that another process began.
        watched = self._seen.pop((slot.key, attempt), Watched(DataOpened(), None))
        group = plan.group(slot.group)
        outputs, left_out = keep_outputs(self._store, paths.outputs)
        executable = None
        if facts.executable_path is not None and facts.executable_sha256 is not None:
            executable = Executable(path=facts.executable_path, sha256=facts.executable_sha256)
        return TrialRecord(
            key=slot.key,
            group=slot.group,
            repetition=slot.repetition,
            purpose=slot.purpose,
            attempt=attempt,
            outcome=end.outcome,
            reason=end.reason,
            settings={name: recorded(value) for name, value in group.settings.items()},
            seed=slot.seed,
            block=slot.block,
            position=slot.position,
            measurements=end.measurements,
            values=end.values,
            command=facts.argv,
            commit=self._setting.commit,
            environment_digest=self._setting.environment_digest,
            executable=executable,
            sandbox=self._setting.sandbox,
            exit_code=result.returncode,
            signal=result.signal,
            stdout=self._store.put_stream("stdout", paths.record / "stdout"),
            stderr=self._store.put_stream("stderr", paths.record / "stderr"),
            outputs=outputs,
            outputs_left_out=left_out,
            data_opened=watched.opened,
            resources=_resources(result, facts, watched.span_s, exclusive=plan.resources.exclusive),
        )

    def discard(self, slot: TrialSlot, attempt: int) -> None:
        """Remove the folder of an attempt that gave no result; the trial's checkpoint stays."""
        shutil.rmtree(self._paths(slot, attempt).root, ignore_errors=True)

    def forget(self, key: str) -> None:
        """Remove the folder of a finished trial; what mattered is in the journal and the store."""
        shutil.rmtree(self._setting.paths.trials / key, ignore_errors=True)

    def stop(self) -> None:
        """End every trial that runs, and let none begin."""
        with self._lock:
            self._stopped = True
            running = tuple(self._open)
        for sandbox in running:
            sandbox.close()

    @contextmanager
    def _sandbox(self, spec: SandboxSpec) -> Iterator[Sandbox]:
        """An open sandbox that `stop` knows of."""
        with self._backends.open(spec) as sandbox:
            with self._lock:
                if self._stopped:
                    raise SandboxClosedError("the run was asked to stop")
                self._open.add(sandbox)
            try:
                yield sandbox
            finally:
                with self._lock:
                    self._open.discard(sandbox)

    def _programs(self, argv: Sequence[str], code: Path) -> tuple[ResolvedTool, ...]:
        return programs(argv, search_path(self._tool_folders(), self._setting.caller_path), code)

    def _paths(self, slot: TrialSlot, attempt: int) -> AttemptPaths:
        return AttemptPaths(self._setting.paths.attempt(slot.key, attempt))

    def _copy_code(self, slot: TrialSlot, paths: AttemptPaths) -> None:
        run, commit = self._setting.paths, self._setting.commit
        if slot.purpose in {"gate", "reproduce", "confirm"}:
            fresh_export(run.git, commit, paths.work)
        else:
            private_copy(run.export(commit), paths.work)

    def _spec(self, paths: AttemptPaths, tools: Sequence[ResolvedTool]) -> SandboxSpec:
        isolated = self._setting.inputs.isolated
        mounts = [*paths.mounts(isolated=isolated), *self._setting.inputs.mounts()]
        shown = [path for tool in tools for path in tool.mounts] + [p for p in (self._setting.venv,) if p]
        mounts += [Mount(source=path) for path in dict.fromkeys(shown)]
        return SandboxSpec(
            kind=self._setting.sandbox, workdir=paths.work, mounts=tuple(mounts), hidden=own_installation()
        )

    def _limits(self, lane: Lane) -> ExecLimits:
        limits = self._setting.plan.resources.limits
        return ExecLimits(
            timeout_s=limits.timeout_s,
            memory_bytes=limits.memory_mb * _MIB if limits.memory_mb else None,
            pids=limits.pids,
            output_bytes=limits.output_mb * _MIB,
            cores=lane.cores,
        )

    def _tool_folders(self) -> tuple[str, ...]:
        return (str(self._setting.venv / "bin"),) if self._setting.venv else ()

    def _search_path(self, tools: Sequence[ResolvedTool]) -> str:
        # The system's folders come last anyway; put first, they would hide the caller's own programs.
        own = [str(tool.path.parent) for tool in tools if not in_system(tool.path)]
        return search_path((*self._tool_folders(), *own), self._setting.caller_path)


def _write_facts(paths: AttemptPaths, argv: tuple[str, ...], tool: ResolvedTool, lane: Lane) -> None:
    facts = AttemptFacts(
        argv=argv,
        executable_path=str(tool.path),
        executable_sha256=tool.sha256,
        cores=lane.cores,
        concurrent=lane.concurrent,
    )
    paths.facts.write_text(facts.model_dump_json(), encoding="utf-8")


def _resources(result: ExecResult, facts: AttemptFacts, span_s: float | None, *, exclusive: bool) -> TrialResources:
    usage = result.usage
    foreign = usage.foreign_cpu_s
    least = max(_DISTURBED_LEAST_S, _DISTURBED_SHARE * usage.wall_s)
    return TrialResources(
        wall_s=usage.wall_s,
        cpu_s=usage.cpu_s,
        span_s=span_s,
        memory_peak_bytes=usage.memory_peak_bytes,
        memory_method=usage.memory_method,
        cores=facts.cores,
        interference=Interference(
            foreign_cpu_s=foreign,
            involuntary_switches=usage.involuntary_switches,
            disturbed=exclusive and foreign is not None and foreign > least,
        ),
    )
