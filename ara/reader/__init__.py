"""Reads an artifact as it lies on disk: every entry, field, table and node with its file, line and column."""
