"""The registry as it stood: after anything that people and the machinery did, told again as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from schema_matching_pipeline.model.audit import KINDS
from schema_matching_pipeline_tests.registry.steps import (
    SECOND_STEWARD,
    STEWARD,
    Column,
    an_office,
    connected,
    one,
    rows,
)

ID = Column("member_no", "patient.id")
BIRTH = Column("dob", "patient.birth_date")
CITY = Column("town", "patient.city", "pending_review", 0.7)
OTHER = Column("claim_no", "claim.id", "pending_review", 0.7)
CRITICAL = Column("birthday", "patient.birth_date", "pending_review", 0.7, table="guests")

AUDITED = """
SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname = 'audit_created'
"""


@pytest.fixture
def office(app_url):
    return an_office(app_url, clients=("acme", "zenith"))


def as_it_is(office):
    """Every audited table of the tenant, row by row."""
    with office.as_owner() as connection:
        return {
            kind: sorted(
                json.dumps(state, sort_keys=True)
                for (state,) in rows(
                    connection,
                    f"SELECT smp.redacted(to_jsonb(held)) - 'updated_at' - 'updated_by' FROM smp.{kind} AS held"
                    " WHERE tenant_id = smp.current_tenant()",
                )
            )
            for kind in KINDS
        }


def as_of(office, at, kind, client=None):
    with office.acting() as connection:
        return [
            state
            for (state,) in rows(
                connection,
                "SELECT state FROM smp.as_of(:at, :kind, :client)",
                at=at,
                kind=kind,
                client=client,
            )
        ]


def told_again(office, at):
    return {
        kind: sorted(json.dumps(state, sort_keys=True) for state in as_of(office, at, kind)) for kind in KINDS
    }


def now(office):
    return office.ask("SELECT clock_timestamp()")


def undo(office, item, actor=STEWARD):
    office.ask("SELECT smp.undo_item('acme', :item, 'a slip', NULL)", actor=actor, item=item)


def learn(office, table):
    with office.acting() as connection:
        connection.execute(
            text(
                "INSERT INTO smp.column_variants (client, entity, field, name, table_name)"
                " VALUES ('acme', 'patient', 'city', 'town', :table)"
                " ON CONFLICT (tenant_id, client, entity, field, name, table_name) DO UPDATE SET learned_at = clock_timestamp()"
            ),
            {"table": table},
        )


def test_every_audited_table_can_be_told_of_any_time(registry_database):
    with connected(registry_database.superuser_url) as connection:
        assert {kind for (kind,) in rows(connection, AUDITED)} == set(KINDS)


def test_every_time_is_told_again_as_it_was(office):
    steps = [
        lambda: office.begin_run("conservative"),
        lambda: office.propose(ID, BIRTH, CITY, OTHER),
        lambda: office.decide("item-town-h1", "reject", reason="no city"),
        lambda: undo(office, "item-town-h1"),
        lambda: office.decide("item-town-h1", "approve"),
        lambda: office.decide("item-claim_no-h1", "override", target="patient.id", reason="their number"),
        lambda: office.propose(CRITICAL),
        lambda: office.ask(
            "UPDATE smp.review_items SET required_approvals = 2 WHERE id = 'item-birthday-h1' RETURNING 1"
        ),
        lambda: office.decide("item-birthday-h1", "approve"),
        lambda: undo(office, "item-birthday-h1"),
        lambda: office.decide("item-birthday-h1", "approve"),
        lambda: office.decide("item-birthday-h1", "approve", actor=SECOND_STEWARD),
        lambda: office.ask("SELECT smp.comment_item('acme', 'item-town-h1', 'sure')", actor=STEWARD),
        lambda: office.ask("SELECT smp.flag_item('acme', 'item-town-h1', 'look')", actor=STEWARD),
        lambda: [learn(office, table) for table in ("members", "guests", "members")],
        lambda: office.ask("DELETE FROM smp.column_variants WHERE table_name = 'guests' RETURNING 1"),
        lambda: learn(office, "guests"),
        lambda: office.ask("UPDATE smp.clients SET name = 'Acme Ltd' WHERE slug = 'acme' RETURNING 1"),
        lambda: office.ask(
            "INSERT INTO smp.llm_policies (client, told, monthly_tokens) VALUES ('acme', '{}', 10) RETURNING 1",
            actor="ed",
        ),
        lambda: office.ask("UPDATE smp.llm_policies SET updated_at = now() RETURNING 1", actor="ed"),
        lambda: office.ask("UPDATE smp.llm_policies SET monthly_tokens = 20 RETURNING 1", actor="ed"),
        lambda: office.approve_final(*office.validate()),
        office.publish,
        lambda: office.ask("SELECT smp.remove_client('zenith')", actor="ed"),
    ]
    seen = [(now(office), as_it_is(office))]
    for step in steps:
        step()
        seen.append((now(office), as_it_is(office)))
    for number, (at, then) in enumerate(seen):
        assert told_again(office, at) == then, f"after {number} steps"
    assert seen[-1][1] == as_it_is(office)


def test_of_one_client_and_of_one_tenant_alone(office, app_url):
    other = an_office(app_url, tenant="other", clients=("elsewhere",))
    at = now(office)
    assert [row["slug"] for row in as_of(office, at, "clients", "acme")] == ["acme"]
    assert sorted(row["slug"] for row in as_of(office, at, "clients")) == ["acme", "zenith"]
    assert [row["slug"] for row in as_of(other, at, "clients")] == ["elsewhere"]


def test_secrets_are_redacted_then_as_now(office):
    office.ask(
        "INSERT INTO smp.connections (name, connector_id, shown, config_encrypted, key_id)"
        " SELECT 'theirs', id, '{}', 'hunter2', 'k' FROM smp.connector_definitions LIMIT 1 RETURNING 1"
    )
    [row] = [row for row in as_of(office, datetime.now(UTC), "connections") if row["name"] == "theirs"]
    assert row["config_encrypted"] == "[redacted]"


def test_before_anything_was_there_there_was_nothing(office):
    with office.acting() as connection:
        first = one(connection, "SELECT min(created_at) - interval '1 second' FROM smp.audit_log")
    assert told_again(office, first) == {kind: [] for kind in KINDS}
