"""`PAPER.md`: the front matter and an index that lists exactly the files that are there. Pure."""

from collections.abc import Sequence

from ara.schema.artifact import Artifact
from ara.schema.manifest import LAYER_TITLES, Layer, LayerFile, Manifest
from ara.writer.text import cell, code, inline, page, paragraph, quoted


def paper(artifact: Artifact, index: Sequence[LayerFile]) -> bytes:
    """The manifest of an artifact whose other files are `index`."""
    counts = (
        f"It holds {len(artifact.claims)} claims, {len(artifact.experiments)} experiments, "
        f"{len(artifact.tables)} tables and {len(artifact.figures)} figures."
    )
    blocks = [
        _front_matter(artifact.manifest),
        [f"# {inline(artifact.manifest.title)}"],
        ["## Overview"],
        [paragraph(artifact.overview)],
        [counts],
        ["## Layer Index"],
    ]
    for layer in LAYER_TITLES:
        blocks += _layer(layer, [file for file in index if file.layer == layer])
    return page(blocks)


def _front_matter(manifest: Manifest) -> list[str]:
    return [
        "---",
        f"title: {quoted(manifest.title)}",
        *_list("authors", manifest.authors),
        f"year: {manifest.year}",
        f"venue: {quoted(manifest.venue)}",
        f"doi: {quoted(manifest.doi)}",
        f"ara_version: {quoted(manifest.ara_version)}",
        f"domain: {quoted(manifest.domain)}",
        *_list("keywords", manifest.keywords),
        *_list("claims_summary", manifest.claims_summary),
        f"abstract: {quoted(manifest.abstract)}",
        "---",
    ]


def _list(key: str, values: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"  - {quoted(value)}" for value in values)] if values else [f"{key}: []"]


def _layer(layer: Layer, files: Sequence[LayerFile]) -> list[list[str]]:
    if not files:
        return []
    with_claims = layer == "src"
    lines = (
        ["| File | Description | Claims |", "|---|---|---|"] if with_claims else ["| File | Description |", "|---|---|"]
    )
    for file in files:
        row = f"| {_link(file)} | {cell(file.description)} |"
        lines.append(f"{row} {', '.join(file.claims) or 'all'} |" if with_claims else row)
    return [[f"### {LAYER_TITLES[layer]}"], lines]


def _link(file: LayerFile) -> str:
    """A link where the name can be one, else the name as code: a hostile file name must not end the cell."""
    shown = file.path.removeprefix(f"{file.layer}/")
    if all(c.isalnum() or c in "._-/" for c in file.path):
        return f"[{shown}]({file.path})"
    return code(file.path).replace("|", "\\|")
