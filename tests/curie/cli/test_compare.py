"""`curie compare` on real runs: what changed is named, and only what moved is said to have moved."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.curie.cli.conftest import Curie, Ran

TRIAL = """
import json, os, random
given = json.loads(os.environ["CURIE_TRIAL"])
luck = random.Random(given["seed"])
score = luck.gauss(1.0, 0.1) + {bonus} * (given["settings"]["kind"] == "b")
print(json.dumps({{"score": score, "steps": {steps}}}))
"""

Make = Callable[..., str]


@pytest.fixture
def make(curie: Curie, script: Callable[[str], str], place: Path) -> Make:
    """Runs the small study with a bonus of `b` and a seed, and gives the run's folder."""

    def run(name: str, bonus: float, steps: int = 5, seed: int = 1, *more: str) -> str:
        code = script(TRIAL.format(bonus=bonus, steps=steps))
        words = ("--vary", "kind=a,b", "--metric", "score:1:higher", "--metric", "steps:1:lower:deterministic")
        flags = ("--repeat", "8", "--seed", str(seed), "--sandbox", "process", "--reproduce", "1")
        out = str(place / name)
        ran = curie(
            "run", "Is b better?", "-c", "python3 trial.py", "--repo", code, *words, *flags, *more, "--out", out
        )
        assert ran.code in {0, 1}, ran.err
        return out

    return run


def compared(curie: Curie, *words: str) -> Ran:
    """The comparison as JSON."""
    ran = curie("compare", *words, "--json")
    assert ran.code == 0, ran.err
    return ran


def test_a_change_of_the_code_is_found_in_the_effect_and_nowhere_else(curie: Curie, make: Make) -> None:
    """A bonus for b, same seeds: effect and b's mean moved by exactly it, a's mean is identical, steps are equal."""
    seen = compared(curie, make("one", 0.0), make("two", 0.5)).json
    assert [change["aspect"] for change in seen["changes"]] == ["code"]
    effects = {e["shift"]["metric"]: e["shift"] for e in seen["effects"]}
    assert effects["score"]["direction"] == "higher"
    assert effects["score"]["method"] == "paired-t"
    assert effects["score"]["difference"] == pytest.approx(0.5)
    assert effects["steps"]["direction"] == "equal"
    groups = {(g["settings"], g["shift"]["metric"]): g["shift"]["direction"] for g in seen["groups"]}
    assert groups == {
        ("kind=a (control)", "score"): "equal",
        ("kind=a (control)", "steps"): "equal",
        ("kind=b", "score"): "higher",
        ("kind=b", "steps"): "equal",
    }


def test_other_seeds_are_compared_without_pairs(curie: Curie, make: Make) -> None:
    """Without a change, other seeds give other values, Welch's test, and nothing that is said to have moved."""
    seen = compared(curie, make("one", 0.2, seed=1), make("two", 0.2, seed=2)).json
    shift = next(e["shift"] for e in seen["effects"] if e["shift"]["metric"] == "score")
    # The gaussian part hits a and b of one block alike, so that the effect itself does not vary.
    assert shift["direction"] in {"undecided", "equal"}
    scores = [g["shift"] for g in seen["groups"] if g["shift"]["metric"] == "score"]
    assert {s["method"] for s in scores} == {"welch-t"}
    assert {s["direction"] for s in scores} == {"undecided"}
    assert all(s["smallest_visible"] > 0 for s in scores)
    assert {"aspect": "seed", "before": "1", "after": "2"} in seen["changes"]


def test_a_deterministic_metric_that_changed_is_exact(curie: Curie, make: Make) -> None:
    """Five steps became four in every group: lower, exactly, without a p value."""
    seen = compared(curie, make("one", 0.0, 5), make("two", 0.0, 4)).json
    steps = [g["shift"] for g in seen["groups"] if g["shift"]["metric"] == "steps"]
    assert {(s["direction"], s["method"], s["p"], s["difference"]) for s in steps} == {("lower", "exact", None, -1.0)}


def test_a_changed_constant_is_named_and_the_groups_still_meet(curie: Curie, make: Make) -> None:
    """A constant may be the change that is asked about: it is listed, and every group has its partner."""
    first, second = make("one", 0.0, 5, 1, "--set", "depth=1"), make("two", 0.0, 5, 1, "--set", "depth=2")
    seen = compared(curie, first, second).json
    assert {"aspect": "constant depth", "before": "1", "after": "2"} in seen["changes"]
    assert len(seen["groups"]) == 4
    assert seen["unmatched"] == []


