"""The value bank on the desk: what was learned, and a person's word about what nobody verified."""

from __future__ import annotations

import psycopg
import pytest

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline_tests.entrances.api.test_client_page import logged_in

__all__ = ["logged_in"]


@pytest.fixture
def pending(installation):
    """Two values of a field that nobody verified: one that the canonical model lists, one that it does not."""
    hashes = [installation.world.hash_value(text) for text in ("Mrs.", "never listed anywhere")]
    with psycopg.connect(installation.owner_url()) as connection:
        connection.execute(
            "select set_config('smp.tenant_id', %s, false), set_config('smp.actor', 'system:test', false)",
            [installation.steward.tenant_id],
        )
        connection.execute("delete from smp.value_bank_entries where field = 'name_prefix'")
        return [
            next(
                connection.execute(
                    "insert into smp.value_bank_entries (entity, field, value_hash) values ('patient', 'name_prefix', %s)"
                    " returning id",
                    [f"{each:016x}"],
                )
            )[0]
            for each in hashes
        ], [f"{each:016x}" for each in hashes]


def test_what_the_model_lists_is_spelled_out_and_all_else_is_a_hash(logged_in, pending):
    _, (listed, unlisted) = pending
    page = logged_in(Role.VIEWER).get("/values?entity=patient&field=name_prefix&state=pending").text
    assert '<th scope="row">Mrs.</th>' in page
    assert f"<code>{unlisted}</code>" in page
    assert listed not in page
    assert "/verify" not in page


def test_a_value_is_verified_and_another_rejected_with_a_reason(logged_in, pending):
    (listed, unlisted), _ = pending
    browser = logged_in(Role.STEWARD)
    told = browser.post(f"/values/{listed}/verify")
    assert told.headers["HX-Retarget"] == f"#value-{listed}"
    assert ">verified</span>" in told.text
    assert browser.post(f"/values/{unlisted}/reject", data={"reason": " "}).status_code == 422
    assert ">rejected</span>" in browser.post(f"/values/{unlisted}/reject", data={"reason": "A typo."}).text
    assert browser.post(f"/values/{unlisted}/verify").status_code == 409


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ENGINEER])
def test_who_may_not_decide_does_not(logged_in, pending, role):
    (listed, _), _ = pending
    assert logged_in(role).post(f"/values/{listed}/verify").status_code == 403


def test_names_and_codes_are_for_those_who_see_all_clients(logged_in, installation):
    client = installation.add_client("teaching")
    installation.propose(client)
    installation.clear_queue(client)
    installation.approve(client)
    installation.clear_queue(client)
    browser = logged_in(Role.ADMIN)
    assert "date_of_birth" in browser.get("/values?entity=patient").text
    browser.post("/users", data={"login": "confined-reader", "role": "viewer", "client": client})
    told = browser.post("/users/key", data={"login": "confined-reader"}).text
    key = told.split("<code>")[1].split("</code>")[0]
    found = browser.get("/api/v1/value-bank?size=200", auth=("confined-reader", key)).json()
    assert found["total"] > 0
    assert [field["names"] for field in found["items"] if field["names"]] == []
