"""Mends what can be mended by machine: in memory first, guarded, then one atomic write a file."""

import difflib
import os
from dataclasses import dataclass, field
from pathlib import Path

from ara.check.digests import resealed
from ara.check.edits import applied, same_meaning
from ara.check.model import Diagnostic, Profile, Severity
from ara.check.registry import diagnose
from ara.reader.artifact import Located
from ara.writer.files import MARKER
from curie.durable import write_atomic
from curie.errors import UsageError

MAX_ROUNDS = 6
"""Rounds of mending; one fix can uncover another, such as an alias inside a `root` document."""


@dataclass(slots=True)
class Mended:
    """What mending came to; nothing is written yet."""

    located: Located
    """The artifact as it would be."""
    left: list[Diagnostic]
    """What is still wrong then."""
    fixed: list[Diagnostic] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Files that were left alone, with the reason."""
    texts: dict[str, bytes] = field(default_factory=dict)
    """New content of each changed file."""


def mend(located: Located, profile: Profile) -> Mended:
    """Apply every fix that keeps the meaning and adds no error. Writes nothing."""
    result = Mended(located, diagnose(located, profile))
    skipped: set[str] = set()
    for _ in range(MAX_ROUNDS):
        by_file: dict[str, list[Diagnostic]] = {}
        for found in result.left:
            if found.fixable and found.file not in skipped:
                by_file.setdefault(found.file, []).append(found)
        if not by_file:
            break
        for path, group in by_file.items():
            reason = _mend_file(result, path, group, profile)
            if reason:
                skipped.add(path)
                result.refused.append(f"{path}: {reason}")
    return result


def write(result: Mended) -> None:
    """Write the changed files, each atomically, with the permissions and, where possible, the owner that they have.

    Raises:
        DiskFull, OSError: a file cannot be written; those before it are.
    """
    for path, data in result.texts.items():
        target = result.located.root / path
        write_atomic(target, data, like=target.stat(follow_symlinks=False))


def refuse_sealed(path: Path) -> None:
    """Do not change the artifact of a run in place: the run's journal holds its digests.

    Raises:
        UsageError: `path` lies in a run.
    """
    if path.is_dir() and (path.resolve().parent / "journal.jsonl").exists():
        raise UsageError(
            f"{path} belongs to a run, whose journal holds the digest of every file in it; "
            "`curie verify` would name each file that --fix changes",
            hint="copy the folder and fix the copy, or look at the changes with --diff",
        )


def unified_diff(located: Located, texts: dict[str, bytes]) -> str:
    """The changes as a patch."""
    parts = []
    for path, data in sorted(texts.items()):
        source = located.source(path)
        before = source.raw.decode(errors="replace") if source else ""
        after = data.decode(errors="replace")
        lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), path, path)
        parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(parts)


def _mend_file(result: Mended, path: str, group: list[Diagnostic], profile: Profile) -> str:
    """Mend one file in memory; the reason if it must stay as it is."""
    source = result.located.source(path)
    if source is None or _through_link(result.located.root, path):
        return "it is a symbolic link, or lies behind one"
    after = applied(source, [edit for found in group for edit in found.edits])
    if after == source.raw:
        return "the fixes change nothing"
    if not same_meaning(source, after):
        return "read again, the file would say something else"
    texts = {**result.texts, path: after}
    seal = resealed(result.located, path, after)
    if seal is not None and not _through_link(result.located.root, MARKER):
        texts[MARKER] = seal
    changed = result.located.with_texts(texts)
    left = diagnose(changed, profile)
    if _errors(left) > _errors(result.left) or len(left) >= len(result.left):
        return "the fixes would break another rule"
    gone = {(d.rule, d.message) for d in left}
    result.fixed += [d for d in group if (d.rule, d.message) not in gone]
    result.located, result.left, result.texts = changed, left, texts
    return ""


def _errors(found: list[Diagnostic]) -> int:
    return sum(1 for d in found if d.severity is Severity.ERROR)


def _through_link(root: Path, path: str) -> bool:
    step = str(root)
    for part in path.split("/"):
        step = os.path.join(step, part)  # noqa: PTH118 -- Path would drop what a link test must see, such as `.`
        if os.path.islink(step):  # noqa: PTH114 -- same
            return True
    return False
