"""`curie export`: a run as CSV, Parquet or JSON, or into an MLflow tracking store."""

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curie.cli import options as o

if TYPE_CHECKING:
    from curie.dossier import Dossier
    from curie.export.write import Format, What

_PIECES = 1000
"""Pieces of text that are written at once."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    run: o.Run = None,
    *,
    file_format: Annotated[
        str | None, typer.Option("--format", "-f", help="csv, parquet, json or mlflow; by --out's suffix if left out.")
    ] = None,
    what: Annotated[
        str | None,
        typer.Option("--what", help="trials, measurements, findings or all; trials, and all in JSON, if left out."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", help="File, folder (all tables), or MLflow's folder or URI; - is stdout."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: o.Json = False,
) -> None:
    """Every trial, measurement and finding of a run, for other programs."""
    from curie.config import Settings
    from curie.dossier import open_dossier
    from curie.errors import UsageError
    from curie.export.write import format_of, what_of
    from curie.runs import locate

    place = None if out in {None, "-"} else Path(str(out))
    chosen = format_of(file_format, place)
    tables = what_of(what, chosen)
    if as_json and place is None:
        raise UsageError("--json tells where files were written, and none are.", hint="Add --out, or drop --json.")
    if place is None and chosen in {"parquet", "mlflow"}:
        kind = "a file" if chosen == "parquet" else "a folder or a URI"
        raise UsageError(f"Format {chosen} needs a place to write to.", hint=f"Name {kind} with --out.")
    dossier = open_dossier(locate(run, Settings().runs_dir))
    if dossier.result.phase != "finished":
        typer.echo(f"Note: this run is not finished ({dossier.result.phase}); what is known now is exported.", err=True)
    if place is None:
        _print(dossier, chosen, tables)
    else:
        _tell(_write(dossier, chosen, tables, str(out), force=force), as_json=as_json)


def _print(dossier: "Dossier", chosen: "Format", what: "What") -> None:
    from curie.export.write import text_of

    pieces = text_of(dossier, "csv" if chosen == "csv" else "json", what)
    # As bytes: the encoding is the format's, whatever the terminal's is.
    for some in iter(lambda: "".join(islice(pieces, _PIECES)), ""):
        typer.echo(some.encode(), nl=False)


def _write(dossier: "Dossier", chosen: "Format", what: "What", out: str, *, force: bool) -> dict[str, object]:
    """Write it, and tell what was written, by the keys of `--json`."""
    told: dict[str, object] = {"run_id": dossier.result.run_id, "format": chosen}
    if chosen == "mlflow":
        from curie.export.mlflow_sink import export as track

        done = track(dossier, out)
        return {**told, "tracking_uri": done.uri, "mlflow_run_id": done.run_id, "new": done.created, "known": done.kept}
    from curie.export.write import write_files

    files = write_files(dossier, chosen, what, Path(out), force=force)
    return {**told, "files": [str(file) for file in files]}


def _tell(told: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    elif "files" in told:
        for file in told["files"] if isinstance(told["files"], list) else ():
            typer.echo(f"Wrote {file}")
    else:
        typer.echo(f"{told['tracking_uri']}: run {told['mlflow_run_id']}, {told['new']} new, {told['known']} known")
