from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.dossier import open_dossier
from curie.export.tables import TABLES, Column, _level, _setting_column, fixed_columns, table_of
from curie.journal.events import SandboxChosen
from curie.paths import RunPaths
from curie.plan import InputDigest, Variable
from tests.curie import sample_run
from tests.curie.export.conftest import Build, lively


def by_key(rows: list[dict[str, object]]) -> dict[tuple[object, object], dict[str, object]]:
    """(key, attempt) -> row; no two rows share one."""
    found = {(row["key"], row["attempt"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_attempt_and_every_planned_trial_has_a_row(build: Build) -> None:
    """The gate, a failure, both attempts of a repeated trial, a re-run, and the trial that nobody attempted."""
    rows = by_key(table_of(build(), "trials").records())
    assert {place: (row["outcome"], row["superseded"]) for place, row in rows.items()} == {
        ("control-gate", 1): ("succeeded", False),
        ("g01-r01", 1): ("succeeded", False),
        ("control-r01", 1): ("interrupted", True),
        ("control-r01", 2): ("succeeded", False),
        ("control-r02", 1): ("failed", False),
        ("g01-r01-reproduce", 1): ("succeeded", False),
        ("g01-r02", 0): ("not_attempted", False),
    }


def test_the_measured_rows_are_the_planned_trials(build: Build) -> None:
    """Without superseded ones they are as many as the result counts, so that nothing is lost or counted twice."""
    dossier = build()
    rows = [r for r in table_of(dossier, "trials").records() if r["purpose"] == "measure" and not r["superseded"]]
    assert len(rows) == dossier.result.trials.planned == 4


def test_a_row_tells_what_its_record_tells(build: Build) -> None:
    """Settings, metrics, resources, program and the state of the re-run, each in its column."""
    row = by_key(table_of(build(), "trials").records())["g01-r01", 1]
    expected = {
        "label": "tool=b",
        "setting.tool": "b",
        "setting.level": 1.0,
        "metric.wall_s": 0.1 + 0.2,
        "wall_s": 0.5,
        "memory_peak_bytes": 4096,
        "memory_method": "cgroup",
        "disturbed": False,
        "command": "tool 'a b'",
        "executable_sha256": "f" * 64,
        "exit_code": 0,
        "reproduction": "reproduced",
        "rerun_of": None,
    }
    assert {name: row[name] for name in expected} == expected


def test_what_was_never_recorded_comes_from_the_plan(build: Build) -> None:
    """An interrupted attempt and a planned trial know their group, place and settings; a re-run knows its original."""
    rows = by_key(table_of(build(), "trials").records())
    interrupted, planned = rows["control-r01", 1], rows["g01-r02", 0]
    assert (interrupted["group"], interrupted["setting.tool"], interrupted["block"]) == ("control", "a", 1)
    assert (interrupted["reason"], interrupted["metric.wall_s"]) == ("the driver was killed", None)
    assert (planned["label"], planned["setting.tool"], planned["started"]) == ("tool=b", "b", None)
    assert rows["g01-r01-reproduce", 1]["rerun_of"] == "g01-r01"


def test_every_point_of_every_series_is_there(build: Build) -> None:
    """With its step, in the order of emission, those of superseded and failed attempts included."""
    dossier = build()
    rows = table_of(dossier, "measurements").records()
    series = [(r["index"], r["step"], r["value"]) for r in rows if r["key"] == "g01-r01"]
    assert series == [(0, 1.0, 0.5), (1, 2.0, 0.25), (2, 2.5, 0.1 + 0.2)]
    assert len(rows) == sum(len(r.measurements) for r in dossier.records)


def test_a_finding_comes_with_its_rule(build: Build) -> None:
    """Effect and interval as recorded, direction and threshold as frozen."""
    (row,) = table_of(build(), "findings").records()
    told = {name: row[name] for name in ("verdict", "effect", "low", "high", "level", "direction", "threshold", "test")}
    assert told == {
        "verdict": "supported",
        "effect": -0.5,
        "low": -0.6,
        "high": -0.4,
        "level": 0.95,
        "direction": "lower",
        "threshold": 0.0,
        "test": "block-t",
    }


def test_the_last_table_tells_all_columns_of_the_others(build: Build) -> None:
    """Those of the run's own variables and metrics included, with their units."""
    dossier = build()
    told = {(r["table"], r["column"]): r["unit"] for r in table_of(dossier, "columns").records()}
    tables = [table_of(dossier, name) for name in TABLES if name != "columns"]
    assert list(told) == [(t.name, c.name) for t in tables for c in t.columns]
    assert told["trials", "metric.wall_s"] == told["trials", "cpu_s"] == "s"


def test_an_unfinished_run_and_one_without_a_plan_have_tables(build: Build, tmp_path: Path) -> None:
    """A trial that no longer runs is `interrupted`, with the reason of the stop; without a plan there are no rows."""
    stopped = build(lively()[:8], end=False)
    rows = by_key(table_of(stopped, "trials").records())
    assert (rows["control-r01", 1]["outcome"], rows["control-r01", 1]["reason"]) == ("interrupted", "asked to stop")
    assert rows["g01-r02", 0]["outcome"] == "not_attempted"
    bare = build([sample_run.created("r2"), SandboxChosen(kind="process", isolation="none")], name="r2", end=False)
    assert [len(table_of(bare, name).rows) for name in ("trials", "measurements", "findings")] == [0, 0, 0]


def test_an_input_file_is_told_by_what_it_was(build: Build) -> None:
    """A record holds the path inside the sandbox; the column holds name and digest, so that two runs compare."""
    frozen = sample_run.plan()
    level = InputDigest(name="corpus.txt", sha256="ab" * 32)
    groups = tuple(g.model_copy(update={"settings": {**g.settings, "tool": level}}) for g in frozen.groups)
    variables = (Variable(name="tool", role="constant", levels=(level,)),)
    changed = frozen.model_copy(update={"groups": groups, "variables": variables})
    events = [
        e.model_copy(update={"plan": changed, "digest": changed.digest()}) if e.type == "plan_frozen" else e
        for e in lively()
    ]
    rows = table_of(build(events), "trials").records()
    assert {row["setting.tool"] for row in rows} == {"corpus.txt#abababababab"}


def test_the_hand_made_finished_run_has_its_trials(tmp_path: Path) -> None:
    """A whole run directory, opened as a user's is."""
    dossier = open_dossier(RunPaths.at(sample_run.finished_run(tmp_path / "r1").root))
    rows = table_of(dossier, "trials").records()
    assert [r["outcome"] for r in rows] == ["succeeded"] * 4 + ["not_attempted"]


Levels = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.tuples(st.integers(), st.text(max_size=3)),
    max_size=6,
)


@given(Levels)
def test_a_level_keeps_its_value_and_its_neighbours_apart(levels: list[object]) -> None:
    """Whatever types stand in a column, different levels are different cells, and numbers keep their value."""
    column = _setting_column("x", levels)  # type: ignore[arg-type]  # generated levels are settings
    cells = [_level({"x": level}, column) for level in levels]  # type: ignore[dict-item]  # the same
    for level, cell in zip(levels, cells, strict=True):
        for other, other_cell in zip(levels, cells, strict=True):
            numeric = {type(level), type(other)} <= {int, float}
            if level != other or (type(level) is not type(other) and not numeric):
                assert cell != other_cell or {type(level), type(other)} == {type(None), str}
        if isinstance(level, int | float) and not isinstance(level, bool) and column.type != "text":
            assert cell == level


def test_fixed_columns_are_named_once() -> None:
    """No name stands twice in a table, and each has a type and says what it means."""
    for name in TABLES:
        columns: tuple[Column, ...] = fixed_columns(name)
        assert len({column.name for column in columns}) == len(columns)
        assert all(
            column.about and column.type in get_args(Column.model_fields["type"].annotation) for column in columns
        )


@pytest.mark.parametrize("name", ["trials", "measurements", "findings", "columns"])
def test_rows_are_as_wide_as_their_table(build: Build, name: str) -> None:
    """Every row has a cell for every column, of the column's type."""
    kinds = {"text": str, "integer": int, "number": float, "boolean": bool}
    table = table_of(build(), next(n for n in TABLES if n == name))
    for row in table.rows:
        for cell, column in zip(row, table.columns, strict=True):
            assert cell is None or column.type == "time" or type(cell) is kinds[column.type]
