"""Roads round the gate, tried by hand as the application role. Each must be closed, from the first day."""

from __future__ import annotations

import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.registry.soundness import CLOSED_TABLES
from schema_matching_pipeline.registry.tables import METADATA
from schema_matching_pipeline_tests.registry.people import add_people, key_of
from schema_matching_pipeline_tests.registry.steps import (
    SECOND_STEWARD,
    STEWARD,
    Column,
    an_office,
    connected,
    one,
    refusal_of,
    rows,
)

ID = Column("member_no", "patient.id")
BIRTH = Column("dob", "patient.birth_date")
CITY = Column("town", "patient.city", "pending_review", 0.7)

TENANT_TABLES = sorted(
    table.name
    for table in METADATA.tables.values()
    if "tenant_id" in table.columns and table.name not in CLOSED_TABLES
)


def waiting(url):
    """A client with two sure columns and one that waits."""
    office = an_office(url)
    office.propose(ID, BIRTH, CITY)
    office.settle()
    return office


@pytest.fixture
def office(app_url):
    """For tests that change something."""
    return waiting(app_url)


@pytest.fixture(scope="module")
def besieged(module_registry):
    """For tests whose every attempt is refused, so that nothing changes."""
    return waiting(module_registry.app_url)


@pytest.fixture(scope="module")
def stranger(besieged):
    """Another tenant of the same installation, with a client and people of the same names."""
    return an_office(besieged.url, tenant="other", clients=("globex",))


def refusal(office, statement, *, actor="system:propose", **values):
    """The kind of error with which the database refuses a statement."""
    with pytest.raises(DBAPIError) as caught:
        act(office, statement, actor=actor, **values)
    return type(refusal_of(caught))


def act(office, statement, *, actor="system:propose", **values):
    with office.acting(actor) as connection:
        connection.execute(text(statement), values)


def held(office):
    """Whether the gate still holds and nothing was published."""
    with pytest.raises(DBAPIError) as caught:
        office.publish()
    return (refusal_of(caught).sqlstate, office.ask("SELECT count(*) FROM smp.published_mappings")) == (
        "SMP01",
        0,
    )


@pytest.mark.parametrize("table", CLOSED_TABLES)
def test_a_closed_table_takes_no_insert(besieged, table):
    assert refusal(besieged, f"INSERT INTO smp.{table} DEFAULT VALUES") is errors.InsufficientPrivilege


