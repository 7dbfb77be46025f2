"""`curie status`, `runs`, `history` and `verify`: what looks and changes nothing (apart from tags)."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curie.cli import options as o

if TYPE_CHECKING:
    from curie.journal.lock import Holder
    from curie.result import RunResult

# Named here because the models that hold them take long to import; a test compares them.
SORT_KEYS = ("time", "id", "question", "state", "trials")
STATES = ("running", "finished", "interrupted", "budget", "infrastructure", "gate", "damaged")
VERDICTS = ("supported", "refuted", "inconclusive")


def _or(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.command("history")(history)
    app.command("verify")(verify)
    runs = typer.Typer(help="List, filter, sort and tag runs.", invoke_without_command=True, rich_markup_mode=None)
    runs.callback()(all_runs)
    runs.command("list")(list_runs)
    runs.command("tag")(tag)
    app.add_typer(runs, name="runs")


def status(run: o.Run = None, *, as_json: o.Json = False) -> None:
    """What a run amounts to now, also while it goes on."""
    from curie.config import Settings
    from curie.console.screen import show_result
    from curie.console.terminal import make_console
    from curie.dossier import open_dossier
    from curie.journal.lock import current_holder
    from curie.runs import locate

    paths = locate(run, Settings().runs_dir)
    result = open_dossier(paths).result
    holder = current_holder(paths.lock)
    if as_json:
        typer.echo(json.dumps({**result.as_json(), "writer_pid": holder.pid if holder else None}, indent=2))
        return
    console = make_console(sys.stdout)
    console.print(_state_line(result, holder), soft_wrap=True)
    show_result(console, result)


def _state_line(result: "RunResult", holder: "Holder | None") -> str:
    """Where a run stands, in a line."""
    from curie.report import one_line

    trials = result.trials
    done = f"{trials.planned - trials.not_attempted} of {trials.planned} trials done" if result.plan else "no plan yet"
    writer = f"process {holder.pid} on {holder.host}" if holder is not None else ""
    if result.phase in {"created", "running"}:
        return f"Running: {writer}, {done}."
    states = {
        "finished": "Finished",
        "interrupted": "Interrupted",
        "budget": "Stopped by budget",
        "infrastructure": "Stopped by the infrastructure",
        "gate": "Stopped at the gate: the control trial did not succeed",
    }
    facts = [done, one_line(result.stopped or "").rstrip("."), f"{writer} is writing it" if writer else ""]
    return f"{states[result.phase]}: {'; '.join(fact for fact in facts if fact)}."


def history(run: o.Run = None, *, as_json: o.Json = False) -> None:
    """Every event of a run, in order."""
    from curie.config import Settings
    from curie.history import history as lines_of
    from curie.journal.reader import read
    from curie.runs import locate

    paths = locate(run, Settings().runs_dir)
    lines = lines_of(read(paths.journal))
    if as_json:
        typer.echo(json.dumps([line.model_dump(mode="json") for line in lines], indent=2))
        return
    for line in lines:
        typer.echo(f"{line.seq:>5}  {line.time:%H:%M:%S}  {line.text}")


def verify(
    run: o.Run = None,
    *,
    signers: Annotated[
        Path | None, typer.Option("--signers", help="Who may have signed the receipt (ssh-keygen's allowed_signers).")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Check the chain, every file, every artifact and the plan's digest; exit 1 if anything was changed."""
    from curie.config import Settings
    from curie.runs import locate
    from curie.verify import verify as check

    paths = locate(run, Settings().runs_dir)
    report = check(paths.root, allowed_signers=signers)
    if as_json:
        typer.echo(json.dumps(report.model_dump(mode="json"), indent=2))
    else:
        for item in report.checks:
            typer.echo(f"{'ok  ' if item.ok else 'FAIL'}  {item.id:<10} {item.message}")
        head = report.head[:16] if report.events else "unknown"
        typer.echo(f"{'Intact' if report.ok else 'NOT intact'}: {paths.root}, head {head}")
    if not report.ok:
        raise typer.Exit(1)


def all_runs(context: typer.Context, *, as_json: o.Json = False) -> None:
    """List, filter, sort and tag runs; without a command, list all."""
    if context.invoked_subcommand is None:
        list_runs(as_json=as_json)


def list_runs(
    *,
    text: Annotated[str, typer.Option("--text", help="Part of the id, question, a tag or a note.")] = "",
    tags: Annotated[list[str] | None, typer.Option("--tag", help="Only runs with this tag.")] = None,
    states: Annotated[
        list[str] | None, typer.Option("--state", help=f"Only runs in this state: {_or(STATES)}.")
    ] = None,
    verdicts: Annotated[
        list[str] | None, typer.Option("--verdict", help=f"Only runs with such a verdict: {_or(VERDICTS)}.")
    ] = None,
    sort: Annotated[str, typer.Option("--sort", help=f"One of {', '.join(SORT_KEYS)}.")] = "time",
    reverse: Annotated[bool, typer.Option("--reverse", help="Last first.")] = False,
    as_json: o.Json = False,
) -> None:
    """List the runs in the runs folder."""
    from pydantic import TypeAdapter, ValidationError

    from curie.config import Settings
    from curie.console.runs_screen import show_runs
    from curie.console.terminal import make_console
    from curie.errors import UsageError
    from curie.runs import RunFilter, SortKey, select
    from curie.runs import list_runs as find

    try:
        key = TypeAdapter[SortKey](SortKey).validate_python(sort)
        wanted = RunFilter.model_validate(
            {"text": text, "tags": tuple(tags or ()), "states": tuple(states or ()), "verdicts": tuple(verdicts or ())}
        )
    except ValidationError as error:
        detail = error.errors()[0]
        raise UsageError(f"{detail['input']!r} is not known: {detail['msg']}.") from error
    folder = Settings().runs_dir
    found = select(find(folder), wanted, key=key, reverse=reverse)
    if as_json:
        typer.echo(json.dumps([run.model_dump(mode="json") for run in found], indent=2))
    else:
        show_runs(make_console(sys.stdout), found, folder)


def tag(
    run: Annotated[str, typer.Argument(help="Id, unique prefix or path.")],
    text: Annotated[str, typer.Argument(metavar="TAG", help="The tag.")],
    *,
    as_json: o.Json = False,
) -> None:
    """Tag a run; one that goes on takes the tag from its inbox."""
    from curie.config import Settings
    from curie.runs import locate, run_id
    from curie.tagging import add_tag

    paths = locate(run, Settings().runs_dir)
    tagged = add_tag(paths, text)
    if as_json:
        typer.echo(json.dumps({"run_id": run_id(paths), "tag": tagged.tag, "pending": tagged.pending}, indent=2))
    else:
        typer.echo(f"{run_id(paths)}: {tagged.message}")
