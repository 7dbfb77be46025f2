import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from curie.config import mlflow_switches
from curie.errors import InfrastructureError
from curie.export.mlflow_sink import Exported, export
from tests.curie.export.conftest import HOSTILE, Build, lively

# Found, not imported: imported outside of the switches, it would report.
pytestmark = pytest.mark.skipif(find_spec("mlflow") is None, reason="mlflow (extra `track`) is not installed")


class Store:
    """The store, read back with MLflow's own client."""

    def __init__(self, exported: Exported) -> None:
        from mlflow import MlflowClient  # noqa: PLC0415 - below the switches only

        self.client = MlflowClient(tracking_uri=exported.uri)
        self.parent = self.client.get_run(exported.run_id)
        runs = self.client.search_runs([exported.experiment_id])
        self.children: dict[str, Any] = {r.info.run_name: r for r in runs if r.info.run_id != exported.run_id}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working directory of its own; MLflow may read folders while the test looks."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    with mlflow_switches():
        yield


def test_every_attempt_becomes_a_child(build: Build, tmp_path: Path) -> None:
    """With its outcome, settings, series by steps and parent; the parent has plan, verdict, head, effect and files."""
    dossier = build()
    store = Store(export(dossier, str(tmp_path / "store")))
    status = {name: run.info.status for name, run in store.children.items()}
    assert status == {
        "control-gate": "FINISHED",
        "g01-r01": "FINISHED",
        "control-r01": "KILLED",
        "control-r01 attempt 2": "FINISHED",
        "control-r02": "FAILED",
        "g01-r01-reproduce": "FINISHED",
        "g01-r02": "KILLED",
    }
    trial = store.children["g01-r01"]
    points = store.client.get_metric_history(trial.info.run_id, "wall_s")
    assert [(p.step, p.value) for p in points] == [(0, 0.5), (1, 0.25), (2, 0.1 + 0.2)]  # one step is 2.5: by place
    assert trial.data.metrics["wall_s.reduced"] == 0.1 + 0.2
    assert trial.data.params["setting.tool"] == "b"
    assert trial.data.tags["mlflow.parentRunId"] == store.parent.info.run_id
    assert store.parent.data.params["plan_sha256"] == dossier.state.plan_digest
    assert store.parent.data.tags["curie.verdict.H1"] == "supported"
    assert store.parent.data.tags["curie.journal_head"] == dossier.head
    assert store.parent.data.metrics["H1.effect"] == -0.5
    files = {f.path for f in store.client.list_artifacts(store.parent.info.run_id)}
    assert files == {"report", "tables.json"}


def test_exporting_twice_writes_nothing_twice(build: Build, tmp_path: Path) -> None:
    """Same runs, same number of points; not a byte of the store changes."""
    dossier = build()
    first = export(dossier, str(tmp_path / "store"))
    before = snapshot(tmp_path / "store")
    second = export(dossier, str(tmp_path / "store"))
    assert (second.run_id, first.created, second.created, second.kept) == (first.run_id, 8, 0, 8)
    assert snapshot(tmp_path / "store") == before


def test_a_run_that_went_on_is_brought_up_to_date(build: Build, tmp_path: Path) -> None:
    """A stopped run, then more of the same run: new trials are added, known ones stay, the parent ends as finished."""
    stopped = build(lively()[:9], end=False)
    first = export(stopped, str(tmp_path / "store"))
    assert set(Store(first).children) == {"control-gate", "g01-r01", "control-r01", "control-r01 attempt 2"} - {
        "control-r01 attempt 2"
    }
    whole = build(name="later")
    second = export(whole, str(tmp_path / "store"))
    store = Store(second)
    assert (second.run_id, second.created) == (first.run_id, 4)
    assert store.children["control-r01"].data.tags["curie.superseded"] == "true"
    assert (store.parent.info.status, store.parent.data.tags["curie.state"]) == ("FINISHED", "finished")


def test_an_export_that_was_cut_short_is_made_again(build: Build, tmp_path: Path) -> None:
    """A child without the mark of a whole one is dropped, so that no point of it counts twice."""
    dossier = build()
    first = export(dossier, str(tmp_path / "store"))
    store = Store(first)
    half = store.children["g01-r01"].info.run_id
    store.client.delete_tag(half, "curie.complete")
    second = export(dossier, str(tmp_path / "store"))
    again = Store(second)
    assert (second.created, len(again.children)) == (1, 7)
    assert len(again.client.get_metric_history(again.children["g01-r01"].info.run_id, "wall_s")) == 3


def test_hostile_text_stays_text(build: Build, tmp_path: Path) -> None:
    """A failure's reason lands in a tag, escaped; nothing is written outside the store."""
    export(build(lively(HOSTILE + "x" * 10_000)), str(tmp_path / "store"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cwd", "runs", "store"]
    assert list((tmp_path / "cwd").iterdir()) == []


@pytest.mark.slow
def test_nobody_is_told(build: Build, tmp_path: Path) -> None:
    """No connection, no telemetry client, no file at home, an environment as before, without CI's signs.

    An audit hook ends the process at the first connection or look-up.
    """
    dossier = build()
    script = (
        "import os, sys\n"
        "sys.addaudithook(lambda e, a: os._exit(77) if e in {'socket.connect', 'socket.getaddrinfo'} else None)\n"
        "from pathlib import Path\n"
        "from curie.dossier import open_dossier\nfrom curie.paths import RunPaths\n"
        "from curie.export.mlflow_sink import export\n"
        "before = dict(os.environ)\n"
        "export(open_dossier(RunPaths.at(Path(sys.argv[1]))), sys.argv[2])\n"
        "from mlflow.telemetry import get_telemetry_client\n"
        "assert get_telemetry_client() is None\n"
        "changed = {n for n in {*before, *os.environ} if before.get(n) != os.environ.get(n)}\n"
        "assert not changed, changed\n"
        "import time; time.sleep(0.5)\n"
    )
    signs = {"CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK"}
    env = {n: v for n, v in os.environ.items() if n not in signs} | {"HOME": str(tmp_path / "home")}
    env["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    words = [sys.executable, "-c", script, str(dossier.paths.root), str(tmp_path / "store")]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "home").exists()


class _Refuses(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Refuse."""
        self.send_response(403)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_a_server_that_refuses_is_an_error_of_ours(build: Build) -> None:
    """Over real HTTP on loopback: the message says who refused, and what to try."""
    server = HTTPServer(("127.0.0.1", 0), _Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(InfrastructureError, match=r"MLflow refused.*403"):
            export(build(), f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file and its content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
