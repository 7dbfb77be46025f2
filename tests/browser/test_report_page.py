"""The HTML report in a real Chromium: what the first screen holds, what leaves the page, who can read it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE, PHONE = (1280, 800), (390, 844)
EVERY_RULE = "axe.run(document, {rules: {'target-size': {enabled: true}}})"
"""Of axe-core, best practices included, and WCAG 2.2's size of targets, which is off unless asked for."""


@contextmanager
def opened(chromium: Any, file: Path, size: tuple[int, int], scheme: str = "light") -> Iterator[tuple[Any, list[str]]]:
    """The page with the network off, and what it asked for or complained about."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, offline=True, locale="en-GB"
    )
    seen: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: seen.append(request.url) if request.url != file.as_uri() else None)
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.goto(file.as_uri())
    yield page, seen
    context.close()


def bottom(page: Any, selector: str) -> float:
    """Where an element ends, in pixels from the top; it must be there and have a size."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    assert box["width"] > 0, selector
    assert box["height"] > 0, selector
    return float(box["y"] + box["height"])


def test_the_first_screen_of_a_desk_holds_it_all(chromium: Any, page_file: Path, screenshots: Path) -> None:
    """At 1280x800: question, answer, verdicts, effect plot, facts, limits and both commands end above the fold."""
    with opened(chromium, page_file, WIDE) as (page, seen):
        page.screenshot(path=f"{screenshots}.png")
        for part in ("h1", "#answer", ".verdicts", ".effects svg", ".facts", ".limits", ".repeat"):
            assert bottom(page, part) <= WIDE[1], part
        facts = page.locator(".facts dt").all_inner_texts()
        assert len(facts) == 8
        assert seen == []


def test_a_phone_never_scrolls_sideways(chromium: Any, page_file: Path, screenshots: Path) -> None:
    """At 390x844 with every detail open; wide tables scroll within themselves."""
    with opened(chromium, page_file, PHONE) as (page, seen):
        page.screenshot(path=f"{screenshots}.png")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert seen == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    chromium: Any, page_file: Path, screenshots: Path, axe: str, scheme: str, size: tuple[int, int]
) -> None:
    """Every rule of axe-core, best practices included, with every detail open."""
    with opened(chromium, page_file, size, scheme) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.screenshot(path=f"{screenshots}.png", full_page=True)
        page.evaluate(axe)
        found = page.evaluate(EVERY_RULE)
        assert len(found["passes"]) > 20
        assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]] == []


@pytest.mark.parametrize("name", ["going-on", "stopped", "gate", "many", "data", "doubted"])
def test_every_ending_can_be_read_by_anyone(
    chromium: Any, every_page: Mapping[str, Path], screenshots: Path, axe: str, name: str
) -> None:
    """At both sizes and in both themes: no axe violation, nothing sideways, no request, with every detail open."""
    for size, scheme in ((WIDE, "dark"), (PHONE, "light")):
        with opened(chromium, every_page[name], size, scheme) as (page, seen):
            page.screenshot(path=f"{screenshots}-{scheme}.png")
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert seen == []
            page.evaluate(axe)
            found = page.evaluate(EVERY_RULE)
            assert "target-size" in {r["id"] for kind in ("passes", "inapplicable", "incomplete") for r in found[kind]}
            assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found["violations"]] == []


def test_the_first_screen_of_a_run_without_verdicts_is_not_empty(chromium: Any, every_page: Mapping[str, Path]) -> None:
    """Going on: progress, what will be decided and a plot; stopped: the command; gate: why."""
    for name, parts in (
        ("going-on", ("progress", ".pending", ".effects svg", ".repeat")),
        ("stopped", (".stopped pre", "progress", ".pending", ".effects svg", ".repeat")),
        ("gate", ("h2.gate",)),
    ):
        with opened(chromium, every_page[name], WIDE) as (page, _):
            for part in parts:
                assert bottom(page, part) <= WIDE[1], (name, part)


def test_the_keyboard_shows_where_it_is(chromium: Any, every_page: Mapping[str, Path]) -> None:
    """Whatever the tab key reaches on the first screen has an outline of three pixels in the colour of links."""
    with opened(chromium, every_page["many"], WIDE) as (page, _):
        outline = "(() => { const s = getComputedStyle(document.activeElement); return [document.activeElement.tagName, s.outlineStyle, s.outlineWidth]; })()"  # noqa: E501 -- one expression
        for _ in range(12):
            page.keyboard.press("Tab")
            tag, style, width = page.evaluate(outline)
            assert tag != "BODY"
            assert (style, width) == ("solid", "3px")


def test_a_number_leads_to_its_finding_and_on_to_its_trial(chromium: Any, page_file: Path) -> None:
    """From the verdict's effect to the derivation, whose block table opens and leads to a trial's row."""
    with opened(chromium, page_file, WIDE) as (page, _):
        page.locator('.verdicts a[data-ref="F-H1.effect_signed"]').click()
        assert page.evaluate("location.hash") == "#finding-F-H1"
        page.locator("article.finding summary").first.click()
        link = page.locator('article.finding td a[href^="#trial-"]').first
        target = str(link.get_attribute("href"))
        link.click()
        assert "#" + page.evaluate("document.querySelector('tr:target').id") == target


def test_a_keyboard_reaches_every_wide_table(chromium: Any, page_file: Path) -> None:
    """Each region that may scroll can be focused and says what it is."""
    with opened(chromium, page_file, PHONE) as (page, _):
        regions = page.locator(".scroll")
        assert regions.count() > 5
        names = [regions.nth(i).get_attribute("aria-label") for i in range(regions.count())]
        assert len(set(names)) == len(names)
        assert {regions.nth(i).get_attribute("tabindex") for i in range(regions.count())} == {"0"}


def test_it_prints(chromium: Any, page_file: Path, screenshots: Path) -> None:
    """As PDF on A4; on paper every detail is open and no table is wider than the sheet."""
    with opened(chromium, page_file, WIDE) as (page, _):
        page.pdf(path=f"{screenshots}.pdf", format="A4")
        assert Path(f"{screenshots}.pdf").read_bytes().startswith(b"%PDF")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 688, "height": 1000})  # A4 less its margins, at 96 dots an inch
        wide = "[...document.querySelectorAll('table')].filter(t => t.getBoundingClientRect().right > 690).length"
        assert page.evaluate(wide) == 0
        assert page.locator("article.finding .scroll").first.bounding_box() is not None
