from pathlib import Path

import pytest

from sandboxes import conformance
from sandboxes.base import Kind

REAL = (*conformance.COMMANDS, *conformance.EVERYWHERE)
CASES = [
    *(pytest.param("process", check) for check in REAL),
    *(pytest.param("bubblewrap", check, marks=pytest.mark.bubblewrap) for check in REAL),
    *(pytest.param("fake", check) for check in conformance.SCRIPTED),
]


@pytest.mark.parametrize(
    ("kind", "check"), CASES, ids=lambda value: value if isinstance(value, str) else value.__name__
)
def test_back_end_conforms(kind: Kind, check: conformance.Check, open_kind, workdir: Path) -> None:
    """The back end shows the behaviour that the check's docstring states."""
    check(lambda: open_kind(kind, workdir), workdir)
