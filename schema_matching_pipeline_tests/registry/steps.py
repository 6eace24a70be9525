"""What registry tests do over and over: connect as a role, act as a person, fill a client's tables."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from schema_matching_pipeline_tests.registry.people import add_people, key_of, owner_of

STEWARD = "ada"
SECOND_STEWARD = "grace"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction on a connection of its own; committed when all went well."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def wait_for_a_lock(url: str) -> None:
    """Until a statement of the database waits for another's end."""
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with connected(url) as connection:
            if one(connection, waiting):
                return
    raise TimeoutError("nobody waits")


def rows(connection: Connection, statement: str, **values: object) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return [tuple(row) for row in connection.execute(text(statement), values)]


def one(connection: Connection, statement: str, **values: object) -> Any:
    """The single value of a query."""
    return connection.execute(text(statement), values).scalar_one()


def refusal_of(caught: pytest.ExceptionInfo[DBAPIError]) -> psycopg.Error:
    """What the database itself said."""
    said = caught.value.orig
    assert isinstance(said, psycopg.Error)
    return said


@dataclass(frozen=True)
class Column:
    """One column as a proposal leaves it."""

    name: str
    target: str | None = None
    disposition: str = "auto_accepted"
    confidence: float = 0.99
    table: str = "members"
    approval_hash: str = "h1"


