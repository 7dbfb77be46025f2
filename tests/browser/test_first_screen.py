"""The first screen of real runs in a real Chromium: every part of it is there, whole or with the whole one below."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.browser.real_runs import WORDS
from tests.browser.test_report_page import EVERY_RULE, PHONE, WIDE, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = {"desk": WIDE, "phone": PHONE}
PARTS = ("h1", "#answer", ".tally", ".decided .scroll", ".effects svg", "#facts", ".fact", "#limits", ".limits li",
         ".limits .grave", ".repeat")  # fmt: skip
"""Of item one of the issue; of a selector that occurs more often every occurrence counts, but of limits the first."""
CELLS = (".v", ".h", ".e", ".i", ".n:not(.r)", ".r")
"""Verdict, hypothesis, effect, interval, blocks, re-runs."""
BOXES = """selector => [...document.querySelectorAll(selector)].map(e => {
  const r = e.getBoundingClientRect();
  return [r.left, r.top, r.right, r.bottom, e.clientWidth && e.scrollWidth > e.clientWidth ? 1 : 0];
})"""
SIDEWAYS = """() => [...document.querySelectorAll('.first *')].filter(e => {
  const r = e.getBoundingClientRect();
  return r.right > innerWidth + 0.5 && !e.closest('pre.line') || r.left < -0.5 && !e.closest('.hidden');
}).map(e => e.outerHTML.slice(0, 80))"""

Box = list[float]


def boxes(page: Any, selector: str) -> list[Box]:
    """Left, top, right and bottom of all that match, and whether their text is wider than they are."""
    found: list[Box] = page.evaluate(BOXES, selector)
    return found


def inside(box: Box, size: tuple[float, float], top: float = 0.0) -> bool:
    """Whether a box has a size and lies wholly on the screen."""
    left, upper, right, lower, _ = box
    return 0 <= left < right <= size[0] and top <= upper < lower <= size[1]


def holds_item_one(page: Any, size: tuple[int, int]) -> None:
    """Every part lies on the first screen, the first rows with every cell; warnings are whole."""
    for part in PARTS:
        found = boxes(page, f".first {part}" if part != "h1" else "h1")
        if part == ".limits li":
            found = found[:1]
        assert found or part == ".limits .grave", part
        assert all(inside(box, size) for box in found), (part, found)
    (region,) = boxes(page, ".decided .scroll")
    rows = page.locator(".decided tbody tr").count()
    for row in range(1, min(rows, 2) + 1):
        for cell in CELLS:
            (box,) = boxes(page, f".decided tbody tr:nth-child({row}) > {cell}")
            assert inside(box, (region[2], region[3]), region[1]), (row, cell, box, region)
            assert box[4] == 0, (row, cell, "its text is cut")
    assert page.evaluate(SIDEWAYS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    cut = "[...document.querySelectorAll('.grave')].filter(e => e.scrollHeight > e.clientHeight + 1).length"
    assert page.evaluate(cut) == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", WORDS)
def test_it_holds_item_one(
    chromium: Any, real_pages: Mapping[str, Path], screenshots: Path, name: str, size: str
) -> None:
    """Question, answer, verdicts, plot, facts, limits and command of a real run, at both sizes; pictures are kept."""
    for scheme in ("dark", "light"):
        with opened(chromium, real_pages[name], SIZES[size], scheme) as (page, seen):
            page.screenshot(path=f"{screenshots}-{scheme}.png")
            holds_item_one(page, SIZES[size])
            assert [inside(box, SIZES[size]) for box in boxes(page, "pre.line")] == [True]
            assert seen == []


@pytest.mark.parametrize("size", SIZES)
def test_every_doubt_at_once_still_fits(
    chromium: Any, every_page: Mapping[str, Path], screenshots: Path, size: str
) -> None:
    """Ten hypotheses of which some are reversed, re-runs that diverged, trials that were disturbed: all are told."""
    with opened(chromium, every_page["doubted"], SIZES[size]) as (page, _):
        page.screenshot(path=f"{screenshots}.png")
        told = page.locator(".limits .grave").all_inner_texts()
        assert [text.split()[0] for text in told] == ["Reversed:", "Only", "1"]
        holds_item_one(page, SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["compression", "sorting"])
def test_every_verdict_is_reached_by_the_keyboard(
    chromium: Any, real_pages: Mapping[str, Path], name: str, size: str
) -> None:
    """The region says how many there are, takes the focus, and its end key shows the last row."""
    with opened(chromium, real_pages[name], SIZES[size]) as (page, _):
        rows = page.locator(".decided tbody tr").count()
        assert page.locator("#verdicts-first").inner_text() == f"{rows} verdicts"
        page.locator(".decided .scroll").focus()
        if page.evaluate("(e => e.scrollHeight > e.clientHeight)(document.activeElement)"):
            page.keyboard.press("End")
            page.wait_for_timeout(400)
        (region,), (last,) = boxes(page, ".decided .scroll"), boxes(page, ".decided tbody tr:last-child")
        assert region[1] <= last[1] < last[3] <= region[3] + 1
        (start,) = boxes(page, "h1")
        assert inside(start, SIZES[size]), "the page itself did not scroll"


@pytest.mark.parametrize("name", WORDS)
def test_what_is_short_there_is_whole_below(chromium: Any, real_pages: Mapping[str, Path], name: str) -> None:
    """Question, limits, facts and command occur again in full; each part has a link that leads there."""
    with opened(chromium, real_pages[name], PHONE) as (page, _):
        below = page.locator("section[aria-labelledby=whole]")
        whole = below.inner_text()
        assert page.locator("h1").text_content().strip() in whole
        limits = page.locator("#all-limits + ul > li").all_text_contents()
        shown = page.locator(".limits li:not(.grave)").all_text_contents()
        assert set(shown) <= set(limits)
        assert below.locator("dl > div").count() == page.locator(".fact").count() == 8
        assert page.locator("pre.line").text_content() == below.locator("pre").first.text_content()
        assert below.locator("svg").count() == 1
        for target in page.eval_on_selector_all(".first a.on", "all => all.map(a => a.getAttribute('href'))"):
            assert page.locator(str(target)).count() == 1, target


@pytest.mark.parametrize(("name", "schemes"), [("compression", ("light", "dark")), ("failing", ("dark", "light"))])
def test_a_real_page_can_be_read_by_anyone(
    chromium: Any, real_pages: Mapping[str, Path], axe: str, name: str, schemes: tuple[str, str]
) -> None:
    """No axe violation at either size, in each theme; the table is one for a screen reader at both sizes."""
    for size, scheme in zip(SIZES.values(), schemes, strict=True):
        with opened(chromium, real_pages[name], size, scheme) as (page, _):
            page.evaluate(axe)
            found = page.evaluate(EVERY_RULE)
            assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]] == []
            for role in ("table", "columnheader", "rowheader", "cell"):
                assert page.locator(".decided").get_by_role(role).count() > 0, role
