"""Time of `ara check` on trees of 1,000 and 10,000 nodes, paired with the YAML library alone on the same file.

    python benchmarks/bench_ara_check.py [--repeat N]

Two shapes: `flat`, four keys a node, as the public checker was measured; `full`, what our writer emits, about ten lines
a node. A complete artifact stands around the tree, so that all rules run. Peer figures (their machine): ara-core 0.1.15
13 / 430 ms with few rules, seal.py 0.5 / 7.5 s; neither ships here, so the pairing is with PyYAML's C loader.
"""

import argparse
import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from ara.check.report import check

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "ara" / "golden"
TREE = "trace/exploration_tree.yaml"


def flat(count: int) -> str:
    """Nodes of four keys, one below the other in one list."""
    node = '  - id: N{0:02d}\n    type: experiment\n    title: "Node {0}"\n    result: "It was measured."\n'
    return "tree:\n" + "".join(node.format(n) for n in range(1, count + 1))


def full(count: int) -> str:
    """Nodes as our writer emits them, with evidence and dependencies."""
    node = (
        '  - id: "N{0:02d}"\n    type: "experiment"\n    title: "Node number {0} of the tree"\n'
        '    support_level: "explicit"\n    source_refs:\n      - "journal.jsonl:{0}"\n    result: "It was measured."\n'
        '    evidence:\n      - "C01"\n    also_depends_on:\n      - "N{1:02d}"\n'
    )
    root = '  - id: "N00"\n    type: "question"\n    title: "t"\n    support_level: "inferred"\n'
    return "tree:\n" + root + "".join(node.format(n, n - 1) for n in range(1, count))


def median_ms(action: Callable[[], object], repeat: int) -> float:
    """Median wall time in milliseconds."""
    times = []
    for _ in range(repeat):
        gc.collect()
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)


def main() -> None:
    """Print one row a shape and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7)
    repeat = parser.parse_args().repeat
    print(f"{'tree':<12}{'KiB':>8}{'check ms':>10}{'after edit':>12}{'safe_load':>11}{'ratio':>7}")
    for shape in (flat, full):
        for count in (1_000, 10_000):
            with tempfile.TemporaryDirectory() as folder:
                root = Path(shutil.copytree(GOLDEN, Path(folder) / "artifact"))
                text = shape(count)
                (root / TREE).write_text(text, encoding="utf-8")
                whole = median_ms(lambda root=root: check(root), repeat)
                edited = text.replace("Node number 7 ", "Node number seven ").replace("Node 7", "Node seven")
                (root / TREE).write_text(edited, encoding="utf-8")
                again = median_ms(lambda root=root: check(root), repeat)
                alone = median_ms(lambda text=text: yaml.load(text, Loader=yaml.CSafeLoader), repeat)
                name = f"{shape.__name__} {count // 1000}k"
                size = len(text) / 1024
                print(f"{name:<12}{size:>8.0f}{whole:>10.1f}{again:>12.1f}{alone:>11.1f}{whole / alone:>7.2f}")


if __name__ == "__main__":
    main()