def test_the_screen_says_it_in_words(curie: Curie, make: Make) -> None:
    """The answer names what moved and what changed; unchanged runs are called a repetition."""
    one, two, again = make("one", 0.0), make("two", 0.5), make("again", 0.0)
    ran = curie("compare", one, two)
    assert ran.code == 0
    text = " ".join(ran.out.split())
    assert "Effects that moved: H1 (higher)." in text
    assert "Changed between the runs: code." in text
    same = curie("compare", one, again)
    text = " ".join(same.out.split())
    assert "Nothing is known to have changed" in text
    assert "None of the 2 shared effects that could be compared is shown to have moved." in text


def test_runs_of_other_questions_are_refused(curie: Curie, make: Make, place: Path) -> None:
    """Nothing in common, one run twice, and no such run are usage errors with a way forward."""
    one = make("one", 0.0)
    other = str(place / "other")
    flags = ("--vary", "s=0,0.001", "--metric", "wall_s:s:lower", "--repeat", "2", "--sandbox", "process")
    curie("run", "Does it sleep?", "-c", "sleep {s}", *flags, "--out", other)
    for words, text in (((one, other), "in common"), ((one, one), "one run"), ((one, "nobody"), "nobody")):
        ran = curie("compare", *words)
        assert ran.code == 2
        assert text in ran.err
        assert "Try:" in ran.err


def test_times_are_never_called_controlled(curie: Curie, place: Path) -> None:
    """Means of times of two runs carry the warning that the runs were not interleaved."""
    for name in ("one", "two"):
        flags = ("--vary", "s=0,0.02", "--metric", "wall_s:s:lower", "--repeat", "3", "--sandbox", "process")
        curie("run", "Does it sleep?", "-c", "sleep {s}", *flags, "--out", str(place / name))
    seen = compared(curie, str(place / "one"), str(place / "two")).json
    assert {g["controlled"] for g in seen["groups"]} == {False}
    assert {g["shift"]["method"] for g in seen["groups"]} == {"welch-t"}
    assert any("not interleaved" in note for note in seen["notes"])


def test_what_failed_is_not_compared(curie: Curie, make: Make, place: Path, script: Callable[[str], str]) -> None:
    """Trials of b that crash: b's mean and effect are not called equal, the failures are named; a's is compared."""
    one = make("one", 0.2)
    crashing = TRIAL.format(bonus=0.2, steps=5) + "if given['settings']['kind'] == 'b' and given['seed'] % 2: 1 / 0\n"
    code = script(crashing)
    words = ("--vary", "kind=a,b", "--metric", "score:1:higher", "--metric", "steps:1:lower:deterministic")
    flags = ("--repeat", "8", "--seed", "1", "--sandbox", "process", "--reproduce", "0", "--out", str(place / "bad"))
    curie("run", "Is b better?", "-c", "python3 trial.py", "--repo", code, *words, *flags)
    seen = compared(curie, one, str(place / "bad")).json
    scores = {g["settings"]: g["shift"] for g in seen["groups"] if g["shift"]["metric"] == "score"}
    assert scores["kind=b"]["method"] == "none"
    assert "trials of the later run are missing" in scores["kind=b"]["reason"]
    assert scores["kind=a (control)"]["direction"] == "equal"
    assert {e["shift"]["direction"] for e in seen["effects"]} == {"undecided"}
    assert any("did not succeed" in note for note in seen["notes"])
    assert "could be compared: trials of the later run are missing" in seen["answer"]


def test_more_blocks_are_not_taken_for_a_change(curie: Curie, make: Make) -> None:
    """Two of eight blocks with the same seeds: nothing is called equal that has other means."""
    one, two = make("one", 0.0), make("two", 0.0, 5, 1, "--repeat", "3")
    seen = compared(curie, one, two).json
    scores = [g["shift"] for g in seen["groups"] if g["shift"]["metric"] == "score"]
    assert {s["method"] for s in scores} == {"welch-t"}
    assert all(s["difference"] == pytest.approx(s["after"] - s["before"]) for s in scores)
