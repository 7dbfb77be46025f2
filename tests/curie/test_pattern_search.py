import time
from pathlib import Path

import pytest

from curie import pattern_search
from curie.metrics import Sources, collect
from curie.pattern_search import PatternTooSlowError, search
from tasks.study import Metric


def test_every_match_of_the_whole_stream_in_order(tmp_path: Path) -> None:
    """First and last lines; a named group wins over the first one; at most one match too many comes back."""
    stream = tmp_path / "stdout"
    stream.write_bytes(b"loss=3\n" + b"x\n" * 1000 + b"loss=1\n")
    assert search(r"loss=(\d)", stream, most=10) == ["3", "1"]
    assert search(r"(l)oss=(?P<value>\d)", stream, most=1) == ["3", "1"]
    (tmp_path / "empty").touch()
    assert search("x", tmp_path / "empty", most=1) == []


def test_a_pattern_that_never_ends_fails_the_trial_and_not_the_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catastrophic backtracking is stopped, and named as the trial's problem."""
    monkeypatch.setattr(pattern_search, "TIMEOUT_S", 0.5)
    stream = tmp_path / "stdout"
    stream.write_bytes(b"a" * 40 + b"!")
    began = time.monotonic()
    with pytest.raises(PatternTooSlowError, match="took more than"):
        search("(a+)+$", stream, most=10)
    assert time.monotonic() - began < 10
    metric = Metric(name="m", regex="(a+)+$")
    sources = Sources(metrics_file=tmp_path / "none", stdout=stream, stderr=stream, builtin={})
    assert "took more than" in collect((metric,), sources).problems[0]
