"""The typed schema of an artifact's files: the contract between reader, writer and checker. Data only, no I/O."""

from ara.schema.artifact import Artifact, Origin
from ara.schema.base import SCHEMA_VERSION, Entity, Unknown
from ara.schema.manifest import CORE_FILES, Manifest

__all__ = ["CORE_FILES", "SCHEMA_VERSION", "Artifact", "Entity", "Manifest", "Origin", "Unknown"]
