"""Rows per second and peak memory of a data profile on a generated CSV, beside pandas where it is installed.

Each side runs in a process of its own, so that its peak memory is its own. `python benchmarks/bench_profile.py [ROWS]`.
"""

import random
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

ROWS = 1_000_000


def generate(path: Path, rows: int) -> None:
    """Numbers with and without many digits, classes, dates, text, gaps, and one row in a hundred twice."""
    draw = random.Random(1)  # noqa: S311 -- data to count, not a secret
    with path.open("w", encoding="utf-8") as file:
        file.write("id,age,weight,score,group,visited,comment,label\n")
        line = ""
        for number in range(rows):
            if number % 100 != 99:
                weight = "NA" if draw.random() < 0.03 else f"{draw.gauss(70, 12):.3f}"
                day = f"2024-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
                line = (
                    f"{number},{draw.randrange(18, 90)},{weight},{draw.random()!r},{draw.choice('abcd')},{day},"
                    f"word{draw.randrange(5000)},{draw.choice(('yes', 'no'))}\n"
                )
            file.write(line)


def ours(path: Path) -> str:
    """Profile it."""
    from curie.profile.build import Content, profile  # noqa: PLC0415 -- not in pandas's process

    (table,) = profile(Content(name="data", sha256="", size_bytes=path.stat().st_size), path).tables
    return f"{table.rows} rows, {table.duplicates} duplicates, complete: {table.complete}"


def pandas(path: Path) -> str:
    """What people do instead."""
    import pandas as pd  # noqa: PLC0415 -- not in ours

    frame = pd.read_csv(path)
    frame.describe(include="all")
    return f"{len(frame)} rows, {int(frame.duplicated().sum())} duplicates"


def measure(side: str, path: Path) -> None:
    """One side, in this process."""
    began = time.perf_counter()
    told = {"profile": ours, "pandas": pandas}[side](path)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = int(told.split()[0])
    print(f"{side:<8} {took:6.2f} s  {rows / took:10,.0f} rows/s  peak {peak:6.0f} MiB  {told}")


def main() -> None:
    """Generate, then measure every side."""
    if len(sys.argv) == 3:
        measure(sys.argv[1], Path(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        generate(path, int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
        print(f"{path.stat().st_size / 2**20:.0f} MiB")
        for side in ("profile", *(["pandas"] if find_spec("pandas") else [])):
            subprocess.run([sys.executable, __file__, side, str(path)], check=True)


if __name__ == "__main__":
    main()
