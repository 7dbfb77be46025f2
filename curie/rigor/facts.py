"""One fact of a run: what it says, its value as recorded, and the trials that it comes from. Frozen data, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from curie.rigor.numbers import number, quantity


@dataclass(frozen=True, slots=True)
class Fact:
    """A value or a text, ready to be cited."""

    text: str
    """As people read it."""
    value: float | None = None
    """As recorded; None for text."""
    trials: tuple[str, ...] = ()
    """Keys of the trial records behind it."""


Facts = Mapping[tuple[str, ...], Fact]
"""The rest of a reference, after the object's name -> fact."""
Draft = dict[tuple[str, ...], Fact | None]
"""Facts in the making: what is None does not exist."""


def kept(draft: Draft) -> Facts:
    """The facts that exist."""
    return {path: fact for path, fact in draft.items() if fact is not None}


def said(text: str | None, trials: tuple[str, ...] = ()) -> Fact | None:
    """A text; None if there is none."""
    return Fact(text, None, trials) if text else None


def measured(value: float | None, unit: str, trials: tuple[str, ...] = ()) -> Fact | None:
    """A value in its unit, rounded to three digits where it is shown."""
    return None if value is None else Fact(quantity(value, unit), float(value), trials)


def pure(value: float | None, trials: tuple[str, ...] = ()) -> Fact | None:
    """A number without a unit, rounded to three digits."""
    return None if value is None else Fact(number(value), float(value), trials)


def exact(value: int | None, trials: tuple[str, ...] = ()) -> Fact | None:
    """A whole number, every digit of it and no separator: a count, a seed, a place."""
    return None if value is None else Fact(str(value), float(value), trials)


def declared(value: float | None, unit: str = "1") -> Fact | None:
    """A number as it was declared: every digit of it."""
    if value is None:
        return None
    text = f"{value:.15g}"
    return Fact(text if unit == "1" else f"{text} {unit}", float(value))
