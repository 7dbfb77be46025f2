"""Every number in report, Markdown, terminal and artifact is traced to a record: a walk over the text of real runs."""

import io
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from curie.console.screen import show_result
from curie.dossier import Dossier, open_dossier
from curie.page.markdown import markdown
from curie.page.page import html
from curie.paths import RunPaths
from tests.curie.artifact_walk import ArtifactWalk, strays_in_artifact
from tests.curie.commands_walk import strays_in_export, strays_in_history, strays_in_show, unwrapped
from tests.curie.numerals_walk import Sources, strays_in_html, strays_in_text, tokens_of

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


@pytest.fixture(scope="module")
def walk(told: Dossier, sources: Sources) -> ArtifactWalk:
    """Its artifact."""
    pytest.importorskip("ara.run", reason="the artifact's package is not installed")
    if told.result.artifact is None:
        pytest.skip("no artifact was published: the entry point of ara is not installed")
    return ArtifactWalk(told.result.artifact, sources)


def screen(dossier: Dossier) -> str:
    """The end of the run as the terminal shows it, on lines long enough for every table."""
    shown = io.StringIO()
    show_result(Console(file=shown, width=400), dossier.result)
    return shown.getvalue()


def command(*words: str) -> str:
    """What a command prints."""
    run = [sys.executable, "-c", "from curie.cli.app import main; main()", *words]
    return subprocess.run(run, capture_output=True, text=True, timeout=60, check=True).stdout


def missed(texts: dict[str, str], walk: Callable[[str, str], object], least: int, seed: int = 11) -> list[str]:
    """Of `least` digits of these texts, or all, changed one by one: those that the walk does not see."""
    noise = random.Random(seed)  # noqa: S311 -- which digits a test changes
    places = [
        (name, m.start()) for name, text in texts.items() for m in re.finditer("(?<!sha)(?<!sha2)(?<!sha25)[0-9]", text)
    ]
    tried = noise.sample(places, min(least, len(places)))
    unseen = []
    for name, at in tried:
        text = texts[name]
        if not walk(name, changed(text, at, noise)):
            unseen.append(f"{name}: {text[max(0, at - 40) : at]}>{text[at]}<{text[at + 1 : at + 20]}")
    return unseen


def changed(text: str, at: int, noise: random.Random) -> str:
    """The text with the digit at that place changed to another."""
    return text[:at] + noise.choice([d for d in "123456789" if d != text[at]]) + text[at + 1 :]


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
    """Each lies in a cell or phrase of what its line is about."""
    shown = text(told)
    assert strays_in_text(shown, sources) == []
    assert len(tokens_of(shown)) > 5


def test_every_number_of_the_commands_that_look_at_a_run(told: Dossier, sources: Sources) -> None:
    """`status`, `history`, `show` of every trial that is last of its group, and the table that `export` writes."""
    root = str(told.paths.root)
    assert strays_in_text(unwrapped(command("status", root)), sources) == []
    assert strays_in_history(command("history", root), sources) == []
    for key in {record.group: record.key for record in told.records}.values():
        assert strays_in_show(command("show", root, key), sources, key) == []
    assert strays_in_export(command("export", root, "--format", "csv", "--out", "-"), sources) == []


def test_every_number_of_the_artifact(told: Dossier, sources: Sources, walk: ArtifactWalk) -> None:
    """Markdown, YAML, CSV, JSON lines, drawings and the plan of all four layers."""
    assert strays_in_artifact(walk.root, sources) == []
    assert len(walk.files()) > 15


def test_a_changed_digit_of_the_page_is_found(page: str, sources: Sources) -> None:
    """In citations, literals, labels and the text of figures; scales, styles and entities are no numbers of the run.

    A clock that shows the second of another of the run's two ends, and one hypothesis' name for another's where panels
    stand side by side, may pass.
    """
    noise = random.Random(7)  # noqa: S311 -- which digits a test changes
    shown = page
    for hidden in (r"<(style|script)\b.*?</\1>", r'<g class="tick".*?</g>', r"&#x?\d+;"):
        shown = re.sub(hidden, lambda m: " " * len(m[0]), shown, flags=re.DOTALL)
    spans = re.finditer(r'>([^<]*)<|(?:aria-label|title|alt)="([^"]*)"', shown)
    places = [
        m.start(m.lastindex or 0) + at for m in spans for at, c in enumerate(m[m.lastindex or 0]) if c in "0123456789"
    ]
    tried = noise.sample(places, min(200, len(places)))
    unseen = [page[at - 40 : at + 20] for at in tried if not strays_in_html(changed(page, at, noise), sources)]
    assert len(unseen) <= 0.01 * len(tried), unseen


def test_a_number_that_is_written_into_the_page_is_found(page: str, sources: Sources) -> None:
    """Without a mark, with one that leads nowhere, and with one that leads to something else."""
    planted = (
        "<p>It took 3.7 s.</p>",
        '<b data-ref="F-H9.effect">3.7 s</b>',
        '<b data-ref="plan.seed">3.7</b>',
        '<p data-literal="count">8 of 8</p>',
        '<p data-literal="key">g09-r01</p>',
        '<p aria-label="8 of 8 blocks">x</p>',
    )
    for text in planted:
        assert strays_in_html(page.replace("</main>", f"{text}</main>"), sources)


@pytest.mark.parametrize("text", [markdown, screen], ids=["markdown", "terminal"])
def test_a_changed_digit_of_plain_text_is_found(
    told: Dossier, sources: Sources, text: Callable[[Dossier], str]
) -> None:
    """A name changed into another of the run, where its line has nothing else of the object, may pass."""
    shown = {"text": text(told)}
    unseen = missed(shown, lambda _, changed_text: strays_in_text(changed_text, sources), 300)
    assert len(unseen) <= 0.03 * min(300, len(re.findall("[0-9]", shown["text"]))), unseen


def test_a_changed_digit_of_a_command_is_found(told: Dossier, sources: Sources) -> None:
    """In `history` and in the table that `export` writes: in all but 1 %, where a value is the same number still."""
    root = str(told.paths.root)
    for text, walked in (
        (command("history", root), strays_in_history),
        (command("export", root, "--format", "csv", "--out", "-"), strays_in_export),
    ):
        unseen = missed({"": text}, lambda _, shown, walked=walked: walked(shown, sources), 200)  # type: ignore[misc]
        assert len(unseen) <= 2, unseen


def test_a_changed_digit_of_the_artifact_is_found(walk: ArtifactWalk) -> None:
    """In Markdown, tables and the tree; of JSON's many digits the last may change and leave the number as it is."""
    files = {name: text for name, text in walk.files().items() if not name.endswith((".svg", ".jsonl", ".json"))}
    assert len(missed(files, walk.strays, 400)) <= 4
    tables = {name: text for name, text in files.items() if "/tables/" in name or name.endswith((".csv", ".yaml"))}
    assert len(missed(tables, walk.strays, 300)) <= 3
    records = {name: text for name, text in walk.files().items() if name.endswith((".jsonl", ".json"))}
    assert len(missed(records, walk.strays, 100)) <= 4


def test_a_line_that_is_written_into_the_artifact_is_found(walk: ArtifactWalk) -> None:
    """Numbers that other objects have are no numbers of this one."""
    for name, text in walk.files().items():
        if name.endswith(".md"):
            assert walk.strays(name, f"{text}\n- effect 8 of 8, 7 blocks, 0.05 and 12 % lower\n"), name
