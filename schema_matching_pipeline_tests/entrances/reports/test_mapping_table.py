"""Exports of mappings: nothing in them runs, nothing of them is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from schema_matching_pipeline.entrances.reports.mapping_table import (
    header_of,
    mapping_rows,
    to_csv,
)
from schema_matching_pipeline.entrances.reports.workbook import LONGEST, to_xlsx
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.matching import Disposition, MappedColumn, MappingSource
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.workflows.list_mappings import (
    MappingFilter,
    MappingLine,
    MappingOrder,
    find_mappings,
)

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - meant
FORMULAS = [f"{start}1+1" for start in STARTS]


def a_line(column, table="people", target=None, confidence=0.5, disposition=Disposition.PENDING_REVIEW):
    return MappingLine(
        mapped=MappedColumn(
            ref=ColumnRef(table=table, column=column),
            target=target,
            disposition=disposition,
            confidence=confidence,
            proposed_confidence=confidence,
            required_threshold=0.975,
            source=MappingSource.AUTO_DETECTED,
        )
    )


def a_field(name, entity="patient"):
    return FieldRef(entity=entity, field=name)


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_keeps_a_formula_as_a_text(formula):
    text = to_csv(["name"], [[formula]])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["name"], [f"'{formula}"]]


def cells_of(text: str, separators: str) -> Iterator[str]:
    """The cells of a CSV as a spreadsheet cuts it: a quote counts where a cell begins, and ends at the next alone."""
    place = 0
    while place < len(text):
        cell, quoted = "", text[place] == '"'
        place += quoted
        while place < len(text) and (quoted or text[place] not in separators + "\n"):
            if quoted and text[place] == '"':
                quoted = text[place : place + 2] == '""'
                place += 1
                if not quoted:
                    continue
            cell, place = cell + text[place], place + 1
        yield cell
        place += 1


HOSTILE = st.text(alphabet="=+-@＝;,\t\r\n\"' ax1", max_size=9)  # noqa: RUF001 - meant


@pytest.mark.parametrize("separators", [",", ";", ",;", "\t", ",;\t"], ids=repr)
@given(rows=st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), min_size=1, max_size=3))
@example(rows=[("x;=1+1", 'a;"=1+1', "a; =1+1")])
@example(rows=[("a", 'x";=1+1;', "\t=1+1")])
def test_wherever_a_spreadsheet_cuts_a_csv_no_cell_is_a_formula(separators, rows):
    text = to_csv(("a", "b", "c"), rows)
    assert [
        cell for cell in cells_of(text, separators) if cell.lstrip(" ").startswith(STARTS[:4] + STARTS[7:])
    ] == []


@given(rows=st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=3))
def test_a_csv_loses_nothing_and_adds_apostrophes_alone(rows):
    read = list(csv.reader(io.StringIO(to_csv(("a", "b"), rows), newline="")))[1:]
    assert [[cell.replace("'", "") for cell in row] for row in read] == [
        [cell.replace("'", "") for cell in row] for row in rows
    ]


@pytest.mark.parametrize("formula", [*FORMULAS, '=HYPERLINK("http://x";"y")', "<script>", "{{7*7}}"])
def test_a_workbook_keeps_a_formula_as_a_text(formula):
    book = load_workbook(io.BytesIO(to_xlsx("mappings", ["name"], [[formula]])))
    cell = book["mappings"]["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert str(cell.value).endswith(formula.lstrip("\t\r\n")[-4:])


def test_a_workbook_holds_figures_as_numbers_and_cuts_what_no_cell_holds():
    header = ("source_column", "confidence")
    book = load_workbook(io.BytesIO(to_xlsx("mappings", header, [("n" * 40_000, "0.97"), ("a\x00b", "")])))
    sheet = book["mappings"]
    assert len(sheet["A2"].value) == LONGEST
    assert sheet["B2"].value == 0.97
    assert (sheet["A3"].value, sheet["B3"].value) == ("a\\x00b", None)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")


def test_an_export_of_decisions_says_who_decided_and_what_was_needed():
    line = a_line("dob", target=a_field("birth_date"))
    (row,) = mapping_rows([line.but(mapped=line.mapped.but(decided_by="ada"))], decisions=True)
    told = dict(zip(header_of(decisions=True), row, strict=True))
    assert (told["needed_confidence"], told["decided_by"], told["decided_at"]) == ("0.9750", "ada", "")


LINES = (
    a_line("dob", target=a_field("birth_date"), confidence=0.9),
    a_line("iban", table="accounts"),
    a_line("sex", target=a_field("gender"), confidence=0.4, disposition=Disposition.REJECTED),
    a_line("Account_No", table="accounts", target=a_field("number", "account"), confidence=0.7),
)


@pytest.mark.parametrize(
    ("wanted", "columns"),
    [
        (MappingFilter(), ["Account_No", "iban", "dob", "sex"]),
        (MappingFilter(table="accounts"), ["Account_No", "iban"]),
        (MappingFilter(entity="patient"), ["dob", "sex"]),
        (MappingFilter(status=Disposition.REJECTED), ["sex"]),
        (MappingFilter(at_least=0.7), ["Account_No", "dob"]),
        (MappingFilter(below=0.7), ["sex"]),
        (MappingFilter(text="account"), ["Account_No", "iban"]),
        (MappingFilter(text="BIRTH"), ["dob"]),
        (MappingFilter(order=MappingOrder.CONFIDENCE), ["sex", "Account_No", "dob", "iban"]),
        (
            MappingFilter(order=MappingOrder.CONFIDENCE, descending=True),
            ["dob", "Account_No", "sex", "iban"],
        ),
        (MappingFilter(order=MappingOrder.FIELD), ["Account_No", "dob", "sex", "iban"]),
    ],
    ids=str,
)
def test_mappings_are_found_and_put_in_order(wanted, columns):
    assert [line.mapped.ref.column for line in find_mappings(LINES, wanted)] == columns
