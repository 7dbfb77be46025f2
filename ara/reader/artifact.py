"""An artifact on disk, opened for reading: each file is read and parsed once, when somebody asks for it."""

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ara.reader.inventory import Inventory, digest, read_bytes, scan
from ara.reader.markdown import MarkdownFile, parse_markdown
from ara.reader.places import Fault
from ara.reader.source import SourceFile, decode
from ara.reader.tree import TreeFile, parse_tree
from curie.errors import UsageError

TREE = "trace/exploration_tree.yaml"
"""The exploration tree of an artifact."""
MANIFEST = "PAPER.md"


class Located:
    """Files of one artifact, or one exploration tree alone, parsed with places."""

    def __init__(
        self, inventory: Inventory, *, tree_path: str = TREE, lone_tree: bool = False, texts: Mapping[str, bytes]
    ) -> None:
        self.inventory = inventory
        self.tree_path = tree_path
        self.lone_tree = lone_tree
        """Whether only a tree was given, so that nothing can be said about other files."""
        self.faults: list[Fault] = list(inventory.faults)
        self._texts = texts
        self._sources: dict[str, SourceFile | None] = {}
        self._markdown: dict[str, MarkdownFile] = {}
        self._tree: TreeFile | None = None

    @property
    def root(self) -> Path:
        """Folder that paths are relative to."""
        return self.inventory.root

    def source(self, path: str) -> SourceFile | None:
        """The text of a file; None if it is missing or cannot be read (then a fault says why)."""
        if path not in self._sources:
            self._sources[path] = self._read(path)
        return self._sources[path]

    def markdown(self, path: str) -> MarkdownFile | None:
        """A Markdown file, parsed; None as for `source`."""
        if path not in self._markdown:
            source = self.source(path)
            if source is None:
                return None
            self._markdown[path] = parse_markdown(source)
            self.faults.extend(self._markdown[path].faults)
        return self._markdown[path]

    def tree(self) -> TreeFile | None:
        """The exploration tree; None as for `source`."""
        if self._tree is None:
            source = self.source(self.tree_path)
            if source is None:
                return None
            with _no_collection():
                self._tree = parse_tree(source)
            self.faults.extend(self._tree.faults)
        return self._tree

    def digest(self, path: str) -> str | None:
        """The SHA-256 of a file in hex; None if there is no such file, or it cannot be read."""
        raw = self._texts.get(path)
        if raw is None and (source := self._sources.get(path)) is not None:
            raw = source.raw
        if raw is not None:
            return hashlib.sha256(raw).hexdigest()
        found = digest(self.inventory, path)
        return found if isinstance(found, str) else None

    def files(self, folder: str, suffix: str = ".md") -> list[str]:
        """Files below a folder with that suffix, sorted."""
        prefix = f"{folder}/"
        return sorted(p for p in self.inventory.files if p.startswith(prefix) and p.endswith(suffix))

    def sources_read(self) -> list[SourceFile]:
        """Every file that was read so far, by path."""
        return [source for _, source in sorted(self._sources.items()) if source is not None]

    def with_texts(self, texts: Mapping[str, bytes]) -> "Located":
        """The same artifact as if these files held these bytes."""
        fresh = scan(self.root) if not self.lone_tree else self.inventory
        return Located(fresh, tree_path=self.tree_path, lone_tree=self.lone_tree, texts=texts)

    def _read(self, path: str) -> SourceFile | None:
        if path in self._texts:
            return decode(path, self._texts[path])
        if path not in self.inventory.files and path not in self.inventory.folders:
            return None
        raw = read_bytes(self.inventory, path)
        if isinstance(raw, Fault):
            self.faults.append(raw)
            return None
        return decode(path, raw)


def locate_artifact(path: Path) -> Located:
    """Open an artifact's folder, or one exploration tree (`.yaml`, `.yml`) alone.

    Raises:
        UsageError: there is nothing at `path`, or it is no artifact.
    """
    if path.is_dir():
        inventory = scan(path)
        if not {MANIFEST, TREE} & (inventory.files.keys() | inventory.folders | inventory.odd.keys()):
            raise UsageError(
                f"{path} is not an artifact: it has neither {MANIFEST} nor {TREE}",
                hint="name the folder that holds PAPER.md; a run keeps its own in runs/<id>/ara",
            )
        return Located(inventory, texts={})
    if not path.exists() and not path.is_symlink():
        raise UsageError(f"there is no {path}", hint="name the folder of an artifact, or an exploration tree")
    if path.suffix not in {".yaml", ".yml"}:
        raise UsageError(f"{path} is not an artifact", hint="name its folder, or an exploration tree ending in .yaml")
    alone = Inventory(path.parent, files={path.name: 0})
    return Located(alone, tree_path=path.name, lone_tree=True, texts={})


@contextmanager
def _no_collection() -> Iterator[None]:
    """Building a hundred thousand values would make the collector look at all of them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
