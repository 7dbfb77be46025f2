"""The end of a run: report, result, artifact and run.json on disk, and the event that seals them."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from curie.dossier import Dossier, open_dossier
from curie.durable import write_atomic
from curie.errors import DiskFull, JournalTampered
from curie.journal.events import DiagnosticRecorded, RunFinished
from curie.journal.reader import load
from curie.observer import Publisher
from curie.page.markdown import markdown
from curie.page.page import html
from curie.paths import RunPaths
from curie.records import ArtifactRef, Diagnostic
from curie.result import summarise
from curie.session import Session


def finish(
    session: Session,
    paths: RunPaths,
    publishers: Sequence[Publisher] = (),
    *,
    final: bool = True,
    page: Callable[[Dossier], str] = html,
) -> None:
    """Write what people and programs read; a `final` one is sealed by `run_finished`.

    Args:
        session: the run, its trials done.
        paths: its directory.
        publishers: who else makes something of it.
        final: whether this is the end, and not a stop that a `resume` follows.
        page: makes the HTML report.

    Raises:
        JournalTampered: the journal on disk is not what this process wrote; nothing is sealed.
        DiskFull: no space is left; nothing that was measured is lost.
    """
    _refuse_tampered(session, paths)
    ending = session.state.stopped is None
    # First what others make of the run, so that the report can point to it and tell what went wrong there.
    dossier = open_dossier(paths, ending=ending)
    for publisher in publishers:
        _publish(publisher, dossier, session)
    _report(session, dossier, page, ending=ending)
    if final:
        folders = (paths.report, paths.artifacts, paths.ara)
        files = tuple(ref for folder in folders for ref in _files(paths.root, folder))
        session.record(RunFinished(events=session.events, head=session.head, files=files))
    write_run_json(session, paths)


def _publish(publisher: Publisher, dossier: Dossier, session: Session) -> None:
    """A package from outside may fail in any way; the run's own result must not go with it."""
    try:
        publisher.publish(dossier)
    except DiskFull:
        raise
    except Exception as error:  # noqa: BLE001 -- code found by entry point: recorded below, never silent
        name = type(publisher).__name__
        message = f"{name} made no artifact of this run: {type(error).__name__}: {error}"
        if kept := _set_aside(dossier.paths.ara):
            message += f"; what an earlier stop of the run had left there is kept as {kept.name}"
        diagnostic = Diagnostic(id="artifact/failed", severity="warning", message=message)
        session.record(DiagnosticRecorded(diagnostic=diagnostic))


def _set_aside(folder: Path) -> Path | None:
    """An artifact of an earlier state must not pass for that of the end; nothing is deleted, though."""
    if not folder.is_dir() or folder.is_symlink():
        return None
    number = 1
    while (kept := folder.with_name(f"{folder.name}.stale-{number}")).exists():
        number += 1
    return folder.rename(kept)


def _report(session: Session, before: Dossier, page: Callable[[Dossier], str], *, ending: bool) -> None:
    """The page is the most intricate of all that is written: if it fails, the rest says so and the run is sealed."""
    paths = before.paths
    told = _told(before, paths.page, ending=ending)
    try:
        write_atomic(paths.page, page(told).encode("utf-8", "replace"))
    except DiskFull:
        raise
    except Exception as error:  # noqa: BLE001 -- recorded below and shown in the Markdown, never silent
        paths.page.unlink(missing_ok=True)
        message = f"No HTML page could be made of this run: {type(error).__name__}: {error}"
        diagnostic = Diagnostic(id="report/no-page", severity="warning", message=message)
        session.record(DiagnosticRecorded(diagnostic=diagnostic))
        told = _told(before, paths.markdown, ending=ending)
    write_atomic(paths.markdown, markdown(told).encode("utf-8", "replace"))
    write_atomic(paths.report / "result.json", (json.dumps(told.result.as_json(), indent=2) + "\n").encode())


def _told(before: Dossier, report: Path, *, ending: bool) -> Dossier:
    """The run as it is now, telling where its reports are about to be; what was drawn for others is not drawn again."""
    now = open_dossier(before.paths, ending=ending)
    reports = {"report": report, "report_markdown": before.paths.markdown}
    memo = before.memo if now.head == before.head else {}
    return replace(now, result=now.result.model_copy(update=reports), memo=memo)


def _refuse_tampered(session: Session, paths: RunPaths) -> None:
    """A trial that is not isolated could have rewritten the journal: what is concluded must be what is on disk."""
    on_disk = load(paths.journal)
    if (len(on_disk.entries), on_disk.head) != (session.events, session.head):
        raise JournalTampered(
            f"The journal in {paths.root} was changed by somebody else while the run went on; nothing is concluded.",
            hint="`curie verify` names what is wrong; a sandbox that isolates keeps trials away from it.",
        )


def write_run_json(session: Session, paths: RunPaths) -> None:
    """Facts for people and tools that do not read the journal."""
    result = summarise(session.state, paths.root, paths.page)
    facts = {
        "run_id": result.run_id,
        "question": result.question,
        "mode": result.mode,
        "models": [],
        "cost_usd": 0.0,
        "state": result.phase,
        "plan_hash": result.plan_hash,
    }
    write_atomic(paths.run_json, (json.dumps(facts, indent=2) + "\n").encode())


def _files(root: Path, folder: Path) -> tuple[ArtifactRef, ...]:
    """Every regular file below `folder`, by path relative to the run directory."""
    return tuple(
        ArtifactRef(
            name=path.relative_to(root).as_posix(),
            sha256=_digest(path),
            size_bytes=path.stat().st_size,
        )
        for path in sorted(_regular(folder))
    )


def _regular(folder: Path) -> list[Path]:
    return [
        Path(parent, name)
        for parent, _, names in os.walk(folder)
        for name in names
        if not Path(parent, name).is_symlink()
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
