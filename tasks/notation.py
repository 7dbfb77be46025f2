"""The short notation of studies: a metric as `name:unit:better`, an input file as `@path`."""

from collections.abc import Mapping
from typing import get_args

from tasks.study import BUILTIN_METRICS, Better, InputFile, Metric, Setting

METRIC_FORM = "NAME:UNIT:higher|lower|none[:deterministic][:timing|:no-timing][:OPTION=VALUE][:regex=PATTERN]"
"""How a metric is written."""

_PLACES = ("unit", "better")
_OPTIONS = ("tolerance", "reduce", "stream")
_FLAGS: Mapping[str, dict[str, object]] = {
    "deterministic": {"deterministic": True},
    "timing": {"timing": True},
    "no-timing": {"timing": False},
}


def parse_metric(text: str) -> Metric:
    """A metric from `name[:unit[:better]][:option]...[:regex=PATTERN]`.

    Options are `deterministic`, `timing`, `no-timing`, `tolerance=X`, `reduce=last|best|mean|area` and
    `stream=stdout|stderr`; a pattern comes last, since it may hold colons. A missing unit is the built-in metric's
    own, else `1`.

    Raises:
        ValueError: the parts are not that; the message gives the form.
    """
    head, patterned, regex = text.partition(":regex=")
    name, *parts = (part.strip() for part in head.split(":"))
    fields: dict[str, object] = {"name": name, "unit": BUILTIN_METRICS.get(name, "1")}
    plain = [part for part in parts if part not in _FLAGS and "=" not in part]
    if len(plain) > len(_PLACES) or not all((name, *plain)):
        raise ValueError(f"metric {text!r} is not written as {METRIC_FORM}, such as `sort_s:s:lower`")
    fields |= dict(zip(_PLACES, plain, strict=False))
    if fields.get("better", "none") not in get_args(Better):
        raise ValueError(f"metric {text!r}: better must be one of {', '.join(get_args(Better))}, not {plain[1]!r}")
    for part in parts:
        if part in _FLAGS:
            fields |= _FLAGS[part]
        elif "=" in part:
            fields |= _option(text, part)
    if patterned:
        fields["regex"] = regex
    return Metric.model_validate(fields)


def _option(text: str, part: str) -> dict[str, object]:
    name, _, value = part.partition("=")
    if name not in _OPTIONS:
        raise ValueError(f"metric {text!r}: no option {name!r}; there are {', '.join(_OPTIONS)} and regex")
    return {name: value}


def parse_level(value: Setting) -> Setting | InputFile:
    """A level as written: text that starts with `@` names an input file, `@@` stands for a literal `@`.

    Raises:
        ValueError: nothing follows the `@`.
    """
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    if value.startswith("@@"):
        return value[1:]
    if value == "@":
        raise ValueError("`@` must be followed by the path of a file or folder")
    return InputFile.model_validate({"path": value[1:]})
