"""Requests that cannot be carried out: exit 2, a sentence that names the fault, and no run left behind."""

import pytest

from curie.verify import verify
from tests.faults.command_line import PRINTS_X, Place, state_of, study

REFUSED = [
    pytest.param(["run", "srting"], ["no task 'srting'", "did you mean 'sorting'"], id="unknown task"),
    pytest.param(["run", "Does it matter?"], ["no model is configured", "--command"], id="free question"),
    pytest.param(["run", "broken.yaml"], ["broken.yaml:2:"], id="broken yaml"),
    pytest.param(["run", "binary.yaml"], ["binary.yaml", "UTF-8"], id="binary yaml"),
    pytest.param(["run", "missing.yaml"], ["missing.yaml", "No such file"], id="missing yaml"),
    pytest.param(["run", "folder.yaml"], ["folder.yaml"], id="a folder called yaml"),
    pytest.param(study("echo {z} {x}"), ["{z}", "--vary z="], id="undefined placeholder"),
    pytest.param(study("echo {x"), ["{"], id="unclosed brace"),
    pytest.param(study("no-such-program {x}"), ["no-such-program", "PATH"], id="missing command"),
    pytest.param(study("/no/such/program {x}"), ["/no/such/program", "does not exist"], id="missing command by path"),
    pytest.param(study("./here.sh {x}"), ["here.sh", "--repo"], id="command of a repository that was not given"),
    pytest.param(study("echo '{x}"), ["quot"], id="unclosed quote"),
    pytest.param(study(PRINTS_X, "--vary", "z=1,,2"), ["'z'", "level 2", "empty"], id="empty level"),
    pytest.param(study(PRINTS_X, "--vary", "z="), ["'z'", "empty"], id="only an empty level"),
    pytest.param(study(PRINTS_X, "--vary", "z=1,2,1"), ["'z'", "twice"], id="level twice"),
    pytest.param(study(PRINTS_X, "--vary", "x=3,4"), ["x", "twice"], id="variable twice"),
    pytest.param(study(PRINTS_X, "--vary", "z=1,nan"), ["'z'", "nan", "finite"], id="NaN level"),
    pytest.param(study(PRINTS_X, "--vary", "z=inf,1"), ["'z'", "inf", "finite"], id="infinite level"),
    pytest.param(study(PRINTS_X, "--vary", "z"), ["NAME=VALUE"], id="no levels"),
    pytest.param(study(PRINTS_X, "--control", "x=7"), ["x", "7"], id="control that is no level"),
    pytest.param(study(PRINTS_X, "--metric", "y:1:up"), ["up"], id="unknown direction"),
    pytest.param(study(PRINTS_X, "--metric", "y:1:higher"), ["y", "twice"], id="metric twice"),
    pytest.param(study(PRINTS_X, "--min-effect", "y=nan"), ["y", "finite"], id="NaN effect"),
    pytest.param(study(PRINTS_X, "--set", "f=@nothing.dat"), ["nothing.dat", "not exist"], id="missing input"),
    pytest.param(study(PRINTS_X, "--data", "nothing"), ["nothing", "not exist"], id="missing data"),
    pytest.param(study(PRINTS_X, "--repo", "nothing"), ["nothing", "not exist"], id="missing repository"),
    pytest.param(study(PRINTS_X, "--env", "NOT_SET"), ["NOT_SET", "not set"], id="variable that is not set"),
    pytest.param(study(PRINTS_X, "--cores", "9999"), ["9999 cores"], id="too many cores"),
    pytest.param(study(PRINTS_X, "--sandbox", "dokcer"), ["sandbox", "'auto', 'bubblewrap'"], id="unknown sandbox"),
    pytest.param(study(PRINTS_X, "--timeout", "nan"), ["timeout"], id="NaN time-out"),
    pytest.param(study(PRINTS_X, "--no-such-flag"), ["--no-such-flag"], id="unknown flag"),
    pytest.param(["run", "Q\udcff?", *study()[2:]], ["question"], id="question that is no text"),
    pytest.param(["run", "\udcff"], ["task"], id="task that is no text"),
    pytest.param(["resume", "nothing"], ["nothing"], id="resume of no run"),
    pytest.param(["verify", "nothing"], ["nothing"], id="verify of no run"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED)
def test_refused(place: Place, arguments: list[str], said: list[str]) -> None:
    """The message names the fault, the exit code is 2, and no run is left that would stand in the way."""
    (place.cwd / "broken.yaml").write_text("question: [1,\nmetrics: }\n", encoding="utf-8")
    (place.cwd / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    (place.cwd / "folder.yaml").mkdir()
    done = place.curie(*arguments)
    assert done.code == 2, done
    assert done.out == ""
    for part in said:
        assert part in done.err
    assert list(place.cwd.glob("runs/*")) == []


GATE = [
    pytest.param("echo nothing {x}", "y was not emitted", id="metric never emitted"),
    pytest.param('echo \'{{"y": NaN, "x": {x}}}\'', "y is nan", id="NaN"),
    pytest.param('echo \'{{"y": Infinity, "x": {x}}}\'', "not a finite number", id="infinity"),
    pytest.param('echo \'{{"y": 1e999, "x": {x}}}\'', "not a finite number", id="overflow"),
    pytest.param('echo \'{{"y": "{x}"}}\'', "not a number", id="text"),
    pytest.param('echo \'{{"y": true, "x": {x}}}\'', "not a number", id="truth value"),
    pytest.param("sh -c 'echo out of cheese >&2; exit 3' {x}", "exit status 3: out of cheese", id="exit status"),
    pytest.param("sh -c 'kill -SEGV $$' {x}", "signal 11", id="signal"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "said"), GATE)
def test_the_control_must_measure(place: Place, command: str, said: str) -> None:
    """A control trial without a finite number stops the run at the gate: exit 1, nothing else attempted, all kept."""
    done = place.curie(*study(command, "--out", "run", "--json"))
    assert done.code == 1, done
    assert done.data["trials"]["not_attempted"] == 4
    assert [finding["verdict"] for finding in done.data["findings"]] == ["inconclusive"]
    assert said in str(state_of(place.cwd / "run").trials["control-gate"].reason)
    assert verify(place.cwd / "run").ok
