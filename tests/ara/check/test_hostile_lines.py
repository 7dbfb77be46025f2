"""No line of a file can make a rule take quadratic time."""

import shutil
import time
from pathlib import Path

import pytest

from ara.check.report import check

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
LONG = 300_000


@pytest.mark.parametrize(
    "line",
    [
        "## " + " " * LONG + "x",
        "- **Sources**: " + " " * LONG + "x",
        "- **Sources**: " + "\u2190" * LONG,
        "- **Sources**: " + "<-" * LONG,
        "- **Statement**: " + "1." * LONG + "x",
        "- **" + " " * LONG + "x**: y",
        "[" * LONG,
        "](" * LONG,
        "|" * LONG,
        "- **Proof**: " + "E01-" * LONG,
        "| " + "tables/" * LONG + " | b |",
        "**" * LONG,
    ],
    ids=range(12),
)
def test_a_long_line_is_read_in_a_moment(tmp_path: Path, line: str) -> None:
    """A third of a million characters in every Markdown file that rules look into."""
    root = Path(shutil.copytree(GOLDEN, tmp_path / "artifact"))
    for file in ("logic/claims.md", "logic/experiments.md", "evidence/README.md", "PAPER.md", "src/artifacts.md"):
        with (root / file).open("a", encoding="utf-8") as stream:
            stream.write(f"\n{line}\n|---|---|\n{line}\n")
    started = time.monotonic()
    check(root)
    assert time.monotonic() - started < 20
