"""`curie report` and `view`: a run as people read it, finished or not."""

import json
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curie.cli import options as o

if TYPE_CHECKING:
    from curie.dossier import Dossier

# Named here because typer shows them; `_rendered` decides by them.
HTML, MARKDOWN = "html", "md"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("report")(report)
    app.command("view")(view)


def report(
    run: o.Run = None,
    *,
    kind: Annotated[str, typer.Option("--format", help=f"{HTML} or {MARKDOWN}.")] = HTML,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it there; `-` is standard output.")] = None,
    as_json: o.Json = False,
) -> None:
    """The report of a run, also while it goes on or after it stopped.

    A finished run has one, sealed with it, and is only pointed to; with --out it is made anew, by this version.
    """
    from curie.config import Settings
    from curie.dossier import open_dossier
    from curie.durable import write_atomic
    from curie.errors import UsageError
    from curie.runs import locate

    if kind not in {HTML, MARKDOWN}:
        raise UsageError(f"{kind!r} is no format of a report.", hint=f"--format {HTML} or --format {MARKDOWN}.")
    dossier = open_dossier(locate(run, Settings().runs_dir))
    sealed = dossier.paths.report / f"report.{kind}"
    finished = dossier.state.finished is not None
    if out is not None and str(out) == "-":
        typer.echo(_rendered(dossier, kind), nl=False)
        return
    target = out or sealed
    if out is not None and out.is_dir():
        raise UsageError(f"{out} is a folder.", hint=f"Name a file: --out {out / f'report.{kind}'}")
    if out is not None or not finished:
        write_atomic(target, _rendered(dossier, kind).encode("utf-8", "replace"))
    elif not sealed.exists():
        raise UsageError(
            f"{sealed} is not there: the run was finished by a version that wrote none, or it was removed.",
            hint=f"--out FILE makes one; `curie verify {dossier.paths.root}` says what the run was sealed with.",
        )
    if as_json:
        facts = {"run_id": dossier.result.run_id, "state": dossier.result.phase, "report": str(target), "format": kind}
        typer.echo(json.dumps(facts, indent=2))
    else:
        typer.echo(str(target))


def view(
    run: o.Run = None,
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of 127.0.0.1; a free one if 0.")] = 0,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser of this machine.")] = False,
    as_json: o.Json = False,
) -> None:
    """Serve the report of a run on this machine, and follow the run; Ctrl-C ends it.

    The address holds a secret token: who has it can read the report, and nothing can be changed through it.
    """
    from curie.config import Settings
    from curie.errors import UsageError
    from curie.page.page import html
    from curie.runs import locate
    from curie.signals import cancel_on_signals
    from curie.view.server import HOST, ViewServer
    from curie.view.source import PageSource, require_run

    paths = locate(run, Settings().runs_dir)
    require_run(paths)
    try:
        server = ViewServer(PageSource(paths, html), port)
    except OSError as error:
        hint = "Another --port, or none: then a free one is taken."
        raise UsageError(f"{HOST}:{port} cannot be bound: {error.strerror}.", hint=hint) from error
    ended = threading.Event()
    with server, cancel_on_signals(ended):
        facts = {"url": server.url, "run": str(paths.root)}
        typer.echo(json.dumps(facts) if as_json else f"{server.url}  (Ctrl-C ends it)")
        if browser:
            webbrowser.open(server.url)
        ended.wait()


def _rendered(dossier: "Dossier", kind: str) -> str:
    if kind == HTML:
        from curie.page.page import html

        return html(dossier)
    from curie.page.markdown import markdown

    return markdown(dossier)
