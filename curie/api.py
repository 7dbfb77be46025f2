"""Curie from Python: `experiment` asks a question, `load` opens a run; it works in scripts, threads and notebooks.

Every error is one of `curie.errors`: UsageError for a request that cannot be carried out as written, Interrupted after
Ctrl-C (the run can be resumed), InfrastructureError where disk, sandbox or environment failed.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from curie.arguments import Level, Metrics, StudyArguments, request_from
from curie.compose import RunFlags
from curie.config import Settings
from curie.console.progress import ProgressConsole
from curie.console.terminal import make_console
from curie.dossier import Dossier, open_dossier
from curie.errors import InfrastructureError, UsageError
from curie.export.tables import TABLES, Cell, TableName, facts_of, table_of
from curie.export.write import format_of, what_of, write_files
from curie.identity import new_run_id
from curie.journal.reader import read
from curie.notebook import run_as_html, run_as_text
from curie.paths import RunPaths
from curie.records import Finding, TrialRecord, Verdict
from curie.result import RunResult
from curie.runner import Surroundings, start
from curie.runner import resume as go_on
from curie.runs import locate
from curie.signals import raise_interrupt
from curie.surroundings import standard_surroundings
from curie.verify import VerifyReport, verify
from sandboxes.base import SandboxError
from tasks.study import DeclaredHypothesis

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """A run as it was when it was opened; a run that goes on elsewhere is opened again to see more of it."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier

    @property
    def id(self) -> str:
        """Id of the run, such as `20260102-030405-sorting-1f2e`."""
        return self.result.run_id

    @property
    def path(self) -> Path:
        """The run's directory, absolute."""
        return self._dossier.paths.root

    @property
    def result(self) -> RunResult:
        """All that the run amounts to; `result.phase` says whether it finished."""
        return self._dossier.result

    @property
    def answer(self) -> str | None:
        """The answer in words; None before there is one."""
        return self.result.answer

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A verdict on every hypothesis, with effect and interval in the metric's unit."""
        return self.result.findings

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """Hypothesis -> verdict, such as `{"H1": "supported"}`."""
        return {finding.hypothesis: finding.verdict for finding in self.findings}

    @property
    def trials(self) -> tuple[TrialRecord, ...]:
        """The latest record of every trial that finished: the gate, measured trials and re-runs."""
        return self._dossier.records

    @property
    def report(self) -> Path | None:
        """The report: the HTML page, else the Markdown; None before there is one."""
        return self.result.report

    @property
    def artifact(self) -> Path | None:
        """Folder of the research artifact; None if none was made."""
        return self.result.artifact

    def rows(self, what: TableName = "trials") -> list[dict[str, Cell]]:
        """A table as plain rows by column name: `trials`, `measurements`, `findings`, or `columns` about the others.

        Trials come whole: every attempt, the gate and re-runs, and planned ones that were not attempted.
        """
        return table_of(self._dossier, _table(what)).records()

    def frame(self, what: TableName = "trials") -> "pd.DataFrame":
        """A table as a pandas data frame, typed; `frame.attrs["units"]` holds the units by column.

        Raises:
            UsageError: pandas (extra `frame`) is not installed, or there is no such table.
        """
        from curie.frame import frame  # noqa: PLC0415 - pandas is an extra

        return frame(facts_of(self._dossier), table_of(self._dossier, _table(what)))

    def export(
        self,
        path: str | PathLike[str],
        *,
        format: Literal["csv", "parquet", "json", "mlflow"] | None = None,  # noqa: A002 - the flag's name
        what: Literal["trials", "measurements", "findings", "all"] | None = None,
        force: bool = False,
    ) -> tuple[Path, ...]:
        """Write tables for other programs; `curie export` does the same.

        Args:
            path: the file; with `what="all"` as CSV or Parquet a folder; of `mlflow` a folder or URI.
            format: None: by the file's suffix.
            what: None: the trials, and in JSON all tables.
            force: replace files that exist.

        Returns:
            The files written; none of `mlflow`.

        Raises:
            UsageError: a file exists, the place cannot be written, or an extra is not installed.
            InfrastructureError: disk or tracking store failed.
        """
        place = Path(path)
        chosen = format_of(format, place)
        if chosen == "mlflow":
            from curie.export.mlflow_sink import export  # noqa: PLC0415 - mlflow is an extra

            export(self._dossier, str(path))
            return ()
        return write_files(self._dossier, chosen, what_of(what, chosen), place, force=force)

    def resume(self, *, max_time_s: float | None = None, progress: bool | None = None) -> "Run":
        """Go on with a run that stopped; nothing that finished runs again. Of a finished run, the run as it is.

        Args:
            max_time_s: seconds after which no further trial begins; None: no bound.
            progress: as for `experiment`.

        Raises:
            CurieError: as for `experiment`.
        """
        with _around(progress=progress, seen=self.path) as around:
            go_on(self.path, around, max_time_s=max_time_s)
        return Run(open_dossier(self._dossier.paths))

    def verify(self) -> VerifyReport:
        """Check the journal's chain, every file and artifact, and the plan; `.ok` is False if anything was changed."""
        return verify(self.path)

    def __repr__(self) -> str:
        return run_as_text(self.result)

    def _repr_html_(self) -> str:
        return run_as_html(self.result, self.report)