@pytest.mark.parametrize("table", CLOSED_TABLES)
@pytest.mark.parametrize(
    "statement", ["DELETE FROM smp.{}", "TRUNCATE smp.{} CASCADE", "UPDATE smp.{0} SET {1} = {1}"]
)
def test_a_closed_table_takes_no_change(besieged, table, statement):
    column = "present" if table == "pipeline_transitions" else "tenant_id"
    assert refusal(besieged, statement.format(table, column)) is errors.InsufficientPrivilege


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "UPDATE smp.field_mappings SET disposition = 'approved' WHERE source_field = 'town'", id="approve"
        ),
        pytest.param(
            "UPDATE smp.field_mappings SET disposition = 'approved', decided_by = 'ada', decided_at = now() WHERE source_field = 'town'",
            id="approve in a steward's name",
        ),
        pytest.param(
            "UPDATE smp.field_mappings SET disposition = 'rejected' WHERE source_field = 'town'", id="reject"
        ),
        pytest.param(
            "INSERT INTO smp.field_mappings (client, source_table, source_field, canonical_entity, canonical_field, disposition, decided_by) VALUES ('acme', 'members', 'new', 'patient', 'city', 'approved', 'ada')",
            id="insert an approved one",
        ),
        pytest.param(
            "UPDATE smp.field_mappings SET source_field = 'other' WHERE source_field = 'town'", id="move it"
        ),
        pytest.param("UPDATE smp.review_items SET state = 'approved'", id="close the item"),
        pytest.param(
            "UPDATE smp.review_items SET state = 'approved', decided_by = 'ada', decided_at = now()",
            id="close the item in a steward's name",
        ),
        pytest.param(
            "INSERT INTO smp.review_items (client, id, kind, source_table, source_column, risk_class, reason, needed, had, state) VALUES ('acme', 'x', 'mapping', 'members', 'town', 'critical', 'r', 1, 1, 'approved')",
            id="insert a closed item",
        ),
        pytest.param("UPDATE smp.review_items SET source_column = 'dob'", id="move the item"),
        pytest.param("DELETE FROM smp.review_items", id="delete the item"),
        pytest.param("UPDATE smp.installation SET value = 'x'", id="change the installation"),
        pytest.param("INSERT INTO smp.tenants (name) VALUES ('x')", id="make a tenant by hand"),
        pytest.param("SELECT * FROM smp.tenants", id="list the tenants"),
        pytest.param("DELETE FROM smp.clients", id="delete clients"),
        pytest.param("ALTER TABLE smp.field_mappings DISABLE TRIGGER ALL", id="disable triggers"),
        pytest.param(
            "ALTER TABLE smp.field_mappings DISABLE ROW LEVEL SECURITY", id="disable row-level security"
        ),
        pytest.param(
            "ALTER TABLE smp.field_mappings NO FORCE ROW LEVEL SECURITY", id="loosen row-level security"
        ),
        pytest.param("CREATE POLICY mine ON smp.clients USING (true)", id="add a policy"),
        pytest.param("DROP TRIGGER guard ON smp.field_mappings", id="drop a trigger"),
        pytest.param("DROP TABLE smp.audit_log", id="drop the audit"),
        pytest.param("SET ROLE smp_owner", id="become the owner"),
        pytest.param("SET SESSION AUTHORIZATION smp_owner", id="log in as the owner"),
        pytest.param("SET session_replication_role = replica", id="switch triggers off for the session"),
        pytest.param("ALTER ROLE smp_app SUPERUSER", id="become superuser"),
        pytest.param("CREATE FUNCTION smp.mine() RETURNS int LANGUAGE sql RETURN 1", id="add a function"),
        pytest.param(
            "CREATE OR REPLACE FUNCTION smp.mapping_digest(the_client text) RETURNS text LANGUAGE sql RETURN 'x'",
            id="replace the digest",
        ),
        pytest.param("CREATE TABLE public.mine (id int)", id="add a table"),
        pytest.param(
            "SELECT smp.answer_final((SELECT versions FROM smp.mapping_versions AS versions), true, 'ada', false, '')",
            id="call the inside of the approval",
        ),
        pytest.param(
            "SELECT smp.append_audit('clients', 'INSERT', '{slug}', '{}')", id="write audit by hand"
        ),
        pytest.param(
            "SELECT smp.apply_decision(items, 'approve', 'patient', 'city', NULL, users, NULL) FROM smp.review_items AS items, smp.users",
            id="call the inside of a decision",
        ),
    ],
)
def test_a_road_is_closed(besieged, statement):
    assert refusal(besieged, statement) is errors.InsufficientPrivilege
    assert held(besieged)


def test_granting_oneself_more_gives_nothing(besieged):
    grant = "GRANT ALL ON smp.publications TO smp_app; DELETE FROM smp.publications"
    assert refusal(besieged, grant) is errors.InsufficientPrivilege


def test_row_security_cannot_be_switched_off_for_a_query(besieged):
    assert (
        refusal(besieged, "SET row_security = off; SELECT * FROM smp.clients") is errors.InsufficientPrivilege
    )


def test_a_trigger_function_cannot_be_borrowed_for_a_table_of_ones_own(besieged):
    borrow = "CREATE TEMP TABLE mine (tenant_id uuid); CREATE TRIGGER t AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION smp.audit_created('x')"
    assert refusal(besieged, borrow) is errors.InsufficientPrivilege


def test_a_temporary_table_does_not_stand_in_for_a_table_of_the_law(besieged):
    lie = "CREATE TEMP TABLE review_items AS SELECT * FROM smp.review_items WHERE false; SET LOCAL search_path = pg_temp, smp; SELECT smp.publish('acme')"
    with pytest.raises(DBAPIError) as caught:
        act(besieged, lie)
    assert refusal_of(caught).sqlstate == "SMP01"


def test_a_forged_check_result_opens_nothing(office):
    act(
        office,
        "INSERT INTO smp.check_results (client, check_name, passed, severity) SELECT 'acme', name, true, 'ERROR' FROM unnest(ARRAY['review_is_done', 'validation_passes', 'nothing_pending']) AS name",
    )
    assert held(office)


