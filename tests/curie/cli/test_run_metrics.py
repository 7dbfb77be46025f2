"""Where the numbers come from: every source, and what makes a number unusable. Through the real command line."""

from collections.abc import Callable
from typing import Any

import pytest

QUICK = ("-n", "2", "--reproduce", "0", "--json", "--sandbox", "process")
VARY = ("-c", "python3 trial.py {x}", "--vary", "x=1,2")

LONG = """
import json, sys
print("first=%s" % sys.argv[1])
print(json.dumps({"score": -1}))
block = ("filler " * 20 + "\\n") * 1000
for _ in range(20):
    sys.stdout.write(block)
print(json.dumps({"score": float(sys.argv[1]) * 10, "other": "text"}))
print("last=%s" % (int(sys.argv[1]) + 7))
print("note=%s" % sys.argv[1], file=sys.stderr)
"""


def test_numbers_in_a_long_output(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """The last JSON line of 3 MB, and patterns that match only the first and the last line, and standard error."""
    ran = curie("run", "Q?", *VARY, "--repo", script(LONG), *QUICK, "-m", "score:1:higher:deterministic",
                "-m", "first:1:higher:deterministic:regex=^first=(.+)$",
                "-m", "tail:1:higher:deterministic:regex=^last=(?P<value>.+)$",
                "-m", "note:1:higher:deterministic:stream=stderr:regex=^note=(.+)$")  # fmt: skip
    assert ran.code == 0, ran.err
    assert [r.values for r in look(ran).records()][::2] == [
        {"score": 10.0, "first": 1.0, "tail": 8.0, "note": 1.0},
        {"score": 20.0, "first": 2.0, "tail": 9.0, "note": 2.0},
    ]
    stdout = look(ran).records()[0].stdout
    assert stdout.truncated
    assert stdout.total_bytes > 2_800_000


@pytest.mark.slow
def test_a_pattern_reads_the_whole_of_fifty_megabytes(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """The stream that is searched is whole, though the artifact keeps only its ends."""
    ran = curie("run", "Q?", *VARY, "--repo", script(LONG.replace("range(20)", "range(360)")), *QUICK,
                "-m", "first:1:higher:deterministic:regex=^first=(.+)$",
                "-m", "tail:1:higher:deterministic:regex=^last=(.+)$")  # fmt: skip
    assert [r.values for r in look(ran).records()][::2] == [{"first": 1.0, "tail": 8.0}, {"first": 2.0, "tail": 9.0}]
    assert look(ran).records()[0].stdout.total_bytes > 50_000_000


def test_what_the_supervisor_measures(curie: Any, look: Any, script: Callable[[str], str]) -> None:
    """wall_s, cpu_s, max_rss_bytes and exit_code need nothing of the command; exit 3 is then a value."""
    source = "import sys, time\nx = bytearray(30_000_000 * int(sys.argv[1]))\ntime.sleep(0.05)\nsys.exit(3)"
    ran = curie("run", "Q?", *VARY, "--repo", script(source), *QUICK, "-m", "wall_s", "-m", "cpu_s",
                "-m", "max_rss_bytes:B:lower", "-m", "exit_code:1:lower:deterministic")  # fmt: skip
    assert ran.code == 0, ran.err
    one, _, two, _ = (r.values for r in look(ran).records())
    assert one["wall_s"] >= 0.05
    assert one["cpu_s"] > 0
    assert two["max_rss_bytes"] - one["max_rss_bytes"] > 20_000_000
    assert (one["exit_code"], two["exit_code"]) == (3.0, 3.0)


def test_the_largest_resident_set_is_what_the_process_itself_is_told(
    curie: Any, look: Any, script: Callable[[str], str]
) -> None:
    """`max_rss_bytes` is getrusage's figure, to a few pages; a control group's would leave out shared libraries."""
    source = (
        "import json, resource, sys\nheld = b'x' * 20_000_000 * int(sys.argv[1])\n"
        "print(json.dumps({'own': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))\n"
    )
    metrics = ("-m", "max_rss_bytes:B:lower", "-m", "own:B:lower")
    ran = curie("run", "Q?", *VARY, "--repo", script(source), *QUICK, *metrics)
    for values in (r.values for r in look(ran).records()):
        assert 0 <= values["max_rss_bytes"] - values["own"] <= 1 << 20


WRONG = """
import json, os, sys
with open(os.environ["CURIE_METRICS"], "a") as file:
    file.write(%s + "\\n")
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"metric": "score", "value": 1, "unit": "ms"}', "declared in 's'"),
        ('{"metric": "score", "value": NaN}', "not a finite number"),
        ('{"metric": "score", "value": 1e999}', "not a finite number"),
        ('{"metric": "score", "value": "1"}', "line 1 cannot be read"),
        ("nonsense", "line 1 cannot be read"),
        ('{"metric": "sc/ore", "value": 1}', "score was not emitted"),
        ("", "score was not emitted"),
    ],
)
def test_a_number_that_cannot_be_used_fails_the_gate(
    curie: Any, script: Callable[[str], str], line: str, told: str
) -> None:
    """Another unit, NaN, infinity, no number, no metric: exit 1 after one trial, and the reason names the metric."""
    ran = curie("run", "Q?", *VARY, "--repo", script(WRONG % repr(line)), *QUICK, "-m", "score:s:lower")
    assert (ran.code, ran.json["state"]) == (1, "gate")
    assert ran.json["trials"]["not_attempted"] == 4
    assert [f["verdict"] for f in ran.json["findings"]] == ["inconclusive"]
    report = ran.json["report_markdown"]
    with open(report, encoding="utf-8") as file:  # noqa: PTH123 -- the path is a string of the answer
        assert told in file.read()


def test_a_pattern_that_is_none_is_refused_before_anything_runs(curie: Any, place: Any) -> None:
    """A broken regular expression is a usage error that shows it."""
    ran = curie("run", "Q?", "-c", "echo {x}", "--vary", "x=1,2", "-m", "score:1:lower:regex=(")
    assert (ran.code, ran.out) == (2, "")
    assert "pattern '('" in ran.err


def test_two_metrics_of_which_one_is_exact(curie: Any, script: Callable[[str], str]) -> None:
    """One finding is exact and has neither p nor confidence, the other is tested; both in one run."""
    source = (
        "import json, sys, time\ntime.sleep(0.01 * int(sys.argv[1]))\nprint(json.dumps({'steps': int(sys.argv[1])}))"
    )
    ran = curie("run", "Q?", *VARY, "--repo", script(source), "-n", "4", "--json", "--sandbox", "process",
                "-m", "steps:1:lower:deterministic", "-m", "wall_s:s:lower")  # fmt: skip
    by_metric = {finding["metric"]: finding for finding in ran.json["findings"]}
    assert by_metric["steps"]["deterministic"]
    assert by_metric["steps"]["p"] is None
    assert by_metric["steps"]["effect"] == 1.0
    assert by_metric["wall_s"]["p"] is not None
    assert 0 < by_metric["wall_s"]["effect"] < 1
