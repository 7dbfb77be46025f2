"""The programs that a command needs: its first word, and those that a shell or wrapper will look up by name."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from curie.errors import UsageError
from curie.interpreter import ResolvedTool, in_system, resolve_tool

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_MOST_WORDS = 200
"""Words looked up; a longer command is a program text, not a list of programs."""


def programs(argv: Sequence[str], path_env: str, code: Path) -> tuple[ResolvedTool, ...]:
    """The resolved first word, then every other word that names a program outside the system's folders.

    Without the others, `sh -c "python3 ..."` would find another Python inside a sandbox than outside: the system's.
    A word that only looks like a program costs a read-only mount of its folder, no more.

    Raises:
        UsageError: there is no program of the first word's name.
    """
    return (resolve_tool(argv[0], path_env, code=code), *_others(argv[1:], path_env, code))


def _others(words: Sequence[str], path_env: str, code: Path) -> Iterator[ResolvedTool]:
    names = dict.fromkeys(match for word in words for match in _WORD.findall(word))
    for name in list(names)[:_MOST_WORDS]:
        found = shutil.which(name, path=path_env)
        if found is None or in_system(Path(found)):
            continue
        try:
            yield resolve_tool(name, path_env, code=code)
        except UsageError:  # it is no program that starts here, so the command cannot mean it
            continue
