"""Imports curie once and forks a driver per order, so that hundreds of kills stay affordable.

Orders and replies are JSON lines. `{"root", "log"[, "request"][, "die_at": [event, stage]]}` forks a driver that
starts (with a request) or resumes (without) and replies `{"pid"}`; `{"wait": pid}` replies `{"code"}`.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from curie.errors import CurieError
from curie.journal.writer import Failpoint, Stage
from curie.request import RunRequest
from curie.runner import Surroundings, resume, start

CRASHED = 99


def killer(event: int, stage: str) -> Failpoint:
    """Ends this process, as a power cut would, where the append of `event` reaches `stage`."""

    def reach(here: Stage, number: int) -> None:
        if number == event and here == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    return reach


def drive(order: dict[str, Any]) -> int:
    """Start or resume a run and return what the command line would."""
    around = Surroundings(failpoint=killer(*order["die_at"]) if "die_at" in order else None)
    try:
        if "request" in order:
            start(RunRequest.model_validate(order["request"]), Path(order["root"]), "run", around)
        else:
            resume(Path(order["root"]), around)
    except CurieError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    except BaseException:  # noqa: BLE001 -- whatever it is, the test has to see it
        traceback.print_exc()
        return CRASHED
    return 0


def fork_driver(order: dict[str, Any]) -> int:
    """A driver in a process group of its own; its pid."""
    pid = os.fork()
    if pid:
        return pid
    os.setpgid(0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for target, fd in enumerate((nothing, log, log)):
        os.dup2(fd, target)
    code = drive(order)
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Serve orders until standard input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            reply = {"code": os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1])}
        else:
            reply = {"pid": fork_driver(order)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
