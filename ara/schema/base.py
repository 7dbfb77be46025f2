"""What every part of an artifact has in common: its schema's version, its ids, and room for what we do not know."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints

SCHEMA_VERSION = 1
"""Version of these models; the protocol's own version is `ara_version` in `PAPER.md`."""
ARA_VERSION = "1.0"
"""Version of the protocol that `PAPER.md` names."""
EXTENSION_PREFIX = "x-"
"""Keys that begin so belong to whoever wrote them and mean nothing to the protocol."""

ClaimId = Annotated[str, StringConstraints(pattern=r"^C\d+$")]
"""Such as `C01`."""
ExperimentId = Annotated[str, StringConstraints(pattern=r"^E\d+$")]
NodeId = Annotated[str, StringConstraints(pattern=r"^N\d+$")]
ObservationId = Annotated[str, StringConstraints(pattern=r"^O\d+$")]
GapId = Annotated[str, StringConstraints(pattern=r"^G\d+$")]
AssumptionId = Annotated[str, StringConstraints(pattern=r"^A\d+$")]
HeuristicId = Annotated[str, StringConstraints(pattern=r"^H\d+$")]
RelatedWorkId = Annotated[str, StringConstraints(pattern=r"^RW\d+$")]

ENTRY_ID = re.compile(r"\b(?P<prefix>RW|[CENOGAHRTFK])(?P<number>\d+)\b")
"""Any id as a whole token; a token such as `R9C5` holds none."""


def entry_id(prefix: str, number: int) -> str:
    """The id of that prefix and number: at least two digits."""
    return f"{prefix}{number:02d}"


class Unknown(BaseModel):
    """A field that the schema does not name, kept as it was found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    """As written."""
    value: JsonValue
    """Its text in Markdown, its data in YAML."""


class Entity(BaseModel):
    """Base of everything in an artifact: immutable, and what is not in the schema has a place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unknown: tuple[Unknown, ...] = ()
    """Fields that the schema does not name, in the order in which they stood."""
