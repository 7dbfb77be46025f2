"""Numbers the nodes of a tree in the order in which they are made."""

from ara.schema.base import entry_id


class Numbering:
    """Gives `N01`, `N02` ..., none twice."""

    def __init__(self) -> None:
        self._given = 0

    def next(self) -> str:
        """The next id."""
        self._given += 1
        return entry_id("N", self._given)
