"""The exploration tree as block YAML in which every string is quoted and every list is a list. Pure."""

from collections.abc import Sequence

from ara.schema.trace import (
    DeadEndNode,
    DecisionNode,
    ExperimentNode,
    Node,
    PivotNode,
    children_of,
)
from ara.writer.text import quoted

MAX_DEPTH = 31
"""Deeper trees are refused by readers that bound the depth of YAML."""


def tree(roots: Sequence[Node]) -> bytes:
    """`trace/exploration_tree.yaml`.

    Raises:
        ValueError: the tree is deeper than `MAX_DEPTH`.
    """
    lines = ["tree:"]
    for root in roots:
        _node(root, 1, lines)
    return ("\n".join(lines) + "\n").encode()


def _node(node: Node, depth: int, lines: list[str]) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"the tree is deeper than {MAX_DEPTH} levels at {node.id}")
    indent = "    " * (depth - 1) + "    "
    body = [f"id: {quoted(node.id)}", f"type: {quoted(node.type)}", f"title: {quoted(node.title)}"]
    body += [f"support_level: {quoted(node.support_level)}", *_list("source_refs", node.source_refs)]
    if node.description:
        body.append(f"description: {quoted(node.description)}")
    body += _body(node)
    body += _list("evidence", node.evidence) + _list("also_depends_on", node.also_depends_on)
    if node.isolated:
        body.append("isolated: true")
    lines.append(f"{indent[:-2]}- {body[0]}")
    lines += [f"{indent}{line}" for line in body[1:]]
    if below := children_of(node):
        lines.append(f"{indent}children:")
        for child in below:
            _node(child, depth + 1, lines)


def _body(node: Node) -> list[str]:
    if isinstance(node, ExperimentNode):
        return [f"result: {quoted(node.result)}", *_scalar("status", node.status)]
    if isinstance(node, DeadEndNode):
        parts = {"hypothesis": node.hypothesis, "failure_mode": node.failure_mode, "lesson": node.lesson}
        return [f"{key}: {quoted(value)}" for key, value in parts.items()]
    if isinstance(node, DecisionNode):
        # An empty list is still a list: readers take a missing one for a mistake.
        alternatives = _list("alternatives", node.alternatives) or ["alternatives: []"]
        return [f"choice: {quoted(node.choice)}", *alternatives, *_scalar("rationale", node.rationale)]
    if isinstance(node, PivotNode):
        parts = {"prior_direction": node.prior_direction, "new_direction": node.new_direction, "reason": node.reason}
        return [*(f"{key}: {quoted(value)}" for key, value in parts.items()), *_scalar("lesson", node.lesson)]
    return []


def _scalar(key: str, value: str) -> list[str]:
    return [f"{key}: {quoted(value)}"] if value else []


def _list(key: str, values: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"  - {quoted(value)}" for value in values)] if values else []
