"""Public names are a tested fact: every `__all__` is sorted and true."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import ara
import curie
import sandboxes
import tasks


def exporting() -> Iterator[str]:
    """Names of all modules that could declare `__all__`."""
    for package in (sandboxes, tasks, curie, ara):
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"catalog", "inside", "__main__"} & set(found.name.split(".")):
                yield found.name


def in_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, each by name: the order that ruff keeps (RUF022)."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


@pytest.mark.parametrize("name", list(exporting()))
def test_exports_are_sorted_and_exist(name: str) -> None:
    """The module imports; what it says it exports is in order, without repeats, and there."""
    module = importlib.import_module(name)
    exported = list(getattr(module, "__all__", []))
    assert exported == sorted(set(exported), key=in_order)
    assert [item for item in exported if not hasattr(module, item)] == []
