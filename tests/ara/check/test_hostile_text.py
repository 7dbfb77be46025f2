"""Whatever a run's texts hold, the checker sees all of the artifact and finds nothing in it."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ara.check.report import check
from ara.observer import ArtifactPublisher
from ara.reader.artifact import locate_artifact
from curie.dossier import open_dossier
from tests.ara import eventful_run

PIECES = (
    "<!--", "-->", "<!-->", "\\<!--", "`<!--`", "&lt;!--", "<script>alert(1)</script>", "```", "~~~", "---", "\\",
    "\\\\", "&amp;", "&#60;!--", "]]>", "<![CDATA[", "[", "](", "][x]", "![a](b)", "](logic/gone.md)", "|", "\\|", "`",
    "``", "**", "**Status**: refuted", "- **Status**: refuted", "## C99: x", "\n", "\r\n", "\n\n", "\t", "«", "»", "← ",
    ": ", "#", "'", '"', "{x", "=1+1", "@a", "-1", "\x1b[31m", "\u202e", "\u2028", "\ud800", "\0", "N99", "C99",
    "12.5 %",
    "9" * 90,
)  # fmt: skip
"""What comments, code, tables, links, entities, CSV, YAML and terminals are made of."""
_SCRIPT = re.compile(r"^(?!title: |abstract: |  - ).*<script", re.MULTILINE)
"""A script outside the front matter, which holds it in quotes."""
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), min_size=1, max_size=12).map("".join)


def reported(text: str) -> list[str]:
    """What the checker says of the artifact of a run with this text in question, levels, labels, units, names."""
    with tempfile.TemporaryDirectory() as folder:
        paths = eventful_run.write(Path(folder) / "r", groups=2, repeat=2, text=text, marks=text)
        root = ArtifactPublisher().publish(open_dossier(paths))
        assert root is not None
        located = locate_artifact(root)
        claims = located.markdown("logic/claims.md")
        assert claims is not None
        assert [s.ident for s in claims.entries()] == ["C01", "C02"]
        pages = [p for p in root.rglob("*.md") if "code" not in p.relative_to(root).parts]
        opened = [p.name for p in pages if "<!--" in (page := p.read_text("utf-8")) or _SCRIPT.search(page)]
        return [*opened, *(f"{d.rule} {d.file}:{d.line} {d.message}" for d in check(root).diagnostics)]


@pytest.mark.parametrize(
    "text", ["a <!-- b", "<!--", "x --> y <!-- z", "`<!--` \\<!-- &lt;!--", "<script>]]>```\n---\n[a](b)"]
)
def test_a_comment_in_a_text_hides_nothing(text: str) -> None:
    """No page holds the opening of a comment or of a script, and nothing is reported."""
    assert reported(text) == []


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts)
def test_no_text_makes_the_artifact_unsound(text: str) -> None:
    """Any mixture of what steers Markdown, HTML, YAML and CSV, everywhere at once."""
    assert reported(text) == []
