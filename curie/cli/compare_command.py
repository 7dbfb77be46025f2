"""`curie compare`: two runs of one question."""

import json
import sys
from typing import Annotated

import typer

from curie.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare")(compare)


def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The earlier run: id, unique prefix or path.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The later run.")],
    *,
    as_json: o.Json = False,
) -> None:
    """Two runs of one question: what changed, and whether the effects and means moved, by a test."""
    from curie.compare.runs import compare as compare_runs
    from curie.config import Settings
    from curie.console.compare_screen import show_comparison
    from curie.console.terminal import make_console
    from curie.dossier import open_dossier
    from curie.errors import UsageError
    from curie.runs import locate

    folder = Settings().runs_dir
    first, second = locate(before, folder), locate(after, folder)
    if first.root.resolve() == second.root.resolve():
        raise UsageError("Both names mean one run.", hint="`curie runs` lists the runs.")
    seen = compare_runs(open_dossier(first), open_dossier(second))
    if as_json:
        typer.echo(json.dumps(json.loads(seen.model_dump_json()), indent=2))
    else:
        show_comparison(make_console(sys.stdout), seen)
