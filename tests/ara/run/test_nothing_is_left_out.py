"""An artifact holds all of its run: counted, in a run in which everything that can go wrong did."""

import csv
import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from ara.observer import ArtifactPublisher
from curie.dossier import Dossier, open_dossier
from curie.journal.events import RunStopped, TrialFinished, TrialInterrupted
from curie.paths import RunPaths
from curie.schedule import blocks
from tests.ara import eventful_run


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """The eventful run, published."""
    made = eventful_run.write(tmp_path_factory.mktemp("run") / "r")
    assert ArtifactPublisher().publish(open_dossier(made)) == made.ara
    return made


@pytest.fixture(scope="module")
def dossier(paths: RunPaths) -> Dossier:
    """What the artifact was made from."""
    return open_dossier(paths)


@pytest.fixture(scope="module")
def trials(paths: RunPaths) -> list[Any]:
    """The records in the artifact."""
    return [json.loads(line) for line in (paths.ara / "evidence/data/trials.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def nodes(paths: RunPaths) -> list[Any]:
    """Every node of the tree."""
    todo = yaml.safe_load((paths.ara / "trace/exploration_tree.yaml").read_text("utf-8"))["tree"]
    found = []
    while todo:
        found.append(node := todo.pop())
        todo += node.get("children", [])
    return found


def test_every_finished_trial_is_there_word_for_word(dossier: Dossier, trials: list[Any]) -> None:
    """Each record of the journal, superseded ones included, stands in the data with every field it has."""
    expected = [e.event.record.model_dump(mode="json") for e in dossier.entries if isinstance(e.event, TrialFinished)]
    assert [t["record"] for t in trials if t["record"]] == expected
    assert sum(t["standing"] == "superseded" for t in trials) == len(dossier.state.superseded) == 1


def test_every_planned_trial_is_there(dossier: Dossier, trials: list[Any]) -> None:
    """Each slot of the schedule has a row, those never begun as `not_attempted`."""
    plan = dossier.state.plan
    assert plan is not None
    planned = {s.key for b in blocks(plan, dossier.state.blocks_decided or 0) for s in b.slots}
    assert planned <= {t["key"] for t in trials}
    begun = {*dossier.state.trials, *dossier.state.open_attempts}
    assert {t["key"] for t in trials if t["standing"] == "not_attempted"} == planned - begun


def test_table_csv_and_records_agree_in_number(paths: RunPaths, trials: list[Any]) -> None:
    """The table for people and the CSV have a row for every row of the records."""
    rows = list(csv.DictReader(io.StringIO((paths.ara / "evidence/data/trials.csv").read_text("utf-8"))))
    page = (paths.ara / "evidence/tables/table1_trials.md").read_text("utf-8").splitlines()
    assert len(rows) == len(trials) == sum(line.startswith("| ") for line in page) - 1
    assert [r["key"] for r in rows] == [t["key"] for t in trials]


def test_every_measurement_is_there(paths: RunPaths, dossier: Dossier) -> None:
    """Every point of every series, with a value that reads back as the same float."""
    rows = csv.DictReader(io.StringIO((paths.ara / "evidence/data/measurements.csv").read_text("utf-8")))
    seen = Counter((r["key"], r["attempt"], r["metric"], float(r["value"]), float(r["step"])) for r in rows)
    records = [e.event.record for e in dossier.entries if isinstance(e.event, TrialFinished)]
    assert seen == Counter((r.key, str(r.attempt), m.metric, m.value, m.step) for r in records for m in r.measurements)


def test_every_failure_is_a_dead_end(dossier: Dossier, trials: list[Any], nodes: list[Any]) -> None:
    """Each trial that does not count as a success is named by exactly the dead ends of its group."""
    told = " ".join(n["description"] + "," for n in nodes if n["type"] == "dead_end" and "description" in n)
    bad = [t for t in trials if t["outcome"] != "succeeded" or t["standing"] != "counts"]
    assert len(bad) >= 8
    assert {t["outcome"] for t in bad} >= {*eventful_run.FAILURES, "interrupted", "unfinished", "not_attempted"}
    assert [t["key"] for t in bad if f" {t['key']}," not in told and f" {t['key']} (" not in told] == []
    assert sum(isinstance(e.event, TrialInterrupted) for e in dossier.entries) == 1


def test_every_branch_that_did_not_hold_is_a_dead_end(dossier: Dossier, nodes: list[Any]) -> None:
    """Refuted and inconclusive findings, re-runs that are no pass, and stops: one leaf each."""
    ends = [n for n in nodes if n["type"] == "dead_end"]
    lost = [f for f in dossier.state.findings.values() if f.verdict != "supported"]
    assert [f.hypothesis for f in lost if not any(n["title"].startswith(f"{f.hypothesis} ") for n in ends)] == []
    assert sum(n["title"].endswith(("diverged", "timed out")) and "re-run" in n["title"] for n in ends) == 2
    stops = sum(isinstance(e.event, RunStopped) for e in dossier.entries)
    assert sum(n["title"].startswith("The run stopped") for n in ends) == stops == 1
    assert not any("children" in n for n in ends)


def test_revisions_decisions_and_notes_are_nodes(nodes: list[Any]) -> None:
    """A second plan is a pivot; design, repetitions, second stage and sandbox are decisions; a note is an insight."""
    kinds = Counter(n["type"] for n in nodes)
    assert kinds["pivot"] == 1
    assert kinds["decision"] == 4
    assert kinds["insight"] == 2
    assert kinds["question"] == 1


def test_every_hypothesis_is_a_claim_with_its_status(paths: RunPaths, dossier: Dossier) -> None:
    """Status follows the verdict; the control with its twin claims nothing."""
    page = (paths.ara / "logic/claims.md").read_text("utf-8")
    statuses = [line.removeprefix("- **Status**: ") for line in page.splitlines() if line.startswith("- **Status**")]
    word = {"supported": "supported", "refuted": "refuted", "inconclusive": "testing"}
    assert statuses == [word[f.verdict] for f in dossier.result.findings]
    assert page.count("\n## C") == len(dossier.result.findings)


def test_every_source_quotes_its_line(paths: RunPaths) -> None:
    """Each source names a line of our evidence, word for word, and its value stands in that line."""
    page = (paths.ara / "logic/claims.md").read_text("utf-8")
    quotes = [
        entry
        for line in page.splitlines()
        if line.startswith("- **Sources**: ")
        for entry in line.removeprefix("- **Sources**: ").split(" [result]")
        if entry.strip("; ")
    ]
    assert len(quotes) == 21
    for entry in quotes:
        head, _, quote = entry.removeprefix("; ").partition(" «")
        value, _, ref = head.partition(" ← ")
        path, _, line = ref.rpartition(":")
        assert (paths.ara / path).read_text("utf-8").splitlines()[int(line) - 1] == quote.removesuffix("»")
        assert value in quote


def test_every_parameter_is_there(paths: RunPaths, dossier: Dossier) -> None:
    """Variables, levels, groups, limits, seed and rules stand in the configs; the plan's file has the frozen digest."""
    plan = dossier.state.plan
    assert plan is not None
    text = "".join(p.read_text("utf-8") for p in (paths.ara / "src/configs").glob("*.md"))
    names = [v.name for v in plan.variables] + [g.id for g in plan.groups] + [f"rule {h.id}" for h in plan.hypotheses]
    names += [f"metric {m.name}" for m in plan.metrics] + [*type(plan.resources.limits).model_fields, "seed"]
    assert [n for n in names if f"\n## {n}\n" not in text] == []
    assert "- **Value**: 12.5\n" in text
    frozen = (paths.ara / "src/configs/plan.json").read_bytes()
    assert hashlib.sha256(frozen).hexdigest() == dossier.state.plan_digest


def test_code_is_byte_for_byte_and_symlinks_are_named(paths: RunPaths) -> None:
    """The commit's files are there unchanged, however they are called; a symlink is named and not followed."""
    assert (paths.ara / "src/code/main.py").read_bytes() == b"print(1)\n"
    assert (paths.ara / "src/code/sub dir/a b [c] (d).md").read_bytes() == b"# code\n"
    assert not (paths.ara / "src/code/link").exists()
    assert "link: a symlink" in (paths.ara / "src/artifacts.md").read_text("utf-8")


def test_hostile_text_forges_nothing(paths: RunPaths) -> None:
    """No heading, rule or field of the text that is in every name and reason became structure of a page."""
    for path in [*paths.ara.glob("logic/**/*.md"), *paths.ara.glob("evidence/**/*.md"), paths.ara / "src/artifacts.md"]:
        lines = path.read_text("utf-8").splitlines()
        assert not [line for line in lines if line.startswith(("## C99", "- **Status**: supported\n", "```", "---"))], (
            path
        )
        assert not [line for line in lines if not line.isprintable()], path


def test_publishing_again_changes_no_byte(paths: RunPaths) -> None:
    """The same run gives the same files; the folder is replaced and nothing is left beside it."""
    before = _content(paths.ara)
    ArtifactPublisher().publish(open_dossier(paths))
    assert _content(paths.ara) == before
    assert [p.name for p in paths.root.iterdir() if p.name.startswith(".") or "kept" in p.name] == []


def _content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
