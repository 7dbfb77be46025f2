"""Live progress of a run: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from curie.journal.events import (
    BlocksDecided,
    EnvironmentBuilt,
    Event,
    PlanFrozen,
    RunCreated,
    RunResumed,
    SandboxChosen,
    TailDropped,
    TrialFinished,
    TrialInterrupted,
    TrialReproduced,
    TrialStarted,
)
from curie.plan import Plan
from curie.records import TrialRecord
from curie.report import one_line

_PLAIN_EVERY_S = 5.0


class ProgressConsole:
    """Shows trials done, running, failed and the time left. An observer and a context manager."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._bar = _bar(console) if console.is_terminal else None
        self._task: TaskID | None = None
        self._plan: Plan | None = None
        self._running: set[str] = set()
        self._done = self._failed = self._total = self._reruns = 0
        self._before = 0
        self._shown = -1
        self._started = self._said = clock()

    def __enter__(self) -> Self:
        """Start drawing."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()

    def catch_up(self, events: Iterable[Event]) -> None:
        """Learn in silence what happened before a run was resumed."""
        for event in events:
            match event:
                case PlanFrozen():
                    self._plan = event.plan
                    self._blocks(event.plan.repetitions.blocks)
                case BlocksDecided():
                    self._blocks(event.blocks)
                case TrialFinished():
                    self._count(event.record)
                case _:
                    continue
        self._before = self._done

    def on_event(self, event: Event) -> None:
        """Take one event."""
        match event:
            case RunCreated() | RunResumed() | TailDropped() | SandboxChosen() | EnvironmentBuilt():
                for line in _milestone(event):
                    self._say(line)
            case PlanFrozen():
                self._plan_frozen(event)
            case BlocksDecided():
                self._say(f"Second stage: {event.blocks} blocks in all. {event.reason}")
                self._blocks(event.blocks)
            case TrialStarted():
                self._running.add(event.key)
            case TrialInterrupted():
                self._running.discard(event.key)
            case TrialFinished():
                self._trial(event.record)
            case TrialReproduced():
                if event.reproduction.state != "reproduced":
                    self._say(f"Re-run of {event.reproduction.key}: {event.reproduction.state}")
            case _:
                return
        self._draw()

    def _plan_frozen(self, event: PlanFrozen) -> None:
        plan = event.plan
        self._plan = plan
        blocks = plan.repetitions.blocks
        stage = " in a first stage" if plan.repetitions.kind == "two-stage" else ""
        self._say(
            f"Plan frozen, sha256 {event.digest[:12]}: {len(plan.groups)} groups x {blocks} blocks{stage}, "
            f"{len(plan.hypotheses)} {'hypothesis' if len(plan.hypotheses) == 1 else 'hypotheses'}"
        )
        self._blocks(blocks)

    def _blocks(self, blocks: int) -> None:
        if self._plan is not None:
            self._total = len(self._plan.groups) * blocks

    def _count(self, record: TrialRecord) -> None:
        self._done += record.purpose == "measure"
        self._reruns += record.purpose in {"reproduce", "confirm"}
        self._failed += record.outcome != "succeeded"

    def _trial(self, record: TrialRecord) -> None:
        self._running.discard(record.key)
        self._count(record)
        if record.outcome != "succeeded":
            self._say(f"Trial {record.key}: {record.outcome}: {record.reason or 'no reason given'}")

    def _draw(self) -> None:
        if not self._total:
            return
        # Between two trials that run alone nothing runs for a moment; that moment is when this is called.
        running = f"{len(self._running)} running, " if self._running else ""
        text = f"{running}{self._failed} failed"
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task("trials", total=None, text=text)
            self._bar.update(self._task, total=self._total, completed=self._done, text=text, description=self._stage())
        elif self._clock() - self._said >= _PLAIN_EVERY_S or self._done == self._total != self._shown:
            self._said, self._shown = self._clock(), self._done
            again = f", {self._reruns} run again" if self._reruns else ""
            self._say(f"{self._done} of {self._total} trials done{again}, {text}{self._left()}")

    def _stage(self) -> str:
        return f"re-runs ({self._reruns})" if self._done == self._total and self._reruns else "trials"

    def _left(self) -> str:
        here = self._done - self._before
        if here <= 0 or self._done >= self._total:
            return ""
        seconds = (self._clock() - self._started) / here * (self._total - self._done)
        return f", about {seconds:.0f} s left"

    def _say(self, text: str) -> None:
        console = self._bar.console if self._bar is not None else self._console
        console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


def _milestone(event: RunCreated | RunResumed | TailDropped | SandboxChosen | EnvironmentBuilt) -> tuple[str, ...]:
    match event:
        case RunCreated():
            model = "no language model takes part" if event.mode == "declared" else "a model takes part"
            return f"Run {event.run_id} ({event.mode} study: {model})", f"Question: {event.question}"
        case RunResumed():
            return ("Going on with what is recorded.",)
        case TailDropped():
            return (f"A half-written last line ({event.bytes_dropped} bytes) was set aside as {event.saved_as}.",)
        case SandboxChosen():
            return (f"Sandbox: {event.isolation}",)
        case EnvironmentBuilt():
            how = "from the cache" if event.cached else "built"
            return (f"Python environment {event.digest[:12]} ({how}, {len(event.resolved)} packages)",)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[text]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        refresh_per_second=4,
    )
