"""A trial's record and its output as text for people: nothing in it can steer a terminal. Pure."""

import re
import shlex
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from curie.design_groups import level_text
from curie.errors import UsageError
from curie.records import StreamRef, TrialRecord, TrialResources
from curie.report import CONTROL_CHARACTERS, one_line
from curie.state import RunState

_LABEL = 14
_FIRST = 8
"""Keys that are named where a trial is not found."""
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor moves
    r"|\x1b[\]P^_X][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # strings: titles, links, the clipboard
    r"|\x1b[ -/]*[0-~]"  # the short ones
)


def find_record(state: RunState, key: str) -> TrialRecord:
    """The latest record of a trial.

    Raises:
        UsageError: the run has no such trial, or it has no record yet; the message names close keys, or the first ones.
    """
    if key in state.trials:
        return state.trials[key]
    if key in state.attempts:
        raise UsageError(
            f"Trial {key} was started and has no record yet.", hint="`curie status` says how far the run is"
        )
    keys = list(state.trials)
    if not keys:
        raise UsageError("No trial of this run has a record yet.", hint="`curie status` says how far the run is")
    first = ", ".join(keys[:_FIRST]) + (" ..." if len(keys) > _FIRST else "")
    close = get_close_matches(key, keys, n=3, cutoff=0.6)
    known = f"{len(keys)} trials have a record: {first}"
    asked = f"There is no trial {key!r}" if key else "A trial has to be named"
    hint = f"did you mean {' or '.join(close)}?" if close else "curie show RUN TRIAL"
    raise UsageError(f"{asked}. {known}", hint=hint)


def record_text(record: TrialRecord, units: Mapping[str, str]) -> str:
    """What is known of a trial, a line a fact.

    Args:
        record: the trial.
        units: metric -> unit.
    """
    lines = (f"{label:<{_LABEL}}{one_line(text)}" for label, text in _facts(record, units))
    return "\n".join(line.rstrip() for line in lines)


def stream_text(name: str, ref: StreamRef | None, data: bytes) -> str:
    """An output stream under a heading that says how much of it there is.

    Args:
        name: `stdout` or `stderr`.
        ref: what the record says of it; None if it was not kept.
        data: what was kept.
    """
    if ref is None:
        return f"--- {name}: not kept"
    if ref.total_bytes == 0:
        return f"--- {name}: empty"
    cut = ", head and tail kept" if ref.truncated else ""
    return f"--- {name}: {ref.total_bytes} bytes{cut}\n{plain(data)}"


def plain(data: bytes) -> str:
    """Output as lines of text, without a last line break; escapes are taken out, control characters are blanks."""
    text = _ESCAPES.sub("", data.decode("utf-8", "replace").replace("\r\n", "\n"))
    lines = (CONTROL_CHARACTERS.sub(" ", line.expandtabs()) for line in text.removesuffix("\n").split("\n"))
    return "\n".join(lines)


def _facts(record: TrialRecord, units: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    attempt = f", attempt {record.attempt}" if record.attempt > 1 else ""
    yield "Trial", f"{record.key}: {record.purpose}, group {record.group}, repetition {record.repetition}{attempt}"
    yield "Outcome", f"{record.outcome}: {record.reason}" if record.reason else record.outcome
    yield "Exit", _exit(record)
    yield "Settings", ", ".join(f"{name}={level_text(level)}" for name, level in record.settings.items()) or "none"
    yield "Seed", str(record.seed)
    yield "Block", f"{record.block}, position {record.position}" if record.block else "none: it ran before the blocks"
    yield "Command", shlex.join(record.command) or "none"
    tool = record.executable
    yield "Executable", f"{tool.path}, sha256 {tool.sha256}" if tool else "unknown"
    yield "Commit", record.commit or "none"
    if record.environment_digest:
        yield "Environment", record.environment_digest
    yield "Sandbox", record.sandbox
    shown = {name: "" if unit == "1" else unit for name, unit in units.items()}
    values = (f"{name} = {value:.10g} {shown.get(name, '')}".rstrip() for name, value in record.values.items())
    yield "Values", "; ".join(values) or "none"
    yield from _resources(record.resources)
    opened = record.data_opened
    more = f" and {opened.more} more" if opened.more else ""
    named = f"{', '.join(opened.files)}{more} (seen: {opened.attribution})"
    yield "Data opened", named if opened.files else "none seen"
    for number, ref in enumerate(record.outputs):
        yield "" if number else "Outputs", f"{ref.name}, {ref.size_bytes} bytes: artifacts/{ref.sha256}"
    if not record.outputs:
        yield "Outputs", "none"
    if record.outputs_left_out:
        yield "", f"{record.outputs_left_out} more files were not kept"


def _exit(record: TrialRecord) -> str:
    if record.signal is not None:
        return f"signal {record.signal}"
    return "unknown" if record.exit_code is None else f"status {record.exit_code}"


def _resources(used: TrialResources | None) -> Iterator[tuple[str, str]]:
    if used is None:
        yield "Used", "unknown"
        return
    memory = "unknown" if used.memory_peak_bytes is None else f"{used.memory_peak_bytes / 2**20:.1f} MiB at most"
    cores = f"pinned to {', '.join(map(str, used.cores))}" if used.cores else "not pinned"
    yield "Used", f"{used.wall_s:.6g} s wall, {used.cpu_s:.6g} s CPU; memory {memory} ({used.memory_method}); {cores}"
    seen = used.interference
    foreign = (
        "unknown what others used" if seen.foreign_cpu_s is None else f"others used {seen.foreign_cpu_s:.3g} CPU s"
    )
    mark = "; marked as disturbed" if seen.disturbed else ""
    yield "Interference", f"{foreign} on its cores; {seen.involuntary_switches} involuntary context switches{mark}"
