"""Checks an artifact by rules with stable ids, and mends what can be mended by machine."""
