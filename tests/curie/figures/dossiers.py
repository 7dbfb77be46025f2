"""Dossiers of runs whose values a test chooses: a real journal on disk, findings by the real analyst."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from curie.dossier import Dossier, open_dossier
from curie.figures.model import Figure
from curie.journal.events import Event, FindingRecorded, PlanFrozen, RunCreated, TrialFinished, TrialStarted
from curie.nodes.analyst import analyse
from curie.paths import RunPaths
from curie.plan import Plan
from curie.records import Finding, TrialRecord
from tests.curie.sample_run import write_journal


def created() -> RunCreated:
    """The first event."""
    return RunCreated(
        run_id="r1", question="Why?", mode="declared", curie_version="0.0.0", seed=1, request={}, machine={}
    )


def dossier(
    root: Path, of: Plan | None, records: Sequence[TrialRecord] = (), findings: Sequence[Finding] | None = None
) -> Dossier:
    """A run with that plan and these trials; `findings` None: what the analyst finds, empty: not analysed yet."""
    paths = RunPaths.create(root)
    events: list[Event] = [created()]
    if of is not None:
        events.append(PlanFrozen(plan=of, digest=of.digest()))
        for record in records:
            events += [TrialStarted(key=record.key, attempt=record.attempt), TrialFinished(record=record)]
        found = analyse(of, records) if findings is None and records else findings or ()
        events += [FindingRecorded(finding=finding) for finding in found]
    write_journal(paths.journal, events)
    return open_dossier(paths)


def parsed(figure: Figure) -> ET.Element:
    """The SVG, read as XML."""
    return ET.fromstring(figure.svg)  # noqa: S314 -- our own markup is what is tested


def elements(figure: Figure, tag: str) -> list[ET.Element]:
    """Every element of that name."""
    return [e for e in parsed(figure).iter() if e.tag.rpartition("}")[2] == tag]


def named(figure: Figure, start: str) -> list[ET.Element]:
    """Every element whose id, behind the figure's own, begins so."""
    return [e for e in parsed(figure).iter() if e.get("id", "").startswith(f"{figure.id}-{start}")]


def drawn_dots(figure: Figure) -> int:
    """Dots drawn of trials: the strokes without length, and the diamonds of disturbed ones."""
    dots = sum(
        path.get("d", "").count("M") for group in named(figure, "data-dots") for path in group.iter() if path.get("d")
    )
    marks = [e for group in named(figure, "data-disturbed") for e in group.iter() if e.tag.endswith("}use")]
    return dots + len(marks)
