"""Behaviours that every back end must show, as plain functions over a factory; each raises AssertionError.

`EVERYWHERE` holds for all back ends, `COMMANDS` for those that really run something. `SCRIPTED` leaves out what a
back end cannot show whose answers are scripted.
"""

from typing import Final

from sandboxes.conformance import commands, endings, files
from sandboxes.conformance.support import Check, Factory

__all__ = ["COMMANDS", "EVERYWHERE", "SCRIPTED", "Check", "Factory"]

SCRIPTED: Final[tuple[Check, ...]] = (
    files.reads_and_writes_files,
    files.refuses_ways_out,
    files.refuses_when_closed,
    endings.leaves_nothing_open,
)
EVERYWHERE: Final[tuple[Check, ...]] = (*SCRIPTED, files.keeps_a_record)
COMMANDS: Final[tuple[Check, ...]] = (
    commands.reports_exit_codes,
    commands.reports_signals,
    commands.passes_stdin,
    commands.keeps_output_apart_and_binary,
    commands.keeps_head_and_tail,
    commands.gives_exactly_the_environment,
    commands.starts_in_the_working_directory,
    commands.takes_any_argument,
    commands.restores_default_signals,
    commands.runs_at_the_same_time,
    commands.tells_a_missing_command,
    commands.measures_usage,
    commands.pins_to_cores,
    endings.kills_the_tree_on_timeout,
    endings.kills_the_tree_at_the_end,
    endings.ends_when_closed,
    endings.stops_a_flood,
)
