"""`curie run`, `plan` and `resume`: what executes."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from curie.cli import options as o

if TYPE_CHECKING:
    from rich.console import Console

    from curie.compose import StudyFlags
    from curie.request import RunRequest
    from curie.result import RunResult


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("plan")(plan)
    app.command("resume")(resume)


def run(
    subject: o.Subject,
    *,
    command: o.Command = None,
    shell: o.Shell = False,
    vary: o.Vary = None,
    control: o.Control = None,
    constants: o.Set = None,
    nuisance: o.Nuisance = None,
    metric: o.Metric = None,
    hypothesis: o.HypothesisFlag = None,
    min_effect: o.MinEffect = None,
    sd: o.Sd = None,
    repeat: o.Repeat = None,
    design: o.Design = None,
    timeout: o.Timeout = None,
    cores: o.Cores = None,
    alpha: o.Alpha = None,
    env: o.Env = None,
    requirements: o.Requirements = None,
    wheelhouse: o.Wheelhouse = None,
    repo: o.Repo = None,
    data: o.Data = None,
    sandbox: o.Sandbox = "auto",
    executor: o.Executor = "local",
    seed: o.Seed = 0,
    max_time: o.MaxTime = None,
    aa: o.Aa = False,
    reproduce: o.Reproduce = None,
    out: o.Out = None,
    as_json: o.Json = False,
) -> None:
    """Design, execute, re-execute and decide an experiment.

    TASK is a bundled task (`curie tasks list`) or a task folder, FILE an experiment.yaml (`curie init`), QUESTION free
    text with --command, --vary and --metric beside it.
    """
    from curie.compose import RunFlags, compose
    from curie.identity import new_run_id

    flags = _study_flags(locals())
    execution = RunFlags(sandbox=sandbox, executor=executor, seed=seed, max_time_s=max_time, aa=aa, reproduce=reproduce)
    request = compose(subject, flags, execution, Path.cwd())
    run_id = new_run_id(request, datetime.now(UTC))
    _execute(request, out, run_id, as_json=as_json)


def plan(
    subject: o.Subject,
    *,
    command: o.Command = None,
    shell: o.Shell = False,
    vary: o.Vary = None,
    control: o.Control = None,
    constants: o.Set = None,
    nuisance: o.Nuisance = None,
    metric: o.Metric = None,
    hypothesis: o.HypothesisFlag = None,
    min_effect: o.MinEffect = None,
    sd: o.Sd = None,
    repeat: o.Repeat = None,
    design: o.Design = None,
    timeout: o.Timeout = None,
    cores: o.Cores = None,
    alpha: o.Alpha = None,
    env: o.Env = None,
    requirements: o.Requirements = None,
    wheelhouse: o.Wheelhouse = None,
    repo: o.Repo = None,
    data: o.Data = None,
    sandbox: o.Sandbox = "auto",
    seed: o.Seed = 0,
    max_time: o.MaxTime = None,
    aa: o.Aa = False,
    pilot: o.Pilot = None,
    as_json: o.Json = False,
) -> None:
    """Show the plan that `run` would freeze, and run nothing (apart from --pilot).

    Time and power are told only from a pilot or a declared --sd; otherwise they are unknown.
    """
    from curie.compose import RunFlags, compose
    from curie.console.plan_screen import show_plan
    from curie.preview import preview

    flags = _study_flags(locals())
    execution = RunFlags(sandbox=sandbox, seed=seed, max_time_s=max_time, aa=aa, reproduce=0)
    seen = preview(compose(subject, flags, execution, Path.cwd()), pilot_blocks=pilot)
    if as_json:
        typer.echo(json.dumps(seen.as_json(), indent=2))
    else:
        show_plan(_console(), seen)
    if seen.refused:
        raise typer.Exit(2)


def resume(run: o.Run = None, *, max_time: o.MaxTime = None, as_json: o.Json = False) -> None:
    """Go on with a run that stopped: nothing that finished runs again."""
    from curie.config import Settings
    from curie.console.progress import ProgressConsole
    from curie.dossier import open_dossier
    from curie.journal.reader import read
    from curie.runner import resume as go_on
    from curie.runs import locate
    from curie.surroundings import standard_surroundings

    settings = Settings()
    paths = locate(run, settings.runs_dir)
    with ProgressConsole(_console(stderr=True)) as progress:
        progress.catch_up(entry.event for entry in read(paths.journal))
        observers = () if as_json else (progress,)
        around = standard_surroundings(observers, settings=settings)
        if (done := open_dossier(paths)).result.phase == "finished":
            typer.echo(f"{done.result.run_id} is finished already; nothing runs again.", err=True)
        result = go_on(paths.root, around, max_time_s=max_time)
    _show(result, as_json=as_json)


def _study_flags(values: dict[str, object]) -> "StudyFlags":
    """The study's flags out of a command's parameters."""
    from dataclasses import fields

    from curie.compose import StudyFlags

    renamed = {**values, "timeout_s": values["timeout"]}
    known = {field.name: renamed[field.name] for field in fields(StudyFlags)}
    lists = {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
    return StudyFlags(**{name: value for name, value in lists.items() if value is not None})  # type: ignore[arg-type]


def _execute(request: "RunRequest", out: Path | None, run_id: str, *, as_json: bool) -> None:
    from curie.config import Settings
    from curie.console.progress import ProgressConsole
    from curie.runner import start
    from curie.surroundings import standard_surroundings

    settings = Settings()
    with ProgressConsole(_console(stderr=True)) as progress:
        observers = () if as_json else (progress,)
        around = standard_surroundings(observers, settings=settings)
        result = start(request, out or settings.runs_dir / run_id, run_id, around)
    _show(result, as_json=as_json)


def _show(result: "RunResult", *, as_json: bool) -> None:
    from curie.console.screen import show_result

    if as_json:
        typer.echo(json.dumps(result.as_json(), indent=2))
    else:
        show_result(_console(), result)
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def _console(*, stderr: bool = False) -> "Console":
    from curie.console.terminal import make_console

    return make_console(sys.stderr if stderr else sys.stdout)
