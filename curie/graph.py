"""Control flow: one graph for the plan, one per partition. The only importer of langgraph.

The journal is the durable state: a node that finds its result there does nothing, and that is resume. The graphs
carry only what decides the next edge, and no checkpoint is kept.
"""

from collections.abc import Callable, Hashable
from enum import StrEnum
from typing import Protocol

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langsmith import tracing_context
from pydantic import BaseModel


class Next(StrEnum):
    """Which edge to take."""

    GO_ON = "go_on"
    AGAIN = "again"
    STOP = "stop"


class Flow(BaseModel):
    """State of either graph: what the last node decided."""

    next: Next = Next.GO_ON


class PlanNodes(Protocol):
    """The work behind the plan's graph; every node may be entered again after a crash."""

    def prepare(self) -> Next:
        """Snapshot the code, digest inputs, build the environment, choose the sandbox."""
        ...

    def architect(self) -> Next:
        """Propose a plan, lint it and freeze it."""
        ...

    def dispatch(self) -> Next:
        """Run the partitions' graphs on the executor."""
        ...

    def analyst(self) -> Next:
        """Apply the frozen rules to the records."""
        ...

    def concluder(self) -> Next:
        """Answer by reference to findings."""
        ...


class PartitionNodes(Protocol):
    """The work behind a partition's graph."""

    def technician(self) -> Next:
        """Turn the partition into a commit and an argv."""
        ...

    def verifier(self) -> Next:
        """Run one control trial from a clean export; nothing else starts before it succeeds."""
        ...

    def runner(self) -> Next:
        """Run the blocks that are still to run; AGAIN if the first stage of a two-stage design asks for more."""
        ...

    def reproducer(self) -> Next:
        """Run a sample of trials again and compare."""
        ...


def plan_graph(nodes: PlanNodes) -> Callable[[], Next]:
    """The plan's graph, ready to run to its end."""
    graph = StateGraph(Flow)
    steps = (nodes.prepare, nodes.architect, nodes.dispatch, nodes.analyst, nodes.concluder)
    return _chain(graph, steps)


def partition_graph(nodes: PartitionNodes) -> Callable[[], Next]:
    """A partition's graph, ready to run to its end; the thread that calls it is the partition."""
    graph = StateGraph(Flow)
    return _chain(graph, (nodes.technician, nodes.verifier, nodes.runner, nodes.reproducer))


def _chain(graph: "StateGraph[Flow]", steps: tuple[Callable[[], Next], ...]) -> Callable[[], Next]:
    """Wire steps in order: GO_ON enters the next one, AGAIN the same one, STOP ends."""
    names = [step.__name__ for step in steps]
    for name, step in zip(names, steps, strict=True):
        graph.add_node(name, _node(step))
    graph.add_edge(START, names[0])
    for name, following in zip(names, [*names[1:], END], strict=True):
        edges: dict[Hashable, str] = {Next.GO_ON: following, Next.AGAIN: name, Next.STOP: END}
        graph.add_conditional_edges(name, _decided, edges)
    return _runner(graph.compile())


class _Node(Protocol):
    def __call__(self, state: Flow) -> dict[str, Next]: ...


def _node(step: Callable[[], Next]) -> _Node:
    def run(state: Flow) -> dict[str, Next]:  # noqa: ARG001 -- langgraph calls nodes with the state, by this name
        return {"next": step()}

    return run


def _decided(flow: Flow) -> Next:
    return flow.next


def _runner(compiled: "CompiledStateGraph[Flow, None, Flow, Flow]") -> Callable[[], Next]:
    def run() -> Next:
        # Tracing would send the flow to a remote service wherever a variable for it is set; we never phone home.
        with tracing_context(enabled=False):
            return Flow.model_validate(compiled.invoke(Flow())).next

    return run
