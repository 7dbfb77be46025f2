"""A2xx: the files that every artifact has are there and hold something."""

from collections.abc import Iterator

from ara.check.context import Context
from ara.check.model import Diagnostic, Rule, Severity
from ara.schema.manifest import CORE_FILES

MISSING = Rule(
    "A201",
    Severity.ERROR,
    "The ten core files are there.",
    "Write the file; say in it what is not known.",
    "an artifact without logic/concepts.md",
)
EMPTY = Rule(
    "A202",
    Severity.ERROR,
    "A core file holds more than ten bytes.",
    "Fill it; a heading alone says nothing.",
    "an empty logic/claims.md",
)
TRIVIAL = Rule(
    "A203",
    Severity.WARNING,
    "An optional file holds more than ten bytes.",
    "Fill the file or remove it.",
    "an empty src/artifacts.md",
)
CREDENTIAL = Rule(
    "A204", Severity.ERROR, "No credential lies in the artifact.",
    "Remove the file and revoke the token: an artifact is made to be passed on.", ".ara_env",
)  # fmt: skip
RULES = (MISSING, EMPTY, TRIVIAL, CREDENTIAL)

_LEAST_BYTES = 11
_TEXT = (".md", ".yaml", ".yml")
_OURS = ("logic/", "src/configs/", "trace/", "evidence/", "data/", "staging/", "rubric/")
_CREDENTIALS = frozenset({".ara_env", ".env", ".netrc"})


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    inventory = context.located.inventory
    for path in CORE_FILES:
        if path in inventory.odd:
            continue
        if not inventory.exists(path):
            yield MISSING.at(path, None, "core file is missing")
        elif path in inventory.folders:
            context.located.source(path)  # becomes a fault: a folder in place of a file
        elif inventory.files[path] < _LEAST_BYTES:
            yield EMPTY.at(path, 1 if inventory.files[path] else None, f"holds {inventory.files[path]} bytes")
    for path, size in inventory.files.items():
        if path.rpartition("/")[2] in _CREDENTIALS:
            yield CREDENTIAL.at(path, None, "looks like a file of credentials")
        elif size < _LEAST_BYTES and path.endswith(_TEXT) and _ours(path) and path not in CORE_FILES:
            yield TRIVIAL.at(path, 1 if size else None, f"holds {size} bytes")


def _ours(path: str) -> bool:
    """Whether the protocol says what the file holds: code below src/ is kept as it was found."""
    return path.startswith(_OURS) or (path.startswith("src/") and path.count("/") == 1)
