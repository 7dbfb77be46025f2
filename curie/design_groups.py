"""From declared levels to variables and groups. Pure."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from curie.errors import PlanRefused
from curie.plan import CONTROL, Group, InputDigest, Value, Variable
from tasks.study import Design, InputFile, Setting, Study

TWIN = "aa"
"""Id of the group that repeats the control's settings, to measure the machine against itself."""


@dataclass(frozen=True, kw_only=True)
class DesignFacts:
    """What the designer must know besides the study; whoever calls it has looked it up."""

    seed: int
    """Seeds the order, the trials' seeds and the sample that is re-run."""
    inputs: Mapping[tuple[str, Path], InputDigest] = field(default_factory=dict)
    """(variable or constant, path as declared) -> digest of that file or folder."""
    data: InputDigest | None = None
    """Digest of the study's data."""
    code_digest: str | None = None
    """Git tree of the snapshot."""
    environment_digest: str | None = None
    """Digest of the requirements."""


def level_text(value: Value) -> str:
    """A level as people read it: a string bare, a file by its base name, anything else as JSON."""
    if isinstance(value, InputDigest):
        return value.name
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def same_value(a: Value, b: Value) -> bool:
    """Whether two levels of a plan are one, in value and in type (`1`, `1.0` and `true` are three)."""
    return type(a) is type(b) and a == b


def design_of(study: Study) -> Design:
    """The declared design; by default one-factor for one variable and full factorial for several.

    Raises:
        PlanRefused: if a one-factor design is declared with nuisance variables, which have to be crossed.
    """
    chosen: Design = study.design or ("one-factor" if len(study.vary) == 1 else "full-factorial")
    if chosen == "one-factor" and study.nuisance:
        names = ", ".join(study.nuisance)
        raise PlanRefused(
            f"a one-factor design cannot average over the nuisance variable {names}",
            hint="drop the design, or declare full-factorial",
        )
    return chosen


def variables_of(study: Study, facts: DesignFacts) -> tuple[Variable, ...]:
    """Every variable in declaration order: the varied ones, then the constants.

    Raises:
        PlanRefused: if an input file has no digest in `facts`.
    """
    varied = tuple(
        Variable(
            name=name,
            role="nuisance" if name in study.nuisance else "independent",
            levels=tuple(_value(name, level, facts) for level in levels),
        )
        for name, levels in study.vary.items()
    )
    constants = tuple(
        Variable(name=name, role="constant", levels=(_value(name, level, facts),))
        for name, level in study.constants.items()
    )
    return varied + constants


def control_settings(study: Study, facts: DesignFacts) -> dict[str, Value]:
    """The control's level of every varied variable and every constant."""
    varied = {name: _value(name, study.control.get(name, levels[0]), facts) for name, levels in study.vary.items()}
    return varied | {name: _value(name, level, facts) for name, level in study.constants.items()}


def groups_of(design: Design, variables: tuple[Variable, ...], control: Mapping[str, Value]) -> tuple[Group, ...]:
    """The control first, then `g01` ... in declaration order, the last variable changing fastest."""
    varied = [v for v in variables if v.role != "constant"]
    cells = _one_factor(varied, control) if design == "one-factor" else _crossed(varied)
    others = [c for c in cells if not all(same_value(c[n], control[n]) for n in c)]
    width = max(2, len(str(len(others))))
    first = Group(id=CONTROL, settings=dict(control), label=_label({v.name: control[v.name] for v in varied}))
    rest = (
        Group(
            id=f"g{number:0{width}d}",
            settings={**control, **cell},
            label=_label({n: v for n, v in cell.items() if not same_value(v, control[n])}),
        )
        for number, cell in enumerate(others, start=1)
    )
    return (first, *rest)


def twin_of(control: Group) -> Group:
    """A second group with the control's settings."""
    return Group(id=TWIN, settings=dict(control.settings), label="the control again (A/A)")


def _value(name: str, level: Setting | InputFile, facts: DesignFacts) -> Value:
    if not isinstance(level, InputFile):
        return level
    try:
        return facts.inputs[name, level.path]
    except KeyError:
        raise PlanRefused(f"input file {level.path} of {name} was not digested", hint="check that it exists") from None


def _one_factor(varied: list[Variable], control: Mapping[str, Value]) -> list[dict[str, Value]]:
    base = {v.name: control[v.name] for v in varied}
    return [base | {v.name: level} for v in varied for level in v.levels if not same_value(level, base[v.name])]


def _crossed(varied: list[Variable]) -> list[dict[str, Value]]:
    names = [v.name for v in varied]
    return [dict(zip(names, cell, strict=True)) for cell in itertools.product(*(v.levels for v in varied))]


def _label(settings: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={level_text(value)}" for name, value in settings.items())
