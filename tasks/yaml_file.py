"""Reads one YAML file safely, as YAML 1.2 means it, and remembers where every key stands."""

import re
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Self

import yaml
from pydantic import JsonValue
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tasks.errors import UnreadableFile, UnreadableYaml

MAX_BYTES = 1 << 20
"""Largest file that is read."""
MAX_NODES = 100_000
"""Most values that a file may hold, its aliases expanded."""
MAX_DEPTH = 40
"""Deepest nesting."""

Loc = tuple[str | int, ...]
"""Where a value stands: keys and indices, from the root."""

_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_INT = re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$")
_FLOAT = re.compile(
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)
_MERGE = re.compile(r"^<<$")


class _Loader(yaml.CSafeLoader):
    """The YAML 1.2 core schema: `on` and `no` are words, `1e-3` is a number, `010` is ten, a date is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 -- PyYAML's own hook


def _integer(loader: _Loader, node: ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


def _number(loader: _Loader, node: ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)).replace(".inf", "inf").replace(".nan", "nan"))


# The order matters: an integer also looks like a float.
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOL, list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", _MERGE, ["<"])
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)


class YamlFile:
    """A mapping read from a file, with the place of every value."""

    def __init__(self, path: Path, root: MappingNode, data: dict[str, JsonValue]) -> None:
        self.path = path
        self.data = data
        """The content; keys are text."""
        self._root = root

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file whose top level is a mapping.

        Raises:
            UnreadableFile: missing, not a regular file, larger than `MAX_BYTES`, or not UTF-8.
            UnreadableYaml: not YAML, a key twice, a key that is no text, a tag that asks for code, or beyond
                `MAX_NODES` or `MAX_DEPTH`; with line and column.
        """
        text = read_text(path)
        try:
            _refuse_depth(path, text)
            loader = _Loader(text)
            root = loader.get_single_node()
            if not isinstance(root, MappingNode):
                raise UnreadableYaml(path, "the file must hold `key: value` lines", line=1, column=1)
            _Check(path).size(root, 0)
            return cls(path, root, loader.construct_document(root))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
            raise UnreadableYaml(path, error.problem or "not YAML", line=line, column=column) from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise UnreadableYaml(path, f"not YAML: {error}") from error

    def place(self, loc: Sequence[str | int]) -> tuple[int, int, str]:
        """Line and column (from 1) and key path of the value at `loc`, or of the closest thing above it."""
        node: Node = self._root
        mark = node.start_mark
        followed = ""
        for part in loc:
            step = _child(node, part)
            if step is None:
                break
            mark, node = step
            followed += f"[{part}]" if isinstance(part, int) else f".{part}"
        return mark.line + 1, mark.column + 1, followed.lstrip(".")


def read_text(path: Path) -> str:
    """The text of a regular UTF-8 file of at most `MAX_BYTES`, a byte-order mark removed.

    Raises:
        UnreadableFile: it is none of that, or missing.
    """
    try:
        if path.is_dir():
            raise UnreadableFile(path, "is a folder, not a file")
        if path.exists() and not path.is_file():
            raise UnreadableFile(path, "is not a regular file")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise UnreadableFile(path, f"is larger than {MAX_BYTES} bytes")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise UnreadableFile(path, "is not UTF-8 text", line=line, column=column) from error
    except OSError as error:
        raise UnreadableFile(path, f"cannot be read: {error.strerror or error}") from error


def _refuse_depth(path: Path, text: str) -> None:
    """Bound the nesting by events, which do not recurse: libyaml's composer would overflow the C stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH and (mark := event.start_mark):
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise UnreadableYaml(path, message, line=mark.line + 1, column=mark.column + 1)


class _Check:
    """Walks the parsed nodes once, before anything is built from them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sizes: dict[int, int] = {}

    def size(self, node: Node, depth: int) -> int:
        """Values below `node`, aliases expanded; a node met twice costs its size again, but no second walk."""
        if id(node) in self._sizes:
            return self._sizes[id(node)]
        if depth > MAX_DEPTH:
            raise self._refuse(node, f"nested deeper than {MAX_DEPTH} levels, or an alias within itself")
        total = 1
        for child in self._children(node):
            total += self.size(child, depth + 1)
            if total > MAX_NODES:
                raise self._refuse(node, f"more than {MAX_NODES} values once its aliases are expanded")
        self._sizes[id(node)] = total
        return total

    def _children(self, node: Node) -> list[Node]:
        if isinstance(node, SequenceNode):
            return list(node.value)
        if not isinstance(node, MappingNode):
            return []
        seen: set[Hashable] = set()
        for key, _ in node.value:
            if not isinstance(key, ScalarNode) or key.tag not in {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}:
                raise self._refuse(key, "a key must be text; put it in quotes")
            if key.value in seen:
                raise self._refuse(key, f"key {key.value!r} is given twice")
            seen.add(key.value)
        return [value for _, value in node.value]

    def _refuse(self, node: Node, message: str) -> UnreadableYaml:
        mark = node.start_mark
        return UnreadableYaml(self._path, message, line=mark.line + 1, column=mark.column + 1)


def _child(node: Node, part: str | int) -> tuple[yaml.Mark, Node] | None:
    if isinstance(node, MappingNode) and isinstance(part, str):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark, value
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark, node.value[part]
    return None
