"""The HTML report as text: what it holds, what it refuses, how long it gets; a browser looks at it in tests/browser."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from curie.journal.events import Event, FindingRecorded, PlanFrozen, RunStopped, TrialFinished
from curie.page.page import MOST_BYTES, html
from curie.plan import Group
from curie.records import Interference, TrialRecord, TrialResources
from tests.curie import sample_run
from tests.curie.sample_run import Metric

HOSTILE = "</style><script>alert(1)</script> javascript:alert(2) \x1b[31mred \u202egnp.exe {{ 7 * 7 }} <img src=x>"
VOID = {"meta", "br", "hr", "img", "input", "link", "path", "use", "circle", "rect", "line", "polyline", "polygon"}


class Walker(HTMLParser):
    """Text nodes with the marks of the elements around them; tags, attributes and ids."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, list[dict[str, str | None]]]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an opening tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost."""
        assert self.stack, tag
        assert self.stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        """Note text with the attributes around it."""
        if data.strip() and not {"style", "title", "script"} & {tag for tag, _ in self.stack}:
            self.texts.append((data, [attributes for _, attributes in self.stack]))


def walked(page: str) -> Walker:
    """The page, parsed; its tags are balanced."""
    walker = Walker()
    walker.feed(page)
    walker.close()
    assert walker.stack == []
    return walker


def failed(key: str, reason: str) -> TrialRecord:
    """A trial that did not succeed."""
    return sample_run.record(key, "g01", 1.0).model_copy(update={"outcome": "failed", "reason": reason, "values": {}})


def test_every_section_is_there(dossier: Any) -> None:
    """Headings of a whole run, in order; each is labelled by its own."""
    page = html(dossier(*sample_run.events(), TrialFinished(record=failed("g01-r03", "why"))))
    ids = re.findall(r'<h[12] id="([a-z-]+)"', page)
    assert ids == ["question", "facts", "limits", "again", "whole", "verdicts", "figures", "plan", "groups",
                   "trials", "failures", "reruns", "data", "environment", "record"]  # fmt: skip
    assert "b is faster" in page


def test_nothing_is_run_or_fetched(dossier: Any) -> None:
    """The policy comes first and names the one style by its hash; no script, no style attribute, no outside address."""
    page = html(dossier(*sample_run.events()))
    walker = walked(page)
    assert [tag for tag, _ in walker.tags[:3]] == ["html", "head", "meta"]
    policy = str(walker.tags[2][1]["content"])
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not {"script", "link", "iframe", "object", "form", "img", "base"} & {tag for tag, _ in walker.tags}
    for _, attributes in walker.tags:
        assert not any(name == "style" or name.startswith("on") for name in attributes)
        assert all(
            str(attributes[name]).startswith("#") for name in ("href", "xlink:href", "src") if name in attributes
        )


def test_every_numeral_is_marked(dossier: Any) -> None:
    """It stands in an element that cites the ledger or says what kind of literal it is."""
    whole = html(dossier(*sample_run.events(), TrialFinished(record=failed("g01-r03", "exit 3"))))
    for text, around in walked(whole).texts:
        if re.search(r"\d", text):
            assert any("data-ref" in a or "data-literal" in a for a in around), text


def test_hostile_text_stays_text(dossier: Any) -> None:
    """In question, statement, reason, label, tag and unit: no tag is made of it, and what is hidden becomes visible."""
    plan = sample_run.plan(HOSTILE)
    groups = tuple(g.model_copy(update={"label": HOSTILE}) for g in plan.groups)
    (asked,) = plan.hypotheses
    plan = plan.model_copy(update={"groups": groups, "hypotheses": (asked.model_copy(update={"statement": HOSTILE}),)})
    found = sample_run.finding().model_copy(update={"statement": HOSTILE, "reason": HOSTILE})
    events = (sample_run.created(question=HOSTILE), PlanFrozen(plan=plan, digest=plan.digest()),
              TrialFinished(record=failed("g01-r01", HOSTILE)), FindingRecorded(finding=found))  # fmt: skip
    page = html(dossier(*events))
    plain = walked(html(dossier(*sample_run.events())))
    assert {tag for tag, _ in walked(page).tags} <= {tag for tag, _ in plain.tags} | {"article", "h3", "details"}
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"\x1b[31mred \u202egnp.exe {{ 7 * 7 }}" in page