def test_a_lowered_threshold_is_raised_again(office):
    lower = "UPDATE smp.field_mappings SET required_threshold = 0.1, disposition = 'auto_accepted' WHERE source_field = 'town'"
    assert refusal(office, lower) is errors.CheckViolation
    act(office, "UPDATE smp.field_mappings SET required_threshold = 0.1 WHERE source_field = 'town'")
    assert office.ask("SELECT required_threshold FROM smp.field_mappings WHERE source_field = 'town'") == 0.97


def test_an_entity_that_nobody_set_a_threshold_for_needs_certainty(office):
    act(office, "DELETE FROM smp.entity_policies")
    sure = "INSERT INTO smp.field_mappings (client, source_table, source_field, canonical_entity, canonical_field, disposition, confidence_score, required_threshold) VALUES ('acme', 'members', 'new', 'patient', 'city', 'auto_accepted', 0.999, 0.5)"
    assert refusal(office, sure) is errors.CheckViolation


def test_accepting_by_higher_confidence_still_waits_for_the_open_item(office):
    act(
        office,
        "UPDATE smp.field_mappings SET confidence_score = 1, disposition = 'auto_accepted' WHERE source_field = 'town'",
    )
    assert held(office)


@pytest.mark.parametrize(
    "change",
    [
        "disposition = 'unmapped', canonical_entity = NULL, canonical_field = NULL",
        "canonical_field = 'id'",
        'transformation_rule = \'{"cast": "date"}\'',
        "decided_by = 'grace'",
        "confidence_score = 0.5",
    ],
)
def test_what_a_person_decided_is_not_changed_by_the_machinery(office, change):
    office.decide("item-town-h1", "approve")
    assert (
        refusal(office, f"UPDATE smp.field_mappings SET {change} WHERE source_field = 'town'")
        is errors.InsufficientPrivilege
    )


@pytest.mark.parametrize("decision", ["approve", "reject", "unmap", "exclude"])
def test_what_a_person_decided_is_not_taken_away_to_be_written_anew(office, decision):
    office.decide("item-town-h1", decision, reason="it is so")
    remove = "DELETE FROM smp.field_mappings WHERE source_field = 'town'"
    assert refusal(office, remove) is errors.InsufficientPrivilege


def test_a_decided_column_whose_data_changed_must_be_routed_again(office):
    office.decide("item-town-h1", "approve")
    assert (
        refusal(office, "UPDATE smp.field_mappings SET approval_hash = 'h2' WHERE source_field = 'town'")
        is errors.InsufficientPrivilege
    )


def test_a_decided_item_keeps_its_words(office):
    office.decide("item-town-h1", "approve")
    assert refusal(office, "UPDATE smp.review_items SET approval_hash = 'h9'") is errors.InsufficientPrivilege


def test_an_approval_cannot_be_pointed_at_another_question(office):
    office.answer("dob", "castable:dob", failed=9, target="patient.birth_date")
    office.decide("item-town-h1", "approve")
    change = "UPDATE smp.review_items SET expectation_id = 'castable:dob', kind = 'validation'"
    assert refusal(office, change) is errors.InsufficientPrivilege
    assert held(office)


def test_required_approvals_never_shrink(office):
    act(office, "UPDATE smp.review_items SET required_approvals = 2")
    act(office, "UPDATE smp.review_items SET required_approvals = 1")
    assert office.ask("SELECT required_approvals FROM smp.review_items") == 2


def answered(office):
    """A critical check that failed; the item that asks to live with it."""
    office.answer("dob", "castable:dob", failed=9, target="patient.birth_date")
    office.validate()
    return next(h["item_id"] for h in office.gate()["holding_review"] if h["kind"] == "validation")


@pytest.mark.parametrize("actor", [STEWARD, SECOND_STEWARD])
@pytest.mark.parametrize("key", ["", "guessed", "the key of somebody else"])
def test_a_name_without_its_key_decides_nothing(besieged, actor, key):
    for statement in (
        "SELECT smp.decide_item('acme', 'item-town-h1', 'approve', NULL, NULL, NULL, NULL, NULL)",
        'SELECT smp.decide_items(\'acme\', \'[{"item_id": "item-town-h1", "kind": "approve"}]\')',
        "SELECT smp.decide_use('acme', 'members', 'dob', false, 'q', 'why')",
        "SELECT smp.map_column('acme', 'members', 'dob', 'patient', 'city', NULL, 'q', 'why')",
        "SELECT smp.approve_final('acme', 1, 'x', NULL)",
        "SELECT smp.refuse_final('acme', 1, 'x', 'why')",
    ):
        with pytest.raises(DBAPIError) as caught, besieged.acting(actor, key=key) as connection:
            connection.execute(text(statement))
        assert (refusal_of(caught).sqlstate, "key" in str(refusal_of(caught))) == ("SMP03", True)
    assert held(besieged)


