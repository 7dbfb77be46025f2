"""Curie turns a question into controlled experiments and a computed verdict."""

__version__ = "0.1.0"
