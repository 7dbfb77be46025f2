"""Hostile texts and values: drawing never fails, warns or lets anything through into the page."""

import math
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curie.dossier import Dossier
from curie.figures.draw import draw
from curie.figures.model import Figure
from curie.plan import Plan
from curie.records import Finding, Interval, Measurement, TrialRecord
from tasks.study import Metric
from tests.curie.figures.dossiers import dossier, elements, parsed
from tests.curie.simulated import plan, records

BIGGEST, SMALLEST = sys.float_info.max, math.ulp(0.0)
TEXTS = (
    "$x^2$ and $",
    "</svg><script>alert(1)</script>",
    "a\nb\rc\x00d\x1b[31me",
    "\u202eabc\u2066def",
    "שלום עולם",
    "模型大小",
    "👩\u200d🔬 emoji",
    "_hidden",
    "long " * 400,
    "Z" + "\u0301" * 200,
    'quote" onload="x',
    "\ufffe\uffff",
)
values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1.0, BIGGEST, -BIGGEST, SMALLEST, -SMALLEST, 1e300, 1e-300]),
)


def relabelled(of: Plan, texts: tuple[str, ...]) -> Plan:
    """The plan with its groups called that."""
    groups = (g.model_copy(update={"label": texts[i % len(texts)]}) for i, g in enumerate(of.groups))
    return of.model_copy(update={"groups": tuple(groups)})


def with_units(of: Plan, unit: str) -> Plan:
    """The plan with that unit everywhere."""
    return of.model_copy(update={"metrics": tuple(m.model_copy(update={"unit": unit}) for m in of.metrics)})


def sound(run: Dossier) -> tuple[Figure, ...]:
    """The figures of the run, each of which is XML without what a policy forbids."""
    figures = draw(run).all
    for figure in figures:
        for element in parsed(figure).iter():
            assert element.tag.rpartition("}")[2] not in {"style", "script", "image", "foreignObject"}
            assert not any(name == "style" or name.startswith("on") for name in element.attrib)
    return figures


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_text_is_text(tmp_path: Path, text: str) -> None:
    """As a group's name, a unit, a level and a statement: drawn as text, without problems."""
    crossed = {"tool": ("a", text.strip() or "b"), "n": (1, 2)}
    of = plan(command="run {tool} {n}", vary=crossed, metrics=(Metric(name="m", better="lower"),), repeat=3)
    of = with_units(relabelled(of, (text, "plain")), text)
    trials = records(of, lambda group, block: 1.0 + block / 8 + (group == "control"))
    figures = sound(dossier(tmp_path, of, trials))
    assert {f.id: f.problems for f in figures if f.problems} == {}
    assert not any("<script" in f.svg or '"x' in f.svg for f in figures)
    told = "".join(f"{f.title}{f.description}{f.svg}" for f in figures)
    assert not set(told) & set("\x00\x1b\n\r\u202e\u2066\ufffe\uffff")


def test_other_scripts_are_written_out(tmp_path: Path) -> None:
    """What the layout's font lacks stands in the SVG as it was meant, each text with its own name."""
    of = relabelled(plan(vary={"tool": ("a", "b", "c")}, repeat=2), ("模型", "模具", "_name"))
    (figure, *_) = draw(dossier(tmp_path, of, records(of, lambda _, block: float(block)))).distributions
    shown = {e.text for e in elements(figure, "text")}
    assert {"control: 模型", "模具", "_name"} <= shown


@pytest.mark.parametrize(
    "given_values",
    [
        (BIGGEST, -BIGGEST),
        (1e300, 1e-300),
        (SMALLEST, SMALLEST),
        (0.0, 0.0),
        (-5.0, 0.0),
        (7.0, 7.0),
        (1e6, 1e6 + 1e-9),
        (-1e-300, BIGGEST),
    ],
)
def test_extreme_values_are_drawn(tmp_path: Path, given_values: tuple[float, float]) -> None:
    """No overflow, no warning, and the check finds nothing."""
    of = plan(command="run {tool} {n}", vary={"tool": ("a", "b"), "n": (1, 2)}, repeat=3)
    trials = records(of, lambda group, block: given_values[(block + len(group)) % 2])
    figures = sound(dossier(tmp_path, of, trials))
    assert figures
    assert {f.id: f.problems for f in figures if f.problems} == {}


@st.composite
def runs(draw_from: st.DrawFn) -> tuple[Plan, list[TrialRecord], list[Finding] | None]:
    """A small plan, some of its trials, and findings that any analysis could have left."""
    texts = draw_from(st.lists(st.text(max_size=30), min_size=1, max_size=3))
    metrics = (Metric(name="m", unit=draw_from(st.sampled_from(["s", "1", "", "$%", "µs"]))),)
    levels = {"a": (1, "x"), **({"b": (True, None)} if draw_from(st.booleans()) else {})}
    command = "run " + " ".join(f"{{{name}}}" for name in levels)
    of = relabelled(plan(command=command, vary=levels, metrics=metrics, repeat=2), tuple(texts))
    pool = draw_from(st.lists(values, min_size=1, max_size=8))
    trials = []
    for number, record in enumerate(records(of, lambda _, block: float(block))):
        value = pool[number % len(pool)]
        points = tuple(
            Measurement(metric="m", value=v, unit="s", step=pool[i % len(pool)], source="metrics-file")
            for i, v in enumerate(pool)
        )
        outcome = draw_from(st.sampled_from(["succeeded", "succeeded", "failed"]))
        kept = {"m": value} if outcome == "succeeded" else {}
        trials.append(record.model_copy(update={"values": kept, "outcome": outcome, "measurements": points}))
    return of, trials, draw_from(st.one_of(st.just([]), findings(of, texts[0])))


@st.composite
def findings(draw_from: st.DrawFn, of: Plan, text: str) -> list[Finding]:
    """A finding on every hypothesis."""
    bound = st.one_of(st.none(), values)
    size = st.one_of(st.none(), st.floats(min_value=0, allow_infinity=False))
    made = []
    for hypothesis in of.hypotheses:
        level = draw_from(st.sampled_from([None, 0.95]))
        interval = Interval(low=draw_from(bound), high=draw_from(bound), level=level)
        made.append(
            Finding(
                id=f"F-{hypothesis.id}",
                hypothesis=hypothesis.id,
                statement=text,
                metric="m",
                unit="s",
                verdict=draw_from(st.sampled_from(["supported", "refuted", "inconclusive"])),
                deterministic=draw_from(st.booleans()),
                effect=draw_from(bound),
                relative=draw_from(bound),
                interval=draw_from(st.one_of(st.none(), st.just(interval))),
                n=2,
                planned=2,
                smallest_visible=draw_from(size),
                reason="because",
            )
        )
    return made


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(runs())
def test_no_run_makes_drawing_fail(run: tuple[Plan, list[TrialRecord], list[Finding] | None]) -> None:
    """Whatever a trial emits and a user writes: figures or none, never an exception or a warning."""
    of, trials, found = run
    with tempfile.TemporaryDirectory() as folder:
        figures = sound(dossier(Path(folder), of, trials, found))
    ids = [e.get("id") for f in figures for e in parsed(f).iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert {f.id: f.problems for f in figures if f.problems} == {}
