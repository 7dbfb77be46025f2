"""The physical layer as Markdown: environment, parameters, and the index of code. Pure."""

from collections.abc import Sequence

from ara.schema.physical import CodeArtifact, ConfigFile, Environment
from ara.writer.text import bullet, code, ids, inline, page


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
    files = ", ".join(map(code, entry.files)) or "none: the pointer is to the run"
    lines = [
        f"## {inline(entry.title)}",
        bullet("File(s) in repo", files),
        bullet("Nature", entry.nature),
        bullet("What it does / contains", inline(entry.contains)),
        bullet("How to use / run", inline(entry.usage)),
        bullet("Claims supported", ids(entry.claims)),
    ]
    if entry.digests:
        pairs = zip(entry.files, entry.digests, strict=True)
        lines.append(bullet("SHA-256", ", ".join(f"{code(file)} {digest}" for file, digest in pairs)))
    return lines
