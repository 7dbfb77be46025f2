"""`curie profile`: what a data set holds, counted without a run and without a model."""

import json
from pathlib import Path
from typing import Annotated

import typer

from curie.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("profile")(profile)


def profile(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder.", show_default=False)],
    *,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.001, help="Seconds after which what is left is not read.")
    ] = 60.0,
    as_json: o.Json = False,
) -> None:
    """Count what a data set holds: types, missing values, duplicates, classes, drift between splits."""
    from curie.errors import UsageError
    from curie.inputs import digest
    from curie.profile.bounds import Bounds
    from curie.profile.build import Content
    from curie.profile.build import profile as build
    from curie.profile.text import profile_text

    if not path.exists():
        raise UsageError(f"{path} does not exist", hint="check the path")
    try:
        found = digest(path)
        content = Content(name="data", sha256=found.sha256, size_bytes=found.size_bytes)
    except UsageError as error:
        # A folder with a pipe in it cannot be an input; what can be read of it can still be looked at.
        if not path.is_dir():
            raise
        typer.echo(f"no digest: {error.message}", err=True)
        content = Content(name="data", sha256="", size_bytes=0)
    told = build(content, path, Bounds(seconds=seconds))
    if as_json:
        typer.echo(json.dumps(told.model_dump(mode="json"), indent=2))
    else:
        typer.echo(profile_text(told))
