"""How settings given anew change a task's or a file's: the same for flags and for Python. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from curie.errors import UsageError


@dataclass(frozen=True)
class Levels:
    """What is given anew, by variable."""

    vary: Mapping[str, object] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    control: Mapping[str, object] = field(default_factory=dict)


def merged_settings(base: Mapping[str, object], given: Levels, *, keep_nuisance: bool) -> dict[str, object]:
    """Variables, constants and control of a study: a name that is set is no longer varied, and the other way round.

    Args:
        base: fields of the study that is changed; empty if there is none.
        given: what changes it.
        keep_nuisance: keep the nuisance variables that are still varied.

    Raises:
        UsageError: a name is both varied and set.
    """
    vary, constants, control = given.vary, given.constants, given.control
    if both := sorted(set(vary) & set(constants)):
        raise UsageError(f"{both[0]!r} is both varied and set.", hint="Vary it or set it to one level, not both.")
    if not (vary or constants or control):
        return {}
    merged: dict[str, object] = {
        "vary": {n: old for n, old in named(base, "vary").items() if n not in constants} | dict(vary),
        "constants": {n: old for n, old in named(base, "constants").items() if n not in vary} | dict(constants),
        # Levels given anew have a control of their own: the first, unless a control is given too.
        "control": {n: old for n, old in named(base, "control").items() if n not in {*vary, *constants}}
        | dict(control),
    }
    if isinstance(nuisance := base.get("nuisance"), tuple) and keep_nuisance:
        merged["nuisance"] = tuple(name for name in nuisance if name not in constants)
    return merged


def named(base: Mapping[str, object], field_name: str) -> Mapping[str, object]:
    """A field of a study that goes by name; empty if it is not there."""
    value = base.get(field_name)
    return value if isinstance(value, Mapping) else {}
