"""Writes an artifact: typed models to files in the strict profile, and files to a folder that appears whole."""

from ara.writer.files import render
from ara.writer.folder import replace_folder

__all__ = ["render", "replace_folder"]