@dataclass(frozen=True)
class Office:
    """One tenant with its people and clients, acted upon as the application role."""

    url: str
    tenant: str
    engine: Engine

    @contextmanager
    def acting(
        self, actor: str = "system:propose", *, reason: str = "", key: str | None = None
    ) -> Iterator[Connection]:
        """One transaction of the tenant, in somebody's name and with his key."""
        shown = key_of(actor) if key is None else key
        with self.engine.begin() as connection:
            for name, value in (
                ("tenant_id", self.tenant),
                ("actor", actor),
                ("key", shown),
                ("reason", reason),
            ):
                connection.execute(
                    text("SELECT set_config(:name, :value, true)"), {"name": f"smp.{name}", "value": value}
                )
            yield connection

    @contextmanager
    def as_owner(self) -> Iterator[Connection]:
        """One transaction of the tenant as the owner of the tables, for what the application role may not."""
        with connected(owner_of(self.url)) as connection:
            connection.execute(
                text("SELECT set_config('smp.tenant_id', :tenant, true)"), {"tenant": self.tenant}
            )
            yield connection

    def ask(self, statement: str, *, actor: str = "system:propose", **values: object) -> Any:
        """The single value of a query, in a transaction of its own."""
        with self.acting(actor) as connection:
            return one(connection, statement, **values)

    def begin_run(self, trust_profile: str, client: str = "acme") -> None:
        """A run that begins under that profile."""
        self.ask(
            "INSERT INTO smp.pipeline_runs (client, trust_profile, started_at) VALUES (:client, :profile, clock_timestamp()) RETURNING id",
            client=client,
            profile=trust_profile,
        )

    def gate(self, client: str = "acme") -> dict[str, Any]:
        """Both gates of a client."""
        return dict(self.ask("SELECT smp.gate(:client)", client=client))

    def settle(self, client: str = "acme") -> tuple[int, str]:
        """The newest version and its digest."""
        with self.acting() as connection:
            version, digest = rows(connection, "SELECT * FROM smp.settle_version(:client)", client=client)[0]
        return version, digest

    def validate(self, client: str = "acme") -> tuple[int, str]:
        """Notes that the mapping was validated as it stands."""
        with self.acting() as connection:
            version, digest = rows(connection, "SELECT * FROM smp.mark_validated(:client)", client=client)[0]
        return version, digest

    def decide(self, item: str, decision: str, *, actor: str = STEWARD, **details: object) -> dict[str, Any]:
        """One decision; details are target, reason, rule, expected_row_version, client."""
        client = details.pop("client", "acme")
        target = details.pop("target", None)
        if isinstance(target, str):
            entity, field = target.split(".")
            details["target"] = {"entity": entity, "field": field}
        decisions = json.dumps([{"item_id": item, "kind": decision, **details}])
        outcome = self.ask(
            "SELECT smp.decide_items(:client, CAST(:decisions AS jsonb))",
            actor=actor,
            client=client,
            decisions=decisions,
        )
        return dict(outcome[0])

    def approve_final(self, version: int, digest: str, *, actor: str = STEWARD, client: str = "acme") -> None:
        """The final approval by a person."""
        self.ask(
            "SELECT smp.approve_final(:client, :version, :digest, NULL)",
            actor=actor,
            client=client,
            version=version,
            digest=digest,
        )

    def publish(self, client: str = "acme") -> dict[str, Any]:
        """The receipt of a publication."""
        return dict(self.ask("SELECT smp.publish(:client)", actor="system:release", client=client))

    def propose(self, *columns: Column, client: str = "acme") -> None:
        """Writes a proposal: the mappings, and an item for each that waits."""
        with self.acting() as connection:
            for column in columns:
                entity, field = column.target.split(".") if column.target else (None, None)
                values: Mapping[str, object] = {
                    "client": client,
                    "table": column.table,
                    "column": column.name,
                    "entity": entity,
                    "field": field,
                    "disposition": column.disposition,
                    "confidence": column.confidence,
                    "hash": column.approval_hash,
                }
                connection.execute(text(_PROPOSE), values)
                if column.disposition == "pending_review":
                    connection.execute(
                        text(_ASK), {**values, "id": f"item-{column.name}-{column.approval_hash}"}
                    )

    def answer(
        self,
        column: str,
        expectation: str,
        *,
        failed: int,
        target: str,
        client: str = "acme",
        tested: int = 100,
    ) -> None:
        """Writes what a check found about the mapping as it stands."""
        entity, field = target.split(".")
        with self.acting() as connection:
            connection.execute(
                text(_ANSWER),
                {
                    "client": client,
                    "column": column,
                    "expectation": expectation,
                    "entity": entity,
                    "field": field,
                    "status": "failed" if failed else "passed",
                    "tested": tested,
                    "passed": tested - failed,
                    "failed": failed,
                },
            )

    def profile(self, *read: str, unread: Sequence[str] = (), client: str = "acme") -> None:
        """Writes a profile: the tables it read, and those it could not."""
        troubles = [{"table": name, "code": "SOURCE_UNREADABLE", "message": "no right"} for name in unread]
        with self.acting() as connection:
            snapshot = one(
                connection,
                "INSERT INTO smp.source_snapshots (client, fingerprint, snapshot, taken_at)"
                " VALUES (:client, 'f', jsonb_build_object('troubles', CAST(:troubles AS jsonb)), clock_timestamp()) RETURNING id",
                client=client,
                troubles=json.dumps(troubles),
            )
            for name in read:
                connection.execute(
                    text(
                        "INSERT INTO smp.table_profiles (client, snapshot_id, table_name, row_count, profile) VALUES (:client, :snapshot, :name, 1, '{}')"
                    ),
                    {"client": client, "snapshot": snapshot, "name": name},
                )

    def holding(self, gate: str = "holding_review", client: str = "acme") -> list[tuple[str, str]]:
        """What holds a gate: kind and words."""
        return [(held["kind"], held["what"]) for held in self.gate(client)[gate]]


_PROPOSE = """
    INSERT INTO smp.field_mappings (client, source_table, source_field, source_data_type, canonical_entity,
        canonical_field, disposition, confidence_score, proposed_confidence, required_threshold, mapping_source,
        approval_hash)
    VALUES (:client, :table, :column, 'varchar', :entity, :field, :disposition, :confidence, :confidence,
        0.97, 'auto_detected', :hash)
    ON CONFLICT (tenant_id, client, source_table, source_field) DO UPDATE SET
        canonical_entity = excluded.canonical_entity, canonical_field = excluded.canonical_field,
        disposition = excluded.disposition, confidence_score = excluded.confidence_score,
        proposed_confidence = excluded.proposed_confidence,
        required_threshold = excluded.required_threshold, approval_hash = excluded.approval_hash
    WHERE field_mappings.decided_by IS NULL OR field_mappings.approval_hash <> excluded.approval_hash
"""
_ASK = """
    INSERT INTO smp.review_items (client, id, kind, source_table, source_column, entity, field, risk_class,
        reason, needed, had, approval_hash)
    VALUES (:client, :id, 'mapping', :table, :column, :entity, :field, 'critical', 'not sure enough', 0.97,
        :confidence, :hash)
    ON CONFLICT (tenant_id, client, id) DO NOTHING
"""
_ANSWER = """
    INSERT INTO smp.mapping_validation_results (client, digest, expectation_id, source_table, source_field,
        canonical_entity, canonical_field, validation_type, validation_status, demanded, test_count, pass_count,
        fail_count, finding)
    VALUES (:client, smp.mapping_digest(:client), :expectation, 'members', :column, :entity, :field, 'castable',
        :status, false, :tested, :passed, :failed, '{}')
    ON CONFLICT (tenant_id, client, digest, expectation_id) DO UPDATE SET
        validation_status = excluded.validation_status, fail_count = excluded.fail_count,
        pass_count = excluded.pass_count, validated_at = clock_timestamp()
"""


