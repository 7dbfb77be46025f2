"""ARA001-ARA007: another dialect's way of writing, with the ids and meanings of the public checker ara-cli 0.1.15."""

import re
from collections.abc import Iterator

from ara.check.context import CLAIMS, Context
from ara.check.model import Diagnostic, Edit, Rule, Severity
from ara.reader.tree import Node, TreeFile
from ara.reader.yaml_values import Mapping, Scalar

_W = Severity.WARNING
ROOT = Rule(
    "ARA001",
    _W,
    "The nodes stand in a list under `tree`.",
    "Write `tree:` and make the node its first item.",
    "root:\n  id: N01",
    fixable=True,
)
REASON = Rule(
    "ARA002",
    _W,
    "A dead end says why it failed under `why_failed`, not `reason`.",
    "Rename the key to `why_failed`.",
    "type: dead_end\nreason: it diverged",
    fixable=True,
)
JUSTIFICATION = Rule(
    "ARA003",
    _W,
    "A decision gives its grounds under `rationale`, not `justification`.",
    "Rename the key to `rationale`.",
    "type: decision\njustification: it is cheaper",
    fixable=True,
)
DASH = Rule(
    "ARA004",
    _W,
    "A colon stands between a claim's id and its title.",
    "Write `## C01: title`; readers that expect the colon do not see the claim.",
    "## C01 \u2014 Deeper is better",
    fixable=True,
)
FROM = Rule(
    "ARA005",
    _W,
    "A pivot names what it leaves under `prior_direction`, not `from`.",
    "Rename the key to `prior_direction`.",
    "type: pivot\nfrom: one network",
    fixable=True,
)
TO = Rule(
    "ARA006",
    _W,
    "A pivot names what it turns to under `new_direction`, not `to`.",
    "Rename the key to `new_direction`.",
    "type: pivot\nto: an ensemble",
    fixable=True,
)
TRIGGER = Rule(
    "ARA007", _W, "A pivot says what caused it under `reason`, not `trigger`.", "Rename the key to `reason`.",
    "type: pivot\ntrigger: the loss rose", fixable=True,
)  # fmt: skip
RULES = (ROOT, REASON, JUSTIFICATION, DASH, FROM, TO, TRIGGER)

ALIASES: dict[str, dict[str, tuple[Rule, str]]] = {
    "dead_end": {"reason": (REASON, "why_failed")},
    "decision": {"justification": (JUSTIFICATION, "rationale")},
    "pivot": {
        "from": (FROM, "prior_direction"),
        "to": (TO, "new_direction"),
        "trigger": (TRIGGER, "reason"),
    },
}
"""Node type -> other name of a key -> the rule, and the key's own name."""
_DASHED = re.compile(r"^( {0,3}#{1,6}[ \t]+[A-Z]{1,3}\d+\w*)([ \t]*[\u2014\u2013][ \t]*|[ \t]+-[ \t]+)(?=\S)")


def check(context: Context) -> Iterator[Diagnostic]:
    """All of the group."""
    tree = context.tree
    if tree is not None:
        if tree.root is not None and "root" in tree.root.pairs and "tree" not in tree.root.pairs:
            key = tree.root.pairs["root"][0]
            yield ROOT.at(tree.path, key, "the node stands under `root`", _root_edits(tree, tree.root))
        for node in tree.nodes:
            aliases = ALIASES.get(node.type)
            if aliases and not aliases.keys().isdisjoint(node.raw.pairs):
                yield from _renamed(tree.path, node)
    document = context.document(CLAIMS)
    for section in document.entries() if document else ():
        if section.separator in {"\u2014", "\u2013", "-"} and document:
            edits = colon_edits(document.source.lines[section.line - 1], section.line)
            message = f"claim {section.ident} has a dash between its id and its title"
            yield DASH.at(CLAIMS, section, message, edits)


def colon_edits(text: str, line: int) -> tuple[Edit, ...]:
    """What puts a colon in place of the dash of a heading."""
    found = _DASHED.match(text)
    return (Edit(line, found.start(2) + 1, found.end(2) + 1, ": "),) if found else ()


def _renamed(path: str, node: Node) -> Iterator[Diagnostic]:
    for alias, (rule, name) in ALIASES[node.type].items():
        pair = node.raw.pairs.get(alias)
        if pair is None:
            continue
        key = pair[0]
        free = name not in node.raw.pairs and key.line == key.end_line
        edits = (Edit(key.line, key.column, key.end_column, name),) if free else ()
        message = f"{node.type} {node.ident or '?'} has `{alias}` where `{name}` is meant"
        yield rule.at(path, key, message if free else f"{message}; `{name}` is there too", edits)


def _root_edits(tree: TreeFile, root: Mapping) -> tuple[Edit, ...]:
    key, value = root.pairs["root"]
    rename = Edit(key.line, key.column, key.end_column, "tree")
    if not isinstance(value, Mapping):
        return () if isinstance(value, Scalar) else (rename,)
    if value.flow or value.line == key.line:
        return ()
    later = [other.line for other, _ in root.pairs.values() if other.line > key.line]
    last = min(later, default=len(tree.source.lines) + 1)
    lines = range(value.line + 1, last)
    shifts = [Edit(n, 1, 1, "  ") for n in lines if tree.source.lines[n - 1].strip()]
    return (rename, Edit(value.line, value.column, value.column, "- "), *shifts)
