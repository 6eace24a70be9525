"""What a rule that was tried does to the rows, as people see it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from schema_matching_pipeline.canon.visible import visible
from schema_matching_pipeline.entrances.cli.output import table
from schema_matching_pipeline.model.rule_trial import RuleTrial, Unfit

_WHY = {
    Unfit.LOST: "nothing is left",
    Unfit.TYPE: "not of the field's type",
    Unfit.VALUE: "not in the field's list",
}


def draw_trial(console: Console, found: RuleTrial, target: str) -> None:
    """Draws what becomes of the values, failures first."""
    console.print(Text(visible(_verdict(found, target))))
    rows = [
        (each.before.text, each.after.text, f"{each.rows:,}", _WHY[each.unfit] if each.unfit else "")
        for each in found.values
    ]
    if rows:
        console.print(
            table("What becomes of the values", ("before", "after", "rows", "fails"), rows, right=(2,))
        )
        more = f"{found.hidden:,} row(s) more hold other values. " if found.hidden else ""
        console.print(Text(f"{more}What is rare or personal is shown by its shape.", style="dim"))


def _verdict(found: RuleTrial, target: str) -> str:
    among = " looked at; there are more" if found.sampled else ""
    if not found.tested:
        return f"No row{among} has a value."
    if found.failed:
        return f"{found.failed:,} of {found.tested:,} row(s){among} fail: nothing is left that {target} can hold."
    return f"All {found.tested:,} row(s){among} end in a value that {target} can hold."
