"""Sources of metrics and reducers, beside references written out by hand."""

import itertools
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curie.metrics import MAX_POINTS, Collected, Sources, collect, reduce_series
from curie.records import Measurement
from tasks.study import Metric

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


def points(values: list[float], steps: list[float] | None = None) -> list[Measurement]:
    """A series."""
    return [
        Measurement(metric="m", value=value, unit="1", step=steps[i] if steps else None, source="metrics-file")
        for i, value in enumerate(values)
    ]


def gathered(tmp_path: Path, *metrics: Metric, **streams: str | bytes) -> Collected:
    """What is collected from a metrics file, stdout and stderr with these contents."""
    for name in ("metrics", "stdout", "stderr"):
        content = streams.get(name, b"")
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    sources = Sources(
        metrics_file=tmp_path / "metrics",
        stdout=tmp_path / "stdout",
        stderr=tmp_path / "stderr",
        builtin={"wall_s": 1.5, "exit_code": 3.0},
    )
    return collect(metrics, sources)


@given(values=st.lists(finite, min_size=1), better=st.sampled_from(["higher", "lower"]))
def test_last_best_and_mean(values: list[float], better: Literal["higher", "lower"]) -> None:
    """Last is the last; best goes by `better`; the mean is the correctly rounded sum over the count."""
    series = points(values)
    assert reduce_series(Metric(name="m"), series) == values[-1]
    best = reduce_series(Metric(name="m", better=better, reduce="best"), series)
    assert best == (max(values) if better == "higher" else min(values))
    exact = sum(map(Fraction, values), Fraction(0))
    assert reduce_series(Metric(name="m", reduce="mean"), series) == pytest.approx(
        float(exact / len(values)), rel=1e-12
    )


@given(st.lists(st.tuples(finite, st.integers(-1000, 1000)), min_size=1, unique_by=lambda pair: pair[1]))
def test_area_is_the_integral_by_trapezoids(pairs: list[tuple[float, int]]) -> None:
    """In exact fractions, over sorted steps, whatever order they came in."""
    series = points([value for value, _ in pairs], [float(step) for _, step in pairs])
    ordered = sorted((step, Fraction(value)) for value, step in pairs)
    area = sum(((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in itertools.pairwise(ordered)), Fraction(0))
    scale = sum((abs(y) for _, y in ordered), Fraction(0))
    seen = reduce_series(Metric(name="m", reduce="area"), series)
    assert seen == pytest.approx(float(area), rel=1e-9, abs=float(scale) * 1e-9 + 1e-300)


def test_area_over_the_index_where_steps_are_missing() -> None:
    """Three values, two unit-wide trapezoids."""
    assert reduce_series(Metric(name="m", reduce="area"), points([1.0, 3.0, 1.0])) == 4.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("reduce", ["last", "mean", "area"])
def test_no_reducer_hides_what_is_not_finite(bad: float, reduce: Literal["last", "mean", "area"]) -> None:
    """One bad point spoils the series, wherever it stands."""
    assert math.isnan(reduce_series(Metric(name="m", reduce=reduce), points([1.0, bad, 2.0])))


def test_the_order_of_sources(tmp_path: Path) -> None:
    """A pattern before all, built-in next, then the metrics file, then the last JSON object of stdout."""
    metrics = (
        Metric(name="a"), Metric(name="b"), Metric(name="wall_s", unit="s"), Metric(name="c", regex="c=(.*)"),
    )  # fmt: skip
    seen = gathered(tmp_path, *metrics, metrics='{"metric": "a", "value": 1}\n',
                    stdout='{"a": 9, "b": 1}\n{"a": 9, "b": 2, "wall_s": 9, "c": 9}\nc=4\n')  # fmt: skip
    assert seen.values == {"a": 1.0, "b": 2.0, "wall_s": 1.5, "c": 4.0}
    assert seen.problems == ()
    assert {m.source for m in seen.measurements} == {"metrics-file", "stdout-json", "builtin", "regex"}


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n")), max_size=5))
def test_no_line_of_stdout_is_mistaken(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    """The last line that is a JSON object counts, whatever stands around it."""
    found = [obj for line in lines if (obj := _object(line)) is not None]
    stdout = "\n".join(['{"m": 1}', *lines])
    seen = gathered(tmp_path_factory.mktemp("m"), Metric(name="m"), stdout=stdout)
    assert (seen.values.get("m") == 1.0) == (not found)


def _object(line: str) -> dict[str, object] | None:
    try:
        value = json.loads(line.strip())
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@pytest.mark.parametrize(
    ("stdout", "told"),
    [
        ('{"m": true}', "not a number"),
        ('{"m": "1"}', "not a number"),
        ('{"m": null}', "not a number"),
        ('{"m": NaN}', "not a finite number"),
        ('{"m": ' + "9" * 400 + "}", "not a finite number"),
        ('[{"m": 1}]', "not emitted"),
        ("{" * 100_000 + "}", "not emitted"),
        ("", "not emitted"),
    ],
)
def test_a_value_on_stdout_that_is_no_finite_number(tmp_path: Path, stdout: str, told: str) -> None:
    """It is a problem in words, not a number and not a crash."""
    seen = gathered(tmp_path, Metric(name="m"), stdout=stdout)
    assert seen.values == {}
    assert told in seen.problems[0]


def test_a_pattern_reads_bytes_that_are_no_text(tmp_path: Path) -> None:
    """Output need not be UTF-8; CRLF ends a line too, and a series is reduced."""
    metric = Metric(name="m", regex=r"^loss: (\S+)\s*$", reduce="mean")
    seen = gathered(tmp_path, metric, stdout=b"\xff\xfe\nloss: 1\r\nloss: 3\n\x00")
    assert seen.values == {"m": 2.0}


def test_a_pattern_that_matches_no_number(tmp_path: Path) -> None:
    """What matched is shown as text."""
    seen = gathered(tmp_path, Metric(name="m", regex="m=(.*)"), stdout="m=fast\n")
    assert seen.problems == ("metric m matched 'fast', which is not a number",)


def test_names_that_nobody_declared_are_ignored(tmp_path: Path) -> None:
    """Even names that no metric could have."""
    text = '{"metric": "val/loss", "value": 1}\n\n{"metric": "m", "value": 2, "t_s": 0.5, "extra": [1]}\n'
    seen = gathered(tmp_path, Metric(name="m"), metrics=text)
    assert seen.values == {"m": 2.0}
    assert [(m.metric, m.t_s) for m in seen.measurements] == [("m", 0.5)]


def test_a_runaway_series_is_a_failure(tmp_path: Path) -> None:
    """The bound is said, in the file and by pattern."""
    line = '{"metric": "m", "value": 2}\n'
    seen = gathered(tmp_path, Metric(name="m"), Metric(name="n", regex="(1)"), metrics=line * (MAX_POINTS + 1),
                    stdout="1" * (MAX_POINTS + 1))  # fmt: skip
    assert len(seen.problems) == 2
    assert all(str(MAX_POINTS) in problem for problem in seen.problems)
