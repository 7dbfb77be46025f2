"""`curie view` in a real Chromium while a real run goes on: it follows, keeps the reader's place, asks nobody else."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from curie.journal.reader import load
from curie.paths import RunPaths

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLI = (sys.executable, "-c", "from curie.cli.app import main; main()")
TRIAL = """
import json, random, sys, time
time.sleep(0.7)
print(json.dumps({"score": {"a": 5.0, "b": 7.0}[sys.argv[1]] + random.Random(sys.argv[1] + sys.argv[2]).gauss(0, 0.4)}))
"""
SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@contextmanager
def started(*words: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A command of ours in the background; it is ended with the block."""
    folders = {f"CURIE_{name.upper()}_DIR": str(cwd / name) for name in ("runs", "cache", "lease")}
    process = subprocess.Popen(
        [*CLI, *words],
        cwd=cwd,
        env={**os.environ, **folders},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def begun(run: Path, within: float = 60.0) -> None:
    """Wait until the first measured trials have come to an end."""
    journal = RunPaths.at(run).journal
    end = time.monotonic() + within
    while time.monotonic() < end:
        if journal.exists() and sum(e.event.type == "trial_finished" for e in load(journal).entries) > 2:
            return
        time.sleep(0.2)
    pytest.fail(f"no trial came to an end within {within:g} s")


@pytest.fixture
def going(tmp_path: Path) -> Iterator[str]:
    """The address of the live view of a run that has some ten seconds to go."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "trial.py").write_text(TRIAL, encoding="utf-8")
    words = ("run", "Does tool b raise the score?", "-c", "python3 trial.py {tool} {seed}", "--vary", "tool=a,b",
             "-m", "score:1:higher", "-n", "8", "--repo", "code", "--sandbox", "process", "--reproduce", "2",
             "--out", str(tmp_path / "run"), "--json")  # fmt: skip
    with started(*words, cwd=tmp_path):
        begun(tmp_path / "run")
        with started("view", str(tmp_path / "run"), "--json", cwd=tmp_path) as server:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["url"]


@contextmanager
def watched(chromium: Any, url: str, size: tuple[int, int]) -> Iterator[tuple[Any, list[str], list[str]]]:
    """The view, what it complained about, and which addresses it asked for."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    yield page, complaints, asked
    context.close()


def report_of(page: Any) -> Any:
    """The document inside the frame that is shown."""
    return page.frame_locator("iframe:not(.next)")


def until(page: Any, condition: str, within: float) -> None:
    """Ask the page again and again, as its policy forbids what Playwright's own waiting needs."""
    end = time.monotonic() + within
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(50)


SHOWN = "document.querySelector('iframe:not(.next)').contentDocument"


def test_a_run_is_followed_to_its_end(chromium: Any, going: str, screenshots: Path) -> None:
    """Progress first; then new pages that keep scroll position and open details; then the verdict; no stray request."""
    with watched(chromium, going, SIZES["desk"]) as (page, complaints, asked):
        report_of(page).locator("progress").wait_for()
        assert "not yet" in report_of(page).locator("table.pending").inner_text()
        page.screenshot(path=f"{screenshots}-going.png")
        before = page.evaluate(f"{SHOWN}.querySelector('progress').value")
        page.evaluate(f"{SHOWN}.querySelectorAll('details').forEach(d => d.open = false)")
        parts = page.evaluate(f"{SHOWN}.querySelectorAll('details').length")
        page.evaluate("document.querySelector('iframe:not(.next)').contentWindow.scrollTo(0, 300)")
        page.evaluate(f"{SHOWN}.documentElement.dataset.old = 'yes'")
        until(page, f"!{SHOWN}.documentElement.dataset.old", 30)
        assert page.evaluate("document.querySelector('iframe:not(.next)').contentWindow.scrollY") == 300
        assert page.evaluate(f"[...{SHOWN}.querySelectorAll('details')].some(d => d.open)") is False
        assert page.evaluate(f"{SHOWN}.querySelector('progress')?.value ?? 99") > before
        until(page, "document.querySelector('#status').textContent.includes('finished')", 90)
        until(page, f"{SHOWN}.querySelector('.phase')?.textContent === 'finished'", 30)
        page.screenshot(path=f"{screenshots}-finished.png")
        assert page.evaluate(f"{SHOWN}.querySelectorAll('details').length") > parts, "others came in between"
        assert page.evaluate(f"{SHOWN}.querySelector('section[aria-labelledby=trials] details').open") is False
        assert report_of(page).locator("table.verdicts .verdict").first.inner_text().strip() != ""
        assert report_of(page).locator("progress").count() == 0
        assert complaints == []
        assert {url for url in asked if not url.startswith((going, "data:"))} == set()
        assert any(url.endswith("/events") for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_shell(chromium: Any, going: str, axe: str, screenshots: Path, scheme: str) -> None:
    """The bar and its frame, on a desk and on a phone; the report inside has a test of its own."""
    for name, size in SIZES.items():
        with watched(chromium, going, size) as (page, complaints, _):
            page.emulate_media(color_scheme=scheme)
            report_of(page).locator("h1").wait_for()
            until(page, "document.querySelector('#status').textContent.includes('trials done')", 30)
            page.screenshot(path=f"{screenshots}-{name}.png")
            told = "(e => { const r = document.createRange(); r.setStart(e.firstChild, 0); r.setEnd(e.firstChild, e.textContent.indexOf(' done')); return r.getBoundingClientRect().right <= e.getBoundingClientRect().right; })"  # noqa: E501 -- one expression
            assert page.evaluate(f"{told}(document.querySelector('#status'))"), "progress is cut"
            # By the debugger, not by a script tag: the shell's policy lets no text in.
            page.evaluate(axe)
            found = page.evaluate("axe.run(document, {iframes: false, rules: {'target-size': {enabled: true}}})")
            assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert complaints == []
