"""The figures of whole runs: what is drawn, what is not, and that a page with a strict policy can hold them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from curie.figures.draw import draw
from curie.figures.model import Figure, Figures
from curie.figures.order import DOTS_MOST
from curie.plan import Plan
from curie.records import Finding, Interference, Interval, Measurement, TrialRecord, TrialResources
from tasks.study import Metric
from tests.curie.figures.dossiers import dossier, drawn_dots, elements, named, parsed
from tests.curie.simulated import COUNT, TIME, plan, records

LOSS = Metric(name="loss", unit="1", better="lower")


def crossed(**changes: object) -> Plan:
    """Two variables, five blocks, a time and a count, and a twin of the control."""
    fields: dict[str, object] = {
        "command": "run {tool} {size}",
        "vary": {"tool": ("a", "b"), "size": (1, 2)},
        "metrics": (TIME, COUNT),
        "repeat": 5,
    }
    return plan(aa=True, **(fields | changes))


def values_of(of: Plan) -> list[TrialRecord]:
    """Values that differ by group and block."""
    places = {group.id: number for number, group in enumerate(of.groups)}
    return records(of, lambda group, block: 10.0 + places[group] + block / 8)


def curved(of: Plan, points: int, along: str = "step") -> list[TrialRecord]:
    """The same with a series of `loss` in every trial."""
    made = []
    for record in records(of, lambda _, block: float(block)):
        series = tuple(
            Measurement.model_validate(
                {"metric": "loss", "value": record.block + 1 / i, "unit": "1", "source": "metrics-file", along: i}
            )
            for i in range(1, points + 1)
        )
        made.append(record.model_copy(update={"measurements": series}))
    return made


def no_problems(figures: Figures) -> None:
    """The check of every figure found nothing."""
    assert {f.id: f.problems for f in figures.all if f.problems} == {}


def test_a_run_gets_each_of_its_figures(tmp_path: Path) -> None:
    """Effects once, values and interactions a metric, the order for what varies; the check finds nothing."""
    of = crossed()
    figures = draw(dossier(tmp_path, of, values_of(of)))
    assert [f.id for f in figures.all] == [
        "fig-effects",
        "fig-distribution-wall_s",
        "fig-distribution-comparisons",
        "fig-interaction-wall_s",
        "fig-interaction-comparisons",
        "fig-order-wall_s",
    ]
    no_problems(figures)


def test_every_finding_with_an_effect_has_its_mark(tmp_path: Path) -> None:
    """One a hypothesis of the plan, and one for the control against its twin: what the machine does by itself."""
    of = crossed()
    run = dossier(tmp_path, of, values_of(of))
    effects = draw(run).effects
    assert effects is not None
    marks = {e.get("id") for e in named(effects, "data-F-")}
    assert marks == {f"fig-effects-data-{f.id}" for f in (*run.result.findings, *run.result.calibration)}
    assert run.result.calibration


def test_every_trial_is_a_dot(tmp_path: Path) -> None:
    """The distribution holds one dot a trial that succeeded, the disturbed one as a diamond; the order does too."""
    of = crossed()
    trials = values_of(of)
    busy = TrialResources(wall_s=1.0, cpu_s=1.0, interference=Interference(disturbed=True))
    trials[3] = trials[3].model_copy(update={"resources": busy})
    trials[4] = trials[4].model_copy(update={"outcome": "failed", "values": {}})
    figures = draw(dossier(tmp_path, of, trials))
    for figure in (figures.distributions[0], figures.order[0]):
        assert drawn_dots(figure) == len(trials) - 1
        assert len(named(figure, "data-disturbed")) == 1


def test_a_group_without_success_says_so(tmp_path: Path) -> None:
    """The row of a group that only failed stays, with the words for it."""
    of = plan(repeat=3)
    trials = [
        r.model_copy(update={"outcome": "failed", "values": {}}) if r.group == "g01" else r for r in values_of(of)
    ]
    figures = draw(dossier(tmp_path, of, trials))
    assert "no trial succeeded" in figures.distributions[0].svg
    no_problems(figures)


def test_nothing_to_draw_gives_no_figure(tmp_path: Path) -> None:
    """Without a plan, without trials, and where all failed there is no picture of empty axes."""
    of = plan(repeat=2)
    failed = [r.model_copy(update={"outcome": "timed_out", "values": {}}) for r in values_of(of)]
    assert draw(dossier(tmp_path / "a", None)) == Figures()
    assert draw(dossier(tmp_path / "b", of)) == Figures()
    assert draw(dossier(tmp_path / "c", of, failed)) == Figures()


def test_an_unfinished_run_shows_what_it_has(tmp_path: Path) -> None:
    """One trial and no finding: its value is drawn, effects are not."""
    of = plan(repeat=2)
    figures = draw(dossier(tmp_path, of, values_of(of)[:1], findings=()))
    assert figures.effects is None
    assert [drawn_dots(f) for f in figures.distributions] == [1]
    no_problems(figures)


def test_series_have_a_line_a_trial_and_a_mean_a_group(tmp_path: Path) -> None:
    """Six lines and two means; over time where trials give times."""
    of = plan(metrics=(LOSS,), repeat=3)
    for number, along in enumerate(("step", "t_s")):
        figures = draw(dossier(tmp_path / str(number), of, curved(of, 20, along)))
        (figure,) = figures.series
        assert len(named(figure, "data-trial-")) == 6
        assert len(named(figure, "data-mean-")) == 2
        assert ("time (s)" in figure.svg) == (along == "t_s")
        no_problems(figures)


def test_long_series_are_thinned_and_say_so(tmp_path: Path) -> None:
    """Beyond five hundred points a line, fewer are drawn and the description tells it."""
    of = plan(metrics=(LOSS,), repeat=2)
    (figure,) = draw(dossier(tmp_path / "long", of, curved(of, 3000))).series
    points = [len(re.findall(r"-?[\d.]+", p.get("d", ""))) // 2 for p in elements(figure, "path")]
    assert 100 < max(points) <= 501
    assert "thinned" in figure.description
    (short,) = draw(dossier(tmp_path / "short", of, curved(of, 30))).series
    assert "thinned" not in short.description


def test_many_groups_of_series_get_axes_each(tmp_path: Path) -> None:
    """More groups than colours: a panel a group, without problems."""
    of = plan(metrics=(LOSS,), vary={"tool": tuple("abcdefgh")}, repeat=2)
    figures = draw(dossier(tmp_path, of, curved(of, 12)))
    assert len(named(figures.series[0], "data-mean-")) == 8
    no_problems(figures)


def test_interactions_have_a_line_a_level(tmp_path: Path) -> None:
    """Two levels, two lines, in one panel; one-factor designs have no interaction to show."""
    of = crossed()
    figures = draw(dossier(tmp_path / "a", of, values_of(of)))
    assert len(named(figures.interactions[0], "data-line")) == 2
    single = crossed(design="one-factor")
    assert draw(dossier(tmp_path / "b", single, values_of(single))).interactions == ()


def test_every_row_has_the_blind_band_of_its_own_spread(tmp_path: Path) -> None:
    """A finding's own smallest visible effect, and the twin's beside it: their spreads are not the same."""
    of = crossed()
    run = dossier(tmp_path, of, values_of(of), findings=hand_made())
    effects = draw(run).effects
    assert effects is not None
    assert "blind band: effects this small are often missed here" in effects.svg
    assert "blind band up to 9 s" in effects.description
    assert "blind band up to 0.25 s" in effects.description


def hand_made() -> list[Finding]:
    """One finding of each kind of interval, and a calibration."""
    one_sided, none = Interval(low=None, high=0.5, level=0.95), Interval(low=None, high=None, level=None)
    base = {"statement": "b lowers it", "metric": "wall_s", "unit": "s", "n": 5, "planned": 5, "reason": "because"}
    rest: list[dict[str, object]] = [
        {"id": "F-H1", "verdict": "supported", "effect": -1.0, "interval": Interval(low=-2, high=-0.5, level=0.95)},
        {"id": "F-H2", "verdict": "refuted", "effect": 0.1, "interval": one_sided, "smallest_visible": 9.0},
        {"id": "F-H3", "verdict": "inconclusive", "effect": None, "interval": None},
        {"id": "F-H4", "verdict": "inconclusive", "effect": -0.3, "interval": none},
        {"id": "F-AA1", "verdict": "inconclusive", "effect": 0.0, "interval": None, "smallest_visible": 0.25},
    ]
    return [
        Finding.model_validate(
            {**base, **fields, "hypothesis": str(fields["id"])[2:], "deterministic": False}
            | {"calibration": fields["id"] == "F-AA1"}
        )
        for fields in rest
    ]


def test_unbounded_intervals_end_in_arrows(tmp_path: Path) -> None:
    """Three open ends, three arrows beyond the marks of three effects; a finding without effect says why."""
    of = crossed()
    effects = draw(dossier(tmp_path, of, values_of(of), findings=hand_made())).effects
    assert effects is not None
    assert len(elements(effects, "use")) >= 3 + 3
    assert "no complete block" in effects.svg
    assert effects.problems == ()


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    """Drawn twice, and in another process with another hash seed."""
    of = crossed()
    run = dossier(tmp_path, of, values_of(of))
    first = [f.svg for f in draw(run).all]
    assert [f.svg for f in draw(run).all] == first
    code = (
        "import sys, hashlib; from pathlib import Path; from curie.paths import RunPaths\n"
        "from curie.dossier import open_dossier; from curie.figures.draw import draw\n"
        "text = ''.join(f.svg for f in draw(open_dossier(RunPaths.at(Path(sys.argv[1])))).all)\n"
        "sys.stdout.write(str(hash('a')) + ' ' + hashlib.sha256(text.encode()).hexdigest())"
    )
    told = {run_python(code, tmp_path, PYTHONHASHSEED=seed).stdout for seed in ("1", "2")}
    assert len(told) == 2
    assert len({line.split()[1] for line in told}) == 1


def run_python(code: str, run: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter on that run."""
    return subprocess.run(
        [sys.executable, "-c", code, str(run)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
        timeout=120,
    )


@pytest.mark.slow
def test_a_home_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    """Nothing on stderr, where matplotlib would complain of its folders, and the figures are there."""
    of = plan(repeat=2)
    dossier(tmp_path / "run", of, values_of(of))
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code = (
        "import sys; from pathlib import Path; from curie.paths import RunPaths\n"
        "from curie.dossier import open_dossier; from curie.figures.draw import draw\n"
        "sys.stdout.write(str(len(draw(open_dossier(RunPaths.at(Path(sys.argv[1])))).all)))"
    )
    home = str(blocked / "home")
    ended = run_python(code, tmp_path / "run", HOME=home, XDG_CACHE_HOME=home, XDG_CONFIG_HOME=home)
    assert (ended.stdout, ended.stderr) == ("3", "")


def test_matplotlib_waits_until_something_is_drawn(tmp_path: Path) -> None:
    """Importing the way in does not import matplotlib, so that every other command stays quick."""
    code = "import sys; import curie.figures.draw; sys.stdout.write(str('matplotlib' in sys.modules))"
    assert run_python(code, tmp_path).stdout == "False"


def test_a_users_settings_of_matplotlib_are_left_alone(tmp_path: Path) -> None:
    """Neither do they change our figures, nor do we change them."""
    import matplotlib as mpl  # noqa: PLC0415 -- only this test looks at it

    of = plan(repeat=2)
    run = dossier(tmp_path, of, values_of(of))
    before = draw(run)
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path"}):
        mine = dict(mpl.rcParams)
        assert draw(run) == before
        assert dict(mpl.rcParams) == mine


def test_figures_live_in_one_page(tmp_path: Path) -> None:
    """No id twice, every reference answered within its own figure, nothing that a strict policy refuses."""
    of = crossed()
    figures = draw(dossier(tmp_path, of, values_of(of))).all
    ids = [e.get("id", "") for f in figures for e in parsed(f).iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    for figure in figures:
        assert_embeddable(figure)


def assert_embeddable(figure: Figure) -> None:
    """The markup keeps to what the page allows."""
    root = parsed(figure)
    own = {e.get("id") for e in root.iter()} - {None}
    assert root.get("viewBox")
    assert root.get("role") == "img"
    assert set((root.get("aria-labelledby") or "").split()) <= own
    for element in root.iter():
        assert element.tag.rpartition("}")[2] not in {"style", "script", "metadata", "image", "a", "foreignObject"}
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            references = re.findall(r"url\(#([^)]+)\)", value) + ([value[1:]] if name == "href" else [])
            assert set(references) <= own
            assert "url(h" not in value
    assert not figure.svg.startswith("<?xml")
    assert "<!DOCTYPE" not in figure.svg


@pytest.mark.slow
def test_two_thousand_trials_stay_small(tmp_path: Path) -> None:
    """Five metrics, forty groups and more: all figures together leave room in a page of two megabytes."""
    metrics = tuple(Metric(name=f"m{i}", unit="s", better="lower") for i in range(5))
    of = plan(vary={"tool": tuple(range(40))}, metrics=metrics, repeat=50)
    trials = records(of, lambda group, block: 10.0 + hash((len(group), block)) % 97)
    figures = draw(dossier(tmp_path, of, trials))
    assert sum(len(f.svg.encode()) for f in figures.all) < 1_000_000
    assert [drawn_dots(f) for f in figures.distributions] == [2000] * 5
    assert [drawn_dots(f) for f in figures.order] == [min(2000, DOTS_MOST)] * 5
    no_problems(figures)
