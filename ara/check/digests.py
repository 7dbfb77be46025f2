"""A21x: every file is as the run wrote it, as far as artifact.json names digests."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ara.check.context import Context
from ara.check.model import Diagnostic, Profile, Rule, Severity
from ara.reader.artifact import MANIFEST, Located
from ara.reader.source import SourceFile
from ara.reader.yaml_values import Scalar, Sequence
from ara.writer.files import MARKER

_E, _W = Severity.ERROR, Severity.WARNING
_OURS = frozenset({Profile.NATIVE})
_AUTHOR = (
    "Take the change back. If it is meant, the artifact is no longer what the run wrote: remove artifact.json and put "
    "your name among the authors in PAPER.md."
)
MALFORMED = Rule(
    "A211",
    _E,
    "artifact.json, where it is there, is a JSON object with schema `ara` and the SHA-256 of each file under `files`.",
    "Copy it from the run's own artifact.",
    '{"files": []}',
    profiles=_OURS,
)
CHANGED = Rule(
    "A212",
    _E,
    "Every file has the SHA-256 that artifact.json names.",
    _AUTHOR,
    "a table in which a value was altered",
    profiles=_OURS,
)
GONE = Rule(
    "A213",
    _E,
    "Every file that artifact.json names is there.",
    "Copy it from the run's own artifact.",
    "evidence/data/trials.jsonl is deleted",
    profiles=_OURS,
)
ADDED = Rule(
    "A214",
    _W,
    "Every file is named in artifact.json.",
    "Remove it: the run did not write it. " + _AUTHOR.partition(". ")[2],
    "evidence/tables/table9.md is added",
    profiles=_OURS,
)
NO_MARKER = Rule(
    "A215", _W, "An artifact whose only author is curie has its artifact.json.",
    "Copy it from the run's own artifact; if you changed the artifact, put your name among the authors.",
    "authors: [curie 1.0.0] without artifact.json", profiles=_OURS,
)  # fmt: skip
RULES = (MALFORMED, CHANGED, GONE, ADDED, NO_MARKER)

_HEX = re.compile(r"[0-9a-f]{64}")
_CURIE = re.compile(r"^curie \d+(?:\.\w+)*$")


@dataclass(frozen=True, slots=True)
class Seal:
    """What artifact.json says, or what is wrong with it."""

    files: Mapping[str, str]
    """Path -> SHA-256 in hex."""
    problem: str = ""


def seal_of(source: SourceFile) -> Seal:
    """Read artifact.json; nothing in it can make this fail."""
    try:
        content = json.loads(source.raw)
    except (ValueError, RecursionError):
        return Seal({}, "it is no JSON")
    if not isinstance(content, dict) or content.get("schema") != "ara":
        return Seal({}, "it is no object with the schema `ara`")
    files = content.get("files")
    if not isinstance(files, dict):
        return Seal({}, "`files` is no object")
    for path, told in files.items():
        if not isinstance(told, str) or not _HEX.fullmatch(told):
            return Seal({}, f"the digest of {path} is not 64 hexadecimal digits")
        if path.startswith("/") or ".." in path.split("/") or "\0" in path or path == MARKER:
            return Seal({}, f"{path} is no file that it can name")
    return Seal(files)


def resealed(located: Located, path: str, after: bytes) -> bytes | None:
    """artifact.json with the digest of a file that is mended; None if it has nothing to say of it.

    The digest is renewed only where the file had the one that is named: an edit by hand before stays an edit.
    """
    source = located.source(MARKER) if MARKER in located.inventory.files else None
    told = seal_of(source).files.get(path) if source else None
    if source is None or told is None or located.digest(path) != told:
        return None
    content = json.loads(source.raw)
    content["files"][path] = _sha256(after)
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    inventory = context.located.inventory
    if MARKER not in inventory.files:
        if MARKER in inventory.folders or MARKER in inventory.odd:
            yield MALFORMED.at(MARKER, None, "it is no file")
        yield from _unsealed(context)
        return
    source = context.located.source(MARKER)
    if source is None:
        yield MALFORMED.at(MARKER, None, "it cannot be read")
        return
    seal = seal_of(source)
    if seal.problem:
        yield MALFORMED.at(MARKER, 1, seal.problem)
        return
    for path, told in seal.files.items():
        real = context.located.digest(path)
        if real is None and not inventory.exists(path) and path not in inventory.odd:
            yield GONE.at(path, None, f"{MARKER} names the file, which is not there")
        elif real is None:
            yield CHANGED.at(path, None, f"{MARKER} names the file, which is no file that can be read")
        elif real != told:
            yield CHANGED.at(path, 1, f"the file is not the one that {MARKER} names: its SHA-256 differs")
    for path in sorted(inventory.files.keys() - seal.files.keys() - {MARKER}):
        yield ADDED.at(path, None, f"{MARKER} does not name the file")


def _unsealed(context: Context) -> Iterator[Diagnostic]:
    document = context.document(MANIFEST)
    authors = document.front.get("authors") if document and document.front else None
    if not isinstance(authors, Sequence) or not authors.items:
        return
    if all(isinstance(item, Scalar) and _CURIE.match(item.text.strip()) for item in authors.items):
        yield NO_MARKER.at(MANIFEST, authors, f"curie wrote this artifact, and there is no {MARKER}")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
