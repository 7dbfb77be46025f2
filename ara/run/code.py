"""The code that the trials ran, from the run's own git, byte for byte, and its index. The only I/O of this package."""

import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ara.run.facts import RunFacts
from ara.run.physical import PLAN
from ara.schema.evidence import Attachment
from ara.schema.physical import CodeArtifact
from ara.writer.files import CODE
from curie.dossier import Dossier
from curie.errors import CurieError
from curie.exports import fresh_export

MAX_FILES = 500
MAX_BYTES = 8 << 20
_NAMED = 50
_FORBIDDEN = frozenset('\\|<>:"*?`')
"""Characters that some file systems or Markdown links do not carry."""


@dataclass(frozen=True)
class CodeFiles:
    """What was taken of the code, and what was not."""

    files: tuple[Attachment, ...] = ()
    left_out: tuple[str, ...] = ()
    """Path and reason of every file that is not in the artifact."""


def code_files(dossier: Dossier) -> CodeFiles:
    """The files of the run's commit, up to `MAX_FILES` and `MAX_BYTES`. Symlinks are named, never followed."""
    taken = dossier.state.snapshot
    if taken is None or taken.files == 0:
        return CodeFiles()
    try:
        with tempfile.TemporaryDirectory(prefix=".ara-code-", dir=dossier.paths.root) as scratch:
            folder = fresh_export(dossier.paths.git, taken.commit, Path(scratch) / "tree")
            return _collect(folder)
    except (CurieError, OSError) as error:
        return CodeFiles(left_out=(f"all of commit {taken.commit}: {error}",))


def _collect(folder: Path) -> CodeFiles:
    files: list[Attachment] = []
    left_out: list[str] = []
    total = 0
    for path in sorted(_below(folder)):
        relative = path.relative_to(folder).as_posix()
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode):
            left_out.append(f"{relative}: a symlink")
        elif not relative.isprintable() or not _FORBIDDEN.isdisjoint(relative) or "](" in relative:
            left_out.append(f"{relative}: its name cannot be carried everywhere")
        elif len(files) >= MAX_FILES or total + info.st_size > MAX_BYTES:
            left_out.append(f"{relative}: {info.st_size} bytes, beyond the bound on code in an artifact")
        else:
            total += info.st_size
            files.append(Attachment(path=f"{CODE}{relative}", data=path.read_bytes(), description=f"Code: {relative}"))
    return CodeFiles(files=tuple(files), left_out=tuple(left_out))


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        yield from (Path(here, name) for name in names)
        yield from (Path(here, name) for name in folders if Path(here, name).is_symlink())


def code_index(facts: RunFacts, code: CodeFiles) -> tuple[CodeArtifact, ...]:
    """`src/artifacts.md`: code, frozen plan, and where the rest of the run is."""
    state = facts.dossier.state
    entries = [_trial_code(facts, code)]
    if facts.plan is not None:
        entries.append(
            CodeArtifact(
                title="Frozen plan",
                files=(PLAN,),
                nature="plan",
                contains="Groups, blocks, metrics and decision rules as frozen; canonical JSON",
                usage="Its SHA-256 is the plan's digest in the journal",
                claims=facts.all_claims,
                digests=(state.plan_digest or "unknown",),
            )
        )
    head = facts.entries[-1].hash if facts.entries else "unknown"
    entries.append(
        CodeArtifact(
            title="The run itself",
            files=(),
            nature="pointer",
            contains=(
                f"Run {facts.dossier.result.run_id}: journal.jsonl, {len(facts.entries)} events, head {head}; "
                "references of the form journal.jsonl:<n> name its events; artifacts/<sha256> holds every output"
            ),
            usage="curie verify RUN checks it all; curie show RUN TRIAL prints a trial and its output",
            claims=facts.all_claims,
        )
    )
    return tuple(entries)


def _trial_code(facts: RunFacts, code: CodeFiles) -> CodeArtifact:
    taken = facts.dossier.state.snapshot
    command = facts.plan.command.template if facts.plan else "no command was planned"
    contains = "No code was snapshotted"
    if taken is not None:
        contains = (
            f"The trials' code at commit {taken.commit} (tree {taken.tree}); artifact.json has each file's SHA-256"
        )
    if taken is not None and taken.files == 0:
        contains += "; it holds no file: the command uses what the machine has"
    if code.left_out:
        contains += f"; left out: {'; '.join(_bounded(code.left_out))}"
    if taken is not None and taken.excluded:
        contains += f"; ignored by the repository and never taken: {', '.join(_bounded(taken.excluded))}"
    return CodeArtifact(
        title="Code of the trials",
        files=tuple(file.path for file in code.files),
        nature="code",
        contains=contains,
        usage=f"Each trial ran in a private copy of it: {command}",
        claims=facts.all_claims,
    )


def _bounded(items: Sequence[str]) -> list[str]:
    more = len(items) - _NAMED
    return [*items[:_NAMED], *([f"and {more} more"] if more > 0 else [])]
