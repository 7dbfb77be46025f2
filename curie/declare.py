"""From flags to a study: the small language of `--vary`, `--metric`, `--hypothesis` and `--set`. Pure."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from curie.errors import UsageError
from tasks import notation
from tasks.study import DeclaredHypothesis, InputFile, Metric, Setting, Study

Level = Setting | InputFile

_WORDS: Mapping[str, Setting] = {"true": True, "false": False, "null": None}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,4000}")
"""Decimal integers as Python prints them, no longer than Python converts."""
_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|infinity|nan)", re.IGNORECASE)
_HYPOTHESIS_FORM = "METRIC:higher|lower|different|same[:VARIABLE=LEVEL]...[:min=NUMBER]"


def parse_level(text: str) -> Level:
    """One level: an int, a float, `true`, `false`, `null`, `@PATH`, else text.

    A number is one only if it prints as it was written, so that a command gets what was typed: `007`, `+5`, `1_000`
    and the version `3.10` stay text. One with an exponent, such as `1e-3`, is a float however it prints.
    """
    if text.startswith("@"):
        return _file_or_text(text)
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    plain = not text.strip("-.0123456789")
    return text if plain and repr(number) != text else number


def parse_assignment(text: str, flag: str) -> tuple[str, str]:
    """`name=value` as its two halves.

    Raises:
        UsageError: there is no `=` or no name.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{flag} {text!r} is not of the form NAME=VALUE.")
    return name.strip(), value


def parse_vary(text: str) -> tuple[str, tuple[Level, ...]]:
    """`x=1,2,3`, or `x=["a,b", "c"]` where levels hold commas or begin or end with a space.

    Raises:
        UsageError: the form is wrong, or the JSON list cannot be read.
    """
    name, values = parse_assignment(text, "--vary")
    if not values.startswith("["):
        return name, tuple(parse_level(value.strip()) for value in values.split(","))
    try:
        levels = json.loads(values)
    except ValueError as error:
        raise UsageError(f"--vary {name}: the list cannot be read as JSON: {error}") from error
    return name, tuple(_from_json(level) for level in levels)


def parse_metric(text: str) -> Metric:
    """A metric as `accuracy:1:higher`; see `tasks.notation`.

    Raises:
        UsageError: the form, an option or a value is wrong.
    """
    try:
        return notation.parse_metric(text)
    except ValidationError as error:
        message = first_message(error)
    except ValueError as error:
        message = str(error)
    raise UsageError(f"--metric {text}: {message}", hint=f"Write {notation.METRIC_FORM}.")


def parse_hypothesis(text: str) -> DeclaredHypothesis:
    """A prediction as `wall_s:lower:tool=zstd:min=0.01`.

    Raises:
        UsageError: the form is wrong.
    """
    metric, *rest = text.split(":")
    if not rest:
        raise UsageError(f"--hypothesis {text!r} names no direction.", hint=f"Write {_HYPOTHESIS_FORM}.")
    fields: dict[str, object] = {"metric": metric, "direction": rest[0]}
    settings: dict[str, Level] = {}
    for part in rest[1:]:
        name, value = parse_assignment(part, "--hypothesis")
        if name == "min":
            fields["min_effect"] = value
        else:
            settings[name] = parse_level(value)
    try:
        return DeclaredHypothesis.model_validate({**fields, "settings": settings})
    except ValidationError as error:
        raise UsageError(f"--hypothesis {text}: {first_message(error)}", hint=f"Write {_HYPOTHESIS_FORM}.") from error


def parse_effects(texts: Sequence[str], metrics: Sequence[Metric], flag: str) -> dict[str, float]:
    """`metric=number`, or a bare number where there is one metric.

    Raises:
        UsageError: no finite number, or it is not clear whose.
    """
    effects: dict[str, float] = {}
    for text in texts:
        if "=" in text:
            name, value = parse_assignment(text, flag)
        elif len(metrics) == 1:
            name, value = metrics[0].name, text
        else:
            raise UsageError(f"{flag} {text}: there are {len(metrics)} metrics; write METRIC=NUMBER.")
        effects[name] = _finite(value, f"{flag} {text}")
    return effects


def build_study(fields: Mapping[str, object]) -> Study:
    """A study from its fields.

    Raises:
        UsageError: naming the first field that is wrong, or a text that no program or record can hold.
    """
    try:
        study = Study.model_validate(fields)
    except ValidationError as error:
        raise UsageError(first_message(error), hint="See `curie run --help`, or `curie init` for a file.") from error
    for text in _texts(study.model_dump()):
        if "\0" in text:
            raise UsageError(f"{text!r} holds a NUL character, which cannot be passed to a program.")
        if not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text):
            raise UsageError(f"{text!r} is not UTF-8.", hint="Rename the file, or write the text in UTF-8.")
    return study


def first_message(error: ValidationError) -> str:
    """The first validation error as a sentence with its place."""
    detail = error.errors()[0]
    place = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_pattern_mismatch":
        message = f"{detail['input']!r} is no name: ASCII letters, digits and _, not a digit first"
    return f"{place}: {message}" if place else message


def _texts(value: object) -> Iterator[str]:
    """Every text and path in nested data."""
    if isinstance(value, str | Path):
        yield str(value)
    elif isinstance(value, Mapping):
        yield from _texts((*value.keys(), *value.values()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)


def _from_json(level: object) -> Level:
    if isinstance(level, list):
        return tuple(_plain(_from_json(item)) for item in level)
    if isinstance(level, str):
        return _file_or_text(level)
    if level is None or isinstance(level, bool | int | float):
        return level
    raise UsageError(
        f"--vary: {json.dumps(level)[:60]} cannot be a level; use numbers, text, true, false, null, lists."
    )


def _file_or_text(text: str) -> Level:
    try:
        return notation.parse_level(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _plain(level: Level) -> Setting:
    if isinstance(level, InputFile):
        raise UsageError(f"--vary: the input file {level.path} cannot stand inside a list level.")
    return level


def _finite(text: str, flag: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise UsageError(f"{flag}: {text!r} is not a finite number >= 0.")
    return value
