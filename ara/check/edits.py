"""Applies edits to a text and proves, by reading both again, that nothing else changed. Pure."""

from collections.abc import Sequence

from ara.check.context import EVIDENCE_INDEX
from ara.check.dialect import ALIASES
from ara.check.model import Edit
from ara.check.reading import PLAIN_TEXT
from ara.reader.markdown import MarkdownFile, parse_markdown
from ara.reader.source import SourceFile, decode
from ara.reader.yaml_values import Mapping, Scalar, Value, parse_yaml

_AS_LIST = frozenset({"evidence", "source_refs", "alternatives", "also_depends_on"})


def applied(source: SourceFile, edits: Sequence[Edit]) -> bytes:
    """The file's bytes with these edits; untouched lines stay byte for byte, overlapping edits are left out.

    A file with CRLF line ends or a byte-order mark keeps them unless an edit is about them.
    """
    lines = source.text.split("\n")
    taken: dict[int, int] = {}
    here = sorted(
        {e for e in edits if e.line and not e.whole}, key=lambda e: (e.line or 0, e.start, e.end), reverse=True
    )
    for edit in here:
        number = edit.line or 0
        if edit.end > taken.get(number, 1 << 60):
            continue
        taken[number] = edit.start
        text = lines[number - 1]
        lines[number - 1] = text[: edit.start - 1] + edit.new + text[edit.end - 1 :]
    # Last first, so that line numbers hold and rows after one line come out sorted.
    for edit in sorted((e for e in edits if e.whole), key=lambda e: (e.line or 0, e.new), reverse=True):
        lines.insert(edit.line or 0, edit.new)
    text = "\n".join(lines)
    if PLAIN_TEXT not in edits:
        if b"\r\n" in source.raw:
            text = text.replace("\n", "\r\n")
        return (b"\xef\xbb\xbf" if source.raw.startswith(b"\xef\xbb\xbf") else b"") + text.encode()
    return text.encode()


def same_meaning(source: SourceFile, after: bytes) -> bool:
    """Whether both texts say the same, but for what the fixes are about.

    Names of keys that are aliases, `root` and `tree`, a scalar and a list of one, heading separators, bullet styles
    and line ends do not count; rows may be added to the evidence index.
    """
    new = decode(source.path, after)
    if source.path.endswith((".yaml", ".yml")):
        old_value, old_faults = parse_yaml(source.path, source.text)
        new_value, new_faults = parse_yaml(source.path, new.text)
        if old_value is None or new_value is None or len(new_faults) > len(old_faults):
            return False
        return _yaml(old_value, "") == _yaml(new_value, "")
    old_page, new_page = _page(parse_markdown(source)), _page(parse_markdown(new))
    if source.path == EVIDENCE_INDEX:
        rest = iter(new_page)
        return all(line in rest for line in old_page)
    return old_page == new_page


def _yaml(value: Value, key: str) -> object:
    if isinstance(value, Scalar):
        told = (value.text, value.is_null, bool(value.style) or key in _AS_LIST)
        return [told] if key in _AS_LIST and not value.is_null else told
    if isinstance(value, Mapping):
        return _pairs(value)
    # Items of a list are texts whether they are quoted or not.
    items = [_yaml(item, "") for item in value.items]
    if key in _AS_LIST:
        return [(i[0], i[1], True) if isinstance(i, tuple) else i for i in items]
    return items


def _pairs(owner: Mapping) -> dict[str, object]:
    """Keys by their own names; one node under `root` is a list of one under `tree`."""
    names = {alias: name for alias, (_, name) in ALIASES.get(owner.text("type"), {}).items()}
    told: dict[str, object] = {}
    for key, (_, value) in owner.pairs.items():
        if key == "root" and "tree" not in owner.pairs:
            read = _yaml(value, "tree")
            told["tree"] = [read] if isinstance(value, Mapping) else read
        else:
            name = names.get(key, key)
            told[key if name in owner.pairs else name] = _yaml(value, name)
    return told


def _page(document: MarkdownFile) -> list[object]:
    told: list[object] = []
    for section in document.sections:
        told.append((section.level, section.ident, section.name))
        fields = {field.line: field for field in section.fields}
        for number, text in section.body:
            field = fields.get(number)
            told.append((field.key, field.lines[0][1].strip() if field.lines else "") if field else text)
    return told
