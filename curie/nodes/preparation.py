"""Everything that is settled before a plan: code, inputs, environment, sandbox. Each once a run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from curie.config import Settings
from curie.design_groups import DesignFacts
from curie.environments import PythonEnvironment, build_environment
from curie.errors import InfrastructureError
from curie.exports import export
from curie.inputs import declare, digest
from curie.journal.events import DataProfiled, DiagnosticRecorded, EnvironmentBuilt, InputDeclared, SandboxChosen
from curie.paths import RunPaths
from curie.plan import InputDigest
from curie.profile.build import Content, profile
from curie.profile.concerns import concerns
from curie.records import Diagnostic
from curie.request import RunRequest
from curie.session import Session
from curie.trial_inputs import DATA
from curie.workspace import snapshot
from sandboxes.base import Kind
from sandboxes.registry import Backends
from tasks.study import InputFile, Study


class Preparation:
    """Settles what the plan and the trials stand on; what the journal already holds is only checked."""

    def __init__(self, session: Session, paths: RunPaths, request: RunRequest, settings: Settings) -> None:
        self._session = session
        self._paths = paths
        self._request = request
        self._settings = settings
        self.environment: PythonEnvironment | None = None

    def run(self, backends: Backends) -> None:
        """Settle everything.

        Raises:
            UsageError: an input or the code cannot be used.
            CheckFailed: an input changed since the run began.
            EnvironmentFailed: the environment cannot be built.
            SandboxUnavailableError: the sandbox does not work here.
        """
        self._sandbox(backends)
        self._code()
        self._inputs()
        self._environment()

    def facts(self) -> DesignFacts:
        """What the designer needs to know."""
        state, study = self._session.state, self._request.study
        by_name = {name: InputDigest(name=Path(i.path).name, sha256=i.sha256) for name, i in state.inputs.items()}
        return DesignFacts(
            seed=self._request.seed,
            inputs={(variable, path): by_name[_input_name(variable, path)] for variable, path in input_files(study)},
            data=by_name.get(DATA),
            code_digest=state.snapshot.tree if state.snapshot and study.repo else None,
            environment_digest=state.environment.digest if state.environment else None,
        )

    def sandbox(self) -> Kind:
        """The chosen back end.

        Raises:
            InfrastructureError: none was chosen yet.
        """
        chosen = self._session.state.sandbox
        if chosen is None:
            raise InfrastructureError("no sandbox was chosen yet")
        return chosen.kind

    def _sandbox(self, backends: Backends) -> None:
        earlier = self._session.state.sandbox
        if earlier is not None:
            backends.probe(earlier.kind)
            return
        choice = backends.choose(self._request.sandbox, "user")
        event = SandboxChosen(
            kind=choice.kind, isolation=choice.isolation.summary, unenforced=choice.isolation.unenforced
        )
        self._session.record(event)
        if choice.reason is not None:
            message = f"The sandbox is {choice.kind}, not a better one: {choice.reason}"
            diagnostic = Diagnostic(id="sandbox/weaker", severity="warning", message=message)
            self._session.record(DiagnosticRecorded(diagnostic=diagnostic))

    def _code(self) -> None:
        if self._session.state.snapshot is None:
            # A process that was killed on the way may have left a git that is none yet, or is locked.
            if self._paths.git.exists():
                shutil.rmtree(self._paths.git)
            self._session.record(snapshot(self._request.study.repo, self._paths.git))
        taken = self._session.state.snapshot
        if taken is not None:
            # What an earlier process exported may have been changed since; only git's objects are content-addressed.
            if self._paths.exports.exists():
                shutil.rmtree(self._paths.exports)
            export(self._paths.git, taken.commit, self._paths.export(taken.commit))

    def _inputs(self) -> None:
        study = self._request.study
        named = [(_input_name(variable, path), path) for variable, path in input_files(study)]
        if study.data is not None:
            named.append((DATA, study.data))
        for name, path in dict(named).items():
            earlier = self._session.state.inputs.get(name)
            if earlier is None:
                self._session.record(declare(name, path))
            else:
                _check_unchanged(earlier, path)
            self._profile(name, path)

    def _profile(self, name: str, path: Path) -> None:
        """Count what an input holds, once a run; tell what is worth a look, also where a kill came in between."""
        told = self._session.state.profiles.get(name)
        if told is None:
            known = self._session.state.inputs[name]
            content = Content(name=name, sha256=known.sha256, size_bytes=known.size_bytes)
            told = profile(content, path, stop=self._session.cancelled.is_set)
            if self._session.cancelled.is_set():
                return  # half a profile is none: whoever resumes makes it whole
            self._session.record(DataProfiled(profile=told))
        for diagnostic in concerns(told):
            if diagnostic not in self._session.state.diagnostics:
                self._session.record(DiagnosticRecorded(diagnostic=diagnostic))

    def _environment(self) -> None:
        spec = self._request.study.environment
        if spec is None:
            return
        built = build_environment(spec, self._settings.cache())
        earlier = self._session.state.environment
        if earlier is None:
            self._session.record(
                EnvironmentBuilt(
                    digest=built.digest, resolved=built.resolved, interpreter=built.interpreter, cached=built.cached
                )
            )
        elif earlier.digest != built.digest:
            raise InfrastructureError(
                "The trials' Python environment resolves to other versions than when this run began.",
                hint="Pin the versions (a lock file) and start a new run.",
            )
        self.environment = built


def input_files(study: Study) -> Iterator[tuple[str, Path]]:
    """(variable, path) of every input file of a study; one may come several times."""
    for name, levels in study.vary.items():
        yield from ((name, level.path) for level in levels if isinstance(level, InputFile))
    for settings in (study.control, study.constants):
        yield from ((name, level.path) for name, level in settings.items() if isinstance(level, InputFile))


def _input_name(variable: str, path: Path) -> str:
    return f"{variable}={path}"


def _check_unchanged(earlier: InputDeclared, path: Path) -> None:
    if digest(path).sha256 != earlier.sha256:
        raise InfrastructureError(
            f"The input {path} has changed since this run began, so that the rest would not be comparable.",
            hint="Put the old content back and resume, or start a new run.",
        )
