"""Figures in a real browser: nothing is refused by a strict policy, and every text stays inside its picture."""

import shutil
from pathlib import Path

import pytest

from curie.figures.draw import draw
from curie.figures.model import Figures
from tests.curie.figures.dossiers import dossier, drawn_dots
from tests.curie.figures.test_draw import crossed, values_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
QUIETLY = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OUTSIDE = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
    const whole = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < whole.left - 1 || box.right > whole.right + 1
            || box.top < whole.top - 1 || box.bottom > whole.bottom + 1;
    }).map(text => svg.id + ': ' + text.textContent);
})"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('text')].map(
    text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """The figures of a run with two variables and two metrics."""
    of = crossed()
    return draw(dossier(tmp_path_factory.mktemp("run"), of, values_of(of)))


@pytest.fixture(scope="module")
def page_file(figures: Figures, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with all of them and no other style than a policy that forbids any."""
    body = "".join(f.svg for f in figures.all)
    page = tmp_path_factory.mktemp("page") / "page.html"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>t</title>'
    page.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>', encoding="utf-8")
    return page


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [360, 1280])
def test_a_browser_draws_them_as_they_are(figures: Figures, page_file: Path, width: int) -> None:
    """No complaint of the policy, no text outside, readable on a telephone, and as many dots as trials."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only where there is a browser

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        page = browser.new_page(viewport={"width": width, "height": 800})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(page_file.as_uri())
        outside, smallest = page.evaluate(OUTSIDE), page.evaluate(SMALLEST)
        shown = page.evaluate("() => document.querySelectorAll('svg[role=img] > title').length")
        page_width = page.evaluate("() => document.documentElement.scrollWidth")
        browser.close()
    assert said == []
    assert outside == []
    assert smallest >= 8
    assert shown == len(figures.all)
    assert page_width <= width
    assert drawn_dots(figures.distributions[0]) == 25
