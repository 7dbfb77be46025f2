"""Studies with a Python environment of their own, and the example of existing tools. Through the real command line."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

METADATA = "Metadata-Version: 2.1\nName: tiny-answer\nVersion: 1.2\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(folder: Path) -> Path:
    """A wheel without code of anyone's: one module that holds a number."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_answer-1.2-py3-none-any.whl", "w") as archive:
        archive.writestr("tiny_answer.py", "NUMBER = 42\n")
        archive.writestr("tiny_answer-1.2.dist-info/METADATA", METADATA)
        archive.writestr("tiny_answer-1.2.dist-info/WHEEL", WHEEL)
        archive.writestr("tiny_answer-1.2.dist-info/RECORD", "")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
def test_trials_import_what_the_wheelhouse_holds(
    curie: Any, look: Any, script: Callable[[str], str], place: Path, sandbox: str
) -> None:
    """--requirements with --wheelhouse: built once, from the cache the second time, its digest in every record."""
    wheel(place / "wheels")
    (place / "requirements.txt").write_text("tiny-answer==1.2\n", encoding="utf-8")
    source = "import json, tiny_answer\nprint(json.dumps({'score': tiny_answer.NUMBER}))"
    words = ("run", "Q?", "-c", "python trial.py {x}", "--vary", "x=1,2", "-m", "score:1:higher:deterministic",
             "--repo", script(source), "--requirements", "requirements.txt", "--wheelhouse", "wheels", "-n", "2",
             "--reproduce", "0", "--sandbox", sandbox, "--json")  # fmt: skip
    first = curie(*words)
    assert first.code == 0, first.err
    again = curie(*words)
    assert {r.values["score"] for r in look(again).records()} == {42.0}
    built, cached = look(first).state.environment, look(again).state.environment
    assert (built.cached, cached.cached, built.digest) == (False, True, cached.digest)
    assert {r.environment_digest for r in look(again).records()} == {built.digest}
    assert "tiny-answer==1.2" in built.resolved
    assert first.json["plan_hash"] == again.json["plan_hash"]


@pytest.mark.slow
def test_a_requirement_that_the_wheelhouse_lacks(curie: Any, script: Callable[[str], str], place: Path) -> None:
    """Exit 5, and the missing distribution is named: nothing is fetched from elsewhere."""
    wheel(place / "wheels")
    (place / "requirements.txt").write_text("no-such-thing==9\n", encoding="utf-8")
    ran = curie("run", "Q?", "-c", "python trial.py {x}", "--vary", "x=1,2", "-m", "wall_s", "--repo", script(""),
                "--requirements", "requirements.txt", "--wheelhouse", "wheels", "--json")  # fmt: skip
    assert (ran.code, ran.out) == (5, "")
    assert "no-such-thing" in ran.err


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("zstd") and shutil.which("gzip")), reason="needs zstd and gzip")
@pytest.mark.parametrize("sandbox", ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)])
def test_an_existing_command_as_in_the_readme(curie: Any, look: Any, place: Path, sandbox: str) -> None:
    """The example of any existing command: two real tools on a real file."""
    (place / "corpus.tar").write_bytes(b"".join(b"line %d of some text\n" % (n * n) for n in range(200_000)))
    ran = curie("run", "Is zstd faster than gzip here?", "--command", "{tool} -k -c {file}", "--vary", "tool=gzip,zstd",
                "--control", "tool=gzip", "--set", "file=@corpus.tar", "--metric", "wall_s:s:lower", "-n", "6",
                "--sandbox", sandbox, "--json")  # fmt: skip
    assert ran.code in {0, 1}, ran.err  # a re-run of a time may lie outside on a loaded machine
    finding = ran.json["findings"][0]
    assert (finding["treatment"], finding["n"]) == ("tool=zstd", 6)
    assert finding["effect"] < 0
    names = {Path(r.executable.path).name for r in look(ran).records()}
    assert "zstd" in names
    assert len({r.executable.sha256 for r in look(ran).records()}) == 2
