"""The live view over real HTTP: who gets in, what is served, and how it follows a journal."""

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from curie.dossier import Dossier
from curie.errors import CheckFailed, RunNotFound
from curie.journal.events import InboxReceived
from curie.journal.writer import Journal
from curie.paths import RunPaths
from curie.view.server import HOST, ViewServer
from curie.view.source import PageSource, require_run
from tests.curie import sample_run


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def render(dossier: Dossier) -> str:
    """A page that shows how many events it was made from."""
    return f"<title>t</title>{len(dossier.entries)} events, tags {','.join(dossier.state.tags)}"


@pytest.fixture
def paths(tmp_path: Path) -> RunPaths:
    """A run that is still going on, as far as its journal tells."""
    paths = RunPaths.create(tmp_path / "run")
    sample_run.write_journal(paths.journal, sample_run.events()[:-1])
    return paths


@pytest.fixture
def clock() -> Clock:
    """The source's clock."""
    return Clock()


@pytest.fixture
def server(paths: RunPaths, clock: Clock) -> Iterator[ViewServer]:
    """A server on a free port."""
    with ViewServer(PageSource(paths, render, clock)) as server:
        yield server


def grow(paths: RunPaths, tag: str) -> None:
    """Append an event."""
    with Journal.open(paths.journal, clock=sample_run.ticking()) as journal:
        journal.append(InboxReceived(kind="tag", text=tag, sender="a"))


def ask(server: ViewServer, path: str, method: str = "GET", host: str | None = None) -> tuple[int, dict[str, str], str]:
    """One request, as a browser or something that pretends to be one would send it."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=10)
    connection.request(method, path, headers={"Host": host or f"{HOST}:{server.port}"})
    answer = connection.getresponse()
    seen = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
    connection.close()
    return seen


def test_the_page_and_its_parts_are_served_below_the_token(server: ViewServer) -> None:
    """Shell, script, style and report: each with its type, none kept by the browser, none open to other origins."""
    kinds = {"": "text/html", "view.js": "text/javascript", "view.css": "text/css", "report": "text/html"}
    for name, kind in kinds.items():
        status, headers, body = ask(server, f"/{server.token}/{name}")
        assert status == 200
        assert headers["content-type"] == f"{kind}; charset=utf-8"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
        assert body
    assert "'unsafe-inline'" not in ask(server, f"/{server.token}/")[1]["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/report", "/x/report", "/../etc/passwd", "/%2e%2e/etc/passwd"])
def test_without_the_token_there_is_nothing(server: ViewServer, path: str) -> None:
    """Another user of the machine who finds the port learns nothing."""
    assert ask(server, path)[0] == 404


@pytest.mark.parametrize("name", ["../journal.jsonl", "journal.jsonl", "report/../../journal.jsonl", "run.json"])
def test_no_file_of_the_run_is_served(server: ViewServer, name: str) -> None:
    """Names are looked up in a table; no path is ever opened."""
    assert ask(server, f"/{server.token}/{name}")[0] == 404


def test_a_foreign_name_for_this_machine_is_refused(server: ViewServer) -> None:
    """DNS rebinding: the browser believes it speaks to its own site, and the Host header says so."""
    assert ask(server, f"/{server.token}/report", host="evil.example:80")[0] == 403
    assert ask(server, f"/{server.token}/report", host=f"localhost:{server.port}")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(server: ViewServer, method: str) -> None:
    """Only reading is understood."""
    assert ask(server, f"/{server.token}/report", method)[0] == 501


def test_head_gives_the_headers_only(server: ViewServer) -> None:
    """The length is told, the body is not sent."""
    status, headers, body = ask(server, f"/{server.token}/report", "HEAD")
    assert (status, body) == (200, "")
    assert int(headers["content-length"]) > 0


def test_the_report_follows_the_journal_but_not_faster_than_it_can_be_read(
    server: ViewServer, paths: RunPaths, clock: Clock
) -> None:
    """An unchanged journal is not drawn again; a grown one is, once two seconds have passed."""
    first = ask(server, f"/{server.token}/report")[2]
    grow(paths, "new")
    assert ask(server, f"/{server.token}/report")[2] == first
    clock.now += 3
    assert "tags first,new" in ask(server, f"/{server.token}/report")[2]


def test_events_tell_of_growth_and_end_with_the_server(server: ViewServer, paths: RunPaths) -> None:
    """The stream says where the run stands, says so again after an event, and is closed when the server stops."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=10)
    connection.request("GET", f"/{server.token}/events", headers={"Host": f"{HOST}:{server.port}"})
    stream = connection.getresponse()

    def told() -> dict[str, str]:
        line = stream.readline()
        while not line.startswith(b"data: "):
            assert line, "the stream ended"
            line = stream.readline()
        found: dict[str, str] = json.loads(line.removeprefix(b"data: "))
        return found

    before = told()
    assert "interrupted, 4 of 4 trials done" in before["text"]
    grow(paths, "more")
    assert told()["version"] != before["version"]
    stopper = threading.Thread(target=server.stopping.set)
    stopper.start()
    assert stream.read().strip(b"\n") == b""
    stopper.join()
    connection.close()


def test_a_journal_that_was_changed_is_said_and_served_no_further(server: ViewServer, paths: RunPaths) -> None:
    """A broken chain gives the message, not an old page and not a traceback."""
    damaged = paths.journal.read_bytes().replace(b"wall_s", b"wall_x", 1)
    paths.journal.write_bytes(damaged)
    status, _, body = ask(server, f"/{server.token}/report")
    assert status == 503
    assert "Traceback" not in body
    assert body.strip()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    """An empty folder, and a journal without a first event, are refused with a way forward."""
    with pytest.raises(RunNotFound):
        require_run(RunPaths.at(tmp_path))
    paths = RunPaths.create(tmp_path / "run")
    paths.journal.write_bytes(b"")
    with pytest.raises(CheckFailed):
        require_run(paths)


def test_a_taken_port_is_an_error_at_once(server: ViewServer, paths: RunPaths) -> None:
    """Nobody is told an address that somebody else serves."""
    with pytest.raises(OSError, match="in use"):
        ViewServer(PageSource(paths, render), server.port)
