"""A732: pointers to logs are digests, and lead to what the run keeps where its folder is beside the artifact."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ara.check.context import Context
from ara.check.model import Diagnostic, Rule, Severity

POINTER = Rule(
    "A732", Severity.ERROR,
    "A log pointer is a SHA-256 in hex; where the artifact lies in its run, `artifacts/` of the run holds that file.",
    "Copy the digest from the run's own artifact.", "| g01-r01 | stdout | 0000 | 30 | 30 |",
)  # fmt: skip
RULES = (POINTER,)

POINTERS = "evidence/logs/log_pointers.md"
_HEX = re.compile(r"[0-9a-f]{64}")


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    document = context.document(POINTERS)
    if document is None:
        return
    kept = _kept(context.located.root)
    for table in document.tables():
        column = table.column("sha256")
        for row in table.rows if column is not None else ():
            told = row.cells[column] if column is not None and column < len(row.cells) else ""
            if not _HEX.fullmatch(told):
                yield POINTER.at(POINTERS, row, f"{told!r} is no SHA-256 in hex")
            elif kept is not None and told not in kept:
                yield POINTER.at(POINTERS, row, f"artifacts/{told[:12]}\u2026 is not in the run")


def _kept(root: Path) -> frozenset[str] | None:
    """Names in the run's `artifacts/`; None if the artifact does not lie in a run."""
    run = Path(os.path.realpath(root)).parent
    try:
        if not (run / "journal.jsonl").is_file():
            return None
        return frozenset(kept.name for kept in (run / "artifacts").iterdir())
    except OSError:
        return None
