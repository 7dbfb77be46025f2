"""The Markdown report: what the HTML page says, without its figures, from the same model. Pure."""

import re
import shlex
from collections.abc import Callable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from curie.design_groups import level_text
from curie.dossier import Dossier
from curie.errors import CheckFailed
from curie.page.bounds import Bounds
from curie.page.facts import clock, day
from curie.page.model import Report, report
from curie.page.phrase import Phrase, Ref, visible
from curie.page.progress import gate_failure, progress_of
from curie.page.rules import TESTS, rule_of
from curie.plan import Variable
from curie.report import decider_text, effect_text, interval_text, one_line, visible_text
from curie.rigor.ledger import Ledger, reference

_BOUNDS = Bounds(rows=100, cells=2000, streams=10, stream_characters=2000, columns=200, classes=12, entries=30)
"""A Markdown file is read from top to bottom; what it leaves out is counted, and is in the HTML page or an export."""


def markdown(dossier: Dossier) -> str:
    """The report of a run, finished or not."""
    environment = Environment(
        loader=PackageLoader("curie"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 -- Markdown; the cell and line filters take out what could break it
    )
    environment.filters.update(FILTERS)
    model = report(dossier, _BOUNDS)
    words = Words(model.ledger)
    return environment.get_template("report.md.j2").render(
        report=model,
        dossier=dossier,
        result=dossier.result,
        state=dossier.state,
        plan=dossier.state.plan,
        tests=TESTS,
        progress=progress_of(dossier),
        gate=gate_failure(dossier),
        n=words.n,
        phrase=words.phrase,
        rule_of=rule_of,
        clock=clock,
        day=lambda time: day(time).text,
        example=_example(model),
        directory=shlex.quote(str(dossier.paths.root)),
    )


class Words:
    """Renders references as plain text."""

    def __init__(self, ledger: Ledger) -> None:
        """From this ledger."""
        self._ledger = ledger

    def n(self, *parts: str) -> str:
        """What a reference shows; `none` where there is nothing."""
        try:
            return one_line(self._ledger.cite(reference(*parts)).text)
        except CheckFailed:
            return "none"

    def phrase(self, phrase: Phrase) -> str:
        """A phrase as one line."""
        return "".join(
            self._cited(piece) if isinstance(piece, Ref) else piece if isinstance(piece, str) else piece.text
            for piece in phrase
        )

    def _cited(self, ref: Ref) -> str:
        try:
            return one_line(self._ledger.cite(ref.ref).text)
        except CheckFailed:
            return f"{{{{ref:{ref.ref}}}}}"


def _example(model: Report) -> str | None:
    """A trial worth looking at: one that failed, else a disturbed one, else the last."""
    failed = [failure.record.key for failure in model.failures.shown]
    disturbed = [row.record.key for row in model.disturbed.shown]
    last = [record.key for record in model.dossier.records[-1:]]
    telling = [*failed, *disturbed, *last]
    return shlex.quote(telling[0]) if telling else None


def _prose(text: str) -> str:
    """A line in which a user's text is text: no HTML begins."""
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _prose(text).replace("\\", "\\\\").replace("|", "\\|")


def _code(text: str) -> str:
    """Inline code whose fence is longer than any run of backticks in it."""
    fence = "`" * (_longest(text) + 1)
    pad = " " if len(fence) > 1 else ""
    return f"{fence}{pad}{one_line(text)}{pad}{fence}"


def _block(text: str) -> str:
    """A code block whose fence is longer than any run of backticks in it; control characters are escapes."""
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}text\n{visible(text)}\n{fence}"


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)


def _levels(variable: Variable) -> str:
    return ", ".join(level_text(level) for level in variable.levels)


FILTERS: Mapping[str, Callable[..., str]] = {
    "block": _block,
    "cell": _cell,
    "code": _code,
    "decider": decider_text,
    "effect": effect_text,
    "interval": interval_text,
    "levels": _levels,
    "line": _prose,
    "visible": visible_text,
    "words": lambda name: str(name).replace("_", " "),
}
