"""A60x-A62x: the rules of the exploration tree, as data."""

from ara.check.model import Rule, Severity

_E, _W = Severity.ERROR, Severity.WARNING
NO_TREE = Rule(
    "A601",
    _E,
    "The tree is a mapping with a list of nodes under `tree`.",
    "Write `tree:` and the nodes below it.",
    "nodes: []",
)
TWO_ROOTS = Rule(
    "A602",
    _E,
    "Nodes stand under `tree` or under `root`, not under both.",
    "Move all of them under `tree`.",
    "tree: [...]\nroot: {...}",
)
NO_NODE = Rule(
    "A603",
    _E,
    "A node is a mapping with id, type and title, and stands once.",
    "Add what is missing.",
    "- N01",
)
TWICE = Rule("A604", _E, "No node id is used twice.", "Give the later node the next free id.", "two nodes N01")
TYPE = Rule(
    "A605",
    _E,
    "A node's type is question, experiment, dead_end, decision, pivot or insight.",
    "Use one of the six types.",
    "type: discovery",
)
KEYS = Rule(
    "A606",
    _E,
    "A node has the keys of its type: an experiment its result; a dead end hypothesis, failure_mode "
    "(or why_failed) and lesson; a decision choice and alternatives; a pivot prior_direction, new_direction and "
    "reason.",
    "Add the key.",
    "type: experiment without result",
)
LEAF = Rule(
    "A607", _E, "A dead end has no children.", "Move them: what follows needs another parent.", "children of a dead end"
)
SUPPORT = Rule(
    "A608",
    _W,
    "A node has support_level explicit or inferred, or a provenance.",
    "Say `explicit` if a source says so, else `inferred`.",
    "a node without support_level",
)
REFS = Rule(
    "A609", _W, "An explicit node has source_refs.", "Name where the source says so.", "support_level: explicit"
)
DEPENDS = Rule(
    "A610",
    _E,
    "Nodes under also_depends_on are in the tree.",
    "Correct the id; only node ids stand here.",
    "also_depends_on: [N99]",
)
CYCLE = Rule(
    "A611",
    _E,
    "Children and also_depends_on together have no cycle.",
    "Remove one of the dependencies.",
    "N02 depends on N03, and N03 on N02",
)
REDUNDANT = Rule(
    "A612",
    _W,
    "also_depends_on names no ancestor, and nothing twice.",
    "Remove it: nesting says so already.",
    "also_depends_on: [its own parent]",
)
EVIDENCE_CLAIM = Rule(
    "A613",
    _E,
    "Claims under evidence are in logic/claims.md.",
    "Correct the id, or write the claim.",
    "evidence: [C99]",
)
EVIDENCE_LIST = Rule(
    "A614",
    _W,
    "evidence, source_refs, alternatives and also_depends_on are lists.",
    "Write it as a list.",
    "evidence: C01",
    fixable=True,
)
EVIDENCE_MAP = Rule(
    "A615",
    _W,
    "Items of these lists are texts.",
    "Put the item in quotes: an unquoted colon makes it a mapping.",
    "- Table 2: error rates",
)
STRANGE_KEY = Rule(
    "A616",
    _W,
    "A node has no keys but those of the protocol for its type.",
    "Move it into description, or begin its name with `x-`.",
    "type: question with status",
)
FLOW = Rule("A617", _W, "Nodes are written in block style.", "Write one key a line.", "- {id: N01, type: question}")
EVIDENCE_ID = Rule(
    "A618",
    _W,
    "evidence holds claims and places, not ids of nodes, observations or heuristics.",
    "Use also_depends_on for nodes.",
    "evidence: [N02]",
)
DEEP = Rule("A619", _W, "Nodes are nested at most 31 deep.", "Continue with also_depends_on.", "32 levels of children")
ID_STYLE = Rule("A620", _W, "A node's id is N and digits.", "Write N01.", "id: DE2_N02a")
EVIDENCE_FILE = Rule(
    "A621", _E, "Files under evidence are in the artifact.", "Correct the path.", "evidence: [evidence/tables/gone.md]",
)  # fmt: skip
RULES = (
    NO_TREE, TWO_ROOTS, NO_NODE, TWICE, TYPE, KEYS, LEAF, SUPPORT, REFS, DEPENDS, CYCLE, REDUNDANT, EVIDENCE_CLAIM,
    EVIDENCE_LIST, EVIDENCE_MAP, STRANGE_KEY, FLOW, EVIDENCE_ID, DEEP, ID_STYLE, EVIDENCE_FILE,
)  # fmt: skip
