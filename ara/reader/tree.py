"""The exploration tree with a place for every node and key; flat, so that depth costs no stack."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ara.reader.places import Fault
from ara.reader.source import SourceFile
from ara.reader.yaml_values import Mapping, Scalar, Sequence, Value, parse_yaml

TREE_KEYS = ("tree", "root")
"""Where the nodes stand: a list under `tree`, or in another dialect one node under `root`."""


@dataclass(slots=True, eq=False)
class Node:
    """One node as it is written; `ident`, `type` and `title` are '' where they are missing."""

    raw: Mapping
    ident: str
    type: str
    title: str
    parent: "Node | None"
    depth: int
    """0 for a root."""
    children: list["Node"] = field(default_factory=list)

    @property
    def line(self) -> int:
        """Line of its first key."""
        return self.raw.line

    @property
    def column(self) -> int:
        """Column of its first key."""
        return self.raw.column

    def texts(self, key: str) -> list[Scalar]:
        """The scalars of a list, or the one scalar; nothing for null."""
        value = self.raw.get(key)
        if isinstance(value, Scalar):
            return [] if value.is_null else [value]
        if isinstance(value, Sequence):
            return [item for item in value.items if isinstance(item, Scalar) and not item.is_null]
        return []


@dataclass(slots=True)
class TreeFile:
    """`trace/exploration_tree.yaml`, read."""

    source: SourceFile
    root: Mapping | None
    """None if the file is not a mapping or could not be parsed."""
    parsed: bool
    nodes: list[Node]
    """Parents before children, in the order of the file."""
    strays: list[Value]
    """What stands where a node should and is no mapping, or where a list of nodes should and is none."""
    faults: list[Fault]

    @property
    def path(self) -> str:
        """Relative to the artifact."""
        return self.source.path


def parse_tree(source: SourceFile) -> TreeFile:
    """Read the tree; nothing in the file can make this fail."""
    value, faults = parse_yaml(source.path, source.text)
    syntax_broken = value is None and bool(faults)
    faults = [*source.faults, *faults]
    if not isinstance(value, Mapping):
        return TreeFile(source, None, not syntax_broken, [], [value] if value else [], faults)
    tree = TreeFile(source, value, parsed=True, nodes=[], strays=[], faults=faults)
    _collect(tree, value)
    return tree


def _collect(tree: TreeFile, root: Mapping) -> None:
    todo: list[tuple[Value, Node | None]] = []
    for key in reversed(TREE_KEYS):
        value = root.get(key)
        if value is not None:
            todo.extend((item, None) for item in reversed(list(_listed(tree, value, single=key == "root"))))
    seen: set[int] = set()
    while todo:
        value, parent = todo.pop()
        if not isinstance(value, Mapping) or id(value) in seen:
            # A node that an alias repeats would stand in the graph twice.
            tree.strays.append(value)
            continue
        seen.add(id(value))
        depth = parent.depth + 1 if parent else 0
        node = Node(value, value.text("id"), value.text("type"), value.text("title"), parent, depth)
        tree.nodes.append(node)
        if parent:
            parent.children.append(node)
        below = value.get("children")
        if below is not None and not (isinstance(below, Scalar) and below.is_null):
            todo.extend((item, node) for item in reversed(list(_listed(tree, below, single=False))))


def _listed(tree: TreeFile, value: Value, *, single: bool) -> Iterator[Value]:
    if isinstance(value, Sequence):
        yield from value.items
    elif single and isinstance(value, Mapping):
        yield value
    elif not (isinstance(value, Scalar) and value.is_null):
        tree.strays.append(value)
