"""The grid of a client's mappings: what is looked for, where it leads, and what is taken along as a file."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline_tests.entrances.api.test_client_page import logged_in

__all__ = ["logged_in"]


@pytest.fixture
def browser(logged_in):
    return logged_in(Role.VIEWER)


def test_the_grid_shows_what_is_looked_for_and_keeps_it_in_its_links(browser, waiting):
    page = browser.get(f"/clients/{waiting}/mappings?entity=patient&at_least=&text=BIRTH").text
    assert "1 of 7 columns" in page
    assert "patients.date_of_birth" in page
    assert "patients.gender" not in page
    assert f"/api/v1/clients/{waiting}/mappings.csv?entity=patient&amp;text=BIRTH&amp;candidates=true" in page
    assert "mappings?entity=patient&amp;text=BIRTH&amp;order=confidence" in page


def test_a_column_says_why_and_so_does_another_candidate(browser, waiting):
    page = browser.get(f"/clients/{waiting}/explain?column=patients.date_of_birth").text
    assert "How patient.birth_date came to" in page
    asked = f"/clients/{waiting}/explain?column=patients.date_of_birth&entity=patient&field=death_date"
    assert "How patient.death_date came to" in browser.get(asked).text
    assert browser.get(f"/clients/{waiting}/explain?column=patients.nothing").status_code == 404


def test_a_client_without_mappings_says_when_there_will_be_some(browser, installation):
    client = installation.add_client("unmatched")
    assert "No mapping yet" in browser.get(f"/clients/{client}/mappings").text


def test_what_is_not_there_is_said(browser, waiting):
    assert "No column is like that" in browser.get(f"/clients/{waiting}/mappings?text=nowhere").text
    assert browser.get(f"/clients/{waiting}/mappings?status=nowhere").status_code == 422


def test_both_exports_hold_what_the_grid_shows(browser, waiting):
    asked = "entity=patient&order=confidence&decisions=true&candidates=true"
    place = f"/api/v1/clients/{waiting}/mappings"
    text = browser.get(f"{place}.csv?{asked}").text
    rows = list(csv.reader(io.StringIO(text)))
    answer = browser.get(f"{place}.xlsx?{asked}")
    sheet = load_workbook(io.BytesIO(answer.content))["mappings"]
    assert [str(cell.value) for cell in next(sheet.iter_rows(max_row=1))] == rows[0]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == [row[1] for row in rows[1:]]
    assert len(rows) > 3
    assert f'filename="{waiting}-mappings.xlsx"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_is_audited_with_who_took_how_many_of_what(browser, waiting, form):
    before = browser.get(f"/api/v1/audit?client={waiting}&limit=1").json()["items"][0]["seq"]
    taken = browser.get(f"/api/v1/clients/{waiting}/mappings.{form}?entity=patient")
    (event,) = (
        each
        for each in browser.get(f"/api/v1/audit?client={waiting}").json()["items"]
        if each["seq"] > before and each["subject"] == "exports"
    )
    assert (event["actor"], event["action"], event["subject_key"]) == (
        f"a-{Role.VIEWER}",
        "created",
        f"{waiting}/mappings/{form}",
    )
    assert event["trace_id"] == taken.headers["X-Trace-Id"]
    shown = browser.get(f"/api/v1/clients/{waiting}/mappings?entity=patient").json()["total"]
    assert (event["new"]["rows"], event["new"]["asked"]) == (shown, {"entity": "patient"})


def test_a_profile_that_leaves_is_audited_and_one_that_is_looked_at_is_not(browser, waiting):
    before = browser.get(f"/api/v1/audit?client={waiting}&limit=1").json()["items"][0]["seq"]
    page = browser.get(f"/clients/{waiting}/profile")
    assert f'href="/clients/{waiting}/profile.html" download' in page.text
    kept = browser.get(f"/clients/{waiting}/profile.html")
    assert kept.headers["Content-Disposition"] == f'attachment; filename="{waiting}-profile.html"'
    assert "Back to the client" not in kept.text
    (event,) = (
        each
        for each in browser.get(f"/api/v1/audit?client={waiting}").json()["items"]
        if each["seq"] > before and each["subject"] == "exports"
    )
    shown = browser.get(f"/api/v1/clients/{waiting}/mappings").json()["total"]
    assert (event["subject_key"], event["new"]["rows"]) == (f"{waiting}/profile/html", shown)
