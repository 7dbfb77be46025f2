"""The schema refuses what no reader could take, and keeps what it does not know."""

import pytest
from pydantic import ValidationError

from ara.schema.base import Unknown, entry_id
from ara.schema.logic import Claim
from ara.schema.trace import DeadEndNode, QuestionNode, walk
from ara.writer.trace import MAX_DEPTH, tree


def dead_end(ident: str) -> DeadEndNode:
    """A leaf."""
    return DeadEndNode(id=ident, title="a", hypothesis="b", failure_mode="c", lesson="d")


@pytest.mark.parametrize("ident", ["c01", "C", "E01", "C01 ", "C-1"])
def test_ids_are_typed(ident: str) -> None:
    """A claim's id is C and digits, and nothing else."""
    with pytest.raises(ValidationError):
        Claim(id=ident, title="t", statement="s", conditions="c", status="supported", falsification="f")


def test_unknown_fields_have_a_place() -> None:
    """What the schema does not name is kept in order, and a misspelt field of ours is an error."""
    kept = (Unknown(key="Taste", value="good"), Unknown(key="x-mine", value={"a": 1}))
    claim = Claim(id="C01", title="t", statement="s", conditions="c", status="testing", falsification="f", unknown=kept)
    assert Claim.model_validate_json(claim.model_dump_json()) == claim
    with pytest.raises(ValidationError):
        Claim.model_validate({**claim.model_dump(), "statment": "s"})


def test_a_dead_end_is_a_leaf() -> None:
    """It has no children, not even by mistake."""
    with pytest.raises(ValidationError):
        DeadEndNode.model_validate({**dead_end("N01").model_dump(), "children": []})


def test_walk_takes_parents_first() -> None:
    """In the order of the file."""
    inner = QuestionNode(id="N02", title="b", children=(dead_end("N03"),))
    root = QuestionNode(id="N01", title="a", children=(inner, dead_end("N04")))
    assert [node.id for node in walk((root,))] == ["N01", "N02", "N03", "N04"]


def test_a_tree_that_readers_refuse_is_not_written() -> None:
    """The writer stops at the depth at which other readers do."""
    node = QuestionNode(id="N99", title="deep")
    for number in range(MAX_DEPTH - 1):
        node = QuestionNode(id=entry_id("N", number), title="t", children=(node,))
    assert tree((node,))
    with pytest.raises(ValueError, match="deeper"):
        tree((QuestionNode(id="N98", title="t", children=(node,)),))
