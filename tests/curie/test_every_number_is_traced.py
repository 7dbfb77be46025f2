"""Every number in report, Markdown, terminal and artifact is traced to a record: a walk over the text of real runs."""

import io
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from curie.console.screen import show_result
from curie.dossier import Dossier, open_dossier
from curie.page.markdown import markdown
from curie.page.page import html
from curie.paths import RunPaths
from tests.curie.artifact_walk import strays_in_artifact
from tests.curie.numerals_walk import (
    Sources,
    strays_in_html,
    strays_in_text,
    tokens_of,
)

pytestmark = pytest.mark.slow

NOISY = """
import json, random, sys
tool, noise = sys.argv[1], random.Random(int(sys.argv[2]))
if tool == "c3" and noise.random() < 0.5:
    sys.exit("bad rows: 17 of 23, 4.5 % more than allowed")
score = {"a": 5.0, "b2": 7.5, "c3": 6.0}[tool] + noise.gauss(0, 0.4) * (1 if tool == "a" else 1.3)
print(json.dumps({"score": score, "steps": 12345 * len(tool)}))
"""
EXACT = """
import json, sys
print(json.dumps({"ratio": 1 / (1 + float(sys.argv[1])), "bytes": 1234567 * int(sys.argv[1])}))
"""
GATED = "import sys\nsys.exit('needs 12 GiB, found 3')\n"
STUDIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "noisy": (
        NOISY,
        (
            "Does tool b2 raise the score?",
            "-c",
            "python3 trial.py {tool} {seed}",
            "--vary",
            "tool=a,b2,c3",
            "--aa",
            "-m",
            "score:1:higher",
            "-m",
            "wall_s",
            "-n",
            "6",
            "--reproduce",
            "2",
        ),
    ),
    "exact": (
        EXACT,
        (
            "How does the ratio fall?",
            "-c",
            "python3 trial.py {x}",
            "--vary",
            "x=1,10,200",
            "-n",
            "2",
            "-m",
            "ratio:1:lower:deterministic",
            "-m",
            "bytes:B:lower:deterministic",
            "--reproduce",
            "2",
        ),
    ),
    "gate": (
        GATED,
        ("Is 2 better than 1?", "-c", "python3 trial.py {x}", "--vary", "x=1,2", "-n", "2", "-m", "score:1:higher"),
    ),
}


@pytest.fixture(scope="module", params=sorted(STUDIES))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    """A run that the command line made in the process sandbox."""
    script, words = STUDIES[request.param]
    place = tmp_path_factory.mktemp(request.param)
    (place / "code").mkdir()
    (place / "code" / "trial.py").write_text(script, encoding="utf-8")
    folders = {f"CURIE_{name.upper()}_DIR": str(place / name) for name in ("runs", "cache", "lease")}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from curie.cli.app import main; main()",
            "run",
            *words,
            "--repo",
            "code",
            "--sandbox",
            "process",
            "--json",
        ],
        cwd=place,
        env={**os.environ, **folders},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return open_dossier(RunPaths.at(Path(json.loads(done.stdout)["directory"])))


@pytest.fixture(scope="module")
def sources(told: Dossier) -> Sources:
    """What its texts may say."""
    return Sources(told)


@pytest.fixture(scope="module")
def page(told: Dossier) -> str:
    """Its HTML report."""
    return html(told)


def screen(dossier: Dossier) -> str:
    """The end of the run as the terminal shows it, on lines long enough for every table."""
    shown = io.StringIO()
    show_result(Console(file=shown, width=400), dossier.result)
    return shown.getvalue()


def test_the_conclusion_is_fully_grounded(told: Dossier) -> None:
    """Answer and limits, or why there is no answer."""
    grounded = told.result.grounded
    assert grounded.problems == ()
    assert grounded.grounded == grounded.statements > 0


def test_every_number_of_the_page(page: str, sources: Sources) -> None:
    """Citations show what their records say, literals stand in the journal, and nothing is unmarked."""
    assert strays_in_html(page, sources) == []
    # Of a gated run there is one trial only; still its numbers are cited.
    assert len(re.findall(r"data-ref=", page)) > 15


