"""Every error becomes a message, a hint and an exit code; nothing below it prints a traceback unasked."""

import importlib.util
import sys
from pathlib import Path

import typer

PACKAGES = ("sandboxes", "tasks", "curie", "ara")
USAGE = 2
INFRASTRUCTURE = 5
INTERRUPTED = 130


def guarded(app: typer.Typer, *, debug: bool) -> int:
    """Run the app and return its exit code.

    With `debug` an unexpected error keeps its traceback.
    """
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say("Interrupted.")
        return INTERRUPTED
    except Exception as error:  # the last line of defence: a person must not meet a traceback
        if debug:
            raise
        return report(error)
    return code if isinstance(code, int) else 0


def report(error: Exception) -> int:
    """Print what happened and what to try; return the exit code."""
    from curie.errors import CurieError
    from sandboxes.base import SandboxError
    from tasks.errors import TaskError

    if isinstance(error, CurieError):
        _say(f"Error: {error.message}")
        if error.hint:
            _say(f"Try: {error.hint}")
        return error.exit_code
    if isinstance(error, TaskError):
        _say(f"Error: {error}")
        return USAGE
    if isinstance(error, SandboxError):
        _say(f"Error: {error}")
        return INFRASTRUCTURE
    if isinstance(error, typer.Exit):
        return error.exit_code
    return _foreign(error)


def warn_if_shadowed() -> None:
    """Stop if a file of the user's stands before one of our packages on the import path, and name it.

    A `tasks.py` in the working directory does that under `python -m`, and so does PYTHONPATH.
    """
    home = Path(__file__).resolve().parents[2]
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin is None or not origin.is_relative_to(home / name):
            where = origin or "a folder without __init__.py"
            _say(f"Error: the package {name!r} of curie is hidden by {where}.")
            _say("Try: rename that file, start from another folder, or take its folder off PYTHONPATH.")
            sys.exit(USAGE)


def _foreign(error: Exception) -> int:
    """Errors of the argument parser carry their own code and text; the rest is ours to explain."""
    show = getattr(error, "show", None)
    code = getattr(error, "exit_code", None)
    if callable(show) and isinstance(code, int):
        show()
        return code
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        _say(f"Error: {error.strerror or error}{place}")
        _say("Try: check the path, its permissions and the space left on its disk (`curie doctor`).")
        return INFRASTRUCTURE
    _say(f"Error: an unexpected {type(error).__name__}: {error}")
    _say("Try: the same command with --debug before its name shows the traceback for a bug report.")
    return INFRASTRUCTURE


def _say(text: str) -> None:
    typer.echo(text, err=True)
