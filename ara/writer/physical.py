"""The physical layer as Markdown: environment, parameters, and the index of code. Pure."""

import re
from collections.abc import Sequence

from ara.schema.physical import CodeArtifact, ConfigFile, Environment
from ara.writer.text import bullet, code, ids, inline, page

_PLAIN = re.compile(r"[A-Za-z0-9_./@+=,-]*[A-Za-z0-9_]")


def environment(entry: Environment) -> bytes:
    """`src/environment.md`."""
    blocks = [
        [f"## {inline(section.title)}", *(bullet(inline(fact.name), inline(fact.value)) for fact in section.facts)]
        for section in entry.sections
    ]
    return page([["# Environment"], *blocks])


def config(entry: ConfigFile) -> bytes:
    """A file of `src/configs/`."""
    blocks = [
        [
            f"## {inline(parameter.name)}",
            bullet("Value", inline(parameter.value)),
            bullet("Rationale", inline(parameter.rationale)),
            bullet("Search range", inline(parameter.search_range)),
            bullet("Sensitivity", parameter.sensitivity),
            bullet("Source", inline(parameter.source)),
        ]
        for parameter in entry.parameters
    ]
    return page([[f"# {inline(entry.title)}"], *blocks])


def code_index(entries: Sequence[CodeArtifact]) -> bytes:
    """`src/artifacts.md`: one block a piece of code; digests stand beside the files that they belong to."""
    return page([["# Code Artifacts"], *map(_code, entries)])


def _code(entry: CodeArtifact) -> list[str]:
    plain = [file for file in entry.files if _PLAIN.fullmatch(file)]
    unusual = [file for file in entry.files if not _PLAIN.fullmatch(file)]
    files = ", ".join(map(code, plain)) or "none"
    lines = [
        f"## {inline(entry.title)}",
        bullet("File(s) in repo", files),
        bullet("Nature", entry.nature),
        bullet("What it does / contains", inline(entry.contains)),
        bullet("How to use / run", inline(entry.usage)),
        bullet("Claims supported", ids(entry.claims)),
    ]
    if unusual:
        # Apart: readers that look for paths in the field above end a path at a space.
        lines.append(bullet("Files with unusual names", ", ".join(map(code, unusual))))
    if entry.digests:
        pairs = zip(entry.files, entry.digests, strict=True)
        lines.append(bullet("SHA-256", ", ".join(f"{code(file)} {digest}" for file, digest in pairs)))
    return lines
