from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes import Sandbox, SandboxSpec, conformance
from sandboxes.process import ProcessSandbox

REAL = (*conformance.COMMANDS, *conformance.EVERYWHERE)
CASES = [
    *(pytest.param("process", check) for check in REAL),
    *(pytest.param("bubblewrap", check, marks=pytest.mark.bubblewrap) for check in REAL),
    *(pytest.param("fake", check) for check in conformance.SCRIPTED),
]


def name_of(value: object) -> str:
    """A readable test id."""
    return value if isinstance(value, str) else getattr(value, "__name__", "")


@pytest.mark.parametrize(("kind", "check"), CASES, ids=name_of)
def test_back_end_conforms(
    kind: str, check: conformance.Check, open_kind: Callable[..., Sandbox], workdir: Path
) -> None:
    """The back end shows the behaviour that the check's docstring states."""
    check(lambda: open_kind(kind), workdir)


@pytest.mark.parametrize("check", REAL, ids=name_of)
def test_process_conforms_without_control_groups(check: conformance.Check, workdir: Path) -> None:
    """The same holds where neither memory nor processes can be grouped, as for most users."""
    check(lambda: ProcessSandbox(SandboxSpec(kind="process", workdir=workdir), parents=()), workdir)
