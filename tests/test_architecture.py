"""The shape of the code, held by reading it: the line of packages, no cycles, one importer a library, budgets."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINE = ("sandboxes", "tasks", "curie", "ara", "exp_bench")
"""Each may import only what stands to its left."""
NOT_OURS = {"starter", "images", "micro"}
"""Folders of code that trials run: data to us."""
SINGLE_IMPORTERS = ("openai", "langgraph", "docker", "ray", "git", "mlflow")
ENVIRONMENT_READERS = {"curie/config.py"}
"""The only readers of the process's environment."""
BAD_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
FILE_LINES = 300
FUNCTION_LINES = 50

FILES = sorted(
    path
    for package in LINE
    for path in (ROOT / package).rglob("*.py")
    if not NOT_OURS & set(path.relative_to(ROOT).parts)
)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
per_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


def module_name(path: Path) -> str:
    """`curie/rigor/lint.py` -> `curie.rigor.lint`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path) for path in FILES}


def imports(node: ast.AST, path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of what one import statement names."""
    if isinstance(node, ast.Import):
        yield from ((node.lineno, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"{path}:{node.lineno}: a relative import"
        base = node.module or ""
        for alias in node.names:
            full = f"{base}.{alias.name}"
            yield node.lineno, full if full in MODULES else base


def imports_at_load(tree: ast.Module, path: Path) -> Iterator[str]:
    """What importing the module imports: not what functions or `TYPE_CHECKING` hold."""
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            todo += node.orelse
            continue
        yield from (name for _, name in imports(node, path))
        todo += ast.iter_child_nodes(node)


def test_there_is_something_to_read() -> None:
    """The packages are found; otherwise every rule below would hold of nothing."""
    assert {path.relative_to(ROOT).parts[0] for path in FILES} >= {"sandboxes", "tasks", "curie", "ara"}


@per_file
def test_imports_go_left(path: Path) -> None:
    """No import, those inside functions included, names a package to the right."""
    package = path.relative_to(ROOT).parts[0]
    right = LINE[LINE.index(package) + 1 :]
    found = [
        f"line {line}: {name}"
        for node in ast.walk(TREES[path])
        for line, name in imports(node, path)
        if name.split(".")[0] in right
    ]
    assert not found


def test_no_import_cycles() -> None:
    """The graph of imports that happen when a module is loaded has an order."""
    graph = {
        module_name(path): {n for n in imports_at_load(tree, path) if n in MODULES and n != module_name(path)}
        for path, tree in TREES.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def importers(library: str) -> list[str]:
    """Files that import the library anywhere."""
    return [
        str(path.relative_to(ROOT))
        for path, tree in TREES.items()
        if any(name.split(".")[0] == library for node in ast.walk(tree) for _, name in imports(node, path))
    ]


@pytest.mark.parametrize("library", SINGLE_IMPORTERS)
def test_one_importer_a_library(library: str) -> None:
    """A client library is known to one module, so that replacing it touches one."""
    assert len(importers(library)) <= 1


def test_rich_stays_where_it_belongs() -> None:
    """Only console modules and the command line know how a terminal looks."""
    assert [f for f in importers("rich") if "/cli/" not in f and "console" not in f] == []


def test_only_figures_know_how_pictures_are_drawn() -> None:
    """Matplotlib is heavy and full of global state: one folder holds it."""
    assert [f for f in importers("matplotlib") if not f.startswith("curie/figures/")] == []


def test_ara_reads_runs_and_drives_none() -> None:
    """The artifact is made from a dossier: nodes, graph and runner of the experimenter are not its business."""
    private = ("curie.nodes", "curie.graph", "curie.runner", "curie.dispatcher", "curie.session")
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in TREES.items()
        if path.relative_to(ROOT).parts[0] == "ara"
        for node in ast.walk(tree)
        for _, name in imports(node, path)
        if name.startswith(private)
    }
    assert not found


@per_file
def test_files_stay_short_and_say_their_job(path: Path) -> None:
    """At most 300 lines; the first statement is a docstring; the name says something."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    assert ast.get_docstring(TREES[path]), "no module docstring"
    assert path.stem not in BAD_NAMES


@per_file
def test_functions_stay_short(path: Path) -> None:
    """At most 50 lines each, the docstring not counted."""
    long = []
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            first = node.body[0]
            documented = ast.get_docstring(node) is not None and first.end_lineno is not None
            docstring = first.end_lineno - first.lineno + 1 if documented and first.end_lineno else 0
            lines = node.end_lineno - node.lineno + 1 - docstring
            if lines > FUNCTION_LINES:
                long.append(f"{node.name}: {lines} lines")
    assert not long


def calls_and_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of every called name and every attribute."""
    for node in ast.walk(tree):
        found: Any = node.func if isinstance(node, ast.Call) else node
        if isinstance(found, ast.Name | ast.Attribute):
            yield found.lineno, ast.unparse(found)


@per_file
def test_nothing_prints_or_reads_the_environment(path: Path) -> None:
    """`print` is for the command line; the process's environment is read in one module a package."""
    where = str(path.relative_to(ROOT))
    inside_sandbox = "sandboxes/inside/" in where
    for line, text in calls_and_names(TREES[path]):
        if "/cli/" not in where and not inside_sandbox:
            assert text != "print", f"{where}:{line} prints"
        if where not in ENVIRONMENT_READERS and not inside_sandbox:
            assert text not in {"os.environ", "os.getenv", "os.environb"}, f"{where}:{line} reads the environment"


@pytest.mark.parametrize("package", [p for p in LINE if (ROOT / p).is_dir()])
def test_every_package_is_typed(package: str) -> None:
    """`py.typed` ships, so that users' checkers read our annotations."""
    assert (ROOT / package / "py.typed").is_file()
