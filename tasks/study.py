"""What a declared study says: command, variables, metrics, hypotheses. Data only; no plan is made here."""

import math
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from typing_extensions import TypeAliasType

Setting = TypeAliasType("Setting", "bool | int | float | str | tuple[Setting, ...] | None")
"""One value of a variable. `bool` stands before `int`, so that `true` stays true; a list becomes a tuple."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
"""A name that can be a placeholder, a JSON key and a column."""

Better = Literal["higher", "lower", "none"]
Reducer = Literal["last", "best", "mean", "area"]
Direction = Literal["higher", "lower", "different", "same"]
Design = Literal["one-factor", "full-factorial"]

BUILTIN_METRICS: dict[str, str] = {
    "wall_s": "s",
    "cpu_s": "s",
    "max_rss_bytes": "B",
    "exit_code": "1",
}
"""Metrics that the supervisor measures itself, with their units."""

TIME_UNITS = frozenset(
    {"s", "sec", "second", "seconds", "ms", "millisecond", "milliseconds", "us", "µs", "microseconds", "ns"}
    | {"nanoseconds", "min", "minutes", "h", "hours"}
)
"""Units that make a metric a time: its trials run alone."""
RESERVED_NAMES = frozenset({"seed"})


class Frozen(BaseModel):
    """Base of every declaration: immutable, and an unknown key is an error rather than a silent typo."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Metric(Frozen):
    """One quantity that every trial emits."""

    name: Name
    """Key under which the trial emits it, or the name of a built-in metric."""
    unit: str = "1"
    """Unit of the values; `1` for a pure number."""
    better: Better = "none"
    """Which direction is an improvement; it sets the prediction of derived hypotheses."""
    deterministic: bool = False
    """True if the same settings and seed always give the same value; it is then compared exactly, never tested."""
    tolerance: float = Field(default=0.0, ge=0.0, allow_inf_nan=False)
    """Largest absolute difference, in `unit`, at which two values of a deterministic metric count as equal."""
    regex: str | None = None
    """A pattern over the whole output stream whose group 1 (or group `value`) is the value."""
    stream: Literal["stdout", "stderr"] = "stdout"
    """Which stream `regex` reads."""
    reduce: Reducer = "last"
    """How a series becomes one value: its last, best (by `better`), mean, or area over steps (trapezoids)."""
    timing: bool | None = None
    """True if other work on the machine disturbs it; by default, built-in times and units of time are."""

    @property
    def builtin(self) -> bool:
        """Whether the supervisor measures it, so that the command need not emit it."""
        return self.name in BUILTIN_METRICS and self.regex is None

    @property
    def is_timing(self) -> bool:
        """Whether trials that measure it must run alone."""
        return self.unit in TIME_UNITS if self.timing is None else self.timing

    @field_validator("regex")
    @classmethod
    def _pattern(cls, regex: str | None) -> str | None:
        try:
            re.compile((regex or "").encode())
        except (re.error, UnicodeEncodeError) as error:
            raise ValueError(f"the pattern {regex!r} cannot be read: {error}") from error
        return regex

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.builtin and self.unit != BUILTIN_METRICS[self.name]:
            raise ValueError(f"{self.name} is measured in {BUILTIN_METRICS[self.name]!r}, not {self.unit!r}")
        if self.reduce == "best" and self.better == "none":
            raise ValueError(f"metric {self.name}: reduce 'best' needs better 'higher' or 'lower'")
        return self


class DeclaredHypothesis(Frozen):
    """A prediction in data: in which direction `metric` moves from the control to `settings`."""

    metric: Name
    direction: Direction
    settings: dict[Name, Setting] = Field(default_factory=dict)
    """Levels that differ from the control's; empty: every experimental group, a hypothesis each."""
    min_effect: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    """Smallest effect of interest, in the metric's unit; None: the study's."""


class InputFile(Frozen):
    """A file or folder of the user's that trials may read: digested, mounted read-only."""

    path: Path


class Limits(Frozen):
    """What one trial may use. None means no limit beyond the machine's."""

    timeout_s: float = Field(default=600.0, gt=0.0, allow_inf_nan=False)
    """Wall-clock seconds after which the trial's whole process tree is killed."""
    memory_mb: int | None = Field(default=None, gt=0)
    """Memory of the whole process tree, MiB."""
    output_mb: int = Field(default=256, gt=0)
    """Bytes on stdout and on stderr, each, MiB; a trial that prints more is stopped and counts as failed."""
    pids: int = Field(default=1024, gt=0)
    """Processes and threads alive at once."""


class EnvironmentSpec(Frozen):
    """A Python environment for the trials, built once and cached."""

    requirements: tuple[str, ...] = ()
    """Requirement lines, or none when `file` is given."""
    file: Path | None = None
    """A requirements.txt or lock file."""
    wheelhouse: Path | None = None
    """A folder of wheels; given one, nothing is fetched from a network."""


