"""How a recorded value is written for people: three digits, with its unit. Pure."""

import math

_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e15
_DIGITS = 3


def number(value: float) -> str:
    """Three significant digits, whole from a hundred on; with an exponent only where zeros would be counted."""
    size = abs(value)
    if size == 0 or not math.isfinite(value):
        return "0" if size == 0 else str(value)
    if not _PLAIN_FROM <= size < _PLAIN_TO:
        return f"{value:.{_DIGITS}g}"
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(size)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: float, unit: str) -> str:
    """A number with its unit; `1` is no unit."""
    return number(value) if unit == "1" else f"{number(value)} {unit}"


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{number(100 * share)} %"


def confidence(level: float) -> str:
    """A confidence as a percentage of four digits, so that 99.17 % is not 99.2 %."""
    return f"{100 * level:.4g} %"


def signed(value: float, text: str) -> str:
    """`text`, which shows `value`, with a plus before it if that is positive."""
    return f"+{text}" if value > 0 else text


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, as people say it."""
    for size, name in ((3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 -- tenths matter below ten