@pytest.mark.parametrize("reason", ["interrupted", "budget", "infrastructure"])
def test_a_run_that_stopped_says_so(dossier: Any, reason: str) -> None:
    """Its state and why, and what is there so far."""
    page = html(
        dossier(*sample_run.events()[:8], RunStopped.model_validate({"reason": reason, "detail": "the reason why"}))
    )
    assert "Not finished." in page
    assert "the reason why" in page
    assert 'id="trial-control-r01"' in page


def test_a_run_without_a_plan_and_one_whose_gate_failed(dossier: Any) -> None:
    """No plan: no section of it, no verdict. A failed gate: the answer says why there is none."""
    bare = html(dossier(sample_run.created()))
    assert 'id="plan"' not in bare
    assert "No verdict" in bare
    assert "no plan was frozen" in bare
    changes = {"key": "control-gate", "purpose": "gate", "group": "control"}
    gate = failed("control-r01", "exit status 3").model_copy(update=changes)
    page = html(dossier(*sample_run.events()[:5], TrialFinished(record=gate)))
    assert "None: the control trial came first" in page
    assert 'class="verdicts"' not in page


def test_the_same_dossier_gives_the_same_bytes(dossier: Any) -> None:
    """Twice."""
    seen = dossier(*sample_run.events())
    assert html(seen) == html(seen)


@pytest.mark.slow
def test_two_thousand_trials_fit(dossier: Any) -> None:
    """At most 2 MB with five metrics: every failed and disturbed trial is listed, and the others are counted."""
    names = ("wall_s", "a", "b", "c", "d")
    metrics = (sample_run.plan().metrics[0], *(Metric(name=name) for name in names[1:]))
    plan = sample_run.plan().model_copy(update={"metrics": metrics})
    plan = plan.model_copy(
        update={"groups": (*plan.groups, Group(id="g02", settings={"tool": "c"}, label="tool=c")),
                "repetitions": plan.repetitions.model_copy(update={"blocks": 700, "max_blocks": 700})}
    )  # fmt: skip
    events: list[Event] = [sample_run.created(), PlanFrozen(plan=plan, digest=plan.digest())]
    noisy = TrialResources(wall_s=1.0, cpu_s=1.0, interference=Interference(foreign_cpu_s=0.5, disturbed=True))
    for number in range(1, 701):
        for place, group in enumerate(("control", "g01", "g02")):
            record = failed(f"{group}-r{number:02d}", "x" * 500) if number % 50 == 0 else None
            values = dict.fromkeys(names, number + place / 7)
            changes: dict[str, object] = {"group": group, "block": number, "position": place}
            if record is None:
                record = sample_run.record(f"{group}-r{number:02d}"[-20:], group, 1.0)
                changes |= {"values": values, "resources": noisy if number % 100 == 1 else None}
            events.append(TrialFinished(record=record.model_copy(update=changes)))
    page = html(dossier(*events))
    assert len(page.encode()) <= MOST_BYTES
    listed = set(re.findall(r'<tr id="trial-([^"]+)"', page))
    assert {f"g01-r{n:02d}" for n in range(50, 701, 50)} <= listed
    assert {f"g02-r{n:02d}" for n in range(1, 701, 100)} <= listed
    left = 2100 - len(listed)
    assert re.search(rf">{len(listed)}</span> of <span[^>]*>2100</span> trials are listed", page)
    assert re.search(rf"The other <span[^>]*>{left}</span> are in the journal", page)