@pytest.mark.parametrize(("key", "proven"), [(None, True), ("guessed", False), ("", False)])
def test_the_author_of_a_mapping_is_a_person_who_showed_his_key(office, key, proven):
    with office.acting("ed", key=key) as connection:
        connection.execute(text("UPDATE smp.field_mappings SET proposed_confidence = 0.5"))
        connection.execute(
            text(
                "INSERT INTO smp.field_mappings (client, source_table, source_field, source_data_type, disposition, confidence_score, proposed_confidence, required_threshold, mapping_source, approval_hash) VALUES ('acme', 'members', 'new', 'varchar', 'unmapped', 0, 0, 1, 'auto_detected', 'h')"
            )
        )
        authors = rows(
            connection,
            "SELECT DISTINCT coalesce(updated_by, created_by) = (SELECT id FROM smp.users WHERE login = 'ed') FROM smp.field_mappings",
        )
    assert authors == [(True if proven else None,)]


NOBODY_APPROVES = "UPDATE smp.clients SET review_required_before_production = false"


@pytest.mark.parametrize("actor", ["system:propose", "policy:permissive", "vi", STEWARD, "nobody"])
def test_only_who_manages_clients_says_that_nobody_approves(besieged, actor):
    insert = "INSERT INTO smp.clients (slug, name, connection_id, canonical_model, review_required_before_production) SELECT 'new', 'n', id, 'practice', false FROM smp.connections LIMIT 1"
    for statement in (NOBODY_APPROVES, insert):
        with pytest.raises(DBAPIError) as caught:
            act(besieged, statement, actor=actor)
        assert refusal_of(caught).sqlstate == "SMP03"
    assert besieged.ask("SELECT smp.approve_by_policy('acme')") is False


def test_an_engineer_without_his_key_does_not_say_that_nobody_approves(besieged):
    with pytest.raises(DBAPIError) as caught, besieged.acting("ed", key="guessed") as connection:
        connection.execute(text(NOBODY_APPROVES))
    assert refusal_of(caught).sqlstate == "SMP03"


def test_the_machinery_may_demand_a_person_again(office):
    act(office, NOBODY_APPROVES, actor="ed")
    act(office, "UPDATE smp.clients SET review_required_before_production = true")
    with pytest.raises(DBAPIError):
        act(office, NOBODY_APPROVES)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO smp.users (login, role) VALUES ('me', 'admin')",
        "UPDATE smp.users SET role = 'admin'",
        "UPDATE smp.users SET active = true",
        "UPDATE smp.api_keys SET key_hash = encode(sha256('mine'), 'hex')",
        "UPDATE smp.api_keys SET scope = 'all', revoked_at = NULL",
        "INSERT INTO smp.api_keys (user_id, name, key_hash, scope) SELECT id, 'mine', 'h', 'all' FROM smp.users",
        "SELECT smp.require_self_or_administrator('ada')",
        "UPDATE smp.users SET clients = NULL",
        "DELETE FROM smp.users",
        "SELECT smp.require_administrator()",
        "SELECT smp.deciding_person('acme')",
        "SELECT smp.decide_one('acme', '{}', users) FROM smp.users",
    ],
)
def test_a_person_cannot_be_made_or_changed_by_hand(besieged, statement):
    for actor in ("system:propose", STEWARD, SECOND_STEWARD):
        assert refusal(besieged, statement, actor=actor) is errors.InsufficientPrivilege


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT smp.add_person('me', 'admin', 'h', NULL)",
        "SELECT smp.change_person('vi', '{\"role\": \"admin\"}')",
        "SELECT smp.add_key('grace', 'mine', 'm', encode(sha256('mine'), 'hex'), 'all', NULL)",
        "SELECT smp.vouch_for('grace', 'mine', encode(sha256('mine'), 'hex'))",
    ],
)
@pytest.mark.parametrize("actor", ["system:owner", "policy:standard", "vi", STEWARD])
def test_nobody_but_an_administrator_makes_people(besieged, statement, actor):
    with pytest.raises(DBAPIError) as caught:
        act(besieged, statement, actor=actor)
    assert refusal_of(caught).sqlstate == "SMP03"


