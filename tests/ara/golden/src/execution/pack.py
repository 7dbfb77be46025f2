# transcribed from pack.py
import zlib
