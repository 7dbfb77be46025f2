"""Command templates: `{name}` placeholders in argv, filled with a trial's settings. Pure."""

import json
import re
import shlex
from collections.abc import Mapping

from curie.errors import UsageError
from tasks.study import Setting

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|[{}]")


def placeholders(template: str) -> frozenset[str]:
    """Names that the template asks for.

    Raises:
        UsageError: a brace stands alone.
    """
    return frozenset(name for match in _tokens(template) if (name := match["name"]) is not None)


def split(template: str) -> tuple[str, ...]:
    """The template as argv, by POSIX shell quoting; placeholders are still in it.

    Raises:
        UsageError: a quotation is not closed, or nothing is left.
    """
    try:
        argv = tuple(shlex.split(template))
    except ValueError as error:
        raise UsageError(f"The command cannot be split into arguments: {error}: {template}") from error
    if not argv:
        raise UsageError("The command is empty.", hint="Give --command 'PROGRAM ARGUMENTS ...'.")
    return argv


def fill(template: str, values: Mapping[str, str], *, shell: bool = False) -> tuple[str, ...]:
    """The argv of one trial.

    Splitting comes before filling, so that a value with spaces stays one argument. With `shell` the values are
    quoted into one string for `/bin/sh -c`.

    Raises:
        UsageError: a placeholder has no value, a brace stands alone, or a quotation is not closed.
    """
    if shell:
        return ("/bin/sh", "-c", _fill(template, {name: shlex.quote(value) for name, value in values.items()}))
    return tuple(_fill(word, values) for word in split(template))


def as_argument(value: Setting) -> str:
    """A setting as it appears in a command line: `true`, `0.1`, a list as JSON, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _fill(text: str, values: Mapping[str, str]) -> str:
    parts: list[str] = []
    end = 0
    for match in _tokens(text):
        parts.append(text[end : match.start()])
        parts.append(_replacement(match, values))
        end = match.end()
    return "".join(parts) + text[end:]


def _replacement(match: re.Match[str], values: Mapping[str, str]) -> str:
    name = match["name"]
    if name is None:
        return match[0][0]
    if name not in values:
        raise UsageError(
            f"The command asks for {{{name}}}, which is neither varied nor set.",
            hint=f"Add --vary {name}=... or --set {name}=...; a literal brace is written {{{{ or }}}}.",
        )
    return values[name]


def _tokens(text: str) -> list[re.Match[str]]:
    matches = list(_TOKEN.finditer(text))
    for match in matches:
        if match[0] in {"{", "}"}:
            raise UsageError(
                f"A brace stands alone in the command, at character {match.start() + 1}: {text}",
                hint="Write {{ and }} for literal braces, {name} for a placeholder.",
            )
    return matches
