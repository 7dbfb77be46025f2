"""A60x-A62x: the exploration tree: types, the keys of each, dependencies, evidence."""

import re
from collections.abc import Collection, Iterator

from ara.check.context import CLAIMS, Context
from ara.check.dialect import ALIASES
from ara.check.graph import cycle_edges
from ara.check.model import Diagnostic, Edit
from ara.check.tree_rules import (
    CYCLE,
    DEEP,
    DEPENDS,
    EVIDENCE_CLAIM,
    EVIDENCE_FILE,
    EVIDENCE_ID,
    EVIDENCE_LIST,
    EVIDENCE_MAP,
    FLOW,
    ID_STYLE,
    KEYS,
    LEAF,
    NO_NODE,
    NO_TREE,
    REDUNDANT,
    REFS,
    STRANGE_KEY,
    SUPPORT,
    TWICE,
    TWO_ROOTS,
    TYPE,
)
from ara.reader.tree import Node, TreeFile
from ara.reader.yaml_values import Mapping, Scalar, Sequence, Value

MAX_NESTING = 31
"""Levels of nodes that readers with a bound on YAML's depth take."""
_COMMON = frozenset(
    [
        "id",
        "type",
        "title",
        "support_level",
        "source_refs",
        "description",
        "evidence",
        "also_depends_on",
        "children",
        "isolated",
        "provenance",
        "timestamp",
    ]
)
_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "question": (),
    "experiment": (("result", "outcome"),),
    "dead_end": (("hypothesis",), ("failure_mode", "why_failed", "reason"), ("lesson",)),
    "decision": (("choice",), ("alternatives",)),
    "pivot": (("prior_direction", "from"), ("new_direction", "to"), ("reason", "trigger")),
    "insight": (),
}
_MORE = {
    "experiment": frozenset({"exploration", "status"}),
    "decision": frozenset({"rationale"}),
    "pivot": frozenset({"lesson"}),
}
_ALLOWED = {
    kind: _COMMON
    | {key for keys in required for key in keys}
    | _MORE.get(kind, frozenset())
    | ALIASES.get(kind, {}).keys()
    for kind, required in _REQUIRED.items()
}
_LISTS = ("evidence", "source_refs", "alternatives", "also_depends_on")
_NODE_ID = re.compile(r"^N\d+$")
_CLAIM = re.compile(r"^C\d+$")
_OTHER_ID = re.compile(r"^(?:N|O|H)\d+$")
_LEVELS = frozenset({"explicit", "inferred"})


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    tree = context.tree
    if tree is None or not tree.parsed:
        return
    path = tree.path
    if tree.root is None or ("tree" not in tree.root.pairs and "root" not in tree.root.pairs):
        yield NO_TREE.at(path, 1, "there is no list of nodes under `tree`")
        return
    if "tree" in tree.root.pairs and "root" in tree.root.pairs:
        yield TWO_ROOTS.at(path, tree.root.pairs["root"][0], "`tree` and `root` are both there")
    for stray in tree.strays:
        yield NO_NODE.at(path, stray, "this is no node, or a node that an alias repeats")
    if not tree.nodes and not tree.strays:
        yield NO_TREE.at(path, 1, "the tree has no node")
    claims = context.claims if context.document(CLAIMS) is not None else None
    seen: dict[str, int] = {}
    for node in tree.nodes:
        yield from _identity(path, node, seen)
        yield from _shape(path, node)
        yield from _lists(tree, node)
        if "evidence" in node.raw.pairs:
            yield from _evidence(context, path, node, claims)
    yield from _dependencies(context, tree)


def _identity(path: str, node: Node, seen: dict[str, int]) -> Iterator[Diagnostic]:
    ident = node.ident
    if not (ident and node.type and node.title):
        missing = [key for key in ("id", "type", "title") if not node.raw.text(key)]
        yield NO_NODE.at(path, node, f"node {ident or '?'} has no {', no '.join(missing)}")
    if ident in seen:
        yield TWICE.at(path, node, f"{ident} is also in line {seen[ident]}")
    elif ident:
        seen[ident] = node.line
        if not _NODE_ID.match(ident):
            yield ID_STYLE.at(path, node, f"id {ident[:40]!r} is not N and digits")
    if node.depth >= MAX_NESTING and (node.parent is None or node.parent.depth < MAX_NESTING):
        yield DEEP.at(path, node, f"{ident} is nested {node.depth + 1} deep")


