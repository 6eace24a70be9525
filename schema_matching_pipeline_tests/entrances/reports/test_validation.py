"""The page of a validation: what the registry says, worst first, and nothing that could mislead."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser

from schema_matching_pipeline.entrances.reports.validation import render_validation
from schema_matching_pipeline.model.canonical import FieldRef
from schema_matching_pipeline.model.profile import MaskedValue
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.validation import Finding, FindingStatus
from schema_matching_pipeline.workflows.show_validation import ShownFinding, Standing, ValidationView

HOSTILE = "<script>alert(1)</script>\u202e"


class Page(HTMLParser):
    """What a browser makes of the page: its elements, and its text line by line."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.lines: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the name is the parser's
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.lines.append(data.strip())


def shown(standing: Standing, column: str = "born_on", failed: int = 0) -> ShownFinding:
    status = FindingStatus.FAILED if standing is Standing.WAIVED else FindingStatus(str(standing))
    return ShownFinding(
        standing=standing,
        finding=Finding(
            code="DATE_IMPLAUSIBLE", status=status, ref=ColumnRef(table="visits", column=column),
            target=FieldRef(entity="patient", field="birth_date"), expectation_id=column,
            message=f"{failed} of 40 values are not days", tested=40, failed=failed,
            samples=(MaskedValue(text="9999-99-99"),) if failed else (), demanded=True,
        ),
    )  # fmt: skip


def view(*findings: ShownFinding, version: int | None = 3, complete: bool = True) -> ValidationView:
    return ValidationView(
        client="acme", canonical_model="practice", version=version, complete=complete,
        looked_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC), findings=findings,
    )  # fmt: skip


def test_every_finding_is_on_the_page_and_what_does_not_hold_comes_first():
    found = view(
        shown(Standing.FAILED, "a", 9), shown(Standing.WAIVED, "b", 3),
        shown(Standing.WARNING, "c", 1), shown(Standing.PASSED, "d"),
    )  # fmt: skip
    page = Page(render_validation(found))
    places = [page.lines.index(f"visits.{column}") for column in "abcd"]
    assert places == sorted(places)
    assert [page.lines.count(f"visits.{column}") for column in "abcd"] == [2, 2, 2, 1]
    assert page.lines.count("9999-99-99") == 6
    assert "demanded before production" in page.lines


def test_the_cards_count_what_stands_how():
    page = Page(render_validation(view(shown(Standing.FAILED, failed=9), *[shown(Standing.PASSED)] * 4)))
    counted = {
        page.lines[place + 1]: int(page.lines[place])
        for place in range(len(page.lines))
        if page.lines[place].isdigit()
    }
    assert (counted["questions to the data"], counted["do not hold"], counted["hold for every row"]) == (
        5,
        1,
        4,
    )


def test_a_name_of_the_source_is_text_and_nothing_else():
    text = render_validation(view(shown(Standing.WARNING, HOSTILE, 1)))
    assert "script" not in Page(text).elements
    assert "\u202e" not in text
    assert "\\u202e" in text


def test_a_page_says_what_to_do_where_nothing_was_validated():
    page = Page(render_validation(view(version=None)))
    assert "smp onboard acme" in page.lines


def test_a_page_says_that_the_mapping_was_changed_since():
    assert "The mapping was changed since" in render_validation(view(complete=False))
    assert "The mapping was changed since" not in render_validation(view())
