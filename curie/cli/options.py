"""Flags that several commands share, each declared once."""

from pathlib import Path
from typing import Annotated

import typer

Subject = Annotated[
    str, typer.Argument(metavar="TASK|FILE|QUESTION", help="A task's id or folder, an experiment.yaml, or a question.")
]
Run = Annotated[
    str | None, typer.Argument(metavar="RUN", help="Id, unique prefix, part or path; the newest if left out.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON value on stdout, for programs.")]
Command = Annotated[
    str | None, typer.Option("--command", "-c", help="What a trial runs, with {variable} and {seed} placeholders.")
]
Shell = Annotated[bool, typer.Option("--shell", help="Run the command by /bin/sh -c.")]
Vary = Annotated[
    list[str] | None, typer.Option("--vary", help="NAME=LEVEL,LEVEL: an independent variable. @PATH is an input file.")
]
Control = Annotated[
    list[str] | None, typer.Option("--control", help="NAME=LEVEL of the control group; the first level by default.")
]
Set = Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE: a constant. @PATH is mounted and digested.")]
Nuisance = Annotated[
    list[str] | None, typer.Option("--nuisance", help="A varied NAME that is averaged over and not asked about.")
]
Metric = Annotated[
    list[str] | None,
    typer.Option(
        "--metric", "-m", help="NAME:UNIT:higher|lower|none[:deterministic]; wall_s, cpu_s, max_rss_bytes are built in."
    ),
]
HypothesisFlag = Annotated[
    list[str] | None,
    typer.Option("--hypothesis", help="METRIC:higher|lower|different|same[:VARIABLE=LEVEL][:min=NUMBER]."),
]
MinEffect = Annotated[
    list[str] | None,
    typer.Option("--min-effect", help="[METRIC=]NUMBER: smallest effect of interest, in the metric's unit."),
]
Sd = Annotated[
    list[str] | None,
    typer.Option("--sd", help="[METRIC=]NUMBER: known standard deviation of a block difference; power follows."),
]
Repeat = Annotated[int | None, typer.Option("--repeat", "-n", min=1, help="Blocks: repetitions of every group.")]
Design = Annotated[str | None, typer.Option("--design", help="one-factor or full-factorial.")]
Timeout = Annotated[float | None, typer.Option("--timeout", min=0.001, help="Seconds that one trial may take.")]
Cores = Annotated[int | None, typer.Option("--cores", min=1, help="Cores that one trial is pinned to (1).")]
Alpha = Annotated[float | None, typer.Option("--alpha", help="Family-wise error (0.05).")]
Env = Annotated[list[str] | None, typer.Option("--env", help="NAME of a variable to pass to the trials.")]
Requirements = Annotated[
    Path | None, typer.Option("--requirements", help="requirements.txt or lock of the trials' Python environment.")
]
Wheelhouse = Annotated[
    Path | None, typer.Option("--wheelhouse", help="Folder of wheels; then nothing is fetched from a network.")
]
Repo = Annotated[Path | None, typer.Option("--repo", help="Working tree to snapshot as the trials' code.")]
Data = Annotated[Path | None, typer.Option("--data", help="File or folder mounted read-only as CURIE_DATA.")]
Sandbox = Annotated[
    str, typer.Option("--sandbox", help="auto, bubblewrap or process (which does not isolate).", show_default=True)
]
Executor = Annotated[str, typer.Option("--executor", help="Where trials are placed: local, the cores of this machine.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Order, trial seeds and the re-run sample follow from it.")]
MaxTime = Annotated[
    float | None, typer.Option("--max-time", min=0.001, help="Seconds after which no further trial starts (exit 4).")
]
Aa = Annotated[bool, typer.Option("--aa", help="Measure the control against its own twin too.")]
Reproduce = Annotated[
    int | None, typer.Option("--reproduce", min=0, help="Trials to run again (at least one of every group).")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="The run's directory; runs/<id> if left out.")]
Pilot = Annotated[
    int | None, typer.Option("--pilot", min=2, help="Run this many blocks to learn time and spread, then tell both.")
]