def test_a_change_of_a_person_s_tenant_or_name_is_ignored(office, app_url):
    act(
        office,
        'SELECT smp.change_person(\'vi\', \'{"login": "ada", "role": "engineer"}\')',
        actor=SECOND_STEWARD,
    )
    assert office.ask("SELECT string_agg(login || ' ' || role, ', ' ORDER BY login) FROM smp.users") == (
        "ada steward, ed engineer, grace admin, vi engineer"
    )


def test_a_person_of_another_tenant_decides_nothing_here(besieged, stranger):
    add_people(besieged.url, stranger.tenant, {"mallory": "admin"})
    with pytest.raises(DBAPIError) as caught:
        besieged.decide("item-town-h1", "approve", actor="mallory")
    assert refusal_of(caught).sqlstate == "SMP03"


@pytest.mark.parametrize(
    "change",
    [
        "expectation_id = 'castable:dob'",
        "approval_hash = 'h9'",
        "entity = 'claim', field = 'amount'",
        "field = 'id'",
    ],
)
def test_an_open_question_keeps_its_words(besieged, change):
    assert refusal(besieged, f"UPDATE smp.review_items SET {change}") is errors.InsufficientPrivilege


def test_a_waiver_half_given_cannot_be_moved_to_another_check(office):
    item = answered(office)
    office.decide(item, "approve", reason="typing errors")
    move = "UPDATE smp.review_items SET expectation_id = 'unique:member_no' WHERE kind = 'validation'"
    assert refusal(office, move) is errors.InsufficientPrivilege


@pytest.mark.parametrize(
    "disguise",
    [
        pytest.param("'members', 'dob', 'optional', 'castable:dob', 1", id="as optional"),
        pytest.param("'members', '', 'critical', 'castable:dob', 1", id="as a gap"),
        pytest.param("'members', '', 'optional', 'castable:dob', 0 + 1", id="as both"),
    ],
)
def test_a_critical_check_is_waived_by_two_people_however_it_is_asked(office, disguise):
    answered(office)
    act(
        office,
        "INSERT INTO smp.review_items (client, id, kind, entity, field, reason, needed, had, approval_hash, source_table, source_column, risk_class, expectation_id, required_approvals)"
        f" VALUES ('acme', 'forged', 'validation', 'patient', 'birth_date', 'a trifle', 1, 0.5, 'h', {disguise})",
    )
    decided = office.decide("forged", "approve", reason="a trifle")
    assert decided["state"] == "awaiting_second"
    assert held(office)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE smp.canonical_fields SET definition_hash = 'patient.city.d1'",
        "UPDATE smp.canonical_fields SET required = false",
        "UPDATE smp.canonical_fields SET data_type = 'integer'",
        "DELETE FROM smp.canonical_fields",
        "UPDATE smp.entity_schemas SET risk_class = 'optional'",
        "DELETE FROM smp.entity_schemas",
        "UPDATE smp.canonical_models SET digest = 'model-0'",
        "UPDATE smp.canonical_models SET definition = '{}'",
        "DELETE FROM smp.canonical_models",
    ],
)
def test_a_definition_is_not_changed_under_its_approvals(besieged, statement):
    assert refusal(besieged, statement) is errors.InsufficientPrivilege


@pytest.mark.parametrize(
    "slug",
    [
        "Acme",
        "ACME",
        "acme ",
        " acme",
        "acme\n",
        "\u0430cme",
        "\uff41cme",
        "acmé",
        "acme/x",
        "acme:1",
        "-acme",
        "",
        "a" * 64,
    ],
)
def test_no_slug_can_be_taken_for_another(besieged, slug):
    insert = "INSERT INTO smp.clients (slug, name, connection_id, canonical_model) SELECT :slug, 'a', id, 'practice' FROM smp.connections LIMIT 1"
    assert refusal(besieged, insert, slug=slug) is errors.CheckViolation


