"""C2 numbers 19 and 22: what a trial leaves is not followed out of its folder, and secrets do not get in or out."""

import os
from pathlib import Path

import pytest

from tests.faults.command_line import PRINTS_X, Place, state_of, study

SANDBOXES = ["process", pytest.param("bubblewrap", marks=pytest.mark.bubblewrap)]
CANARY = "canary-5f3759df"

LEAVES = """
cd "$CURIE_OUT"
echo kept > plain
mkdir -p sub && echo deep > sub/file
ln -s "{secret}" link; ln -s / rootlink; ln -s ../../../.. up; ln -s nowhere dangling
ln "{secret}" hard 2>/dev/null
mkfifo fifo
rm -f "$CURIE_METRICS"; ln -s "{secret}" "$CURIE_METRICS"
echo '{{"y": 1}}'
"""


def everything_in(folder: Path) -> bytes:
    """The content of every regular file below a folder."""
    found = b""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                found += path.read_bytes()
    return found


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_links_and_fifos_are_not_followed(place: Place, sandbox: str) -> None:
    """Of links, FIFOs and a replaced CURIE_METRICS nothing is read; plain files are kept; the run does not hang."""
    secret = place.root / "secret"
    secret.write_text(CANARY, encoding="utf-8")
    repo = place.cwd / "repo"
    repo.mkdir()
    (repo / "leave.sh").write_text(LEAVES.format(secret=secret), encoding="utf-8")
    done = place.curie(*study("sh leave.sh {x}", "--repo", "repo", "--out", "run", sandbox=sandbox))
    assert done.code == 1, done
    record = state_of(place.cwd / "run").trials["control-gate"]
    assert "CURIE_METRICS" in str(record.reason)
    # A hard link is a regular file; in a sandbox that isolates, the secret cannot be linked to.
    names = {ref.name for ref in record.outputs} - ({"hard"} if sandbox == "process" else set())
    assert names == {"plain", "sub/file"}
    if sandbox == "bubblewrap":
        assert CANARY.encode() not in everything_in(place.cwd / "run")


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_secrets_stay_out(place: Place, sandbox: str) -> None:
    """A variable of the caller reaches no trial, journal, report or artifact unless --env names it."""
    secret = {"API_KEY": CANARY, "NAMED": "named-and-public", "AWS_SECRET_ACCESS_KEY": f"x{CANARY}"}
    tells = 'sh -c \'env; cat /proc/self/environ; tr "\\0" " " < /proc/$PPID/environ; echo; echo "{{\\"y\\": {x}}}"\''
    done = place.curie(*study(tells, "--env", "NAMED", "--out", "run", sandbox=sandbox), env={**place.env(), **secret})
    assert done.code == 0, done
    left = everything_in(place.cwd / "run")
    assert CANARY.encode() not in left
    assert b"named-and-public" in left
    assert CANARY not in done.out + done.err


def test_a_secret_in_a_remote_url_is_not_copied(place: Place) -> None:
    """The snapshot of a repository takes its files, not its configuration."""
    repo = place.cwd / "repo"
    (repo / ".git").mkdir(parents=True)
    (repo / ".git" / "config").write_text(f'[remote "o"]\n\turl = https://u:{CANARY}@host/x\n', encoding="utf-8")
    done = place.curie(*study(PRINTS_X, "--repo", "repo", "--out", "run"))
    assert done.code in {0, 2}, done
    assert CANARY.encode() not in everything_in(place.cwd).replace((repo / ".git" / "config").read_bytes(), b"")
