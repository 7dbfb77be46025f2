"""Entry point of `ara`: wires the commands and turns every error into a message and an exit code."""

import sys
from typing import Annotated

import typer

from ara.cli import check_command
from curie.cli.guard import guarded, warn_if_shadowed
from curie.cli.streams import secure_streams

app = typer.Typer(
    name="ara",
    help="Works with agent-native research artifacts: everything behind a result, dead ends included.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 -- typer calls an option's callback with its value
    if wanted:
        from curie import __version__

        typer.echo(f"ara {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    _version_flag: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Works with agent-native research artifacts."""


check_command.register(app)


def main() -> None:
    """Run the command line.

    Exit codes: 0 nothing stands against the artifact; 1 a check failed; 2 usage; 5 infrastructure; 130 interrupted.
    """
    secure_streams()
    warn_if_shadowed()
    sys.exit(guarded(app, debug="--debug" in sys.argv[1:]))
