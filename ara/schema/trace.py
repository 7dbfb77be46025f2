"""The exploration graph: a tree of typed nodes with further dependencies."""

from typing import Annotated, Literal

from pydantic import Field

from ara.schema.base import Entity, NodeId

SupportLevel = Literal["explicit", "inferred"]


class NodeBase(Entity):
    """What every node has."""

    id: NodeId
    title: str
    support_level: SupportLevel = "explicit"
    source_refs: tuple[str, ...] = ()
    """Expected where the node is explicit; events are `journal.jsonl:<seq>`."""
    description: str = ""
    evidence: tuple[str, ...] = ()
    """Claim ids."""
    also_depends_on: tuple[NodeId, ...] = ()
    isolated: bool = False
    """Root of a detached subtree."""


class BranchBase(NodeBase):
    """A node that others may follow from."""

    children: "tuple[Node, ...]" = ()


class QuestionNode(BranchBase):
    """What is asked."""

    type: Literal["question"] = "question"


class ExperimentNode(BranchBase):
    """What was done and what it gave."""

    type: Literal["experiment"] = "experiment"
    result: str
    status: str = ""


class DeadEndNode(NodeBase):
    """What did not work, and what it taught; always a leaf."""

    type: Literal["dead_end"] = "dead_end"
    hypothesis: str
    failure_mode: str
    lesson: str


class DecisionNode(BranchBase):
    """A choice among alternatives."""

    type: Literal["decision"] = "decision"
    choice: str
    alternatives: tuple[str, ...]
    rationale: str = ""


class PivotNode(BranchBase):
    """A change of direction."""

    type: Literal["pivot"] = "pivot"
    prior_direction: str
    new_direction: str
    reason: str
    lesson: str = ""


class InsightNode(BranchBase):
    """Something understood on the way."""

    type: Literal["insight"] = "insight"


Node = Annotated[
    QuestionNode | ExperimentNode | DeadEndNode | DecisionNode | PivotNode | InsightNode,
    Field(discriminator="type"),
]
"""Any node."""

for _model in (BranchBase, QuestionNode, ExperimentNode, DecisionNode, PivotNode, InsightNode):
    _model.model_rebuild()


def children_of(node: Node) -> tuple[Node, ...]:
    """The nodes below a node; none below a dead end."""
    return node.children if isinstance(node, BranchBase) else ()


def walk(roots: tuple[Node, ...]) -> list[Node]:
    """Every node, parents before children, in the order of the file. Takes trees of any depth."""
    found: list[Node] = []
    todo = list(reversed(roots))
    while todo:
        node = todo.pop()
        found.append(node)
        todo.extend(reversed(children_of(node)))
    return found
