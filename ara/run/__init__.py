"""From a run's dossier to a typed artifact: all four layers, from records only. No model, no network."""

from ara.run.assemble import artifact_of

__all__ = ["artifact_of"]
