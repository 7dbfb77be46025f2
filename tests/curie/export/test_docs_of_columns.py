import re
from pathlib import Path

import pytest

from curie.export.tables import TABLES, fixed_columns

PAGE = Path(__file__).resolve().parents[3] / "docs" / "python-api.md"


@pytest.mark.parametrize("name", TABLES)
def test_the_page_lists_every_column(name: str) -> None:
    """In order, with type, unit and meaning; columns of a run's own variables and metrics come last."""
    section = re.split(r"^###? ", PAGE.read_text(encoding="utf-8").split(f"\n### {name}\n")[1], flags=re.MULTILINE)[0]
    found = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("| `")
    ]
    table = next(t for t in TABLES if t == name)
    told = [[f"`{c.name}`", c.type, f"`{c.unit}`" if c.unit else "", c.about] for c in fixed_columns(table)]
    if name == "trials":
        assert [row[0] for row in found[-2:]] == ["`setting.<variable>`", "`metric.<metric>`"]
        found = found[:-2]
    assert found == told
