"""The walk over what `history`, `show` and `export` print: each line is about one event, or one trial's record."""

import csv
import io
import re

from curie.journal.events import ConclusionRecorded, FindingRecorded, RunFinished, TrialReproduced
from curie.records import TrialRecord
from tests.curie.numerals_walk import Sources, Stray, strays_in_row

_ROW = re.compile(r"\s*(\d+)\s+(\d\d:\d\d:\d\d)\s+(.*)")


def strays_in_history(text: str, sources: Sources) -> list[Stray]:
    """Every line's place and time are its event's, and the rest says what the event holds."""
    found = []
    entries = sources.dossier.entries
    for place, shown in enumerate(filter(str.strip, text.splitlines()), start=1):
        match = _ROW.fullmatch(shown)
        entry = entries[place - 1] if place <= len(entries) else None
        if match is None or entry is None or (match[1], match[2]) != (str(entry.seq), f"{entry.time:%H:%M:%S}"):
            found.append(Stray(shown.split(maxsplit=1)[0], f"is not event {place}: {shown}"))
            continue
        event = entry.event
        record = getattr(event, "record", None)
        names, extra = {getattr(event, "key", "")}, set[str]()
        if isinstance(record, TrialRecord):
            names.add(record.key)
            extra |= {f"{name}={value:.6g}" for name, value in record.values.items()}
        if isinstance(event, TrialReproduced):
            names.add(event.reproduction.key)
        if isinstance(event, FindingRecorded):
            names.add(event.finding.hypothesis)
        if isinstance(event, ConclusionRecorded):
            extra.add(f"{len(event.conclusion.statements)} statement")
            extra.add(f"{len(event.conclusion.statements)} statements")
        if isinstance(event, RunFinished):
            extra |= {f"{event.events} events before this", f"{len(event.files)} files"}
        found += [Stray(t, shown) for t in sources.left(match[3], names & sources.phrases.names, extra)]
    return found


def strays_in_show(text: str, sources: Sources, key: str) -> list[Stray]:
    """Every field is of that trial's record."""
    record = sources.dossier.state.trials[key]
    extra = {f"{m.metric} = {m.value:.10g}" for m in record.measurements}
    extra |= {f"{name} = {value:.10g}" for name, value in record.values.items()}
    extra |= {
        f"status {record.exit_code}",
        f"repetition {record.repetition}",
        f"Seed {record.seed}",
        " ".join(record.command),
    }
    extra |= {f"Block {record.block}, position {record.position}"}
    if record.executable:
        extra.add(f"{record.executable.path}, sha256 {record.executable.sha256}")
    if used := record.resources:
        extra |= {
            f"{used.wall_s:.6g} s wall",
            f"{used.cpu_s:.6g} s CPU",
            f"pinned to {', '.join(map(str, used.cores))}",
        }
        extra.add(f"memory {(used.memory_peak_bytes or 0) / 2**20:.1f} MiB at most")
        other = used.interference
        extra |= {
            f"others used {other.foreign_cpu_s:.3g} CPU s",
            f"{other.involuntary_switches} involuntary context switches",
        }
    for stream in (record.stdout, record.stderr):
        if stream is not None:
            extra |= {f"{stream.total_bytes} bytes", f"{stream.artifact.name}: {stream.total_bytes} bytes"}
    return [Stray(t, shown) for shown in text.splitlines() for t in sources.left(shown, (key, record.group), extra)]


def strays_in_export(text: str, sources: Sources) -> list[Stray]:
    """Every cell of the table of trials is of its row's trial."""
    rows: set[tuple[str, ...]] = set()
    found = []
    for told in csv.DictReader(io.StringIO(text)):
        if told["run_id"] != sources.dossier.result.run_id:
            found.append(Stray(told["run_id"], "is no such run"))
        row = {"key": told.pop("key"), **{head: cell for head, cell in told.items() if head != "run_id"}}
        found += strays_in_row(row, ",".join(map(str, row.values())), sources, rows)
    return found


def unwrapped(text: str) -> str:
    """What the terminal broke into lines below a label, on one line each."""
    return re.sub(r"\n {14}(?=\S)", " ", text)
