"""Defects that are no single replacement of text in one file, each reported at its place."""

import os
import shutil
from pathlib import Path

import pytest

from ara.check.model import Profile, Severity
from ara.check.report import check
from tests.ara.check.test_defects import CLAIMS, EXPERIMENTS, GOLDEN, INDEX, PROBLEM, RESULT, TREE, break_it


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """A copy of the clean artifact."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "artifact"))


def rules_of(root: Path, profile: Profile = Profile.NATIVE) -> list[tuple[str, str, int | None]]:
    """What is reported."""
    return [(d.rule, d.file, d.line) for d in check(root, profile).diagnostics]


def test_a_missing_core_file(artifact: Path) -> None:
    """A201; the index that lists it is told too."""
    (artifact / "logic/related_work.md").unlink()
    assert rules_of(artifact) == [("A306", "PAPER.md", 37), ("A201", "logic/related_work.md", None)][::1]


def test_credentials_and_unlisted_files(artifact: Path) -> None:
    """A204, A307."""
    (artifact / ".ara_env").write_text("TOKEN=x")
    (artifact / "logic/solution/method.md").write_text("# Method\nIt is done.\n")
    assert rules_of(artifact) == [("A204", ".ara_env", None), ("A307", "logic/solution/method.md", None)]


def test_a_folder_a_fifo_and_links(artifact: Path, tmp_path: Path) -> None:
    """A101 for what is no file, A102 for a link that leads out; what is behind it is not read."""
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n" * 9)
    heuristics = artifact / "logic/solution/heuristics.md"
    heuristics.unlink()
    heuristics.mkdir()
    os.mkfifo(artifact / "src/pipe.md")
    environment = artifact / "src/environment.md"
    environment.unlink()
    environment.symlink_to(secret)
    found = rules_of(artifact)
    assert ("A101", "src/pipe.md", None) in found
    assert ("A102", "src/environment.md", None) in found
    assert ("A101", "logic/solution/heuristics.md", None) in found
    assert not any("Secret" in d.message for d in check(artifact).diagnostics)


def test_bytes_that_are_no_text(artifact: Path) -> None:
    """A103 at the first of them; A107 for CRLF and a byte-order mark."""
    path = artifact / "logic/solution/constraints.md"
    path.write_bytes(path.read_bytes() + b"- caf\xe9\n")
    other = artifact / PROBLEM
    other.write_bytes(b"\xef\xbb\xbf" + other.read_bytes().replace(b"\n", b"\r\n"))
    assert rules_of(artifact) == [("A107", PROBLEM, 1), ("A103", "logic/solution/constraints.md", 8)]


@pytest.mark.parametrize(
    "bomb",
    [
        "tree: " + "[" * 5000,
        "".join(f"{'  ' * n}- a:\n" for n in range(400)),
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
    ],
    ids=["brackets", "nesting", "aliases"],
)
def test_bombs_are_named_and_do_not_go_off(artifact: Path, bomb: str) -> None:
    """A106 at a line that exists."""
    (artifact / TREE).write_text(bomb)
    found = [d for d in check(artifact).diagnostics if d.rule == "A106"]
    assert len(found) == 1
    assert found[0].line is not None


def test_claims_without_proof_or_sources(artifact: Path) -> None:
    """A414 and A416; without its Proof an experiment is an orphan (A510) as well."""
    break_it(artifact, CLAIMS, "- **Proof**: [E02]\n", "")
    assert rules_of(artifact) == [("A414", CLAIMS, 14), ("A510", EXPERIMENTS, 14)]
    break_it(artifact, CLAIMS, "- **Sources**: 3.1 ←", "- **Roots**: 3.1 ←")
    assert ("A416", CLAIMS, 3) in rules_of(artifact)


def test_pairs_that_disagree(artifact: Path) -> None:
    """A511 where a Proof names an experiment that verifies something else, A512 the other way round."""
    break_it(artifact, CLAIMS, "- **Proof**: [E01]", "- **Proof**: [E01, E02]")
    assert rules_of(artifact) == [("A511", CLAIMS, 9)]
    break_it(artifact, EXPERIMENTS, "- **Verifies**: [C01]", "- **Verifies**: [C01, C02]")
    assert rules_of(artifact) == [("A511", CLAIMS, 9), ("A512", EXPERIMENTS, 4)]


def test_a_proof_in_prose_and_an_experiment_for_nothing(artifact: Path) -> None:
    """A515 for a decided claim, and A421 with what follows from it."""
    break_it(artifact, CLAIMS, "- **Proof**: [E01]", "- **Proof**: see the table")
    assert rules_of(artifact) == [("A515", CLAIMS, 9), ("A510", EXPERIMENTS, 3)]
    break_it(artifact, EXPERIMENTS, "- **Verifies**: [C01]\n", "")
    assert ("A421", EXPERIMENTS, 3) in rules_of(artifact)


def test_targets_count_in_the_profile_of_the_prompts_only(artifact: Path) -> None:
    """A443 and A705 are notes of the skill profile."""
    (artifact / "evidence/tables/table1_ratio.md").touch()
    found = check(artifact, Profile.SKILL).diagnostics
    assert {d.rule for d in found} == {"A443", "A705"}
    assert {d.severity for d in found} == {Severity.NOTE}


def test_two_roots_and_a_dead_end_with_children(artifact: Path) -> None:
    """A602 and A607."""
    child = ['- id: "N07"', '  type: "insight"', '  title: "t"', '  support_level: "inferred"']
    below = "        children:\n" + "".join(f"          {line}\n" for line in child)
    break_it(artifact, TREE, '        lesson: "Use a finer clock."\n', f'        lesson: "Use a finer clock."\n{below}')
    break_it(artifact, "PAPER.md", "6-node", "7-node")
    assert rules_of(artifact) == [("A607", TREE, 27)]
    break_it(
        artifact, TREE, "tree:\n", "root:\n  id: N08\n  type: insight\n  title: t\n  support_level: inferred\ntree:\n"
    )
    break_it(artifact, "PAPER.md", "7-node", "8-node")
    assert ("A602", TREE, 2) in rules_of(artifact)


def test_nesting_deeper_than_other_readers_take(artifact: Path) -> None:
    """A619 once, at the first node that is too deep."""
    lines = ["tree:\n"]
    for depth in range(40):
        pad = "    " * depth
        lines.append(
            f"{pad}  - id: N{depth:02d}\n{pad}    type: question\n{pad}    title: t\n{pad}    support_level: inferred\n"
        )
        lines.append(f"{pad}    children:\n" if depth < 39 else "")
    (artifact / TREE).write_text("".join(lines))
    break_it(artifact, "PAPER.md", "6-node", "40-node")
    (artifact / RESULT).write_text((artifact / RESULT).read_text().replace("N03", "N04"))
    assert rules_of(artifact) == [("A619", TREE, 2 + 31 * 5)]


def test_an_index_without_a_table_and_two_files_of_one_name(artifact: Path) -> None:
    """A724 and A725."""
    shutil.copy(artifact / RESULT, artifact / "evidence/tables/n03.md")
    assert "A725" in {rule for rule, *_ in rules_of(artifact)}
    (artifact / INDEX).write_text("# Evidence Index\n\nSee the folders.\n")
    assert ("A724", INDEX, 1) in rules_of(artifact)


def test_a_comment_without_an_end(artifact: Path) -> None:
    """A108 at the line where it begins, since all below it is hidden."""
    with (artifact / "logic/solution/constraints.md").open("a", encoding="utf-8") as file:
        file.write("\n<!-- a remark\n\n## More\n")
    lines = (artifact / "logic/solution/constraints.md").read_text("utf-8").splitlines()
    assert rules_of(artifact) == [("A108", "logic/solution/constraints.md", lines.index("<!-- a remark") + 1)]


def test_what_is_quoted_is_bounded(artifact: Path) -> None:
    """An id of a hundred thousand digits is shown by its beginning, and no number is made of it."""
    huge = "9" * 100_000
    for file, old, new in (
        (TREE, 'id: "N06"', f'id: "N{huge}"'),
        (TREE, '          - "N03"', f'          - "N{huge}"\n          - "N{huge}"'),
        (TREE, '          - "C01"', f'          - "C{huge}"'),
        (CLAIMS, "- **Proof**: [E02]", f"- **Proof**: [E{huge}, E1-E{huge}, E{huge}-E{huge}]"),
        (CLAIMS, "- **Status**: testing", f"- **Status**: {'x' * 100_000}"),
        (RESULT, "**Claim**: C02", f"**Claim**: C{huge}"),
        ("evidence/figures/figure1_ratio.md", "**Source**: Figure 1", f"**Source**: Figure {huge}"),
    ):
        break_it(artifact, file, old, new)
    report = check(artifact)
    assert len(report.diagnostics) > 5
    assert max(len(d.message) for d in report.diagnostics) <= 600
    assert not any(len(word) > 81 for d in report.diagnostics for word in d.message.split())
