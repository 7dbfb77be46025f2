"""One hand-made defect a rule, each reported at its line and nowhere else."""

import shutil
from pathlib import Path

import pytest

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
    ("A202", "src/environment.md",
     "# Environment\n\n## Software\n- **Python**: 3.11\n- **Random seeds**: none, nothing is drawn\n",
     "# E seed\n", 1),
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
    ("A474", "src/environment.md", "- **Random seeds**: none, nothing is drawn\n", "", 1),
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
    ("A714", FIGURE, "ratio (1, linear scale)", "ratio (1, wobbly scale)", 10),
    ("A714", FIGURE, "window (1, categorical scale); ratio (1, linear scale)", "window; ratio", 10),
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
    "A101", "A102", "A103", "A106", "A107", "A108", "A201", "A204",
    "A211", "A212", "A213", "A214", "A215", "A307", "A310", "A414", "A416", "A421", "A443", "A510", "A511",
    "A512", "A515",
    "A602", "A607", "A619", "A705", "A724", "A725",
    "A732", "A741", "A742", "A743", "A744", "A745",
}  # fmt: skip
"""Rules whose defect is no single replacement of text, or which cannot break alone.

`test_defects_elsewhere.py`, `test_recorded.py` and `test_digests.py` have them."""
