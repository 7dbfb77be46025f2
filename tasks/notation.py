"""The short notation of studies: a metric as `name:unit:better`, an input file as `@path`."""

from typing import get_args

from tasks.study import BUILTIN_METRICS, Better, InputFile, Metric, Setting

_DETERMINISTIC = "deterministic"


def parse_metric(text: str) -> Metric:
    """A metric from `name[:unit[:better]][:deterministic]`.

    A missing unit is the built-in metric's own, else `1`.

    Raises:
        ValueError: the parts are not that.
    """
    name, *rest = (part.strip() for part in text.split(":"))
    deterministic = bool(rest) and rest[-1] == _DETERMINISTIC
    if deterministic:
        rest.pop()
    if len(rest) > 2 or not all((name, *rest)):  # noqa: PLR2004 -- unit and better
        raise ValueError(f"metric {text!r} is not written as name:unit:better, such as `sort_s:s:lower`")
    unit = rest[0] if rest else BUILTIN_METRICS.get(name, "1")
    better = rest[1] if rest[1:] else "none"
    if better not in get_args(Better):
        raise ValueError(f"metric {text!r}: better must be one of {', '.join(get_args(Better))}, not {better!r}")
    return Metric.model_validate({"name": name, "unit": unit, "better": better, "deterministic": deterministic})


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
