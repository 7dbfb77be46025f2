"""The result of a run and its Markdown report: nothing that a person or a trial wrote breaks it."""

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie import trials
from curie.dossier import Dossier
from curie.journal.chain import Entry
from curie.journal.events import Event, FindingRecorded, PlanFrozen, RunFinished, RunStopped, TrialFinished
from curie.page.markdown import FILTERS, markdown
from curie.paths import RunPaths
from curie.plan import Metric, Plan
from curie.records import Finding, Interference, TrialRecord, TrialResources
from curie.report import duration, effect_text, interval_text, machine_text, one_line
from curie.result import ReproductionCounts, RunResult, summarise
from curie.state import RunState
from curie.store import ArtifactStore
from tests.curie import sample_run

hostile = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40) | st.sampled_from(
    ["|", "\\|", "`", "``", "\n| a | b |", "# h", "\x1b[31mred", "\u2028", "[red]x[/]", "<b>", "\r\n", "\\"]
)


def state(*events: Event) -> RunState:
    """The state after these events."""
    seen = RunState()
    for event in events:
        seen = seen.apply(event)
    return seen


def result(seen: RunState) -> RunResult:
    """Its result."""
    return summarise(seen, Path("/runs/r 1"), Path("/runs/r 1/report/report.md"))


def dossier(*events: Event) -> Dossier:
    """A run of these events that lies nowhere."""
    clock = sample_run.ticking()
    entries = tuple(Entry(seq=seq, time=clock(), event=e, hash=f"{seq:064x}") for seq, e in enumerate(events, start=1))
    paths = RunPaths.at(Path("/runs/r 1"))
    return Dossier(paths=paths, entries=entries, head=entries[-1].hash, state=state(*events),
                   result=result(state(*events)), store=ArtifactStore(paths.artifacts))  # fmt: skip


def report(*events: Event) -> str:
    """Their Markdown report."""
    return markdown(dossier(*events))


def tables(text: str) -> list[list[str]]:
    """The tables of a Markdown text, as their lines."""
    found: list[list[str]] = []
    for line in text.split("\n"):
        if line.startswith("|"):
            if not found or found[-1] == []:
                found.append([])
            found[-1].append(line)
        elif found and found[-1]:
            found.append([])
    return [table for table in found if table]


def columns(line: str) -> int:
    """Cells of a table's line; an escaped bar is none."""
    return len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) - 1


@given(question=hostile, statement=hostile, unit=hostile, reason=hostile, label=hostile, command=hostile)
def test_no_text_breaks_a_table_or_leaves_its_line(
    question: str, statement: str, unit: str, reason: str, label: str, command: str
) -> None:
    """Every line of a table has its header's columns; there are as many headings as ever; no control character."""
    plan: Plan = sample_run.plan(question)
    template = plan.command.model_copy(update={"template": command})
    metrics = (Metric(name="wall", unit=unit),)
    groups = tuple(group.model_copy(update={"label": label}) for group in plan.groups)
    (asked,) = plan.hypotheses
    asked = asked.model_copy(update={"rule": asked.rule.model_copy(update={"metric": "wall"})})
    changes = {"command": template, "metrics": metrics, "groups": groups, "hypotheses": (asked,)}
    plan = plan.model_copy(update=changes)
    finding = sample_run.finding().model_copy(update={"statement": statement, "unit": unit, "reason": reason})
    failed = sample_run.record("g01-r01", "g01", 1.0).model_copy(update={"outcome": "failed", "reason": reason})
    events = (
        sample_run.created(question=question),
        PlanFrozen(plan=plan, digest=plan.digest()),
        TrialFinished(record=failed),
        FindingRecorded(finding=finding),
    )
    text = report(*events)
    for table in tables(text):
        assert {columns(line) for line in table} == {columns(table[0])}
    assert re.findall(r"^#+ (.*)", text, re.MULTILINE)[1:] == [
        "Facts", "Verdicts", "What this does not show", "Again", "Plan", "Groups", "Trials",
        "Trials that did not succeed", "Environment", "Record",
    ]  # fmt: skip
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", text)


@given(hostile)
def test_a_code_span_shows_what_it_holds(text: str) -> None:
    """Its fence is longer than any run of backticks inside."""
    shown = FILTERS["code"](text)
    fence = re.match(r"`+", shown)
    assert fence is not None
    assert fence[0] not in shown[len(fence[0]) : -len(fence[0])].strip(" ") or one_line(text) == ""


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    """No line break of any kind, no escape, and doing it twice changes nothing."""
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line
    assert one_line(line) == line


def test_a_terminal_escape_goes_as_a_whole() -> None:
    """Its parameters do not stay behind."""
    assert one_line("a\x1b[31mred\x1b[0m b") == "a red  b"


def test_a_bare_run_can_be_reported() -> None:
    """Right after its creation: no plan, no verdict, and the report says so."""
    text = report(sample_run.created())
    assert "None yet." in text
    assert "No verdict" in text


def test_the_report_of_a_whole_run() -> None:
    """Answer, verdict, effect, means, reproduction and the next commands are all there."""
    first, *rest = sample_run.events()
    text = report(first.model_copy(update={"machine": {"cores": 2, "memory_bytes": 2**31}}), *rest)
    for part in ("b is faster", "**supported**", "-0.5 s", "1 of 1 re-run trials reproduced", "| g01 |", "2 GiB",
                 "curie verify '/runs/r 1'"):  # fmt: skip
        assert part in text


