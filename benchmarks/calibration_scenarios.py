"""What is simulated: designs, what is true in them, and how trials vary. Data for `bench_calibration.py`."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tasks.study import DeclaredHypothesis, Direction, Metric, Study

ALPHA = 0.05
METRIC = "y"

Noise = Callable[[np.random.Generator, int, int], np.ndarray]
"""(generator, blocks, groups) -> noise of every trial, block effects included."""


def normal(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    """A large block effect and unit spread of a block difference between two groups."""
    return rng.normal(0.0, 3.0, (n, 1)) + rng.normal(0.0, math.sqrt(0.5), (n, k))


def timing(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    """Lognormal times, whose blocks share their slow phases, and one trial in twenty that is hit by something else."""
    base = np.exp(rng.normal(0.0, 0.3, (n, 1)) + rng.normal(0.0, 0.15, (n, k)))
    return base * np.where(rng.random((n, k)) < 0.05, 2.0, 1.0)


def heavy(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    """Student's t with three degrees of freedom within blocks."""
    return rng.normal(0.0, 3.0, (n, 1)) + rng.standard_t(3, (n, k))


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A design and what is true in it."""

    name: str
    study: Study
    truth: Mapping[str, float] = field(default_factory=dict)
    """Group label -> shift of its mean; every other group has none."""
    noise: Noise = normal
    powered: tuple[str, ...] = ()
    """Hypotheses whose share of `supported` is compared with the promise."""
    judged: bool = True
    """False for a stress beyond what the method assumes: it is printed, and fails nothing."""


def scenarios() -> tuple[Scenario, ...]:
    """Every design with a global null, partial nulls, and a declared effect."""
    effect = 0.8
    two = {"a": ("x", "y")}
    four = {"a": ("x", "y", "z", "w")}
    crossed = {"a": ("x", "y"), "b": ("p", "q", "r")}
    higher, same, different = _predict("higher"), _predict("same"), _predict("different")
    # A main effect of `a` averages three cells and one of `b` two, so that its spread is smaller than a pair's.
    sd_of_b = math.sqrt(1 / 2)
    return (
        Scenario(name="two groups, null", study=_study(two)),
        Scenario(name="two groups, 6 blocks, null", study=_study(two, repeat=6)),
        Scenario(name="two groups, on the threshold", study=_study(two, effect, sd=1.0), truth={"a=y": effect}),
        Scenario(
            name="two groups, effect",
            study=_study(two, effect, sd=1.0, predicted=higher),
            truth={"a=y": 2 * effect},
            powered=("H1",),
        ),
        Scenario(
            name="two groups, different by more",
            study=_study(two, effect, sd=1.0, predicted=different),
            truth={"a=y": 2 * effect},
            powered=("H1",),
        ),
        Scenario(name="two groups, same", study=_study(two, effect, sd=1.0, predicted=same), powered=("H1",)),
        Scenario(
            name="two groups, same, on the margin",
            study=_study(two, effect, sd=1.0, predicted=same),
            truth={"a=y": effect},
        ),
        Scenario(name="one-factor of 4, null", study=_study(four)),
        Scenario(name="one-factor of 4, one effect", study=_study(four), truth={"a=z": 1.5}),
        Scenario(
            name="one-factor of 4, one at power",
            study=_study(four, effect, sd=1.0, predicted=higher),
            truth={"a=y": 2 * effect, "a=z": effect, "a=w": effect},
            powered=("H1",),
        ),
        Scenario(name="2 x 3 factorial, null", study=_study(crossed)),
        Scenario(
            name="2 x 3 factorial, one main effect",
            study=_study(crossed),
            truth=dict.fromkeys(("a=y", "a=y, b=q", "a=y, b=r"), 1.0),
        ),
        Scenario(
            name="2 x 3 factorial, one at power",
            study=_study(crossed, effect, sd=sd_of_b, predicted=higher),
            truth={
                "b=q": 2 * effect,
                "b=r": effect,
                "a=y": effect,
                "a=y, b=q": 3 * effect,
                "a=y, b=r": 2 * effect,
            },
            powered=("H2",),
        ),
        Scenario(
            name="nuisance averaged, null",
            study=_study(crossed, nuisance=("b",)),
            truth={"b=q": 5.0, "a=y, b=q": 5.0},
        ),
        Scenario(name="Stein, on the threshold", study=_study(two, effect), truth={"a=y": effect}),
        Scenario(
            name="Stein, effect",
            study=_study(two, effect, predicted=higher),
            truth={"a=y": 2 * effect},
            powered=("H1",),
        ),
        Scenario(
            name="Stein, small effect",
            study=_study(two, 0.3, predicted=higher, max_repeat=400),
            truth={"a=y": 0.6},
            powered=("H1",),
        ),
        Scenario(
            name="Stein, capped",
            study=_study(two, 0.3, predicted=higher, max_repeat=60),
            truth={"a=y": 0.6},
            powered=("H1",),
        ),
        Scenario(name="Stein, same", study=_study(two, 0.6, predicted=same, max_repeat=200), powered=("H1",)),
        Scenario(name="Stein, one-factor of 4, thresholds", study=_study(four, 0.6), truth=_all(four, 0.6)),
        Scenario(
            name="Stein, one-factor of 4, at power",
            study=_study(four, 0.6, predicted=higher, max_repeat=200),
            truth=_all(four, 0.6) | {"a=y": 1.2},
        ),
        Scenario(name="timing-like, null", study=_study(four), noise=timing),
        Scenario(name="timing-like, 10 % slower", study=_study(two), truth={"a=y": 0.1}, noise=timing),
        Scenario(name="heavy tails, null", study=_study(four), noise=heavy),
        Scenario(name="timing-like, Stein, on the threshold", study=_study(two, 0.2), truth={"a=y": 0.2}, noise=timing),
        # Three degrees of freedom have no fourth moment, so that the first stage's variance says little of the means':
        # beyond what Stein (1945) assumes.
        Scenario(
            name="heavy tails, Stein, on the threshold",
            study=_study(two, 1.0),
            truth={"a=y": 1.0},
            noise=heavy,
            judged=False,
        ),
    )


def _study(  # noqa: PLR0913 -- the knobs of a scenario
    vary: dict[str, tuple[str, ...]],
    effect: float = 0.0,
    *,
    sd: float | None = None,
    predicted: tuple[DeclaredHypothesis, ...] = (),
    repeat: int | None = None,
    max_repeat: int = 100,
    nuisance: tuple[str, ...] = (),
) -> Study:
    return Study(
        question="calibration",
        command=" ".join(("run", *(f"{{{name}}}" for name in vary))),
        vary=vary,
        nuisance=nuisance,
        metrics=(Metric(name=METRIC, better="higher"),),
        hypotheses=predicted,
        min_effect={METRIC: effect} if effect else {},
        sd={} if sd is None else {METRIC: sd},
        repeat=repeat,
        max_repeat=max_repeat,
        alpha=ALPHA,
    )


def _predict(direction: Direction) -> tuple[DeclaredHypothesis, ...]:
    return (DeclaredHypothesis(metric=METRIC, direction=direction),)


def _all(vary: Mapping[str, tuple[str, ...]], shift: float) -> dict[str, float]:
    return {f"{name}={level}": shift for name, levels in vary.items() for level in levels[1:]}
