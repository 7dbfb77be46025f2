"""Real runs for the tests of the page, made by the command line: bundled tasks, one hypothesis, failing trials."""

import os
import subprocess
import sys
from collections.abc import Mapping
from fcntl import LOCK_EX, flock
from pathlib import Path

CLI = (sys.executable, "-c", "from curie.cli.app import main; main()")
ONE = """
import json, random, sys
print(json.dumps({"score": {"a": 5.0, "b": 7.0}[sys.argv[1]] + random.Random(sys.argv[1] + sys.argv[2]).gauss(0, 0.4)}))
"""
FAILING = """
import json, random, sys
if sys.argv[1] == "c" and int(sys.argv[2]) % 2:
    sys.exit("RuntimeError: no device")
print(json.dumps({"score": {"a": 5.0, "b": 7.0, "c": 6.0}[sys.argv[1]] + random.Random(sys.argv[2]).gauss(0, 0.4)}))
"""
_STUDY = ("-c", "python3 trial.py {tool} {seed}", "-m", "score:1:higher", "-n", "6", "--reproduce", "2")
WORDS: Mapping[str, tuple[str, ...]] = {
    "sorting": ("sorting", "-n", "2"),
    "compression": ("compression", "-n", "2"),
    "one": ("Does tool b raise the score?", *_STUDY, "--vary", "tool=a,b"),
    "failing": ("Does tool b or tool c raise the score?", *_STUDY, "--vary", "tool=a,b,c"),
}
"""Name -> what `curie run` is told."""
_CODE = {"one": ONE, "failing": FAILING}


def pages(folder: Path) -> Mapping[str, Path]:
    """The pages that these runs made, as `curie run` left them; one process makes them, others wait for it."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        files = {name: folder / name / "run" / "report" / "report.html" for name in WORDS}
        missing = [name for name, file in files.items() if not file.exists()]
        begun = [_begun(folder / name, name) for name in missing]
        for process in begun:
            process.communicate(timeout=240)
    return files


def _begun(folder: Path, name: str) -> subprocess.Popen[bytes]:
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "trial.py").write_text(_CODE.get(name, ""), encoding="utf-8")
    repo = ("--repo", "code") if name in _CODE else ()
    folders = {f"CURIE_{kind.upper()}_DIR": str(folder / kind) for kind in ("runs", "cache", "lease")}
    words = (*WORDS[name], *repo, "--sandbox", "process", "--out", str(folder / "run"), "--json")
    return subprocess.Popen(
        [*CLI, "run", *words],
        cwd=folder,
        env={**os.environ, **folders},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
