"""The runs of a folder: found by id, prefix or path; summarised, filtered and sorted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from curie.counts import planned_trials
from curie.errors import CurieError, RunNotFound
from curie.journal.chain import Entry, Raw, parse
from curie.journal.lock import current_holder
from curie.journal.reader import read
from curie.paths import RunPaths
from curie.records import Outcome, Verdict
from curie.state import RunState, project
from tasks.study import Frozen

State = Literal["running", "finished", "interrupted", "budget", "infrastructure", "gate", "damaged"]
"""In the words of `status`. `interrupted`: asked to stop, or no process writes it and it does not say that it ended."""

SortKey = Literal["time", "id", "question", "state", "trials"]


_PART = 3
"""Characters that a part of a name must have to stand for a run."""


class RunSummary(Frozen):
    """One run at a glance."""

    id: str
    path: Path
    time: datetime | None
    """When it was created; None if its journal is damaged or empty."""
    question: str = ""
    mode: Literal["declared", "open"] | None = None
    state: State
    trials: Mapping[Outcome, int] = {}
    """Measured trials that have a record, by outcome; the gate and re-runs are not among them."""
    planned: int = 0
    """Measured trials that the plan asks for, as far as its stages are decided."""
    verdicts: Mapping[str, Verdict] = {}
    """Hypothesis -> verdict, calibration left out."""
    reproduced: int = 0
    """Re-runs that agreed."""
    rerun: int = 0
    """Re-runs made."""
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str | None = None
    """Why it is damaged or stopped."""


class RunFilter(Frozen):
    """Which runs to show; every field given has to match."""

    tags: tuple[str, ...] = ()
    """All of these."""
    states: tuple[State, ...] = ()
    """Any of these."""
    verdicts: tuple[Verdict, ...] = ()
    """At least one hypothesis with any of these."""
    text: str = ""
    """Part of the id, the folder's name, question, a tag or a note; case does not count."""

    def accepts(self, run: RunSummary) -> bool:
        """Whether a run matches."""
        words = " \n".join((run.id, run.path.name, run.question, *run.tags, *run.notes)).casefold()
        return (
            set(self.tags) <= set(run.tags)
            and (not self.states or run.state in self.states)
            and (not self.verdicts or not set(self.verdicts).isdisjoint(run.verdicts.values()))
            and self.text.casefold() in words
        )


def select(
    runs: Iterable[RunSummary], wanted: RunFilter, *, key: SortKey = "time", reverse: bool = False
) -> list[RunSummary]:
    """The runs that match, sorted; equal ones by id. A run without a time comes first."""

    def rank(run: RunSummary) -> tuple[float | str, str]:
        match key:
            case "time":
                return (run.time.timestamp() if run.time else 0.0, run.id)
            case "trials":
                return (float(sum(run.trials.values())), run.id)
            case "question" | "state" | "id":
                return (str(getattr(run, key)).casefold(), run.id)

    return sorted((run for run in runs if wanted.accepts(run)), key=rank, reverse=reverse)


def summarize(path: Path, entries: Iterable[Entry], *, running: bool) -> RunSummary:
    """A run's summary from its events. Pure.

    Args:
        path: the run directory.
        entries: its journal.
        running: whether a process holds its lock.
    """
    events = list(entries)
    state = project(events)
    created = state.created
    trials: dict[Outcome, int] = {}
    for record in state.trials.values():
        if record.purpose == "measure":
            trials[record.outcome] = trials.get(record.outcome, 0) + 1
    return RunSummary(
        id=created.run_id if created else path.name,
        path=path,
        time=events[0].time if events else None,
        question=created.question if created else "",
        mode=created.mode if created else None,
        state=_state(state, running=running),
        trials=trials,
        planned=planned_trials(state),
        verdicts={f.hypothesis: f.verdict for f in state.findings.values() if not f.calibration},
        reproduced=sum(r.state == "reproduced" for r in state.reproductions.values()),
        rerun=len(state.reproductions),
        tags=state.tags,
        notes=state.notes,
        problem=state.stopped.detail if state.stopped else None,
    )


