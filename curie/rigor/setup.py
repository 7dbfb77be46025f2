"""Does what was measured look like what was meant? Checks on the records, after the trials. Pure.

| id                    | severity | what                                                                            |
|-----------------------|----------|---------------------------------------------------------------------------------|
| setup/stderr          | warning  | trials that succeeded wrote to stderr: a part of the command may have failed    |
| setup/no-effect-at-all| warning  | a metric is one and the same number in every trial of every group               |
| setup/outputs         | warning  | files in CURIE_OUT were not kept                                                |
| setup/tool-changed    | warning  | a program was not the same in all trials                                        |
"""

from collections.abc import Iterator, Mapping, Sequence

from curie.plan import Plan
from curie.records import Diagnostic, TrialRecord

_LINE = 160


def diagnose(plan: Plan, records: Sequence[TrialRecord], last_lines: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """What a reader of the result should know about how it was measured.

    Args:
        plan: the frozen plan.
        records: all trial records.
        last_lines: trial key -> last line of its stderr, for those that wrote any.
    """
    measured = [r for r in records if r.purpose == "measure" and r.outcome == "succeeded"]
    return (*_stderr(measured, last_lines), *_one_number(plan, measured), *_left_out(records), *_tools(records))


def _stderr(measured: Sequence[TrialRecord], last_lines: Mapping[str, str]) -> Iterator[Diagnostic]:
    loud = [r.key for r in measured if r.key in last_lines]
    if loud:
        first = last_lines[loud[0]][:_LINE]
        message = f"{len(loud)} of {len(measured)} trials that succeeded wrote to stderr; {loud[0]} ends: {first}"
        hint = f"`curie show {loud[0]}` shows it; a pipe or script may hide a failure behind exit status 0"
        yield Diagnostic(id="setup/stderr", severity="warning", message=message, hint=hint)


def _one_number(plan: Plan, measured: Sequence[TrialRecord]) -> Iterator[Diagnostic]:
    for metric in plan.metrics:
        values = {r.values[metric.name] for r in measured if metric.name in r.values}
        if len(values) == 1 and len(measured) > 1:
            message = f"{metric.name} is {values.pop():g} in every trial of every group"
            hint = "does what varies reach what is measured? Look at a trial's output with `curie show`"
            yield Diagnostic(id="setup/no-effect-at-all", severity="warning", message=message, hint=hint)


def _left_out(records: Sequence[TrialRecord]) -> Iterator[Diagnostic]:
    short = [r for r in records if r.outputs_left_out]
    if short:
        count = sum(r.outputs_left_out for r in short)
        message = f"{count} files in CURIE_OUT of {len(short)} trials were not kept, those of {short[0].key} among them"
        hint = "write fewer or smaller files: a trial keeps a thousand, and 256 MiB"
        yield Diagnostic(id="setup/outputs", severity="warning", message=message, hint=hint)


def _tools(records: Sequence[TrialRecord]) -> Iterator[Diagnostic]:
    seen: dict[str, set[str]] = {}
    for record in records:
        if record.executable is not None:
            seen.setdefault(record.executable.path, set()).add(record.executable.sha256)
    for path, digests in seen.items():
        if len(digests) > 1:
            message = f"{path} was changed while the run went on: {len(digests)} versions of it took part"
            hint = "the trials are not comparable; run again with one version"
            yield Diagnostic(id="setup/tool-changed", severity="warning", message=message, hint=hint)
