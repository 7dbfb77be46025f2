"""One hand-made defect a rule, each reported at its line and nowhere else."""

import os
import shutil
from pathlib import Path

import pytest

from ara.check.model import Profile, Severity
from ara.check.registry import all_rules
from ara.check.report import check

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TREE = "trace/exploration_tree.yaml"
CLAIMS, EXPERIMENTS = "logic/claims.md", "logic/experiments.md"
TABLE, DERIVED, FIGURE = (
    "evidence/tables/table1_ratio.md",
    "evidence/tables/derived_large.md",
    "evidence/figures/figure1_ratio.md",
)
INDEX, RESULT, PROBLEM = "evidence/README.md", "evidence/results/n03.md", "logic/problem.md"

DEFECTS: list[tuple[str, str, str, str, int | None]] = [
    # rule, file, what is replaced (first occurrence), by what, line of the diagnostic
    ("ARA001", TREE, "tree:\n", "root:\n", 2),
    ("ARA002", TREE, "        failure_mode:", "        reason:", 25),
    ("ARA003", TREE, '        choice: "monotonic"\n', '        choice: "monotonic"\n        justification: "j"\n', 32),
    ("ARA004", CLAIMS, "## C01: A", "## C01 — A", 3),
    ("ARA004", CLAIMS, "## C02: A", "## C02 - A", 14),
    ("ARA005", TREE, "        prior_direction:", "        from:", 40),
    ("ARA006", TREE, "        new_direction:", "        to:", 41),
    ("ARA007", TREE, '        reason: "the clock"', '        trigger: "the clock"', 42),
    ("A104", TREE, 'title: "Ratio by window"', 'title: "Ratio" by window', 12),
    ("A105", TREE, '        title: "Ratio by window"\n', '        title: "Ratio by window"\n        title: "R"\n', 13),
    ("A202", "src/environment.md", "# Environment\n\n## Software\n- **Python**: 3.11\n", "# E\n", 1),
    ("A203", "src/artifacts.md", None, "# Code\n", 1),  # type: ignore[list-item]  # the whole file
    ("A301", "PAPER.md", "---\ntitle", "title", 1),
    ("A302", "PAPER.md", "year: 2026", "year:", 5),
    ("A303", "PAPER.md", 'domain: "data compression"\n', "", 1),
    ("A304", "PAPER.md", "year: 2026", "year: last", 5),
    ("A305", "PAPER.md", "## Layer Index", "## Files", 1),
    ("A306", "PAPER.md",
     "| [concepts.md](logic/concepts.md)",
     "| [c](logic/gone.md) | x |\n| [c](logic/concepts.md)", 35),
    ("A308", "PAPER.md", "6-node", "7-node", 53),
    ("A308", "PAPER.md", "It holds 2 claims", "It holds 3 claims", 25),
    ("A309", "PAPER.md", "Where it ran | C01, C02 |", "Where it ran | C01, C09 |", 45),
    ("A401", CLAIMS, "- **Tags**: ratio, window\n", "- **Tags**: ratio, window\n\n## A thought\nIt is so.\n", 14),
    ("A402", "logic/solution/heuristics.md",
     "- **Source**: What we saw.\n",
     "- **Source**: What we saw.\n\n## H01: Again\n", 10),
    ("A403", CLAIMS, "## C02: A larger window takes more time", "## C02:", 14),
    ("A404", CLAIMS, "- **Status**: supported", "- **Status:** supported", 7),
    ("A404", CLAIMS, "- **Status**: supported", "* **Status**: supported", 7),
    ("A405", CLAIMS, "- **Status**: supported\n", "- **Status**: supported\n- **Status**: supported\n", 8),
    ("A406", "logic/related_work.md", "## RW01:", "## RW1:", 3),
    ("A407", EXPERIMENTS, "## E02: Time", "## E02 \u2013 Time", 14),
    ("A411", CLAIMS,
     "- **Statement**: Compression with the large window takes longer than with the small one.\n",
     "", 14),
    ("A412", CLAIMS, "- **Status**: testing\n", "", 14),
    ("A413", CLAIMS, "- **Falsification criteria**: The large window is as fast or faster.\n", "", 14),
    ("A415", CLAIMS, "- **Conditions**: One corpus of English text, on one machine.", "- **Conditions**: n/a", 5),
    ("A417", CLAIMS, "- **Tags**: ratio, window\n", "", 3),
    ("A418", CLAIMS, "- **Status**: testing", "- **Status**: proven", 18),
    ("A419", CLAIMS, "gives a higher ratio than with", "gives a ratio 0.2 higher than with", 4),
    ("A422", EXPERIMENTS, "- **Metrics**: ratio\n", "", 3),
    ("A423", EXPERIMENTS, "- **Baselines**: The small window.\n", "", 3),
    ("A424", EXPERIMENTS, "The large window gives a higher ratio.", "The ratio rises by 7%.", 10),
    ("A431", PROBLEM, "## Key Insight", "## Idea", 1),
    ("A432", PROBLEM, "- **Implication**: A small window does not reach them.\n", "", 5),
    ("A433", PROBLEM, "- **Caused by**: O1", "- **Caused by**: O7", 14),
    ("A441", "logic/concepts.md", "- **Definition**: How far back a match may lie.\n", "", 3),
    ("A442", "logic/concepts.md", "- **Notation**: r\n", "", 9),
    ("A451", "logic/solution/heuristics.md", "- **Bounds**: Only where files are read from disk.\n", "", 3),
    ("A452", "logic/solution/heuristics.md", "- **Sensitivity**: low", "- **Sensitivity**: large", 5),
    ("A453", "logic/solution/heuristics.md", "- **Source**: What we saw.\n", "", 3),
    ("A461", "logic/related_work.md", "- **DOI**: RFC 1951\n", "", 3),
    ("A462", "logic/related_work.md", "- **Type**: baseline", "- **Type**: similar", 5),
    ("A471", "src/configs/run.md",
     "- **Source**: the plan\n",
     "- **Source**: the plan\n\n## level\n- **Rationale**: r\n- **Source**: s\n", 10),
    ("A472", "src/configs/run.md", "- **Source**: the plan\n", "", 3),
    ("A473", "src/artifacts.md", "- **Nature**: code\n", "", 3),
    ("A481", CLAIMS,
     "3.1 ← evidence/tables/table1_ratio.md:10 «| large | 3.1 |» [result]; ",
     "evidence/tables/table1_ratio.md; ", 6),
    ("A481", CLAIMS, "[pending: the clock was too coarse]", "[pending]", 17),
    ("A482", CLAIMS, "src/configs/run.md:4", "src/configs/run.md:400", 6),
    ("A482", CLAIMS, "src/configs/run.md:4", "src/configs/gone.md:4", 6),
    ("A483", CLAIMS, "table1_ratio.md:10", "table1_ratio.md:9", 6),
    ("A484", CLAIMS, "3.1 ← evidence", "3.7 ← evidence", 6),
    ("A485", CLAIMS, "«| large | 3.1 |» [result]", "«| large | 3.1 |» [input]", 6),
    ("A501", CLAIMS, "- **Proof**: [E02]", "- **Proof**: [E02, E09]", 20),
    ("A502", EXPERIMENTS, "- **Verifies**: [C01]", "- **Verifies**: [C01, C09]", 4),
    ("A503", CLAIMS, "- **Dependencies**: [C01]", "- **Dependencies**: [C1]", 22),
    ("A504", CLAIMS, "- **Dependencies**: none", "- **Dependencies**: [C02]", 22),
    ("A504", CLAIMS, "- **Dependencies**: none", "- **Dependencies**: [C01]", 11),
    ("A505", EXPERIMENTS, "- **Dependencies**: [E01]", "- **Dependencies**: [E09]", 27),
    ("A506", EXPERIMENTS, "- **Dependencies**: [E01]", "- **Dependencies**: [E02]", 27),
    ("A507", EXPERIMENTS, "[evidence/tables/table1_ratio.md]", "[evidence/tables/table9.md]", 5),
    ("A508", EXPERIMENTS, "- **Run**: src/execution/pack.py", "- **Run**: src/execution/gone.py", 6),
    ("A509", "logic/solution/heuristics.md", "(../../src/execution/pack.py)", "(../../src/execution/gone.py)", 7),
    ("A509", "src/artifacts.md", "`src/execution/pack.py`", "`src/execution/gone.py`", 4),
    ("A513", "logic/related_work.md", "- **Claims affected**: C01", "- **Claims affected**: C01, C09", 9),
    ("A513", "src/artifacts.md", "[C01, C02]", "[C01, C09]", 8),
    ("A514", "logic/solution/constraints.md", "(../concepts.md)", "(../words.md)", 7),
    ("A601", TREE, "tree:\n", "nodes:\n", 1),
    ("A603", TREE, '        title: "The window matters"\n', "", 43),
    ("A604", TREE, 'id: "N06"', 'id: "N05"', 43),
    ("A605", TREE, 'type: "insight"', 'type: "discovery"', 44),
    ("A606", TREE, '        lesson: "Use a finer clock."\n', "", 20),
    ("A608", TREE, '        type: "insight"\n        title: "The window matters"\n        support_level: "inferred"\n',
     '        type: "insight"\n        title: "The window matters"\n', 43),
    ("A609", TREE, '        source_refs:\n          - "table1"\n', "", 10),
    ("A610", TREE, '          - "N03"', '          - "N33"', 35),
    ("A611", TREE, '          - "N03"', '          - "N04"', 35),
    ("A612", TREE, '          - "N03"', '          - "N01"', 35),
    ("A613", TREE, '          - "C01"', '          - "C09"', 18),
    ("A614", TREE, '        alternatives:\n          - "wall clock"', '        alternatives: "wall clock"', 32),
    ("A615", TREE, '          - "wall clock"', "          - wall: clock", 33),
    ("A616", TREE, '        choice: "monotonic"\n', '        choice: "monotonic"\n        status: "open"\n', 32),
    ("A617", TREE,
     ('      - id: "N06"\n        type: "insight"\n        title: "The window matters"\n'
      '        support_level: "inferred"\n'),
     "      - {id: N06, type: insight, title: The window matters, support_level: inferred}\n", 43),
    ("A618", TREE, '          - "C01"', '          - "N05"', 18),
    ("A620", TREE, 'id: "N06"', 'id: "N06a"', 43),
    ("A621", TREE, '          - "evidence/tables/table1_ratio.md"', '          - "evidence/tables/gone.md"', 19),
    ("A701", RESULT, "**Source**: the run\n", "", 1),
    ("A702", FIGURE, "**Source**: Figure 1", "**Source**: Figure 2", 3),
    ("A703", FIGURE, "**Caption**: Ratio by window.\n", "", 1),
    ("A704", FIGURE, "figure1_ratio.svg", "figure1_gone.svg", 5),
    ("A706", RESULT, "| window | seconds |\n|---|---|\n| small | 0 |\n", "All zero.\n", 1),
    ("A707", FIGURE, "**Figure type**: quantitative_plot", "**Figure type**: diagram", 12),
    ("A708", TABLE, "raw_table", "table", 5),
    ("A709", DERIVED, "derived_subset\n**Derived from**: `table1_ratio.md`", "raw_table", 5),
    ("A710", DERIVED, "`table1_ratio.md`", "`table7_gone.md`", 6),
    ("A711", FIGURE, "**Plot kind**: bar", "**Plot kind**: pie", 9),
    ("A712", FIGURE, "**Reading confidence**: high\n", "", 1),
    ("A713", FIGURE, "**Axes**: window (1, categorical scale); ratio (1, linear scale)\n", "", 6),
    ("A721", INDEX,
     "| [tables/derived_large.md]",
     "| [tables/gone.md](tables/gone.md) | x | C01 | y |\n| [tables/derived_large.md]", 8),
    ("A722", INDEX,
     "| [tables/derived_large.md](tables/derived_large.md) | Table 1 | C01 | The large window |\n",
     "", 7),
    ("A723", INDEX, "| the run | C02 |", "| the run | C09 |", 20),
    ("A731", RESULT, "**Trace node**: N03", "**Trace node**: N33", 4),
    ("A731", RESULT, "**Claim**: C02", "**Claim**: C09", 5),
]  # fmt: skip


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """A copy of the clean artifact."""
    return Path(shutil.copytree(GOLDEN, tmp_path / "artifact"))


