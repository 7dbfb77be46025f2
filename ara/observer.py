"""Writes a run that stops as an artifact; found by curie through the entry-point group `curie.observers`."""

from pathlib import Path

from curie.dossier import Dossier


class ArtifactPublisher:
    """A `curie.observer.Publisher`: the run's `ara/` folder, all four layers, in the strict profile."""

    def publish(self, dossier: Dossier) -> Path | None:
        """Write `ara/` into the run's directory, replacing what an earlier call wrote; returns the folder.

        Raises:
            UsageError: an `ara/` is there that we did not write.
            DiskFull: no space is left; an earlier artifact stays.
            CurieError: the run's records cannot be read.
        """
        from ara.run import artifact_of  # noqa: PLC0415 -- draws figures: only a run that stops pays for it
        from ara.writer import render, replace_folder  # noqa: PLC0415 -- same

        return replace_folder(dossier.paths.ara, render(artifact_of(dossier)))