def _shape(path: str, node: Node) -> Iterator[Diagnostic]:
    raw, kind = node.raw, node.type
    pairs = raw.pairs
    if kind and kind not in _REQUIRED:
        yield TYPE.at(path, raw.get("type"), f"{node.ident} has the unknown type {kind[:40]!r}")
    elif kind:
        yield from _keys(path, node)
    if kind == "dead_end" and node.children:
        yield LEAF.at(path, raw.pairs["children"][0], f"dead end {node.ident} has children")
    level = raw.text("support_level")
    if level not in _LEVELS and not (not level and "provenance" in pairs):
        message = f"{node.ident} has the support_level {level!r}" if level else f"{node.ident} has no support_level"
        yield SUPPORT.at(path, raw.get("support_level") or node, message)
    elif level == "explicit" and not node.texts("source_refs"):
        yield REFS.at(path, node, f"{node.ident} is explicit and has no source_refs")
    if raw.flow:
        yield FLOW.at(path, node, f"{node.ident} is written in braces")


def _keys(path: str, node: Node) -> Iterator[Diagnostic]:
    pairs, kind = node.raw.pairs, node.type
    for keys in _REQUIRED[kind]:
        if not any(key in pairs and not _empty(pairs[key][1]) for key in keys):
            yield KEYS.at(path, node, f"{kind} {node.ident} has no {keys[0]}")
    if not pairs.keys() <= _ALLOWED[kind]:
        for key, (place, _) in pairs.items():
            if key not in _ALLOWED[kind] and not key.startswith("x-"):
                yield STRANGE_KEY.at(path, place, f"{kind} {node.ident} has the key {key[:40]!r}")


def _empty(value: Value) -> bool:
    # An empty list of alternatives says that there were none; an empty text says nothing.
    return isinstance(value, Scalar) and (value.is_null or not value.text.strip())


def _lists(tree: TreeFile, node: Node) -> Iterator[Diagnostic]:
    for key in _LISTS:
        pair = node.raw.pairs.get(key)
        if pair is None:
            continue
        value = pair[1]
        if isinstance(value, Sequence):
            for item in value.items:
                if not isinstance(item, Scalar):
                    yield EVIDENCE_MAP.at(tree.path, item, f"an item of {key} of {node.ident} is no text")
        elif isinstance(value, Scalar) and not value.is_null:
            edits = _to_list(value, pair[0])
            yield EVIDENCE_LIST.at(tree.path, value, f"{key} of {node.ident} is no list", edits)
        elif isinstance(value, Mapping):
            yield EVIDENCE_LIST.at(tree.path, value, f"{key} of {node.ident} is no list")


def _to_list(value: Scalar, key: Scalar) -> tuple[Edit, ...]:
    if value.line != key.line or value.end_line != value.line or value.style not in {"", "'", '"'}:
        return ()
    if not value.style and any(c in value.text for c in ",[]{}#:"):
        # A plain text may not hold these inside brackets.
        escaped = value.text.replace("'", "''")
        return (Edit(value.line, value.column, value.end_column, f"['{escaped}']"),)
    return (
        Edit(value.line, value.column, value.column, "["),
        Edit(value.line, value.end_column, value.end_column, "]"),
    )


def _evidence(context: Context, path: str, node: Node, claims: Collection[str] | None) -> Iterator[Diagnostic]:
    for item in node.texts("evidence"):
        text = item.text.strip()
        if _CLAIM.match(text):
            if claims is not None and text not in claims:
                yield EVIDENCE_CLAIM.at(path, item, f"{node.ident} names {text}, which is not in {CLAIMS}")
        elif _OTHER_ID.match(text):
            yield EVIDENCE_ID.at(path, item, f"{node.ident} has {text} as evidence")
        elif text.startswith("evidence/") and " " not in text and not context.located.lone_tree:
            target = text.partition("#")[0].rstrip("/")
            if not context.exists(target):
                yield EVIDENCE_FILE.at(path, item, f"{target} is not in the artifact")


def _dependencies(context: Context, tree: TreeFile) -> Iterator[Diagnostic]:
    known = context.nodes
    edges: dict[str, list[str]] = {}
    places: dict[tuple[str, int], Scalar] = {}
    for node in tree.nodes:
        targets = edges.setdefault(node.ident, [])
        if node.parent is not None:
            targets.append(node.parent.ident)
        if "also_depends_on" not in node.raw.pairs:
            continue
        seen: set[str] = set()
        for item in node.texts("also_depends_on"):
            ident = item.text
            if ident not in known:
                yield DEPENDS.at(tree.path, item, f"{node.ident} depends on {ident[:40]}, which is not in the tree")
            elif ident in seen or (ident != node.ident and _is_ancestor(node, ident)):
                yield REDUNDANT.at(tree.path, item, f"{node.ident} names {ident} once more than needed")
            else:
                places[node.ident, len(targets)] = item
                targets.append(ident)
            seen.add(ident)
    # Children first, so that the edge named is a dependency and not the nesting.
    for owner, position in cycle_edges(dict(reversed(edges.items()))):
        target = edges[owner][position]
        place = places.get((owner, position)) or known.get(owner)
        yield CYCLE.at(tree.path, place, f"{owner} depends on {target}, which depends on {owner}")


def _is_ancestor(node: Node, ident: str) -> bool:
    above = node.parent
    while above is not None:
        if above.ident == ident:
            return True
        above = above.parent
    return False
