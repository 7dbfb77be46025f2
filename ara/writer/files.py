"""A typed artifact as files in the strict profile: same artifact, same bytes. Pure."""

import hashlib
import json
from collections.abc import Mapping

from ara.schema.artifact import Artifact
from ara.schema.base import SCHEMA_VERSION
from ara.schema.manifest import LAYER_TITLES, LayerFile
from ara.writer import evidence, logic, paper, physical, trace

MARKER = "artifact.json"
"""Says who wrote the folder, from what, and the digest of every file: what tells our folder from anybody's."""
PROFILE = "strict"
CODE = "src/code/"
"""Where code lies as it was run."""


def render(artifact: Artifact) -> dict[str, bytes]:
    """Every file by its path relative to the artifact, in order of path; the marker names the digests of the others.

    Raises:
        ValueError: two files have one path, a name is used in two categories of evidence, a table is ragged, or the
            tree is too deep.
    """
    described = _pages(artifact)
    index = [
        LayerFile(layer=layer, path=path, description=text, claims=claims)
        for layer in LAYER_TITLES
        for path, (_, text, claims) in sorted(described.items())
        if path.startswith(f"{layer}/")
    ]
    if any(path.startswith(CODE) for path in described):
        # One row for all of it: `src/artifacts.md` is the index of the code, with digests.
        index = [row for row in index if not row.path.startswith(CODE)]
        index.append(LayerFile(layer="src", path=CODE, description="The trials' code, byte for byte"))
    files = {path: data for path, (data, _, _) in described.items()}
    files["PAPER.md"] = paper.paper(artifact, index)
    files = dict(sorted(files.items()))
    files[MARKER] = _marker(artifact, files)
    return files


_Page = tuple[bytes, str, tuple[str, ...]]
"""Content, description for the layer index, claims."""


def _pages(artifact: Artifact) -> dict[str, _Page]:
    pages: dict[str, _Page] = {}

    def add(path: str, data: bytes, description: str, claims: tuple[str, ...] = ()) -> None:
        if path in pages:
            raise ValueError(f"two files of the artifact have the path {path}")
        pages[path] = (data, description, claims)

    add("logic/problem.md", logic.problem(artifact.problem), "What was asked, what was unknown, what was assumed")
    add(
        "logic/claims.md",
        logic.claims(artifact.claims),
        "The claims, with conditions, status and falsification criteria",
    )
    add("logic/concepts.md", logic.concepts(artifact.concepts), "The terms, defined")
    add("logic/experiments.md", logic.experiments(artifact.experiments), "The experiments that decide the claims")
    add("logic/related_work.md", logic.related_work(artifact.related_work), "Other work that this one stands on")
    add("logic/solution/constraints.md", logic.constraints(artifact.constraints), "Boundary conditions and limitations")
    if artifact.heuristics:
        add("logic/solution/heuristics.md", logic.heuristics(artifact.heuristics), "Rules of thumb")
    add("src/environment.md", physical.environment(artifact.environment), "Machine, sandbox, dependencies, data, seeds")
    add("src/artifacts.md", physical.code_index(artifact.code), "Index of the code and the frozen plan")
    for entry in artifact.configs:
        add(f"src/configs/{entry.name}.md", physical.config(entry), entry.title)
    add("trace/exploration_tree.yaml", trace.tree(artifact.tree), "Everything that was tried, dead ends included")
    _add_evidence(artifact, pages)
    return pages


def _add_evidence(artifact: Artifact, pages: dict[str, _Page]) -> None:
    names = [t.name for t in artifact.tables] + [f.name for f in artifact.figures] + [r.name for r in artifact.results]
    if len(names) != len(set(names)):
        raise ValueError("a base name is used twice in the evidence")
    readme = evidence.index(artifact.tables, artifact.figures, artifact.results)
    pages["evidence/README.md"] = (readme, "Index of the evidence and the claims that it supports", ())
    for table in artifact.tables:
        pages[f"evidence/tables/{table.name}.md"] = (evidence.table_page(table), table.title, table.claims)
    for figure in artifact.figures:
        pages[f"evidence/figures/{figure.name}.md"] = (evidence.figure_page(figure), figure.title, figure.claims)
    for result in artifact.results:
        pages[f"evidence/results/{result.name}.md"] = (evidence.result_page(result), result.title, result.claims)
    if artifact.logs:
        pages["evidence/logs/log_pointers.md"] = (evidence.log_page(artifact.logs), "Where output is kept", ())
    for attachment in artifact.attachments:
        if attachment.path in pages:
            raise ValueError(f"two files of the artifact have the path {attachment.path}")
        pages[attachment.path] = (attachment.data, attachment.description or "File, byte for byte", ())


def _marker(artifact: Artifact, files: Mapping[str, bytes]) -> bytes:
    content = {
        "schema": "ara",
        "schema_version": SCHEMA_VERSION,
        "profile": PROFILE,
        "origin": artifact.origin.model_dump(mode="json", exclude={"unknown"}) if artifact.origin else None,
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in files.items()},
    }
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()
