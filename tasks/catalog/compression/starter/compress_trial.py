"""One trial: packs a sample of Python's standard library by one codec and level, and prints ratio and times as JSON."""

import argparse
import bz2
import gc
import hashlib
import json
import lzma
import os
import random
import sys
import sysconfig
import time
import zlib
from pathlib import Path

SAMPLE_BYTES = 1_000_000
REPEATS = 3
LEFT_OUT = {"__pycache__", "dist-packages", "idle_test", "site-packages", "test", "tests"}

CODECS = {
    "zlib": (lambda data, level: zlib.compress(data, level), zlib.decompress),
    "bz2": (lambda data, level: bz2.compress(data, level), bz2.decompress),
    "lzma": (lambda data, level: lzma.compress(data, preset=level), lzma.decompress),
}


def modules(stdlib):
    """Relative paths of the library's own modules, sorted: no tests, no caches, nothing installed, no symlinks."""
    found = []
    for parent, folders, files in os.walk(stdlib):
        folders[:] = [folder for folder in folders if folder not in LEFT_OUT]
        paths = [Path(parent, name) for name in files if name.endswith(".py")]
        found += [path.relative_to(stdlib).as_posix() for path in paths if not path.is_symlink()]
    return sorted(found)


def sample(stdlib, size, seed):
    """`size` bytes of whole modules end to end, drawn without replacement by `seed`; the last one is cut off."""
    names = modules(stdlib)
    random.Random(seed).shuffle(names)
    drawn = bytearray()
    for name in names:
        drawn += (stdlib / name).read_bytes()
        if len(drawn) >= size:
            return bytes(drawn[:size])
    sys.exit(f"{stdlib} holds {len(drawn):,} bytes of modules, and the trial needs {size:,}")


def timed(work, *given):
    """What `work` gives, and the median seconds of REPEATS calls, the collector of garbage at rest."""
    times = []
    gc.disable()
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = work(*given)
        times.append(time.perf_counter() - start)
    gc.enable()
    return result, sorted(times)[REPEATS // 2]


def measure(codec, level, data):
    """The three metrics of `data`; exits with status 1 if it does not come back as it was."""
    compress, decompress = CODECS[codec]
    packed, compress_s = timed(compress, data, level)
    restored, decompress_s = timed(decompress, packed)
    if restored != data:
        sys.exit(f"{codec} at level {level} did not give back what it was given")
    return {"ratio": len(data) / len(packed), "compress_s": compress_s, "decompress_s": decompress_s}


def main():
    """Read the settings, draw the sample, say which it is, measure, print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codec", choices=sorted(CODECS), required=True)
    parser.add_argument("--level", type=int, choices=range(1, 10), required=True)
    parser.add_argument("--seed", type=int, required=True)
    args = parser.parse_args()
    data = sample(Path(sysconfig.get_paths()["stdlib"]), SAMPLE_BYTES, args.seed)
    print(f"sample of {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    print(json.dumps(measure(args.codec, args.level, data)))


if __name__ == "__main__":
    main()
