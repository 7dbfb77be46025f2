"""docs/ara-check.md lists every rule as the code has it."""

from pathlib import Path

import pytest

from ara.check.model import Rule
from ara.check.registry import all_rules

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ara-check.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_each_rule_has_its_row(rule: Rule) -> None:
    """Id, severity, sentence and whether --fix mends it."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{rule.id}` |")]
    assert f"| {rule.severity} | {rule.sentence.replace('|', chr(92) + '|')}" in row
    assert row.endswith("| yes |" if rule.fixable else "|  |")


def test_ids_are_unique_and_of_the_scheme() -> None:
    """No id twice; hints and examples say something."""
    rules = all_rules()
    assert len({rule.id for rule in rules}) == len(rules) >= 40
    assert all(rule.hint and rule.example and rule.sentence.endswith(".") for rule in rules)
