"""`curie receipt`: signs the head of a run's journal, so that rewriting all of it can be noticed."""

import json
from pathlib import Path
from typing import Annotated

import typer

from curie.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("receipt")(receipt)


def receipt(
    run: o.Run = None,
    *,
    key: Annotated[
        Path | None, typer.Option("--key", help="SSH key to sign with (ssh-keygen -Y sign); without it, unsigned.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Write a receipt for a run's journal as it stands; `verify` checks against it from then on."""
    from curie.config import Settings
    from curie.receipt import write_receipt
    from curie.runs import locate

    path = write_receipt(locate(run, Settings().runs_dir).root, key)
    if as_json:
        typer.echo(json.dumps({"receipt": str(path), "signed": key is not None}, indent=2))
    else:
        how = "signed" if key else "not signed: keep a copy of it elsewhere"
        typer.echo(f"Wrote {path} ({how}).")
