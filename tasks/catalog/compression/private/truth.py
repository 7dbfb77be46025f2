"""Computes this folder's `truth.yaml` without curie: `python truth.py [SAMPLES]` prints it, in two minutes on one core.

Shares no code with `starter/`: samples are drawn otherwise (with a stride over the sorted modules), the codecs are the
stream objects, times are processor times, and a contrast of times is told as the factor between two sums.
"""  # noqa: INP001 - a script beside the data that it makes, in no package

import bz2
import itertools
import lzma
import math
import random
import statistics
import sys
import sysconfig
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CODECS = ("zlib", "bz2", "lzma")
LEVELS = (1, 6, 9)
SAMPLE_BYTES = 1_000_000
LEFT_OUT = ("__pycache__", "dist-packages", "idle_test", "site-packages", "test", "tests")


class Seen(NamedTuple):
    """One sample through one codec at one level."""

    ratio: float
    compress_s: float
    decompress_s: float


def corpus() -> list[bytes]:
    """Every module of the standard library that is no test and not installed, by path."""
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(p for p in stdlib.glob("**/*.py") if p.is_file() and not p.is_symlink())
    return [p.read_bytes() for p in paths if not set(LEFT_OUT) & set(p.relative_to(stdlib).parts[:-1])]


def sample(modules: list[bytes], rng: random.Random) -> bytes:
    """Modules from a random start on, at a random stride that meets each once, cut to SAMPLE_BYTES."""
    count, start, stride = len(modules), rng.randrange(len(modules)), rng.randrange(1, len(modules))
    while math.gcd(stride, count) > 1:
        stride = rng.randrange(1, count)
    return b"".join(modules[(start + stride * i) % count] for i in range(count))[:SAMPLE_BYTES]


def _pack(codec: str, level: int, data: bytes) -> bytes:
    if codec == "zlib":
        deflate = zlib.compressobj(level)
        return deflate.compress(data) + deflate.flush()
    stream = bz2.BZ2Compressor(level) if codec == "bz2" else lzma.LZMACompressor(preset=level)
    return stream.compress(data) + stream.flush()


def _unpack(codec: str, packed: bytes) -> bytes:
    if codec == "zlib":
        return zlib.decompressobj().decompress(packed)
    stream = bz2.BZ2Decompressor() if codec == "bz2" else lzma.LZMADecompressor()
    return stream.decompress(packed)


def measure(codec: str, level: int, data: bytes) -> Seen:
    """One pass there and back, in seconds of this thread's processor time."""
    start = time.thread_time()
    packed = _pack(codec, level, data)
    middle = time.thread_time()
    restored = _unpack(codec, packed)
    end = time.thread_time()
    if restored != data:
        sys.exit(f"{codec} at level {level} did not give back what it was given")
    return Seen(len(data) / len(packed), middle - start, end - middle)


Table = dict[tuple[str, int], list[Seen]]


def averages(table: Table, metric: str, level: str | int) -> list[float]:
    """By sample, the mean over the cells that have `level`, which is a codec's name or a number."""
    cells = [values for cell, values in table.items() if level in cell]
    return [statistics.fmean(getattr(seen, metric) for seen in sample) for sample in zip(*cells, strict=True)]


def contrasts(table: Table) -> Iterator[str]:
    """A line of YAML for each change of one variable and each metric."""
    changes: tuple[tuple[str, str | int, str | int], ...] = (
        ("codec", "bz2", "zlib"),
        ("codec", "lzma", "zlib"),
        ("level", 1, 6),
        ("level", 9, 6),
    )
    for (name, changed, reference), metric in itertools.product(changes, Seen._fields):
        treated, base = averages(table, metric, changed), averages(table, metric, reference)
        head = f"{name}: {changed}, metric: {metric}"
        if metric == "ratio":
            by_sample = [a - b for a, b in zip(treated, base, strict=True)]
            mean, low, high = statistics.fmean(by_sample), min(by_sample), max(by_sample)
            yield f"  - {{{head}, mean: {mean:.3f}, least: {low:.3f}, most: {high:.3f}}}"
        else:
            yield f"  - {{{head}, factor: {sum(treated) / sum(base):.2f}, base_s: {statistics.fmean(base):.4f}}}"


def main() -> None:
    """Measure all cells of every sample in random order, and print the truth."""
    rng = random.Random(2026)  # noqa: S311 - samples to measure, nothing secret
    modules = corpus()
    cells = list(itertools.product(CODECS, LEVELS))
    table: Table = {cell: [] for cell in cells}
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 100):
        data = sample(modules, rng)
        for codec, level in rng.sample(cells, len(cells)):
            table[codec, level].append(measure(codec, level, data))
    lines = ["cells:"]
    for (codec, level), seen in table.items():
        ratios = [s.ratio for s in seen]
        bounds = f"mean: {statistics.fmean(ratios):.3f}, least: {min(ratios):.3f}, most: {max(ratios):.3f}"
        lines.append(f"  - {{codec: {codec}, level: {level}, {bounds}}}")
    sys.stdout.write("\n".join([*lines, "contrasts:", *contrasts(table)]) + "\n")


if __name__ == "__main__":
    main()
