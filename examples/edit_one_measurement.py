"""Forges a result: makes one measurement of a run's journal one tenth of what it was, and nothing else."""

import re
import sys
from pathlib import Path

MEASURED = re.compile(r'("value":\s*)([0-9][0-9.e+-]*)')


def main() -> None:
    """Edit the middle one of the journal's finished trials."""
    journal = Path(sys.argv[1])
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    trials = [i for i, line in enumerate(lines) if '"trial_finished"' in line and MEASURED.search(line)]
    chosen = trials[len(trials) // 2]
    found = MEASURED.search(lines[chosen])
    assert found is not None  # noqa: S101 -- `trials` holds only lines that match
    forged = repr(float(found[2]) / 10)
    lines[chosen] = lines[chosen][: found.start(2)] + forged + lines[chosen][found.end(2) :]
    journal.write_text("".join(lines), encoding="utf-8")
    print(f"{journal}, line {chosen + 1}: a measured {found[2]} is now {forged}")


if __name__ == "__main__":
    main()