def test_whoever_blocks_the_law_gets_nothing_out_of_it(office):
    with connected(office.url) as blocker:
        one(blocker, "SELECT pg_advisory_xact_lock(hashtextextended('smp.law/acme', 0)) IS NULL")
        with pytest.raises(DBAPIError) as caught:
            act(office, "SET LOCAL lock_timeout = '200ms'; SELECT smp.publish('acme')")
    assert refusal_of(caught).sqlstate == "55P03"
    assert held(office)


def test_a_function_of_ones_own_stands_in_for_none_of_the_law(besieged):
    for lie in (
        'CREATE FUNCTION pg_temp.gate(the_client text) RETURNS jsonb LANGUAGE sql RETURN \'{"holding_review": [], "holding_final": []}\'::jsonb',
        "CREATE FUNCTION pg_temp.is_waived(a text, b text) RETURNS boolean LANGUAGE sql RETURN true",
        "CREATE TEMP VIEW mapping_versions AS SELECT 1 AS version, 'x' AS digest",
        "CREATE TEMP TABLE users AS SELECT 'me' AS login, 'admin' AS role",
    ):
        with pytest.raises(DBAPIError) as caught:
            act(
                besieged,
                f"{lie}; SET LOCAL search_path = pg_temp, smp, pg_catalog; SELECT smp.publish('acme')",
            )
        assert refusal_of(caught).sqlstate == "SMP01"


def test_a_name_that_is_no_user_decides_nothing(besieged):
    with pytest.raises(DBAPIError) as caught:
        besieged.decide("item-town-h1", "approve", actor="root")
    assert refusal_of(caught).sqlstate == "SMP03"
    assert held(besieged)


# Tenants


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_every_tenant_table_is_isolated_by_force(module_registry, table):
    with connected(module_registry.owner_url) as connection:
        found = rows(
            connection,
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = CAST(:table AS regclass)",
            table=f"smp.{table}",
        )
        policy = rows(
            connection,
            "SELECT qual, with_check FROM pg_policies WHERE schemaname = 'smp' AND tablename = :table AND policyname = 'tenant_isolation'",
            table=table,
        )
    assert found == [(True, True)]
    assert policy == [("(tenant_id = smp.current_tenant())",) * 2]


@pytest.mark.parametrize(
    "table", ["clients", "field_mappings", "review_items", "users", "audit_log", "mapping_versions"]
)
def test_another_tenants_rows_are_invisible(besieged, stranger, table):
    owners = set()
    with stranger.acting() as connection:
        owners = {str(tenant) for (tenant,) in rows(connection, f"SELECT tenant_id FROM smp.{table}")}
    assert owners <= {stranger.tenant}


def test_without_a_tenant_nothing_is_visible(besieged, module_registry):
    with connected(module_registry.app_url) as connection:
        seen = [one(connection, f"SELECT count(*) FROM smp.{table}") for table in TENANT_TABLES]
    assert seen == [0] * len(TENANT_TABLES)


def test_the_owner_without_a_tenant_sees_no_mapping(besieged, module_registry):
    with connected(module_registry.owner_url) as connection:
        assert one(connection, "SELECT count(*) FROM smp.field_mappings") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT smp.publish('acme')",
        "SELECT smp.settle_version('acme')",
        'SELECT smp.decide_items(\'acme\', \'[{"item_id": "item-town-h1", "kind": "approve"}]\')',
        "SELECT smp.carry_over('acme')",
        "SELECT smp.approve_final('acme', 1, 'x', NULL)",
        "SELECT smp.approve_by_policy('acme')",
    ],
)
def test_another_tenants_client_does_not_exist(stranger, statement):
    with pytest.raises(DBAPIError) as caught:
        act(stranger, statement, actor=STEWARD)
    assert refusal_of(caught).sqlstate == "SMP04"


def test_the_gate_of_another_tenants_client_tells_nothing(stranger):
    gate = stranger.gate("acme")
    assert (gate["version"], [held["kind"] for held in gate["holding_review"]]) == (None, ["proposal"])


def test_a_row_cannot_be_written_into_another_tenant(besieged, stranger):
    insert = "INSERT INTO smp.connector_definitions (tenant_id, connector_name, connector_type) VALUES (:tenant, 'spy', 'file')"
    assert refusal(stranger, insert, tenant=besieged.tenant) is errors.InsufficientPrivilege


