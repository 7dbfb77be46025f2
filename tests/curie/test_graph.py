"""Control flow: order, repetition and early ends of both graphs; nothing leaves the machine."""

import pytest

from curie.graph import Next, partition_graph, plan_graph


class Nodes:
    """Nodes that note their calls and answer by a script: GO_ON where it says nothing."""

    def __init__(self, **script: list[Next]) -> None:
        self.calls: list[str] = []
        self._script = script

    def _answer(self, name: str) -> Next:
        self.calls.append(name)
        left = self._script.get(name, [])
        return left.pop(0) if left else Next.GO_ON

    def prepare(self) -> Next:
        """Note the call."""
        return self._answer("prepare")

    def architect(self) -> Next:
        """Note the call."""
        return self._answer("architect")

    def dispatch(self) -> Next:
        """Note the call."""
        return self._answer("dispatch")

    def analyst(self) -> Next:
        """Note the call."""
        return self._answer("analyst")

    def concluder(self) -> Next:
        """Note the call."""
        return self._answer("concluder")

    def technician(self) -> Next:
        """Note the call."""
        return self._answer("technician")

    def verifier(self) -> Next:
        """Note the call."""
        return self._answer("verifier")

    def runner(self) -> Next:
        """Note the call."""
        return self._answer("runner")

    def reproducer(self) -> Next:
        """Note the call."""
        return self._answer("reproducer")


def test_a_plan_goes_from_end_to_end() -> None:
    """Every node once, in order."""
    nodes = Nodes()
    assert plan_graph(nodes)() is Next.GO_ON
    assert nodes.calls == ["prepare", "architect", "dispatch", "analyst", "concluder"]


def test_a_partition_repeats_its_runner_as_asked() -> None:
    """A second stage enters the runner again, and nothing before it."""
    nodes = Nodes(runner=[Next.AGAIN, Next.AGAIN])
    assert partition_graph(nodes)() is Next.GO_ON
    assert nodes.calls == ["technician", "verifier", "runner", "runner", "runner", "reproducer"]


def test_a_closed_gate_ends_the_partition() -> None:
    """Nothing is run after a verifier that says stop."""
    nodes = Nodes(verifier=[Next.STOP])
    assert partition_graph(nodes)() is Next.STOP
    assert nodes.calls == ["technician", "verifier"]


def test_an_error_of_a_node_comes_out_as_it_is() -> None:
    """No wrapper of the library hides its type."""

    class Broken(Nodes):
        def architect(self) -> Next:
            """Fail."""
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        plan_graph(Broken())()


def test_tracing_stays_off_where_the_environment_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracing service is not reached; the whole test session refuses other machines anyway."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "no")
    assert plan_graph(Nodes())() is Next.GO_ON