def experiment(  # noqa: PLR0913 - the flags of `curie run`, each by its name
    question: str | PathLike[str],
    *,
    command: str | None = None,
    vary: Mapping[str, Iterable[Level]] | None = None,
    metrics: Metrics = (),
    control: Mapping[str, Level] | None = None,
    constants: Mapping[str, Level] | None = None,
    nuisance: Sequence[str] = (),
    hypotheses: Sequence[str | DeclaredHypothesis] = (),
    min_effect: float | Mapping[str, float] | None = None,
    sd: float | Mapping[str, float] | None = None,
    repeat: int | None = None,
    design: Literal["one-factor", "full-factorial"] | None = None,
    timeout_s: float | None = None,
    cores: int | None = None,
    alpha: float | None = None,
    shell: bool = False,
    env: Sequence[str] = (),
    requirements: str | PathLike[str] | None = None,
    wheelhouse: str | PathLike[str] | None = None,
    repo: str | PathLike[str] | None = None,
    data: str | PathLike[str] | None = None,
    sandbox: Literal["auto", "bubblewrap", "process"] = "auto",
    seed: int = 0,
    aa: bool = False,
    reproduce: int | None = None,
    max_time_s: float | None = None,
    out: str | PathLike[str] | None = None,
    progress: bool | None = None,
) -> Run:
    """Design, execute, re-execute and decide an experiment; the same as `curie run` with the flags of these names.

    With a task or a file, arguments change what it says, as flags do. Paths are taken from the working directory.

    Args:
        question: what is asked, with a command beside it; or a bundled task's id, a task folder, an experiment.yaml.
        command: what a trial runs, in shell quoting, with `{variable}` and `{seed}` placeholders.
        vary: variable -> its levels; a `pathlib.Path`, or text `@path`, is an input file or folder.
        metrics: what every trial gives: `"wall_s:s:lower"` or `curie.Metric(...)` each, or name -> `"s:lower"`.
        control: the control group's levels; the first ones if left out.
        constants: settings equal in every group.
        nuisance: varied names that are averaged over and not asked about.
        hypotheses: predictions, such as `"wall_s:lower:tool=zstd"`; derived from the metrics if left out.
        min_effect: smallest effect of interest in the metric's unit, or metric -> effect.
        sd: known standard deviation of a block difference in the metric's unit, or metric -> it.
        repeat: blocks, which are repetitions of every group.
        design: by default one-factor with one variable, else full-factorial.
        timeout_s: seconds that one trial may take.
        cores: cores that one trial is pinned to.
        alpha: family-wise error; 0.05 if left out.
        shell: run the command by /bin/sh.
        env: names of environment variables to pass to the trials.
        requirements: requirements or lock file of the trials' own Python environment.
        wheelhouse: folder of wheels; then nothing is fetched from a network.
        repo: working tree to snapshot as the trials' code.
        data: file or folder that trials see read-only as CURIE_DATA.
        sandbox: where trials run; `process` does not isolate.
        seed: order, trial seeds and the re-run sample follow from it.
        aa: measure the control against its own twin too.
        reproduce: trials to run again; at least one of every group if left out.
        max_time_s: seconds after which no further trial begins; the run can be resumed.
        out: the run's directory; a new one in `runs` if left out.
        progress: tell on stderr how it goes; None: if that is a terminal.

    Returns:
        The run. One whose control trial failed, or whose time was spent, is returned too: see `result.phase`.

    Raises:
        UsageError: the request cannot be carried out as written (PlanRefused: it is no controlled experiment).
        Interrupted: Ctrl-C; what finished is kept, and `curie.load().resume()` goes on. A second Ctrl-C raises
            KeyboardInterrupt at once.
        InfrastructureError: disk, sandbox or environment failed.
    """
    given = {name: value for name, value in locals().items() if name in StudyArguments.__dataclass_fields__}
    how = RunFlags(sandbox=sandbox, seed=seed, aa=aa, reproduce=reproduce, max_time_s=max_time_s)
    request = request_from(question, StudyArguments(**given), how, Path.cwd())
    run_id = new_run_id(request, datetime.now(UTC))
    with _around(progress=progress) as around:
        root = Path(out) if out is not None else around.settings.runs_dir / run_id
        result = start(request, root, run_id, around)
    return Run(open_dossier(RunPaths.at(result.directory)))


def load(run: str | PathLike[str] | None = None) -> Run:
    """Open a run, finished or not.

    Args:
        run: an id, a unique prefix, or a path; None: the newest run.

    Raises:
        RunNotFound: there is none, or a name fits several.
        CheckFailed: its journal is damaged (JournalTampered) or holds no run yet.
    """
    return Run(open_dossier(locate(None if run is None else str(run), Settings().runs_dir)))


@contextmanager
def _around(*, progress: bool | None, seen: Path | None = None) -> Iterator[Surroundings]:
    """Surroundings of a run from Python; errors of a sandbox come out as ours."""
    tell = progress if progress is not None else _is_terminal()
    with _console() if tell else nullcontext() as console:
        if console is not None and seen is not None:
            console.catch_up(entry.event for entry in read(seen / "journal.jsonl"))
        observers = (console,) if console is not None else ()
        try:
            yield standard_surroundings(observers, second_signal=raise_interrupt)
        except SandboxError as error:
            raise InfrastructureError(str(error), hint="`curie doctor` looks at what sandboxes need.") from error


def _console() -> ProgressConsole:
    return ProgressConsole(make_console(sys.stderr))


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _table(what: str) -> TableName:
    for name in TABLES:
        if what == name:
            return name
    raise UsageError(f"There is no table {what!r}.", hint=f"There are {', '.join(TABLES)}.")
