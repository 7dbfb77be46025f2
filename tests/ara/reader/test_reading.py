"""The reader: what people write is found, with its place, and what is no entry is not."""

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ara.reader.artifact import locate_artifact
from ara.reader.inventory import MAX_BYTES
from ara.reader.markdown import MarkdownFile, parse_markdown
from ara.reader.source import decode
from ara.reader.tree import parse_tree
from ara.reader.yaml_values import Mapping, Scalar, Sequence, Value, parse_yaml

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "ara"


def page(text: str) -> MarkdownFile:
    """A parsed page."""
    return parse_markdown(decode("x.md", text.encode()))


@pytest.mark.parametrize("separator", [": ", " \u2014 ", " \u2013 ", " - ", ":"])
def test_separators_of_headings(separator: str) -> None:
    """Id and name are found whatever stands between them."""
    (entry,) = page(f"# Claims\n\n## C01{separator}Deeper is better\n").entries()
    assert (entry.ident, entry.name, entry.line) == ("C01", "Deeper is better", 3)


@pytest.mark.parametrize(
    "title", ["CIFAR-10 \u2014 Momentum", "10-Crop Testing", "ResNet-18 \u2014 Layout", "A thought"]
)
def test_headings_that_only_look_like_entries(title: str) -> None:
    """A name with digits is no id."""
    assert list(page(f"## {title}\n").entries()) == []


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("- **Status**: ok", True),
        ("- **Status:** ok", False),
        ("**Status:** ok", False),
        ("**Status.** ok", False),
        ("* **Status**: ok", False),
        ("- **Status (today)**: ok", True),
    ],
)
def test_ways_to_write_a_key(text: str, canonical: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    """The same key and value; only one of the forms is the canonical one."""
    (entry,) = page(f"## C01: x\n{text}\n").entries()
    found = entry.get("status")
    assert found is not None
    assert (found.value, found.line, found.canonical) == ("ok", 2, canonical)


def test_values_of_many_lines() -> None:
    """Indented lines and nested bullets belong to the value, with their own line numbers; the next key does not."""
    (entry,) = page(
        "## E01: x\n- **Setup**:\n  - Model: m\n\n  - Data: d\n- **Metrics**: error\n  in percent\n"
    ).entries()
    setup, metrics = entry.fields
    assert [line for line, text in setup.lines if text] == [3, 5]
    assert metrics.value == "error in percent"


def test_fences_and_comments_hold_no_entries() -> None:
    """What is shown as code, or commented out, is not read."""
    text = "## C01: x\n```md\n## C02: y\n- **Status**: a\n```\n<!-- ## C03: z\n- **Proof**: b\n-->\n~~~\n## C04: w\n"
    (entry,) = page(text).entries()
    assert (entry.ident, entry.fields) == ("C01", [])


def test_tables() -> None:
    """Rows with their lines; escaped pipes stay in their cell."""
    (table,) = page("# t\n\n| a | b |\n|---|:-:|\n| 1 | x\\|y |\n| 2 |\n").tables()
    assert (table.header, table.column("b")) == (["a", "b"], 1)
    assert [(row.line, row.cells) for row in table.rows] == [(5, ["1", "x|y"]), (6, ["2"])]


def test_front_matter_has_places() -> None:
    """Keys count their lines from the top of the file."""
    front = page("---\ntitle: x\nauthors: [a]\n---\n# x\n").front
    assert front is not None
    assert [(key, front.pairs[key][0].line) for key in front.pairs] == [("title", 2), ("authors", 3)]


def test_every_node_and_key_has_its_place() -> None:
    """Nested nodes, parents first."""
    tree = parse_tree(decode("t.yaml", b"tree:\n  - id: N01\n    children:\n      - id: N02\n        type: x\n"))
    assert [(n.ident, n.line, n.column, n.parent.ident if n.parent else "") for n in tree.nodes] == [
        ("N01", 2, 5, ""),
        ("N02", 4, 9, "N01"),
    ]
    assert tree.nodes[1].raw.pairs["type"][0].line == 5


def test_published_trees_are_read_as_yaml_reads_them() -> None:
    """Every text of the ResNet tree is the one that the YAML library gives."""
    path = PUBLISHED / "resnet-ara-example" / "trace" / "exploration_tree.yaml"
    if not path.is_file():
        pytest.skip("the published examples are not there")
    text = path.read_text(encoding="utf-8")
    value, faults = parse_yaml("t", text)
    assert faults == []
    assert plain(value) == yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 -- it builds texts only


def plain(value: Value | None) -> object:
    """The value without places."""
    if isinstance(value, Mapping):
        return {key: plain(child) for key, (_, child) in value.pairs.items()}
    if isinstance(value, Sequence):
        return [plain(child) for child in value.items]
    return value.text if isinstance(value, Scalar) else None


DATA = st.recursive(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(DATA.filter(lambda data: data != ""))
def test_yaml_means_what_the_library_says(data: object) -> None:
    """Whatever the library writes, in block and flow style, is read back with lines that exist."""
    for flow in (True, False):
        text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=False)
        value, faults = parse_yaml("x", text)
        assert faults == []
        assert plain(value) == data


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    """Markdown and YAML of any text end in a value or faults with places that exist."""
    source = decode("x", text.encode("utf-8", "replace"))
    document = parse_markdown(source)
    tree = parse_tree(source)
    for fault in [*document.faults, *tree.faults]:
        assert fault.line is None or 1 <= fault.line <= len(source.lines) + 1


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """A gigabyte (sparse) is a fault, at once."""
    (tmp_path / "PAPER.md").write_text("# x\n")
    (tmp_path / "logic").mkdir()
    with (tmp_path / "logic" / "claims.md").open("wb") as stream:
        stream.truncate(1 << 30)
    located = locate_artifact(tmp_path)
    started = time.monotonic()
    assert located.markdown("logic/claims.md") is None
    assert time.monotonic() - started < 5
    assert f"larger than {MAX_BYTES >> 20} MiB" in located.faults[0].message
