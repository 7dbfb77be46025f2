# transcribed from pack.py
"""Compresses a file."""

import sys
import zlib

sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read()))
