"""From flags to verdicts: directions, designs, stages, failures, re-runs. Through the real command line."""

from collections.abc import Callable
from typing import Any

import pytest

SCORE = ("-m", "score:1:higher:deterministic")
FIXED = ("--json", "--sandbox", "process", "--reproduce", "0")

ADD = """
import json, sys
print(json.dumps({"score": sum(map(float, sys.argv[1:]))}))
"""

NOISE = """
import json, random, sys
noise = random.Random(" ".join(sys.argv)).gauss(0, 0.1)
print(json.dumps({"score": float(sys.argv[1]) + noise}))
"""


@pytest.mark.parametrize(
    ("hypothesis", "verdict"),
    [
        ("score:higher", "supported"),
        ("score:lower", "refuted"),
        ("score:different", "supported"),
        ("score:same:min=2", "supported"),
        ("score:same:min=0.5", "refuted"),
        ("score:higher:x=2:min=5", "refuted"),
    ],
)
def test_every_direction_of_an_exact_hypothesis(
    curie: Any, script: Callable[[str], str], hypothesis: str, verdict: str
) -> None:
    """An exact difference of +1 against every prediction."""
    ran = curie("run", "Q?", "-c", "python3 trial.py {x}", "--vary", "x=1,2", *SCORE, "--repo", script(ADD), *FIXED,
                "--reproduce", "2", "-n", "2", "--hypothesis", hypothesis)  # fmt: skip
    assert ran.code == 0, ran.err
    assert [f["verdict"] for f in ran.json["findings"]] == [verdict]


@pytest.mark.parametrize(("hypothesis", "verdict"), [("score:same:min=2", "supported"), ("score:lower", "refuted")])
def test_a_tested_hypothesis(curie: Any, script: Callable[[str], str], hypothesis: str, verdict: str) -> None:
    """A noisy difference of 1 with a spread of 0.1, six blocks."""
    ran = curie("run", "Q?", "-c", "python3 trial.py {x} {seed}", "--vary", "x=1,2", "-m", "score:1:higher",
                "--repo", script(NOISE), *FIXED, "-n", "6", "--hypothesis", hypothesis)  # fmt: skip
    assert ran.code == 0, ran.err
    assert [f["verdict"] for f in ran.json["findings"]] == [verdict]


