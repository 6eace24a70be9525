"""Rows on terminals of every width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from schema_matching_pipeline.entrances.cli.output import table

HEADER = ("check", "result", "actual", "what to do")
ROWS = (
    ("validation_demanded_passed", "passed", "0.25", ""),
    ("profile_complete", "waits", "12", "Mend them at the source, then profile again: `smp review list`."),
)


def drawn(width: int) -> list[str]:
    page = io.StringIO()
    Console(file=page, width=width).print(table("Checks", HEADER, ROWS, right=(2,)))
    return [line.rstrip() for line in page.getvalue().splitlines()]


@pytest.mark.parametrize("width", [28, 40, 60, 70, 80, 200])
def test_no_word_is_broken_or_lost_on_a_terminal_of(width: int) -> None:
    words = " ".join(drawn(width)).replace("│", " ").replace("; ", " ").split()
    assert [word for row in ROWS for cell in row for word in cell.split() if word not in words] == []


def test_what_does_not_fit_side_by_side_is_a_paragraph_a_row() -> None:
    assert drawn(60) == [
        "Checks",
        "validation_demanded_passed",
        "  result: passed; actual: 0.25",
        "profile_complete",
        "  result: waits; actual: 12",
        "  what to do: Mend them at the source, then profile again:",
        "  `smp review list`.",
    ]


def test_where_there_is_room_every_row_is_one_line() -> None:
    assert len(drawn(200)) == 3 + len(ROWS)
