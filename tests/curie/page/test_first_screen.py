"""What the first screen says of a run that goes on, stopped, failed at its gate, or has more verdicts than room."""

import re
from typing import Any

import pytest

from curie.journal.events import PlanFrozen, TrialFinished
from curie.page.markdown import markdown
from curie.page.page import html
from curie.page.phrase import Lit, Phrase, Ref
from curie.page.progress import progress_of
from curie.page.sentences import opening
from curie.records import StreamRef
from curie.rigor.ledger import Ledger
from tests.curie import sample_run
from tests.curie.page import runs


def first(page: str) -> str:
    """The first screen, tags taken out."""
    shown = page.split('class="contents"', maxsplit=1)[0].split("<main")[1]
    return " ".join(re.sub(r"<[^>]*>", "", re.sub(r"</t[dh]>|<p>", " ", shown)).split())


def test_a_run_that_goes_on_shows_what_it_will_decide(dossier: Any) -> None:
    """The hypothesis without a verdict, trials and blocks so far, and a plot of the values, which stands there once."""
    page = html(dossier(*runs.going_on()))
    told = first(page)
    assert "H1 tool=b lowers wall_s not yet wall_s block-t" in told
    assert "3 of 4 trials succeeded, 1 still to come; 1 of 2 blocks complete." in told
    assert '<progress max="4" value="3"' in page
    assert page.count("<svg") == len(set(re.findall(r'<figure[^>]* id="([^"]+)"', page)))
    assert "fig-distribution" in page.split('class="contents"')[0]
    assert "curie resume" not in page


@pytest.mark.parametrize("reason", ["budget", "interrupted", "infrastructure"])
def test_a_run_that_stopped_names_the_command_that_goes_on(dossier: Any, reason: str) -> None:
    """And what is missing, beside why it stopped."""
    run = dossier(*runs.stopped(reason))
    told = first(html(run))
    assert "the time budget is spent. Missing: 1 of 4 trials, the re-runs, every verdict. It goes on by" in told
    assert f"curie resume &#39;{run.paths.root}&#39;" in told


def test_a_finished_run_and_one_without_a_plan_have_no_progress(dossier: Any) -> None:
    """Neither can go on in a way that the page could show."""
    assert progress_of(dossier(sample_run.created())) is None
    assert progress_of(dossier(*runs.gate_failed())) is None


def test_a_failed_gate_shows_the_end_of_its_stderr(dossier: Any) -> None:
    """The last lines, their escapes visible, and where the rest is."""
    *before, gate = runs.gate_failed()
    run = dossier(*before, gate)
    assert isinstance(gate, TrialFinished)
    run.paths.artifacts.mkdir(parents=True)
    lines = "\n".join([*(f"step {n}" for n in range(40)), "\x1b[31mRuntimeError: no device"])
    kept = run.store.put_bytes("stderr", lines.encode())
    stream = StreamRef(artifact=kept, total_bytes=kept.size_bytes, truncated=False)
    told = gate.record.model_copy(update={"stderr": stream})
    page = html(dossier(*before, TrialFinished(record=told)))
    shown = first(page)
    assert r"\x1b[31mRuntimeError: no device" in shown
    assert "step 39" in shown
    assert "step 20" not in shown
    assert "The end of its stderr." in shown
    assert "control-gate" in shown


def test_a_long_answer_is_short_on_the_first_screen_and_whole_below(dossier: Any) -> None:
    """Ten clauses: a count of the verdicts, the first clauses, every verdict; all ten clauses further down."""
    page = html(dossier(*runs.many_hypotheses()))
    told = first(page)
    assert "10 supported In full Supported:" in told
    assert "; and others." in told
    assert told.count("exact") == 0
    assert page.split('class="contents"')[0].count('role="rowheader"') == 10
    assert told.count("than with tool=a") < 10
    (whole,) = re.findall(r'<p id="rest">(.*?)</p>', page, re.DOTALL)
    assert whole.count("than with tool=a") == 10


def test_an_opening_keeps_a_clause_of_every_sentence(dossier: Any) -> None:
    """However little room there is; with room for all, nothing is cut."""
    ledger = Ledger(dossier(*sample_run.events()).state)
    long: Phrase = ("Supported: a is ", Ref("F-H1.effect"), "; b is ", Lit("text", "2; c is 3"), "; d.")
    short: Phrase = ("Refuted: e.",)
    cut, was = opening((long, short), ledger, 1)
    assert (cut, was) == ((("Supported: a is ", Ref("F-H1.effect"), "; and others."), ("Refuted: e.",)), True)
    whole, was = opening((long, short), ledger, 1000)
    assert not was
    assert whole[1] == short
    assert [piece for piece in whole[0] if isinstance(piece, Ref)] == [Ref("F-H1.effect")]


def test_verdicts_of_an_earlier_analysis_are_not_final(dossier: Any) -> None:
    """A run that goes on after it was analysed says so."""
    plan = sample_run.plan()
    more = plan.model_copy(update={"repetitions": plan.repetitions.model_copy(update={"blocks": 3, "max_blocks": 3})})
    seen = [
        PlanFrozen(plan=more, digest=more.digest()) if isinstance(e, PlanFrozen) else e for e in sample_run.events()
    ]
    assert "the run goes on, and its end decides" in first(html(dossier(*seen)))


def test_markdown_says_the_same_of_unfinished_runs(dossier: Any) -> None:
    """Progress, what will be decided, and the command that goes on; at the gate, the failure."""
    text = markdown(dossier(*runs.stopped()))
    assert "**Not finished.** the time budget is spent. Missing: 1 of 4 trials" in text
    assert "It goes on by `curie resume" in text
    assert "**So far.** 3 of 4 trials succeeded" in text
    assert "| H1 | tool=b lowers wall_s | not yet | wall_s | block-t |" in text
    assert "**The control trial failed.** exit status 1" in markdown(dossier(*runs.gate_failed()))