def test_two_stages_are_run_and_recorded(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """--min-effect begins with a first stage; its variance alone sets the second, which is journaled and run."""
    ran = curie("run", "Q?", "-c", "python3 trial.py {x} {seed}", "--vary", "x=1,2", "-m", "score:1:higher",
                "--repo", script(NOISE), *FIXED, "--min-effect", "0.13")  # fmt: skip
    assert ran.code == 0, ran.err
    state = look(ran).state
    assert state.plan.repetitions.kind == "two-stage"
    assert state.blocks_decided > state.plan.repetitions.blocks
    assert ran.json["trials"]["succeeded"] == 2 * state.blocks_decided == ran.json["trials"]["planned"]
    assert ran.json["findings"][0]["n"] == state.blocks_decided


def test_a_second_stage_is_capped(curie: Any, look: Any, script: Callable[[str], str], place: Any) -> None:
    """Where the spread asks for more blocks than max_repeat, the cap holds."""
    text = (
        "question: Q?\ncommand: python3 trial.py {x} {seed}\nvary: {x: [1, 2]}\nmetrics: ['score:1:higher']\n"
        f"repo: {script(NOISE)}\nmin_effect: {{score: 0.001}}\nmax_repeat: 12\n"
    )
    (place / "e.yaml").write_text(text, encoding="utf-8")
    ran = curie("run", "e.yaml", *FIXED)
    assert ran.code == 0, ran.err
    assert look(ran).state.blocks_decided == 12


def test_a_declared_spread_fixes_the_blocks_beforehand(curie: Any) -> None:
    """--sd with --min-effect gives power and repetitions without a pilot."""
    ran = curie("plan", "Q?", "-c", "echo {x}", "--vary", "x=1,2", "-m", "wall_s:s:lower", "--sd", "0.1",
                "--min-effect", "0.1", "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.json["plan"]["repetitions"]["kind"] == "fixed"
    assert ran.json["power"][0]["power"] >= 0.8


def test_three_variables_one_factor_at_a_time(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """--design one-factor has the control and one group for every other level, and a hypothesis for each."""
    ran = curie("run", "Q?", "-c", "python3 trial.py {a} {b} {c}", "--vary", "a=0,1", "--vary", "b=0,10,20",
                "--vary", "c=0,100", "--control", "b=10", *SCORE, "--design", "one-factor", "--repo", script(ADD),
                *FIXED, "-n", "2")  # fmt: skip
    assert ran.code == 0, ran.err
    assert [f["effect"] for f in ran.json["findings"]] == [1.0, -10.0, 10.0, 100.0]
    assert look(ran).state.plan.control.settings == {"a": 0, "b": 10, "c": 0}


def test_a_factorial_with_a_nuisance(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """A nuisance is crossed and averaged over, and nothing is asked about it."""
    ran = curie("run", "Q?", "-c", "python3 trial.py {a} {size}", "--vary", "a=0,1", "--vary", "size=10,20",
                "--nuisance", "size", *SCORE, "--repo", script(ADD), *FIXED, "-n", "2")  # fmt: skip
    assert ran.code == 0, ran.err
    assert len(look(ran).state.plan.groups) == 4
    assert [(f["treatment"], f["effect"]) for f in ran.json["findings"]] == [("a=1", 1.0)]


FAILS = """
import json, sys
if sys.argv[1] == "2":
    sys.exit("cannot do 2")
print(json.dumps({"score": 1}))
"""


def test_a_group_that_fails_is_inconclusive_and_exit_zero(curie: Any, script: Callable[[str], str]) -> None:
    """The run did its work: the other group is decided, the failed one names its outcomes."""
    ran = curie("run", "Q?", "-c", "python3 trial.py {x}", "--vary", "x=1,2,3", *SCORE, "--repo", script(FAILS),
                *FIXED, "-n", "3")  # fmt: skip
    assert ran.code == 0, ran.err
    first, second = ran.json["findings"]
    assert first["verdict"] == "inconclusive"
    assert "failed" in first["reason"]
    assert second["verdict"] != "supported"
    assert ran.json["trials"]["failed"] == 3


def test_a_metric_called_deterministic_that_is_not(curie: Any, script: Callable[[str], str]) -> None:
    """It diverges when run again: exit 1, the share is told, and the finding is inconclusive."""
    source = "import json, time\nprint(json.dumps({'score': time.time()}))"
    ran = curie("run", "Q?", "-c", "python3 trial.py {x}", "--vary", "x=1,2", *SCORE, "--repo", script(source),
                "-n", "2", "--json", "--sandbox", "process")  # fmt: skip
    assert ran.code == 1
    assert ran.json["reproduction"]["diverged"] == ran.json["reproduction"]["sampled"] == 2
    assert [f["verdict"] for f in ran.json["findings"]] == ["inconclusive"]


@pytest.mark.parametrize(("wanted", "sampled"), [(None, 2), (0, 0), (3, 3), (99, 4)])
def test_how_many_trials_are_run_again(
    curie: Any, script: Callable[[str], str], wanted: int | None, sampled: int
) -> None:
    """At least one of every group by default, none with 0, as many as there are at most."""
    flags = () if wanted is None else ("--reproduce", str(wanted))
    ran = curie("run", "Q?", "-c", "python3 trial.py {x}", "--vary", "x=1,2", *SCORE, "--repo", script(ADD),
                "-n", "2", "--json", "--sandbox", "process", *flags)  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.json["reproduction"]["sampled"] == ran.json["reproduction"]["reproduced"] == sampled
    assert bool([d for d in ran.json["diagnostics"] if d["id"] == "execution/no-rerun"]) == (sampled == 0)


def test_the_control_against_its_twin(curie: Any, script: Callable[[str], str]) -> None:
    """--aa adds a twin of the control and reports the smallest effect visible here, outside the findings."""
    ran = curie("run", "Q?", "-c", "python3 trial.py {x}", "--vary", "x=1,2", "-m", "score:1:higher",
                "--repo", script(NOISE.replace('" ".join(sys.argv)', "")), *FIXED, "-n", "5", "--aa")  # fmt: skip
    assert ran.code == 0, ran.err
    assert len(ran.json["findings"]) == len(ran.json["calibration"]) == 1
    assert 0 < ran.json["calibration"][0]["smallest_visible"] < 1


def test_the_same_seed_gives_the_same_plan_and_findings(curie: Any, script: Callable[[str], str]) -> None:
    """Two runs of one request agree in hash and verdicts; another seed is another plan."""
    flags = ("run", "Q?", "-c", "python3 trial.py {x} {seed}", "--vary", "x=1,2", "-m", "score:1:higher",
             "--repo", script(NOISE), *FIXED, "-n", "3")  # fmt: skip
    first, again, other = curie(*flags), curie(*flags), curie(*flags, "--seed", "1")
    assert first.json["plan_hash"] == again.json["plan_hash"] != other.json["plan_hash"]
    assert first.json["findings"] == again.json["findings"] != other.json["findings"]
