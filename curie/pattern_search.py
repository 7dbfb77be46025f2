"""Searches a stream for a user's pattern, in a process of its own: a pattern can take forever and must be stoppable."""

import json
import subprocess
import sys
from pathlib import Path

TIMEOUT_S = 20.0
"""How long a pattern may take over one stream."""

_PROGRAM = r"""
import json, mmap, re, sys
pattern, path, most = sys.argv[1], sys.argv[2], int(sys.argv[3])
found = []
with open(path, "rb") as file:
    try:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        content = b""
    compiled = re.compile(pattern.encode(), re.MULTILINE)
    for match in compiled.finditer(content):
        named = match.groupdict()
        raw = named["value"] if "value" in named else match.group(1 if compiled.groups else 0)
        found.append((raw or b"").decode("utf-8", "replace")[:100])
        if len(found) > most:
            break
json.dump(found, sys.stdout)
"""


class PatternTooSlowError(Exception):
    """The pattern did not come to its end in time."""


def search(pattern: str, stream: Path, *, most: int) -> list[str]:
    """What group `value` (else 1, else the whole pattern) matched, in order; at most one more than `most`.

    Python's matcher cannot be interrupted from another thread, not even by a signal; hence the process.

    Raises:
        PatternTooSlowError: it took more than `TIMEOUT_S` seconds, as nested repetitions can on some texts.
        OSError: the stream cannot be read.
    """
    argv = [sys.executable, "-I", "-S", "-c", _PROGRAM, pattern, str(stream), str(most)]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise PatternTooSlowError(f"the pattern {pattern!r} took more than {TIMEOUT_S:g} s") from error
    if done.returncode != 0:
        raise OSError(f"{stream}: {done.stderr.decode('utf-8', 'replace').strip()[-200:]}")
    found: list[str] = json.loads(done.stdout)
    return found