@dataclass(frozen=True)
class Field:
    """One canonical field as tests need it."""

    name: str
    required: bool = False
    definition_hash: str = "d1"


PATIENT = (Field("id", required=True), Field("birth_date", required=True), Field("city"))
CLAIM = (Field("id", required=True), Field("amount"))


def an_office(url: str, *, tenant: str = "default", clients: Sequence[str] = ("acme",)) -> Office:
    """A tenant with two stewards, an engineer, and clients that map to a small model of patients and claims."""
    # Its connections end with the test's database.
    engine = create_engine(url)
    with engine.begin() as connection:
        office = Office(url, str(one(connection, "SELECT smp.ensure_tenant(:name)", name=tenant)), engine)
    add_people(
        url, office.tenant, {STEWARD: "steward", SECOND_STEWARD: "admin", "ed": "engineer", "vi": "viewer"}
    )
    with office.acting("system:setup") as connection:
        connection.execute(
            text(
                "INSERT INTO smp.connector_definitions (connector_name, connector_type) VALUES ('files', 'file')"
            )
        )
        import_model(connection, {"patient": PATIENT, "claim": CLAIM}, digest="model-1", version=1)
        for client in clients:
            _add_client(connection, client)
    return office


def import_model(
    connection: Connection, entities: Mapping[str, Sequence[Field]], *, digest: str, version: int
) -> None:
    """A version of the model ``practice``, current from now on."""
    connection.execute(text("UPDATE smp.canonical_models SET is_current = false WHERE name = 'practice'"))
    model = one(
        connection,
        "INSERT INTO smp.canonical_models (name, version, digest, definition) VALUES ('practice', :version, :digest, '{}') RETURNING id",
        version=version,
        digest=digest,
    )
    for entity, fields in entities.items():
        schema = one(
            connection,
            "INSERT INTO smp.entity_schemas (model_id, entity_name, risk_class, schema_definition) VALUES (:model, :entity, 'critical', '{}') RETURNING id",
            model=model,
            entity=entity,
        )
        for position, field in enumerate(fields):
            connection.execute(
                text(
                    "INSERT INTO smp.canonical_fields (model_id, entity_schema_id, entity, field, position, data_type, required, primary_key, risk_class, definition_hash)"
                    " VALUES (:model, :schema, :entity, :field, :position, 'string', :required, false, 'critical', :hash)"
                ),
                {
                    "model": model,
                    "schema": schema,
                    "entity": entity,
                    "field": field.name,
                    "position": position,
                    "required": field.required,
                    "hash": f"{entity}.{field.name}.{field.definition_hash}",
                },
            )


def _add_client(connection: Connection, client: str) -> None:
    connection.execute(
        text(
            "INSERT INTO smp.connections (connector_id, name, config_encrypted, key_id) SELECT id, :client, '\\x00', 'k' FROM smp.connector_definitions"
        ),
        {"client": client},
    )
    connection.execute(
        text(
            "INSERT INTO smp.clients (slug, name, connection_id, canonical_model) SELECT :client, :client, id, 'practice' FROM smp.connections WHERE name = :client"
        ),
        {"client": client},
    )
    for entity in ("patient", "claim"):
        connection.execute(
            text(
                "INSERT INTO smp.entity_policies (client, entity, risk_class, effective_threshold, review_floor, validation_required) VALUES (:client, :entity, 'critical', 0.97, 0.5, true)"
            ),
            {"client": client, "entity": entity},
        )
