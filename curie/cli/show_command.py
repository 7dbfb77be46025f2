"""`curie show`: one trial, with what it printed."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from curie.cli import options as o

if TYPE_CHECKING:
    from curie.records import StreamRef
    from curie.store import ArtifactStore


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("show")(show)


def show(
    first: o.Run = None,
    second: Annotated[str | None, typer.Argument(metavar="TRIAL", help="The trial's key.", show_default=False)] = None,
    *,
    stdout: Annotated[bool, typer.Option("--stdout", help="Only the bytes of its stdout, as they were kept.")] = False,
    stderr: Annotated[bool, typer.Option("--stderr", help="Only the bytes of its stderr, as they were kept.")] = False,
    as_json: o.Json = False,
) -> None:
    """One trial: its record and what it printed."""
    from curie.config import Settings
    from curie.errors import UsageError
    from curie.journal.reader import read
    from curie.runs import locate
    from curie.state import project
    from curie.store import ArtifactStore
    from curie.trial_text import find_record, record_text

    if stdout + stderr + as_json > 1:
        raise UsageError("--stdout, --stderr and --json exclude each other.")
    # A parser fills positions from the left, so that a trial alone comes first.
    run, trial = (None, first) if second is None else (first, second)
    paths = locate(run, Settings().runs_dir)
    state = project(read(paths.journal))
    record = find_record(state, trial or "")
    store = ArtifactStore(paths.artifacts)
    if as_json:
        typer.echo(json.dumps(record.model_dump(mode="json"), indent=2))
    elif stdout or stderr:
        typer.echo(_kept(store, record.stdout if stdout else record.stderr), nl=False)
    else:
        units = {metric.name: metric.unit for metric in state.plan.metrics} if state.plan else {}
        typer.echo(record_text(record, units))
        _show_streams(store, {"stdout": record.stdout, "stderr": record.stderr})


def _show_streams(store: "ArtifactStore", streams: "dict[str, StreamRef | None]") -> None:
    """Print each stream; one that is missing or was changed is said, does not hide the other, and ends in exit 1."""
    from curie.errors import CheckFailed
    from curie.trial_text import stream_text

    broken = False
    for name, ref in streams.items():
        try:
            text = stream_text(name, ref, _kept(store, ref))
        except CheckFailed as error:
            text, broken = f"--- {name}: {error.message}", True
        typer.echo(text)
    if broken:
        raise typer.Exit(1)


def _kept(store: "ArtifactStore", ref: "StreamRef | None") -> bytes:
    return store.get(ref.artifact) if ref is not None else b""