class Study(Frozen):
    """A declared study: everything that the designer needs to derive a plan without a language model."""

    question: str = Field(min_length=1)
    command: str = Field(min_length=1)
    """argv in shell quoting, with `{variable}` and `{seed}` placeholders; `{{` and `}}` are literal braces."""
    shell: bool = False
    """Run the filled command by `/bin/sh -c` instead of as argv."""
    vary: dict[Name, tuple[Setting | InputFile, ...]] = Field(min_length=1)
    """Independent variables, with their levels."""
    control: dict[Name, Setting | InputFile] = Field(default_factory=dict)
    """The control group's levels; a variable not named here has its first level."""
    constants: dict[Name, Setting | InputFile] = Field(default_factory=dict)
    """Settings equal in every group; an input file is digested and mounted read-only."""
    nuisance: tuple[Name, ...] = ()
    """Varied variables that are no question, such as the input's size: crossed, averaged over, not tested."""
    metrics: tuple[Metric, ...] = Field(min_length=1)
    hypotheses: tuple[DeclaredHypothesis, ...] = ()
    """None: one per experimental group (or main effect) and metric with a preferred direction."""
    design: Design | None = None
    """None: one-factor with one variable, full factorial with several."""
    min_effect: dict[Name, float] = Field(default_factory=dict)
    """Smallest effect of interest by metric, in its unit."""
    sd: dict[Name, float] = Field(default_factory=dict)
    """Declared standard deviation of a block difference by metric, in its unit; power follows from it."""
    repeat: int | None = Field(default=None, ge=1)
    """Blocks (repetitions of every group); None: from `sd` and `min_effect`, else two-stage, else the default."""
    max_repeat: int = Field(default=100, ge=1)
    """Bound on the blocks of a two-stage design."""
    alpha: float = Field(default=0.05, gt=0.0, lt=0.5)
    """Family-wise error over the plan's tested hypotheses."""
    power: float = Field(default=0.8, gt=0.0, lt=1.0)
    """Probability to be aimed at of deciding a true effect as large as the smallest of interest."""
    limits: Limits = Field(default_factory=Limits)
    cores: int = Field(default=1, ge=1)
    """Cores that a trial is pinned to."""
    env: tuple[str, ...] = ()
    """Names of environment variables passed through from the caller."""
    environment: EnvironmentSpec | None = None
    repo: Path | None = None
    """A working tree to snapshot as the trials' code."""
    data: Path | None = None
    """A file or folder mounted read-only as CURIE_DATA."""

    @field_validator("metrics")
    @classmethod
    def _unique_metrics(cls, metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
        names = [m.name for m in metrics]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"metric {twice[0]!r} is declared twice")
        return metrics

    @field_validator("vary")
    @classmethod
    def _levels(cls, vary: dict[str, tuple[Setting | InputFile, ...]]) -> dict[str, tuple[Setting | InputFile, ...]]:
        for name, levels in vary.items():
            _check_levels(name, levels)
        return vary

    @model_validator(mode="after")
    def _names(self) -> Self:
        for name in (*self.vary, *self.constants):
            if name in RESERVED_NAMES:
                raise ValueError(f"{name!r} is reserved: the plan sets it")
        if both := sorted(set(self.vary) & set(self.constants)):
            raise ValueError(f"{both[0]!r} is both varied and constant")
        for name, level in self.control.items():
            _check_control(name, level, self.vary)
        if unknown := sorted(set(self.nuisance) - set(self.vary)):
            raise ValueError(f"nuisance names {unknown[0]!r}, which is not varied")
        if set(self.nuisance) == set(self.vary):
            raise ValueError("every variable is a nuisance: nothing is left to ask about")
        return self

    @model_validator(mode="after")
    def _metric_references(self) -> Self:
        known = {m.name for m in self.metrics}
        used = {*self.min_effect, *self.sd, *(h.metric for h in self.hypotheses)}
        if unknown := sorted(used - known):
            raise ValueError(f"no metric {unknown[0]!r}; declared are {', '.join(sorted(known))}")
        if bad := sorted(n for n, v in {**self.min_effect, **self.sd}.items() if not (v >= 0 and math.isfinite(v))):
            raise ValueError(f"min_effect and sd of {bad[0]!r} must be finite and not negative")
        return self


def same_level(a: Setting | InputFile, b: Setting | InputFile) -> bool:
    """Whether two levels are one: equal in value and in type (`1`, `1.0` and `true` are three levels)."""
    return type(a) is type(b) and a == b


def _check_levels(name: str, levels: tuple[Setting | InputFile, ...]) -> None:
    if not levels:
        raise ValueError(f"variable {name!r} has no level")
    for i, level in enumerate(levels):
        if level == "":
            raise ValueError(f"variable {name!r}: level {i + 1} is empty")
        if isinstance(level, float) and not math.isfinite(level):
            raise ValueError(f"variable {name!r}: level {level} is not a finite number")
        if any(same_level(level, other) for other in levels[:i]):
            raise ValueError(f"variable {name!r}: level {level!r} is given twice")


def _check_control(name: str, level: Setting | InputFile, vary: dict[str, tuple[Setting | InputFile, ...]]) -> None:
    if name not in vary:
        raise ValueError(f"control names {name!r}, which is not varied; varied are {', '.join(vary)}")
    if not any(same_level(level, other) for other in vary[name]):
        shown = ", ".join(map(str, vary[name]))
        raise ValueError(f"control {name}={level} is not one of its levels: {shown}")
