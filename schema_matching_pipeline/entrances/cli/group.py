"""A group of commands whose help tells all of what each does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

WHOLE = 1000


class Commands(TyperGroup):
    """A group that folds the first sentence of a command on a narrow terminal, where Typer would cut it."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Writes the commands in the order they were added, each with its first sentence."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self.commands[name].get_short_help_str(WHOLE)) for name in self.list_commands(ctx)]
            )
