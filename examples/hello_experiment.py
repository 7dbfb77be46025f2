"""Is finding a word in a set quicker than in a list? Ask, measure, decide, read: all from Python."""

import tempfile
from pathlib import Path

import curie

TRIAL = """
import json, random, sys, time

kind, size, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
words = [f"word-{n}" for n in range(size)]
shelf = {"list": list, "set": set}[kind](words)
wanted = random.Random(seed).choices(words, k=300)

begun = time.perf_counter()
assert all(word in shelf for word in wanted)
print(json.dumps({"search_us": (time.perf_counter() - begun) / len(wanted) * 1e6}))
"""


def main() -> None:
    """Run the experiment and print what it found."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "search.py").write_text(TRIAL)
        run = curie.experiment(
            "Is finding a word in a set quicker than in a list?",
            command="python3 search.py {kind} {size} {seed}",
            vary={"kind": ["list", "set"], "size": [500, 5000]},
            nuisance=["size"],
            metrics=["search_us:µs:lower"],
            repeat=6,
            repo=folder,
        )
    print(run.answer)
    for row in [row for row in run.rows() if row["purpose"] == "measure"][:4]:
        print(f"{row['setting.kind']:>5} of {row['setting.size']}: {row['metric.search_us']:9.3f} µs a search")
    print("Report:", run.report)


if __name__ == "__main__":
    main()
