"""`curie plan`: the plan that a run would freeze, and what is known of its time and power beforehand."""

import tempfile
import time
from pathlib import Path

from pydantic import JsonValue

from curie import __version__
from curie.config import Settings
from curie.errors import Interrupted
from curie.journal.events import RunCreated
from curie.journal.writer import Journal
from curie.machine import machine_facts
from curie.nodes.study import DeclaredStudy, refuse_errors
from curie.paths import RunPaths
from curie.plan import Plan
from curie.records import Diagnostic, TrialRecord
from curie.request import RunRequest
from curie.rigor.advice import mean_span
from curie.rigor.contrasts import contrast_sds
from curie.rigor.lint import Prospect
from curie.rigor.promise import Promise, declared_sds, expected_blocks, expected_seconds, promised_power
from curie.runner import utc_now
from curie.schedule import Block, blocks
from curie.session import Session
from curie.signals import cancel_on_signals
from curie.state import RunState
from sandboxes.leases import usable_cores
from tasks.study import Frozen


class Preview(Frozen):
    """A plan, before anything of it is run."""

    plan: Plan
    digest: str
    diagnostics: tuple[Diagnostic, ...]
    isolation: str | None
    schedule: tuple[Block, ...]
    """The blocks that are certain to run."""
    promises: tuple[Promise, ...]
    """Power by tested hypothesis; None where it is unknown."""
    trial_s: float | None
    """Mean seconds of a trial, from the pilot; None: unknown."""
    seconds: tuple[float, float] | None
    """Least and most seconds of the whole; None: unknown."""
    pilot_trials: int

    @property
    def refused(self) -> bool:
        """Whether lint forbids the plan."""
        return any(d.severity == "error" for d in self.diagnostics)

    def as_json(self) -> dict[str, JsonValue]:
        """The object that `--json` prints."""
        return {
            "plan_hash": self.digest,
            "plan": self.plan.canonical(),
            "diagnostics": [d.model_dump(mode="json") for d in self.diagnostics],
            "trials": [slot.model_dump(mode="json") for block in self.schedule for slot in block.slots],
            "power": [p.model_dump(mode="json") for p in self.promises],
            "trial_s": self.trial_s,
            "seconds": list(self.seconds) if self.seconds else None,
            "pilot_trials": self.pilot_trials,
            "refused": self.refused,
        }


def preview(request: RunRequest, *, pilot_blocks: int | None = None) -> Preview:
    """Prepare a run in a throw-away directory, and freeze nothing that lasts.

    Args:
        request: what `run` would be asked.
        pilot_blocks: blocks to run for time and spread; None: none, and both stay unknown unless a sd is declared.

    Raises:
        CurieError: as for a run; PlanRefused only with a pilot, since a plan with errors can be shown but not run.
        Interrupted: the pilot was stopped by a signal.
    """
    with tempfile.TemporaryDirectory(prefix="curie-plan-") as folder:
        paths = RunPaths.create(Path(folder) / "run")
        with Journal.open(paths.journal, clock=utc_now) as journal:
            session = Session(journal, RunState())
            session.record(_created(request))
            with (
                cancel_on_signals(session.cancelled),
                DeclaredStudy(session, paths, request, Settings(), time.monotonic) as study,
            ):
                study.prepare()
                return _look(session, study, request, pilot_blocks)


def _look(session: Session, study: DeclaredStudy, request: RunRequest, n: int | None) -> Preview:
    prospect = _prospect(request, {}, None)
    plan, diagnostics = study.propose(prospect)
    sds = declared_sds(plan, request.study.sd)
    records: tuple[TrialRecord, ...] = ()
    if n is not None:
        refuse_errors(diagnostics)
        study.freeze(plan, diagnostics)
        records = tuple(r for r in study.pilot(n) if r.purpose == "pilot")
        if session.cancelled.is_set():
            raise Interrupted("Interrupted; a pilot that did not end tells neither time nor spread.")
        sds = {**sds, **contrast_sds(plan, records)}
    trial_s = mean_span(records, "pilot")
    plan, diagnostics = study.propose(_prospect(request, sds, trial_s))
    fewest, most = expected_blocks(plan)
    seconds = [expected_seconds(plan, trial_s, count, _lanes(plan)) for count in (fewest, most)]
    known = [s for s in seconds if s is not None]
    sandbox = session.state.sandbox
    return Preview(
        plan=plan,
        digest=plan.digest(),
        diagnostics=diagnostics,
        isolation=sandbox.isolation if sandbox else None,
        schedule=blocks(plan, fewest),
        promises=promised_power(plan, sds),
        trial_s=trial_s,
        seconds=(known[0], known[-1]) if known else None,
        pilot_trials=len(records),
    )


def _prospect(request: RunRequest, sds: dict[str, float], trial_s: float | None) -> Prospect:
    return Prospect(
        sds=sds,
        trial_s=trial_s,
        max_time_s=request.max_time_s,
        lanes=max(1, len(usable_cores()) // request.study.cores),
        repeat_given=request.study.repeat is not None,
    )


def _lanes(plan: Plan) -> int:
    return max(1, len(usable_cores()) // plan.resources.cores)


def _created(request: RunRequest) -> RunCreated:
    return RunCreated(
        run_id="preview",
        question=request.study.question,
        mode="declared",
        curie_version=__version__,
        seed=request.seed,
        request=request.model_dump(mode="json"),
        machine=machine_facts(),
    )
