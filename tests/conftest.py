"""What every test stands on: no model requests, markers that skip with a reason, hypothesis profiles, shared data."""

import ipaddress
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
MODEL_KEYS = ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY")

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure(config: pytest.Config) -> None:
    """Switch model requests off for the whole session: no key is visible, and this process calls no other machine."""
    for name in MODEL_KEYS:
        os.environ.pop(name, None)
    os.environ["CURIE_MODEL_REQUESTS"] = "off"
    sys.addaudithook(_refuse_other_machines)


def _refuse_other_machines(event: str, args: tuple[Any, ...]) -> None:
    """Stands for the whole process, and cannot be taken back: a test that reaches out fails, however it does so."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    try:
        local = ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise RuntimeError(f"a test tried to reach {host}: tests call no other machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave `soak` tests to those who ask for them by name."""
    if "soak" in str(config.option.markexpr):
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="soak: `make soak` runs it"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot show, and say why; fail instead where CI has promised that it can."""
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("needs root")
    if item.get_closest_marker("bubblewrap") and (reason := bubblewrap_refuses()):
        if os.environ.get("CURIE_REQUIRE_BUBBLEWRAP"):
            pytest.fail(f"bubblewrap must work here, and does not: {reason}", pytrace=False)
        pytest.skip(f"bubblewrap does not work here: {reason}")


@lru_cache(maxsize=1)
def bubblewrap_refuses() -> str | None:
    """Why bwrap does not work here, found by running `true` in it; None if it does."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return "there is no bwrap on PATH"
    argv = [bwrap, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    try:
        done = subprocess.run([*argv, "true"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else (done.stderr.strip() or f"exit {done.returncode}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The published data sets beside the repository; tests that need them are skipped where they are not."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("published data is not here: ../shared/data")
    return folder
