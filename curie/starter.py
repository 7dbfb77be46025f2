"""The file that `curie init` writes."""

from pathlib import Path

from curie.errors import UsageError

STARTER = """\
# An experiment: what `curie run` does with flags, as a file. Look at the plan with `curie plan FILE`.
question: Which sleep takes longer?

# argv with {variable} and {seed} placeholders; {{ and }} are literal braces.
command: sleep {seconds}

# Independent variables and their levels. "@path" is an input file: digested, and mounted read-only.
vary:
  seconds: [0.02, 0.05]

# The control group; a variable that is not named here has its first level.
control:
  seconds: 0.02

# NAME:UNIT:higher|lower|none[:deterministic]. Built in: wall_s, cpu_s, max_rss_bytes, exit_code. Others are read from
# the file CURIE_METRICS, or from the last line of stdout that is a JSON object.
metrics:
  - wall_s:s:lower

# Blocks (repetitions of every group). Without it: from sd and min_effect, else two-stage, else 10.
# repeat: 10
# Smallest effect of interest, in the metric's unit.
# min_effect: {wall_s: 0.005}
# Predictions of your own; without them, one per group and metric with a preferred direction.
# hypotheses:
#   - {metric: wall_s, direction: higher, settings: {seconds: 0.05}}
# constants: {}
# nuisance: []
# limits: {timeout_s: 60, memory_mb: 1024}
# cores: 1
# repo: .
# data: ./data
# environment: {file: requirements.txt}
"""


def write_starter(path: Path, *, force: bool) -> None:
    """Write the starter file.

    Raises:
        UsageError: the file is there already and `force` is not given, or it cannot be written.
    """
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(STARTER)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already.", hint="--force replaces it, or name another file.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="Name another file.") from error