def break_it(root: Path, file: str, old: str | None, new: str) -> None:
    """Replace the first occurrence; the old text must be there."""
    text = (root / file).read_text(encoding="utf-8")
    assert old is None or old in text
    (root / file).write_text(new if old is None else text.replace(old, new, 1), encoding="utf-8")


def test_the_clean_artifact_is_clean() -> None:
    """Nothing is reported, not even a note: otherwise a defect below could be found by accident."""
    report = check(GOLDEN)
    assert report.diagnostics == ()
    assert report.ok


@pytest.mark.parametrize(
    ("rule", "file", "old", "new", "line"),
    DEFECTS,
    ids=[d[0] for d in DEFECTS],
)
def test_a_defect_is_reported_at_its_line(
    artifact: Path, rule: str, file: str, old: str, new: str, line: int | None
) -> None:
    """Its rule, at its file and line, and nothing else at all."""
    break_it(artifact, file, old, new)
    found = [(d.rule, d.file, d.line) for d in check(artifact).diagnostics]
    assert found == [(rule, file, line)]


def test_more_than_forty_rules_have_a_defect_of_their_own() -> None:
    """The table covers them, and every other rule is named with the test that covers it."""
    covered = {defect[0] for defect in DEFECTS} | ELSEWHERE
    assert len({defect[0] for defect in DEFECTS}) >= 80
    assert {rule.id for rule in all_rules()} == covered


ELSEWHERE = {
    "A101", "A102", "A103", "A106", "A107", "A201", "A204", "A307", "A414", "A416", "A421", "A443", "A510", "A511",
    "A512", "A515",
    "A602", "A607", "A619", "A705", "A724", "A725",
}  # fmt: skip
"""Rules whose defect is no single replacement of text, or which cannot break alone; tested below."""


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
