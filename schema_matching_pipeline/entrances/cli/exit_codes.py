"""What the exit code of ``smp`` means."""

from __future__ import annotations

from enum import IntEnum

from schema_matching_pipeline.errors import GateError, SmpError, SourceError, UsageError


class ExitCode(IntEnum):
    """The six ways a command can end."""

    DONE = 0
    FAULT = 1
    USAGE = 2
    WAITS_FOR_A_HUMAN = 3
    SOURCE_TROUBLE = 4
    REFUSED_BY_A_GATE = 5


def exit_code_of(error: SmpError) -> ExitCode:
    """The exit code of a fault."""
    match error:
        case UsageError():
            return ExitCode.USAGE
        case SourceError():
            return ExitCode.SOURCE_TROUBLE
        case GateError():
            return ExitCode.REFUSED_BY_A_GATE
        case _:
            return ExitCode.FAULT
