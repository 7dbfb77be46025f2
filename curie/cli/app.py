"""Entry point of `curie`: wires the commands and turns every error into a message and an exit code."""

import sys
from typing import Annotated

import typer

from curie.cli import (
    compare_command,
    export_command,
    inspect_commands,
    profile_command,
    receipt_command,
    report_commands,
    run_commands,
    show_command,
    task_commands,
)
from curie.cli.guard import guarded, warn_if_shadowed
from curie.cli.streams import secure_streams

app = typer.Typer(
    name="curie",
    help="Turns a question into a controlled experiment: a frozen plan, measured trials, re-runs and a verdict.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 -- typer calls an option's callback with its value
    if wanted:
        from curie import __version__

        typer.echo(f"curie {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    _version_flag: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Turns a question into a controlled experiment."""


run_commands.register(app)
inspect_commands.register(app)
show_command.register(app)
report_commands.register(app)
compare_command.register(app)
export_command.register(app)
receipt_command.register(app)
task_commands.register(app)
profile_command.register(app)


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, whatever the verdict; 1 a check or reproduction failed; 2 usage; 3 locked; 4 stopped by a
    budget; 5 infrastructure; 130 interrupted.
    """
    secure_streams()
    warn_if_shadowed()
    sys.exit(guarded(app, debug="--debug" in sys.argv[1:]))
