"""What a run's artifact says twice must agree: means, trials, measurements, verdicts, summaries, logs."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ara.check.report import check
from ara.observer import ArtifactPublisher
from curie.dossier import open_dossier
from tests.ara import eventful_run

TABLE = "evidence/tables/table1_trials.md"
MEANS = "evidence/tables/derived_from_table1_group_means.md"
VALUES = "evidence/tables/table3_y.md"
CLAIMS, PAPER = "logic/claims.md", "PAPER.md"
JSONL, CSV = "evidence/data/trials.jsonl", "evidence/data/trials.csv"
LOGS = "evidence/logs/log_pointers.md"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact of the eventful run."""
    paths = eventful_run.write(tmp_path_factory.mktemp("run") / "r")
    folder = ArtifactPublisher().publish(open_dossier(paths))
    assert folder is not None
    return folder


@pytest.fixture
def artifact(published: Path, tmp_path: Path) -> Path:
    """A copy without digests, under another author: what is found is found by its content."""
    root = Path(shutil.copytree(published, tmp_path / "artifact"))
    (root / "artifact.json").unlink()
    edit(root, PAPER, r"curie [\d.]+", "Ada Lovelace")
    assert check(root).diagnostics == ()
    return root


def edit(root: Path, file: str, pattern: str, new: str) -> int:
    """Replace the first match; the number of its line."""
    text = (root / file).read_text("utf-8")
    found = re.search(pattern, text)
    assert found is not None, pattern
    changed = text[: found.start()] + found.expand(new) + text[found.end() :]
    assert changed != text
    (root / file).write_text(changed, "utf-8", newline="")
    return text.count("\n", 0, found.start()) + 1


def told(root: Path) -> list[tuple[str, str, int | None]]:
    """Rule, file and line of what is reported."""
    return [(d.rule, d.file, d.line) for d in check(root).diagnostics]


@pytest.mark.parametrize(
    ("rule", "file", "pattern", "new"),
    [
        ("A741", MEANS, r"(?<=\| )\d\.\d\d(?= \|)", "9.77"),
        ("A741", MEANS, r"(?<=\| x=1 \| )\d(?= \|)", "77"),
        ("A744", VALUES, r"(?<=\| )\d\.\d+(?= \|)", "9.125"),
        ("A743", JSONL, r'\{"attempt"', '{"attempt'),
        ("A743", CSV, r"key,standing", "key,standin"),
        ("A745", CLAIMS, r"Status\*\*: supported", "Status**: testing"),
        ("A310", PAPER, r"C01 \(supported\)", "C01 (testing)"),
    ],
)
def test_one_altered_word_is_found_at_its_line(artifact: Path, rule: str, file: str, pattern: str, new: str) -> None:
    """The first diagnostic of the rule is at the line, and no other rule speaks but the summary's of a status."""
    line = edit(artifact, file, pattern, new)
    found = told(artifact)
    assert (rule, file, line) in found
    assert {r for r, *_ in found} <= ({rule, "A310"} if rule == "A745" else {rule})


@pytest.mark.parametrize("file", [JSONL, CSV])
def test_an_outcome_that_differs_between_table_and_data(artifact: Path, file: str) -> None:
    """A742 at the row of the table, which names the line of the data."""
    line = edit(artifact, file, "timed_out", "succeeded")
    ((rule, at, row),) = told(artifact)
    assert (rule, at) == ("A742", TABLE)
    (found,) = check(artifact).diagnostics
    assert f"line {line} of {file}" in found.message
    assert "timed_out" in (artifact / TABLE).read_text("utf-8").splitlines()[(row or 0) - 1]


def _empty(root: Path) -> None:
    (root / JSONL).write_bytes(b"")


def _shorter(root: Path) -> None:
    lines = (root / CSV).read_bytes().splitlines(keepends=True)
    (root / CSV).write_bytes(b"".join(lines[:-1]))


def _value(root: Path) -> None:
    edit(root, JSONL, r'"values": \{"wall_s": \d', r'"values": {"wall_s": 98')


@pytest.mark.parametrize("damage", [_empty, _shorter, _value])
def test_data_that_lacks_trials_or_values(artifact: Path, damage: Callable[[Path], None]) -> None:
    """Emptied records, a missing row, another value: A742 in the table of trials, and nothing else."""
    damage(artifact)
    assert {(rule, file) for rule, file, _ in told(artifact)} == {("A742", TABLE)}


def test_a_group_that_is_left_out_of_the_means(artifact: Path) -> None:
    """A741 at the head of the table."""
    line = edit(artifact, MEANS, r"\| g01 \|[^\n]*\n", "")
    assert told(artifact) == [("A741", MEANS, line - 3)]


def test_a_claim_that_the_summary_leaves_out(artifact: Path) -> None:
    """A310 at the list; a claim that is there twice or not at all is told at its item."""
    line = edit(artifact, PAPER, r"  - \"C02 \([^\n]*\n", "")
    assert {rule for rule, *_ in told(artifact)} == {"A310"}
    edit(artifact, PAPER, r"  - \"C01 \(", '  - "C99 (supported): x"\n  - "C01 (')
    assert ("A310", PAPER, line - 1) in told(artifact)


def test_log_pointers(artifact: Path) -> None:
    """A732 for what is no digest; where the artifact lies in a run, also for a file that the run does not keep."""
    digest = "ab" * 32
    page = "# Log pointers\n\n| trial | stream | sha256 | bytes kept | bytes written |\n|---|---|---|---|---|\n"
    (artifact / "evidence/logs").mkdir()
    (artifact / LOGS).write_text(f"{page}| a | stdout | {digest} | 1 | 1 |\n| a | stderr | {digest[1:]} | 1 | 1 |\n")
    assert told(artifact) == [("A732", LOGS, 6)]
    (artifact.parent / "journal.jsonl").touch()
    (artifact.parent / "artifacts").mkdir()
    assert told(artifact) == [("A732", LOGS, 5), ("A732", LOGS, 6)]
    (artifact.parent / "artifacts" / digest).touch()
    assert told(artifact) == [("A732", LOGS, 6)]
