"""Is a run what it was when it was written? Chain, end, files, artifacts, plans and receipt, each a check."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from curie.errors import CurieError, JournalTampered
from curie.journal.chain import GENESIS, Entry
from curie.journal.events import PlanFrozen, RunFinished, TrialFinished
from curie.journal.reader import Contents, load
from curie.paths import RunPaths
from curie.receipt import ReceiptCheck, check_receipt
from curie.records import ArtifactRef, TrialRecord
from curie.state import RunState, project
from curie.store import ArtifactStore
from curie.verify_content import code_problem, findings_problem, summary_problem
from tasks.study import Frozen


class Check(Frozen):
    """One question and its answer."""

    id: Literal["chain", "end", "files", "artifacts", "plan", "code", "findings", "summary", "receipt"]
    ok: bool
    message: str


class VerifyReport(Frozen):
    """What was checked of a run, and how it went."""

    ok: bool
    """True if no check failed."""
    events: int
    """Events that could be read; 0 if the chain does not hold."""
    head: str
    """Hash of the last event; 64 zeros if there is none."""
    checked: Literal["chain", "receipt"]
    """`receipt` only if a signature over the head was there and held: a chain alone can be rewritten as a whole."""
    checks: tuple[Check, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Messages of the checks that failed."""
        return tuple(check.message for check in self.checks if not check.ok)


def verify(run_dir: Path, *, allowed_signers: Path | None = None) -> VerifyReport:
    """Check a run directory. Changes nothing.

    Args:
        run_dir: the run's directory.
        allowed_signers: who may have signed the receipt, in the format of `ssh-keygen`; None: any key, which is named.

    Raises:
        RunNotFound: there is no journal.
        UsageError: the journal needs a newer curie.
        InfrastructureError: the journal cannot be read.
    """
    paths = RunPaths.at(run_dir)
    try:
        contents = load(paths.journal)
    except JournalTampered as error:
        failed = Check(id="chain", ok=False, message=error.message)
        return VerifyReport(ok=False, events=0, head=GENESIS, checked="chain", checks=(failed,))
    state = project(contents.entries)
    receipt = check_receipt(paths, contents.entries, allowed_signers)
    checks = [_chain(contents), _end(contents.entries, state), _files(paths, state)]
    checks += [_artifacts(paths, contents.entries), _plans(contents.entries), _code(paths, state), _findings(state)]
    checks += [_summary(paths, state), _receipt(receipt)]
    return VerifyReport(
        ok=all(check.ok for check in checks),
        events=len(contents.entries),
        head=contents.head,
        checked="receipt" if receipt.state == "valid" else "chain",
        checks=tuple(checks),
    )


def _chain(contents: Contents) -> Check:
    message = f"{len(contents.entries)} events, each continuing the one before"
    if contents.torn:
        message += f"; a torn tail of {len(contents.torn)} bytes is ignored (`curie resume` sets it aside)"
    return Check(id="chain", ok=True, message=message)


def _end(entries: Sequence[Entry], state: RunState) -> Check:
    ends = [entry for entry in entries if isinstance(entry.event, RunFinished)]
    for entry in ends:
        event = entry.event
        before = entries[entry.seq - 2].hash if entry.seq > 1 else GENESIS
        if isinstance(event, RunFinished) and (event.events, event.head) != (entry.seq - 1, before):
            message = (
                f"event {entry.seq} (run_finished) names {event.events} events ending in {event.head[:12]}, "
                f"but {entry.seq - 1} ending in {before[:12]} stand before it"
            )
            return Check(id="end", ok=False, message=message)
    if not ends:
        why = f"it stopped: {state.stopped.detail}" if state.stopped else "it has not finished"
        return Check(id="end", ok=True, message=f"the run has no end yet: {why}; missing last events would not show")
    return Check(id="end", ok=True, message=f"run_finished agrees with the {ends[-1].seq - 1} events before it")


