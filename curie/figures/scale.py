"""From values to places on an axis: linear, logarithmic, or logarithmic away from 0. Pure.

matplotlib only ever sees linear axes with places between about -1000 and 1000, so that no value that a trial can
give (the largest and smallest doubles included) can overflow in its arithmetic.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["linear", "log", "symlog"]
Tick = tuple[float, str]

LOG_DECADES = 2.0
"""Positive values that span more than this are drawn on a logarithmic axis."""
_SYMLOG_DECADES = 3.0
_SYMLOG_MOST = 9.0
_PLAIN = range(-3, 5)
_WRITTEN_OUT = range(-3, 5)
_TICKS = 5
_PAD = 0.06
_LEAST_POWER, _MOST_POWER = -300, 306
_SAME = 1e-9
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Scale:
    """How the values of one axis are placed."""

    kind: Kind
    power: int
    """Linear: values are divided by ten to this power."""
    knee: float
    """Symlog: size at which the axis turns from linear to logarithmic."""
    low: float
    """Place of the axis's lower end."""
    high: float
    ticks: tuple[Tick, ...]
    """Place and text."""

    def at(self, value: float) -> float:
        """Where a finite value lies; on a logarithmic axis what is not positive lies at the lower end."""
        if self.kind == "log":
            return math.log10(value) if value > 0 else self.low
        return _symlog(value, self.knee) if self.kind == "symlog" else value / 10.0**self.power

    def label(self, name: str, unit: str) -> str:
        """The axis's label: name, unit (`1` is no unit), and how it is scaled."""
        told = "no unit" if unit in {"1", ""} else unit
        if self.kind == "linear" and self.power:
            factor = ten_to(self.power)
            told = f"{factor}, no unit" if told == "no unit" else f"{factor} {told}"
        tail = {"linear": "", "log": ", log scale", "symlog": ", log scale away from zero"}[self.kind]
        return f"{name} ({told}{tail})"


def linear(values: Iterable[float]) -> Scale:
    """A linear axis that holds all these finite values, with a margin."""
    seen = tuple(values) or (0.0,)
    power = _power(max(abs(v) for v in seen))
    low, high = (f(v / 10.0**power for v in seen) for f in (min, max))
    low, high = _padded(low, high)
    return Scale(kind="linear", power=power, knee=1.0, low=low, high=high, ticks=_linear_ticks(low, high))


def positive(values: Iterable[float]) -> Scale:
    """A logarithmic axis if all values are positive and span more than two decades, else a linear one."""
    seen = tuple(values)
    if not seen or min(seen) <= 0 or math.log10(max(seen)) - math.log10(min(seen)) <= LOG_DECADES:
        return linear(seen)
    low, high = _padded(math.log10(min(seen)), math.log10(max(seen)))
    return Scale(kind="log", power=0, knee=1.0, low=low, high=high, ticks=_decades(low, high))


def signed(values: Iterable[float]) -> Scale:
    """An axis around 0: linear, or logarithmic away from 0 where sizes span more than three decades."""
    seen = (*values, 0.0)
    sizes = sorted(abs(v) for v in seen if v != 0)
    if not sizes or math.log10(sizes[-1]) - math.log10(sizes[0]) <= _SYMLOG_DECADES:
        return linear(seen)
    top = math.log10(sizes[-1])
    exponent = math.floor(max(math.log10(sizes[0]), top - _SYMLOG_MOST, _LEAST_POWER))
    knee = 10.0**exponent
    low, high = _padded(_symlog(min(seen), knee), _symlog(max(seen), knee))
    return Scale(kind="symlog", power=0, knee=knee, low=low, high=high, ticks=_symlog_ticks(exponent, low, high))


def ten_to(exponent: int) -> str:
    """A power of ten with a raised exponent."""
    return f"10{str(exponent).translate(_SUPERSCRIPT)}"


def _symlog(value: float, knee: float) -> float:
    # log10(1 + |v| / knee) without the quotient, which overflows for the largest doubles over a small knee
    if value == 0:
        return 0.0
    decades = math.log10(abs(value)) - math.log10(knee)
    place = decades if decades > 300 else math.log10(1.0 + 10.0**decades)  # noqa: PLR2004 -- just below a double's range
    return math.copysign(place, value)


def _power(largest: float) -> int:
    if largest == 0:
        return 0
    exponent = math.floor(math.log10(largest))
    return 0 if exponent in _PLAIN else min(_MOST_POWER, max(_LEAST_POWER, 3 * (exponent // 3)))


def _padded(low: float, high: float) -> tuple[float, float]:
    span = high - low
    if span <= _SAME * max(abs(low), abs(high)):
        span = abs(high) or 1.0
    return low - _PAD * span, high + _PAD * span


def _linear_ticks(low: float, high: float) -> tuple[Tick, ...]:
    raw = (high - low) / _TICKS
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next((m * unit for m in (1.0, 2.0, 2.5, 5.0) if m * unit >= raw * (1 - _SAME)), 10.0 * unit)
    first, last = math.ceil(low / step), math.floor(high / step)
    decimals = max(0, -math.floor(math.log10(step) + _SAME) + (1 if abs(step / unit - 2.5) < _SAME else 0))
    return tuple((i * step, _fixed(i * step, decimals)) for i in range(first, last + 1))


def _fixed(value: float, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}" if decimals <= 12 else f"{abs(value):.3g}"  # noqa: PLR2004 -- beyond that zeros would be counted
    return f"\u2212{text}" if value < 0 else text


def _decades(low: float, high: float) -> tuple[Tick, ...]:
    whole = range(math.ceil(low), math.floor(high) + 1)
    stride = max(1, math.ceil(len(whole) / (_TICKS + 1)))
    chosen = [e for e in whole if e % stride == 0]
    plain = all(e in _WRITTEN_OUT for e in chosen)
    return tuple((float(e), _decade(e, plain=plain)) for e in chosen)


def _decade(exponent: int, *, plain: bool) -> str:
    if not plain:
        return ten_to(exponent)
    return f"{10**exponent:,}" if exponent >= 0 else f"{10.0**exponent:.{-exponent}f}"


def _symlog_ticks(exponent: int, low: float, high: float) -> tuple[Tick, ...]:
    reach = max(-low, high)
    # A side's labels must not come nearer to each other than a fifth of the axis.
    stride = max(1, math.ceil((high - low) / _TICKS))
    ticks: list[Tick] = [(0.0, "0")]
    steps = range(stride, math.floor(reach) + 1, stride)
    plain = all(exponent + step in _WRITTEN_OUT for step in steps)
    for step in steps:
        place, text = _symlog(10.0**step, 1.0), _decade(exponent + step, plain=plain)
        ticks += [(place, text)] if place <= high else []
        ticks += [(-place, f"\u2212{text}")] if -place >= low else []
    return tuple(sorted(ticks))
