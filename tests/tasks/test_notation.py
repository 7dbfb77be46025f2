"""Properties of the short notation and of the reader: nothing but our own errors, whatever the text."""

import contextlib
import json
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import TaskFileError
from tasks.loader import load_study
from tasks.notation import parse_level, parse_metric
from tasks.study import BUILTIN_METRICS, InputFile

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True).filter(lambda n: n not in BUILTIN_METRICS)
units = st.text(st.characters(whitelist_categories=("L",)), min_size=1).filter(lambda u: u != "deterministic")
fragments = st.sampled_from(
    [
        "question: Q\n",
        "vary:\n",
        "  x: [1, '@a']\n",
        "metrics: [y]\n",
        "command: c\n",
        "&a ",
        "*a",
        "<<: ",
        "[",
        "]",
        "{",
        "}",
        "? ",
        "- ",
        "'@~nobody'",
        '"@\\0"',
        "!!float x",
        "|\n",
        "\t",
        "%YAML 9.9\n",
        "---\n",
        "@",
        "`",
        '"',
        "'",
        "\x85",
        "\ufeff",
    ]
)


@given(name=names, unit=units, better=st.sampled_from(["higher", "lower", "none"]), exact=st.booleans())
def test_a_metric_reads_back(name: str, unit: str, better: str, exact: bool) -> None:  # noqa: FBT001 -- drawn
    """What is written is what is read."""
    metric = parse_metric(f"{name}:{unit}:{better}" + (":deterministic" if exact else ""))
    assert (metric.name, metric.unit, metric.better, metric.deterministic) == (name, unit, better, exact)


@given(text=st.text(max_size=40))
def test_a_level_is_a_file_or_text(text: str) -> None:
    """`@x` is a file, `@@x` the text `@x`, `@` alone an error, and all else itself."""
    if text == "@":
        with pytest.raises(ValueError, match="must be followed"):
            parse_level(text)
    elif text.startswith("@@"):
        assert parse_level(text) == text[1:]
    elif text.startswith("@"):
        assert parse_level(text) == InputFile(path=Path(text[1:]))
    else:
        assert parse_level(text) == text


def load(raw: bytes) -> object:
    """The study in a file of those bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "experiment.yaml")
        path.write_bytes(raw)
        return load_study(path)


@given(raw=st.one_of(st.binary(max_size=200), st.lists(fragments, max_size=25).map(lambda f: "".join(f).encode())))
def test_any_bytes_give_a_study_or_our_error(raw: bytes) -> None:
    """No text crashes the reader, and no foreign exception leaks."""
    with contextlib.suppress(TaskFileError):
        load(raw)


@given(number=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30))
def test_numbers_keep_value_and_type(number: float) -> None:
    """Every number that JSON can write is the same number, of the same type, in a study."""
    levels = f"[{json.dumps(number)}, other]"
    text = f"question: Q\ncommand: c\nvary: {{x: {levels}}}\nmetrics: [y]\n"
    study = load(text.encode())
    value = study.vary["x"][0]  # type: ignore[attr-defined]
    assert type(value) is type(number)
    assert value == number or math.isclose(value, number, rel_tol=0)
