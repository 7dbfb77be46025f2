"""A real Chromium for the tests of pages: skipped with a reason where there is none, failed where there must be one."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from curie.dossier import open_dossier
from curie.page.page import html
from curie.paths import RunPaths
from tests.browser import real_runs
from tests.curie import sample_run
from tests.curie.page import runs

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip


def _unavailable(reason: str) -> None:
    """Skip, unless this machine promised a browser."""
    if os.environ.get("CURIE_REQUIRE_BROWSER"):
        pytest.fail(f"Chromium must work here, and does not: {reason}", pytrace=False)
    pytest.skip(f"Chromium does not work here: {reason}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium with nothing but what it needs."""
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 -- an extra of the developers
    except ImportError as error:
        _unavailable(str(error))
    program = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    with sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=program, headless=True, args=list(ARGUMENTS))
        except Error as error:
            _unavailable(str(error).splitlines()[0])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, to be evaluated in a page: the page's policy lets no script tag in."""
    try:
        import axe_playwright_python  # noqa: PLC0415 -- same
        from axe_playwright_python.base import AxeBase  # noqa: F401, PLC0415 -- an extra of the developers
    except ImportError as error:
        _unavailable(str(error))
    found = sorted(Path(axe_playwright_python.__file__).parent.rglob("axe*.js"))
    return found[0].read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small finished run, as a file."""
    folder = tmp_path_factory.mktemp("page")
    run = sample_run.finished_run(folder / "run")
    file = folder / "report.html"
    file.write_text(html(open_dossier(RunPaths.at(run.root))), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def every_page(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Pages of runs of every ending, as files: what a reader may come upon."""
    folder = tmp_path_factory.mktemp("pages")
    told = runs.leaky_data(folder / "content")
    endings = {
        "going-on": runs.going_on(),
        "stopped": runs.stopped(),
        "gate": runs.gate_failed(),
        "many": runs.many_hypotheses(),
        "data": runs.with_data(told),
        "doubted": runs.doubted(),
    }
    files = {}
    for name, events in endings.items():
        paths = RunPaths.create(folder / name)
        sample_run.write_journal(paths.journal, events)
        files[name] = folder / f"{name}.html"
        files[name].write_text(html(open_dossier(paths)), encoding="utf-8")
    return files


@pytest.fixture(scope="session")
def real_pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Pages of real runs, made once for all processes that test."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return real_runs.pages(shared / "real-runs")


@pytest.fixture
def screenshots(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Where a test leaves its pictures: in the folder CURIE_SCREENSHOTS, where that is set."""
    chosen = os.environ.get("CURIE_SCREENSHOTS")
    folder = Path(chosen) if chosen else tmp_path / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / re.sub(r"[^a-z0-9-]+", "-", request.node.name.lower())
    request.node.add_report_section("setup", "pictures", f"{stem}*")
    return stem