def test_a_row_cannot_refer_to_another_tenants_client(stranger):
    insert = "INSERT INTO smp.check_results (client, check_name, passed, severity) VALUES ('acme', 'x', true, 'WARN')"
    assert refusal(stranger, insert) is errors.ForeignKeyViolation


def test_a_clients_slug_is_unique_in_the_installation(stranger):
    insert = "INSERT INTO smp.clients (slug, name, connection_id, canonical_model) SELECT 'acme', 'a', id, 'practice' FROM smp.connections"
    assert refusal(stranger, insert) is errors.UniqueViolation


def test_only_the_tenant_of_a_client_is_known_across_tenants(besieged, stranger, module_registry):
    with connected(module_registry.app_url) as connection:
        assert str(one(connection, "SELECT smp.tenant_of_client('acme')")) == besieged.tenant
        assert one(connection, "SELECT smp.tenant_of_client('nobody')") is None
        assert [slug for (slug,) in rows(connection, "SELECT slug FROM smp.all_clients()")] == [
            "acme",
            "globex",
        ]


# The law itself


def test_every_function_of_the_law_fixes_its_search_path(module_registry):
    with connected(module_registry.owner_url) as connection:
        loose = rows(
            connection,
            "SELECT proname FROM pg_proc WHERE pronamespace = 'smp'::regnamespace AND prosecdef"
            " AND NOT coalesce('search_path=smp, pg_temp' = ANY (proconfig), false)",
        )
    assert loose == []


def test_the_public_may_execute_nothing(module_registry):
    with connected(module_registry.owner_url) as connection:
        open_to_all = rows(
            connection,
            "SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS granted"
            " WHERE pronamespace = 'smp'::regnamespace AND granted.grantee = 0",
        )
    assert open_to_all == []


def test_a_pipeline_takes_only_allowed_steps(office):
    act(office, "INSERT INTO smp.pipeline_runs (client, trust_profile) VALUES ('acme', 'standard')")
    with pytest.raises(DBAPIError) as caught:
        act(office, "UPDATE smp.pipeline_runs SET state = 'completed'")
    assert (refusal_of(caught).sqlstate, refusal_of(caught).diag.message_detail) == (
        "SMP05",
        "acme/pending/completed",
    )


def test_a_pipeline_begins_pending(office):
    with pytest.raises(DBAPIError) as caught:
        act(
            office,
            "INSERT INTO smp.pipeline_runs (client, trust_profile, state) VALUES ('acme', 'standard', 'completed')",
        )
    assert refusal_of(caught).sqlstate == "SMP05"


LAW = {
    "a decision": """smp.decide_items('acme', '[{"item_id": "item-town-h1", "kind": "approve"}]')""",
    "a decision taken back": "smp.undo_item('acme', 'item-town-h1', 'because', NULL)",
    "a version": "smp.settle_version('acme')",
    "an approval": "smp.approve_final('acme', 1, 'digest', 'because')",
    "a refusal": "smp.refuse_final('acme', 1, 'digest', 'because')",
    "a publication": "smp.publish('acme')",
}


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("call", LAW.values(), ids=LAW)
def test_the_law_works_on_no_picture_that_was_taken_before_it_was_alone(besieged, call, level):
    engine = besieged.engine.execution_options(isolation_level=level)
    with engine.connect() as connection:
        for name, value in (("tenant_id", besieged.tenant), ("actor", STEWARD), ("key", key_of(STEWARD))):
            connection.execute(
                text("SELECT set_config(:name, :value, true)"), {"name": f"smp.{name}", "value": value}
            )
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text(f"SELECT {call}"))
    said = refusal_of(caught)
    told = f"Under {level} a decision would not see what others decided while it waited."
    assert (said.sqlstate, (said.diag.message_primary or "").startswith(told)) == ("SMP04", True)


def test_the_product_sees_what_others_did_whatever_the_database_does_by_default(registry_database):
    with connected(registry_database.superuser_url) as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        )
    registry = Registry(registry_database.app_url, secret_key=b"k" * 32)
    with registry.open(TenantId(""), "system:test") as unit:
        level = unit.audit._transaction.one("SELECT current_setting('transaction_isolation') AS level")[
            "level"
        ]
    registry.close()
    assert level == "read committed"
