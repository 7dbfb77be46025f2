"""What the report says of a mounted data set: concerns and leaks first, nothing that is cut untold, within 2 MB."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from curie.page.bounds import Bounds
from curie.page.data import data_views
from curie.page.markdown import markdown
from curie.page.page import MOST_BYTES, html
from tests.curie.numerals_walk import Sources, strays_in_html
from tests.curie.page import runs


def text_of(page: str) -> str:
    """The section on data, tags taken out."""
    section = page.split('<h2 id="data">')[1].split('<h2 id="environment">', maxsplit=1)[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", "", section)).split())


def test_concerns_and_leaks_come_before_the_tables(dossier: Any, tmp_path: Path) -> None:
    """Every concern of the profile, in its order; then shared rows; then drift with p, and each table."""
    told = runs.leaky_data(tmp_path / "d")
    shown = text_of(html(dossier(*runs.with_data(told))))
    places = [shown.index(" ".join(sentence.split())) for sentence in runs.sentences_of(told)]
    assert len(places) > 3
    assert places == sorted(places)
    parts = ["Rows that two splits share", "Drift between splits", "odd.csv", "one.csv", "test.csv", "train.csv"]
    assert max(places) < shown.index(parts[0]) < shown.index(parts[1])
    for part in (*parts, "parted by semicolon", "ragged rows", "split by the column split", "p, unadjusted",
                 "not adjusted for the number of columns", "broken.npz", ".jpg 1", "no row in common"):  # fmt: skip
        assert part in shown, part


def test_a_leak_is_told_on_the_first_screen(dossier: Any, tmp_path: Path) -> None:
    """Below the verdicts that it puts in doubt, with a way to the details; notes stay below."""
    page = html(dossier(*runs.with_data(runs.leaky_data(tmp_path / "d"))))
    first = page.split('class="contents"', maxsplit=1)[0]
    assert "9 different rows occur in both train.csv and test.csv" in first
    assert first.index('class="verdicts"') < first.index('<a href="#data">Data:</a>')
    assert "out of balance" not in first


def test_every_number_of_a_profile_is_traced(dossier: Any, tmp_path: Path) -> None:
    """Citations show what the ledger says, literals are the journal's."""
    run = dossier(*runs.with_data(runs.leaky_data(tmp_path / "d")))
    section = "<main>" + html(run).split('<h2 id="data">')[1].split('<h2 id="environment">')[0] + "</main>"
    concerns = {s.token for s in strays_in_html(section, Sources(run)) if "literal message" in s.place}
    others = [s for s in strays_in_html(section, Sources(run)) if "literal message" not in s.place]
    assert others == []
    # A concern is recorded as a diagnostic by a real run; of these events it is only computed.
    assert all(
        any(token in sentence for sentence in runs.sentences_of(run.state.profiles["data"])) for token in concerns
    )


def test_markdown_says_the_same(dossier: Any, tmp_path: Path) -> None:
    """Concerns, shared rows, drift with p, classes by split, and what was not read."""
    told = runs.leaky_data(tmp_path / "d")
    text = markdown(dossier(*runs.with_data(told)))
    assert all(sentence.replace("<", "&lt;") in text for sentence in runs.sentences_of(told))
    for part in ("share 9 different rows", "| drift of | between |", "Split test of one.csv: 40 rows",
                 "Not profiled: broken.npz"):  # fmt: skip
        assert part in text, part


@pytest.mark.slow
def test_an_extreme_profile_fits(dossier: Any) -> None:
    """At most 2 MB; what is cut is counted, each table keeps a column, and reading in part is said."""
    run = dossier(*runs.with_data(runs.extreme_data()))
    page = html(run)
    assert len(page.encode()) <= MOST_BYTES
    shown = text_of(page)
    assert "read in part" in shown
    assert "at least 9" in shown
    assert re.search(r"And \d+ more columns that this page does not list", shown)
    assert re.search(r"And \d+ more comparisons, all with smaller distances", shown)


def test_no_table_takes_the_columns_of_another(dossier: Any) -> None:
    """All of them together keep to the bound."""
    (view,) = data_views(dossier(*runs.with_data(runs.extreme_data())).state, Bounds(columns=300))
    counts = [len(table.columns.shown) for table in view.tables.shown]
    assert sum(counts) <= 300
    assert min(counts) >= 1
    assert view.tables.shown[0].columns.left_out == 200 - counts[0] + 5
