"""Puts a run into an MLflow tracking store, once: the only module that imports mlflow."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curie.config import mlflow_switches
from curie.dossier import Dossier
from curie.errors import InfrastructureError, UsageError
from curie.export import json_format, mlflow_runs
from curie.export.mlflow_runs import IDENTITY, RUN_DIGEST, Point, Tracked
from curie.export.tables import TABLES, facts_of, table_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

HINT = "Install it with the extra `track`: pip install 'curie-lab[track]'."
_COMPLETE = "curie.complete"
"""Tag that an export sets last: what it holds is whole."""
_METRICS_A_CALL = 1000
_PARAMS_A_CALL = 100
_RUNS_A_PAGE = 1000


@dataclass(frozen=True)
class Exported:
    """What an export into MLflow did."""

    uri: str
    """The tracking store."""
    experiment_id: str
    run_id: str
    """MLflow's id of the parent run."""
    created: int
    """Runs made, the parent included."""
    kept: int
    """Runs that an earlier export had made."""


def export(dossier: Dossier, where: str) -> Exported:
    """Write a run into a tracking store: a parent, and a child for every attempt of every trial.

    Doing it again adds what is new and writes nothing twice. MLflow's telemetry is off while this runs. A folder is
    made if it is not there; MLflow reads it back with MLFLOW_ALLOW_FILE_STORE=true.

    Args:
        dossier: the run, finished or not.
        where: a folder, or a URI such as `http://127.0.0.1:5000`.

    Raises:
        UsageError: mlflow is not installed, or the place cannot be one of its stores.
        InfrastructureError: the store refused, or does not answer; doing it again goes on.
    """
    uri = where if ":/" in where else Path(where).absolute().as_uri()
    with _mlflow():
        from mlflow import MlflowClient  # noqa: PLC0415 - an extra, slow to import, and only below its switches

        return _Sink(MlflowClient(tracking_uri=uri), dossier, uri).write()


@contextmanager
def _mlflow() -> Iterator[None]:
    with mlflow_switches():
        try:
            from mlflow.exceptions import MlflowException  # noqa: PLC0415 - as above
        except ImportError as error:
            raise UsageError("Exporting into MLflow needs mlflow, which is not installed.", hint=HINT) from error
        try:
            yield
        except MlflowException as error:
            raise InfrastructureError(
                f"MLflow refused: {error}", hint="Check --out; exporting again goes on."
            ) from error
        except OSError as error:
            raise InfrastructureError(f"The tracking store cannot be written: {error}") from error


class _Sink:
    """One export."""

    def __init__(self, client: "MlflowClient", dossier: Dossier, uri: str) -> None:
        self._client = client
        self._dossier = dossier
        self._uri = uri
        self._experiment = self._find_experiment()
        self._created = self._kept = 0

    def write(self) -> Exported:
        top = mlflow_runs.parent(self._dossier)
        found = self._earlier(top.tags[RUN_DIGEST])
        parent_id = self._parent(top, found.get(top.identity))
        for child in mlflow_runs.children(self._dossier):
            self._child(child, found.get(child.identity), parent_id)
        return Exported(self._uri, self._experiment, parent_id, self._created, self._kept)

    def _find_experiment(self) -> str:
        name = mlflow_runs.experiment_name(self._dossier)
        found = self._client.get_experiment_by_name(name)
        return found.experiment_id if found is not None else self._client.create_experiment(name)

    def _earlier(self, run_digest: str) -> "Mapping[str, Run]":
        """Identity -> the run of an earlier export."""
        found: dict[str, Run] = {}
        token = None
        while True:
            page = self._client.search_runs(
                [self._experiment], f"tags.`{RUN_DIGEST}` = '{run_digest}'", max_results=_RUNS_A_PAGE, page_token=token
            )
            found |= {run.data.tags[IDENTITY]: run for run in page if IDENTITY in run.data.tags}
            token = page.token
            if not token:
                return found

    def _parent(self, top: Tracked, earlier: "Run | None") -> str:
        """The parent grows with the run: its tags follow, its effects are added where they have changed."""
        head = top.tags["curie.journal_head"]
        if earlier is not None and earlier.data.tags.get(_COMPLETE) == head:
            self._kept += 1
            return str(earlier.info.run_id)
        run_id = earlier.info.run_id if earlier is not None else self._create(top, {})
        self._kept += earlier is not None
        known: Mapping[str, float] = earlier.data.metrics if earlier is not None else {}
        self._tag(run_id, top.tags, earlier)
        self._log(run_id, [p for p in top.points if known.get(p.name) != p.value], top.params if not earlier else {})
        self._attach(run_id)
        self._finish(run_id, top, head)
        return run_id

    def _child(self, child: Tracked, earlier: "Run | None", parent_id: str) -> None:
        if earlier is not None and _COMPLETE in earlier.data.tags:
            self._tag(earlier.info.run_id, child.tags, earlier)
            self._kept += 1
            return
        if earlier is not None:  # an export was cut short: MLflow cannot take metrics back, but it can drop the run
            self._client.delete_run(earlier.info.run_id)
        run_id = self._create(child, {"mlflow.parentRunId": parent_id})
        self._log(run_id, child.points, child.params)
        self._finish(run_id, child, "true")

    def _create(self, tracked: Tracked, more: Mapping[str, str]) -> str:
        self._created += 1
        tags = {**tracked.tags, **more, IDENTITY: tracked.identity, "mlflow.source.name": "curie"}
        run = self._client.create_run(self._experiment, start_time=tracked.started_ms, tags=tags, run_name=tracked.name)
        return str(run.info.run_id)

    def _tag(self, run_id: str, wanted: Mapping[str, str], earlier: "Run | None") -> None:
        known: Mapping[str, str] = earlier.data.tags if earlier is not None else wanted
        for name, value in wanted.items():
            if known.get(name) != value:
                self._client.set_tag(run_id, name, value)

    def _log(self, run_id: str, points: Sequence[Point], params: Mapping[str, str]) -> None:
        from mlflow.entities import Metric, Param  # noqa: PLC0415 - as above

        named = [Param(name, value) for name, value in params.items()]
        values = [Metric(p.name, p.value, p.at_ms, p.step) for p in points]
        for begin in range(0, len(named), _PARAMS_A_CALL):
            self._client.log_batch(run_id, params=named[begin : begin + _PARAMS_A_CALL])
        for begin in range(0, len(values), _METRICS_A_CALL):
            self._client.log_batch(run_id, metrics=values[begin : begin + _METRICS_A_CALL])

    def _attach(self, run_id: str) -> None:
        """The reports as files, and every table as JSON."""
        folder = self._dossier.paths.report
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                self._client.log_artifact(run_id, str(path), "report")
        tables = [table_of(self._dossier, name) for name in TABLES]
        text = "".join(json_format.pieces(facts_of(self._dossier), tables))
        self._client.log_text(run_id, text, "tables.json")

    def _finish(self, run_id: str, tracked: Tracked, complete: str) -> None:
        if tracked.ended_ms is not None:
            self._client.set_terminated(run_id, tracked.status, tracked.ended_ms)
        self._client.set_tag(run_id, _COMPLETE, complete)