@pytest.mark.parametrize("text", [markdown, screen], ids=["markdown", "terminal"])
def test_every_number_of_plain_text(told: Dossier, sources: Sources, text: Callable[[Dossier], str]) -> None:
    """Each is a citation of what its line is about, or a word of the journal."""
    shown = text(told)
    assert strays_in_text(shown, sources) == []
    assert len(tokens_of(shown)) > 5


def test_every_number_of_the_artifact(told: Dossier, sources: Sources) -> None:
    """Markdown, YAML and CSV of all four layers."""
    pytest.importorskip("ara.run", reason="the artifact's package is not installed")
    if told.result.artifact is None:
        pytest.skip("no artifact was published: the entry point of ara is not installed")
    assert strays_in_artifact(told.result.artifact, sources) == []


def changed(text: str, at: int, noise: random.Random) -> str:
    """The text with the digit at that place changed to another."""
    return text[:at] + noise.choice([d for d in "123456789" if d != text[at]]) + text[at + 1 :]


def test_a_changed_digit_of_a_citation_is_always_found_in_the_page(page: str, sources: Sources) -> None:
    """In whichever citation, at whichever digit."""
    noise = random.Random(7)  # noqa: S311 -- which digits a test changes
    shown = re.finditer(r'data-ref="[^"]*">([^<]*)<', page)
    places = [m.start(1) + at for m in shown for at, char in enumerate(m[1]) if char.isdigit()]
    assert len(places) > 15
    for at in noise.sample(places, min(25, len(places))):
        assert strays_in_html(changed(page, at, noise), sources), page[at - 60 : at + 20]


def test_a_number_that_is_written_into_the_page_is_found(page: str, sources: Sources) -> None:
    """Without a mark, with one that leads nowhere, and with one that leads to something else."""
    for planted in ("<p>It took 3.7 s.</p>", '<b data-ref="F-H9.effect">3.7 s</b>', '<b data-ref="plan.seed">3.7</b>'):
        assert strays_in_html(page.replace("</main>", f"{planted}</main>"), sources)


def places_in_text(text: str, sources: Sources) -> Iterator[tuple[str, int]]:
    """(line, place of a digit) of numerals that are no words of the journal."""
    for row in text.splitlines():
        plain = " ".join(row.split())
        bare = sources.without_literals(plain)
        yield from ((plain, at) for at, char in enumerate(bare) if char.isdigit())


def caught(text: str, sources: Sources) -> tuple[int, int]:
    """How many changed digits are found, and how many were tried."""
    noise = random.Random(11)  # noqa: S311 -- which digits a test changes
    places = list(places_in_text(text, sources))
    tried = noise.sample(places, min(300, len(places)))
    return sum(bool(strays_in_text(changed(row, at, noise), sources)) for row, at in tried), len(tried)


@pytest.mark.parametrize(("text", "least"), [(markdown, 0.85), (screen, 0.8)])
def test_most_changed_digits_of_plain_text_are_found(
    told: Dossier, sources: Sources, text: Callable[[Dossier], str], least: float
) -> None:
    """Plain text marks nothing: a count changed into another count that its line may hold is not seen."""
    found, tried = caught(text(told), sources)
    assert found >= least * tried, f"{found} of {tried}"


def test_a_changed_digit_of_a_measurement_in_the_artifact_is_found(told: Dossier, sources: Sources) -> None:
    """In the evidence tables, where every row is a trial's."""
    if (
        told.result.artifact is None
        or not (table := told.result.artifact / "evidence" / "data" / "measurements.csv").exists()
    ):
        pytest.skip("no table of measurements: nothing was published or measured")
    original = table.read_bytes()
    try:
        text = original.decode()
        place = next(m.start() + 2 for m in re.finditer(r"\d\.\d{4}", text)) if re.search(r"\d\.\d{4}", text) else None
        if place is None:
            pytest.skip("no measurement has four decimals")
        table.write_text(changed(text, place, random.Random(3)), encoding="utf-8")  # noqa: S311 -- which digit
        assert strays_in_artifact(told.result.artifact, sources)
    finally:
        table.write_bytes(original)