def summarize_folder(path: Path) -> RunSummary:
    """A run's summary from its directory; a journal that cannot be read gives state `damaged`, not an error."""
    paths = RunPaths.at(path)
    try:
        return summarize(paths.root, read(paths.journal), running=current_holder(paths.lock) is not None)
    except CurieError as error:
        return RunSummary(id=paths.root.name, path=paths.root, time=None, state="damaged", problem=error.message)


def list_runs(folder: Path) -> list[RunSummary]:
    """Every run directly in a folder, oldest first; none if there is no such folder."""
    return select((summarize_folder(path) for path in _folders(folder)), RunFilter())


def locate(run: str | None, folder: Path) -> RunPaths:
    """The run that is meant.

    Args:
        run: an id, the name of its folder, a unique prefix or part of either, or a path to a run directory; None: the
            newest. A folder of just that name comes first, then a run of just that id, then what begins with it.
        folder: where runs lie.

    Raises:
        RunNotFound: there is none, or a name fits several (they are named).
    """
    found = _folders(folder)
    if run is None:
        return _newest(found, folder)
    given = Path(run)
    if run and is_run(given):
        return RunPaths.at(given)
    if not run or "/" in run:
        raise RunNotFound(f"{run or 'an empty name'} is no run directory", hint="`curie runs` lists the runs")
    ids = {path: run_id(RunPaths.at(path)) for path in found}
    fits = (
        [path for path in found if path.name == run]
        or [path for path in found if ids[path] == run]
        or [path for path in found if path.name.startswith(run) or ids[path].startswith(run)]
        or [path for path in found if len(run) >= _PART and (run in path.name or run in ids[path])]
    )
    if len(fits) > 1:
        names = ", ".join(_both(path, ids[path]) for path in fits[:5]) + (" ..." if len(fits) > 5 else "")  # noqa: PLR2004 - as many as fit a line
        hint = "give more of the id, or the folder's name"
        raise RunNotFound(f"{run!r} fits {len(fits)} runs: {names}", hint=hint)
    if not fits:
        raise RunNotFound(f"no run in {folder} is called {run!r}", hint="`curie runs` lists the runs")
    return RunPaths.at(fits[0])


def run_id(paths: RunPaths) -> str:
    """A run's id by its first event, which is not checked; the folder's name if that cannot be read."""
    first = _first(paths.root)
    known = first.event.get("run_id") if first is not None and isinstance(first.event, dict) else None
    return known if isinstance(known, str) and known.isprintable() else paths.root.name


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run's journal."""
    return (folder / "journal.jsonl").is_file()


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if is_run(path))
    except OSError:
        return []


def _newest(found: list[Path], folder: Path) -> RunPaths:
    if not found:
        raise RunNotFound(
            f"there are no runs in {folder}", hint="`curie run sorting` makes one; a path names one elsewhere"
        )
    return RunPaths.at(max(found, key=lambda path: (_created(path), path.name)))


def _created(path: Path) -> str:
    """When a run's first event was written, in a form that sorts."""
    first = _first(path)
    return str(first.time) if first is not None else ""


def _first(path: Path) -> Raw | None:
    """A run's first event; only the first line is read, and not checked."""
    try:
        with RunPaths.at(path).journal.open("rb") as file:
            return parse(file.readline().rstrip(b"\n"))
    except OSError:
        return None


def _both(path: Path, known: str) -> str:
    """The folder's name, and the id if it is another."""
    return path.name if path.name == known else f"{path.name} ({known})"


def _state(state: RunState, *, running: bool) -> State:
    if any(r.purpose == "gate" and r.outcome != "succeeded" for r in state.trials.values()):
        return "gate"
    if running:
        return "running"
    if state.finished is not None:
        return "finished"
    return state.stopped.reason if state.stopped is not None else "interrupted"