def test_counts_and_exit_codes() -> None:
    """A failed re-run is exit 1; a stop has its own code; what has no record was not attempted."""
    whole = state(*sample_run.events())
    assert (result(whole).phase, result(whole).trials.succeeded, result(whole).exit_code) == ("running", 4, 0)
    ended = whole.apply(RunFinished(events=1, head="0" * 64, files=()))
    assert (result(ended).phase, result(ended).exit_code) == ("finished", 0)
    stops = {"interrupted": 130, "budget": 4, "infrastructure": 5}
    for reason, code in stops.items():
        stopped = whole.apply(RunStopped.model_validate({"reason": reason, "detail": "why"}))
        assert (result(stopped).exit_code, result(stopped).stopped) == (code, "why")
    early = state(*sample_run.events()[:7])
    assert (result(early).trials.succeeded, result(early).trials.not_attempted) == (1, 3)


def test_only_reproduced_is_a_pass() -> None:
    """A time-out of a re-run is none."""
    assert ReproductionCounts(sampled=2, reproduced=2).ok
    for bad in ("diverged", "failed", "timed_out"):
        assert not ReproductionCounts.model_validate({"sampled": 1, bad: 1}).ok


def test_a_gate_that_failed_is_its_own_state() -> None:
    """Exit 1, finished or not."""
    gate = sample_run.record("gate-r01", "control", 1.0).model_copy(update={"purpose": "gate", "outcome": "failed"})
    seen = state(sample_run.created(), TrialFinished(record=gate), RunFinished(events=1, head="0" * 64, files=()))
    assert (result(seen).phase, result(seen).exit_code) == ("gate", 1)


def test_the_json_is_strict() -> None:
    """No NaN or infinity that other languages cannot read."""
    finding = sample_run.finding().model_copy(update={"standardized": math.inf})
    seen = state(*sample_run.events(), FindingRecorded(finding=finding))
    assert json.loads(json.dumps(result(seen).as_json(), allow_nan=False))


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (59, "59 s"), (90, "1.5 min"), (7200, "2.0 h")]
)
def test_a_duration(seconds: float, text: str) -> None:
    """As people say it."""
    assert duration(seconds) == text


def test_words_for_numbers() -> None:
    """Effects have a sign and a unit; an interval says what kind it is; what is missing is said."""
    finding: Finding = sample_run.finding()
    assert effect_text(finding) == "-0.5 s"
    assert effect_text(finding.model_copy(update={"effect": 0.5, "relative": 0.5})) == "+0.5 s (+50 %)"
    assert interval_text(finding) == "[-0.6, -0.4] (95 % CI)"
    assert interval_text(finding.model_copy(update={"interval": None})) == "none"
    assert effect_text(finding.model_copy(update={"effect": None})).startswith("none")
    assert machine_text({}) == "unknown"
    assert machine_text({"machine": "arm64", "cores": 2, "system": "Linux"}) == "arm64, 2 cores, Linux"


def disturbed(key: str, foreign: float, wall: float) -> TrialRecord:
    """A trial that is marked."""
    seen = Interference(foreign_cpu_s=foreign, disturbed=True)
    used = TrialResources(wall_s=wall, cpu_s=wall, interference=seen)
    return sample_run.record(key, "g01", wall).model_copy(update={"resources": used})


def recorded(*records: TrialRecord) -> list[Event]:
    """The sample run with these records behind its own."""
    return [*sample_run.events(), *(TrialFinished(record=record) for record in records)]


def test_disturbed_trials_are_named() -> None:
    """The worst first, with what others used; a hundred at most, and then how many more; none, no section."""
    clean = sample_run.record("g01-r99", "g01", 1.0)
    text = report(*recorded(clean, disturbed("g01-r01", 0.25, 2.0), disturbed("g01-r02", 0.5, 1.0)))
    section = text.split("## Disturbed trials\n")[1].split("\n## ")[0]
    assert [line for line in section.split("\n") if line.startswith("| `")] == [
        "| `g01-r02` | measure | 0.5 s | 1 s |",
        "| `g01-r01` | measure | 0.25 s | 2 s |",
    ]
    assert "more disturbed" not in section
    assert "curie show '/runs/r 1' g01-r02" in text
    many = report(*recorded(*(disturbed(f"g01-r{n:02d}", 0.5, 1.0) for n in range(1, 124))))
    section = many.split("## Disturbed trials\n")[1].split("\n## ")[0]
    assert section.count("| `g01-r") == 100
    assert "And 23 more" in section
    assert "## Disturbed" not in report(*recorded(clean))


def test_the_mark_means_what_the_report_says() -> None:
    """The numbers in the sentence are those of the code that marks."""
    text = report(*recorded(disturbed("g01-r01", 0.5, 1.0)))
    share, least = trials._DISTURBED_SHARE, trials._DISTURBED_LEAST_S
    assert f"more than {100 * share:g} % of the trial's wall time, and at least {least:g} s," in text


@pytest.mark.parametrize("test", ["block-t", "block-t-stein", "exact"])
def test_each_verdict_names_its_test(test: str) -> None:
    """The frozen one, of the plan."""
    plan = sample_run.plan()
    (hypothesis,) = plan.hypotheses
    changed = hypothesis.model_copy(update={"rule": hypothesis.rule.model_copy(update={"test": test})})
    plan = plan.model_copy(update={"hypotheses": (changed,)})
    text = report(*sample_run.events(), PlanFrozen(plan=plan, digest=plan.digest()))
    assert f"| 2 of 2 | 1 of 1 | {test} | the interval lies below 0 |" in text


def test_means_are_over_measured_trials_that_succeeded() -> None:
    """A failed trial and a re-run do not enter."""
    extra: list[TrialRecord] = [
        sample_run.record("x-r01", "g01", 9.0).model_copy(update={"purpose": "reproduce"}),
        sample_run.record("y-r01", "g01", 9.0).model_copy(update={"outcome": "failed"}),
    ]
    assert "| g01 | tool=b | 2 | 0.55 s |" in report(*recorded(*extra))