def _files(paths: RunPaths, state: RunState) -> Check:
    if state.finished is None:
        return Check(id="files", ok=True, message="no list of files yet: the run has not finished")
    listed = state.finished.files
    problems = [problem for ref in listed if (problem := _file_problem(paths.root, ref))]
    if problems:
        return Check(id="files", ok=False, message="; ".join(problems))
    present = {name for folder in (paths.report, paths.artifacts, paths.ara) for name in _below(paths.root, folder)}
    added = sorted(present - {ref.name for ref in listed})
    message = f"{len(listed)} files are as they were at the end"
    if added:
        message += f"; added since and not covered: {', '.join(added[:5])}" + (" ..." if len(added) > 5 else "")  # noqa: PLR2004 - as many as fit a line
    return Check(id="files", ok=True, message=message)


def _file_problem(root: Path, ref: ArtifactRef) -> str | None:
    relative = Path(ref.name)
    if relative.is_absolute() or ".." in relative.parts:
        return f"{ref.name} leads out of the run directory"
    try:
        fd = os.open(root / relative, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return f"{ref.name} is missing"
    except OSError as error:
        return f"{ref.name} cannot be read: {error.strerror}"
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return f"{ref.name} is no regular file any more"
        if hashlib.file_digest(file, "sha256").hexdigest() != ref.sha256:
            return f"{ref.name} was changed after the run finished"
    return None


def _below(root: Path, folder: Path) -> Iterator[str]:
    for here, _, files in os.walk(folder):
        yield from (Path(here, name).relative_to(root).as_posix() for name in files if not name.startswith(".draft-"))


def _artifacts(paths: RunPaths, entries: Sequence[Entry]) -> Check:
    store = ArtifactStore(paths.artifacts)
    seen: set[str] = set()
    problems = []
    for entry in entries:
        if not isinstance(entry.event, TrialFinished):
            continue
        for ref in referenced(entry.event.record):
            if ref.sha256 in seen:
                continue
            seen.add(ref.sha256)
            if problem := _artifact_problem(store, ref):
                problems.append(f"{problem} (event {entry.seq}, trial {entry.event.record.key})")
    if problems:
        return Check(id="artifacts", ok=False, message="; ".join(problems))
    return Check(id="artifacts", ok=True, message=f"{len(seen)} artifacts are there and match their digests")


def _artifact_problem(store: ArtifactStore, ref: ArtifactRef) -> str | None:
    try:
        return store.problem(ref)
    except (CurieError, ValueError, OSError) as error:
        return f"artifact {ref.name} cannot be checked: {error}"


def referenced(record: TrialRecord) -> Iterator[ArtifactRef]:
    """Every artifact that a trial's record refers to."""
    yield from (stream.artifact for stream in (record.stdout, record.stderr) if stream is not None)
    yield from record.outputs


def _plans(entries: Sequence[Entry]) -> Check:
    plans = [entry for entry in entries if isinstance(entry.event, PlanFrozen)]
    for entry in plans:
        if isinstance(entry.event, PlanFrozen) and entry.event.plan.digest() != entry.event.digest:
            message = f"event {entry.seq} (plan_frozen): the plan does not match its recorded digest"
            return Check(id="plan", ok=False, message=message)
    if not plans:
        return Check(id="plan", ok=True, message="no plan was frozen yet")
    return Check(
        id="plan", ok=True, message=f"{len(plans)} plan revision{'s' if len(plans) != 1 else ''}, each with its digest"
    )


def _findings(state: RunState) -> Check:
    if state.finished is None or state.plan is None:
        return Check(id="findings", ok=True, message="no findings are due: the run has not finished")
    decided = {finding.hypothesis for finding in state.findings.values()}
    if missing := [h.id for h in state.plan.hypotheses if h.id not in decided]:
        message = f"the run finished, but there is no finding on {', '.join(missing)}"
        return Check(id="findings", ok=False, message=message)
    if problem := findings_problem(state):
        return Check(id="findings", ok=False, message=problem)
    message = f"each of {len(state.plan.hypotheses)} hypotheses has the finding that its trials give"
    return Check(id="findings", ok=True, message=message)


def _code(paths: RunPaths, state: RunState) -> Check:
    problem = code_problem(paths, state)
    return Check(id="code", ok=problem is None, message=problem or "the commit that the trials ran from is intact")


def _summary(paths: RunPaths, state: RunState) -> Check:
    problem = summary_problem(paths, state)
    return Check(id="summary", ok=problem is None, message=problem or "run.json says what the journal says")


def _receipt(receipt: ReceiptCheck) -> Check:
    return Check(id="receipt", ok=receipt.state != "invalid", message=receipt.message)
