import psycopg
import pytest

from schema_matching_pipeline.errors import (
    BadDecisionError,
    GateClosedError,
    IllegalTransitionError,
    MigrationError,
    NotAllowedError,
    RegistryBusyError,
    RegistryError,
    RegistryUnavailableError,
    SmpError,
    StaleDecisionError,
)
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline.registry.faults import fault_of
from schema_matching_pipeline.registry.unit_of_work import with_driver
from schema_matching_pipeline_tests.registry.office import KEY

GATE = '{"client": "acme", "version": 1, "digest": "d", "validated": true, "approved": false, "published_version": null, "holding_review": [], "holding_final": [{"kind": "approval", "what": "version 1", "needed": "a final approval", "who": "a steward"}]}'


def raised(office, sql, *, detail="", **values):
    """The fault that a statement is answered with."""
    with pytest.raises(SmpError) as caught, office.open() as unit:
        unit.audit._transaction.run(sql, **values)
    return caught.value


def say(state, message="words", detail=""):
    return f"do $$ begin raise exception '{message}' using errcode = '{state}', detail = '{detail}'; end $$"


@pytest.mark.parametrize(
    ("state", "fault", "retryable"),
    [
        ("SMP02", StaleDecisionError, False),
        ("SMP03", NotAllowedError, False),
        ("SMP04", BadDecisionError, False),
        ("40001", RegistryBusyError, True),
        ("40P01", RegistryBusyError, True),
        ("55P03", RegistryBusyError, True),
        ("57014", RegistryBusyError, True),
        ("08006", RegistryUnavailableError, True),
        ("57P01", RegistryUnavailableError, True),
        ("53300", RegistryUnavailableError, True),
        ("28P01", RegistryError, False),
        ("42P01", MigrationError, False),
        ("42501", NotAllowedError, False),
        ("23505", RegistryError, False),
        ("XX000", RegistryError, False),
    ],
)
def test_every_error_of_the_database_is_a_fault_of_ours(office, state, fault, retryable):
    found = raised(office, say(state))
    assert type(found) is fault
    assert found.retryable is retryable


def test_the_law_speaks_for_itself(office):
    assert str(raised(office, say("SMP02", message="ada said approve"))) == "ada said approve"


def test_a_closed_gate_says_what_holds_it(office):
    found = raised(office, say("SMP01", detail=GATE))
    assert isinstance(found, GateClosedError)
    assert (found.client, found.gate, found.holding) == (
        "acme",
        "final",
        ("approval: version 1 (needed: a final approval; may decide: a steward)",),
    )


def test_a_step_that_may_not_follow_says_which(office):
    found = raised(office, say("SMP05", detail="acme/profiling/completed"))
    assert isinstance(found, IllegalTransitionError)
    assert (found.client, found.present, found.wanted) == ("acme", "profiling", "completed")


def test_a_fault_never_repeats_a_value(office):
    found = raised(office, "select cast(:value as int)", value="Jane Roe 1962-03-14")
    assert "Roe" not in str(found)
    assert "22P02" in str(found)


def test_a_constraint_is_named_with_its_table(office):
    found = raised(office, "update smp.connector_definitions set status = 'lost'")
    assert str(found) == (
        "The registry refused a statement (SQLSTATE 23514, table connector_definitions, constraint connector_definitions_status_check)."
    )


def test_an_error_without_a_state_is_a_broken_connection():
    assert isinstance(fault_of(psycopg.OperationalError("gone")), RegistryUnavailableError)
    assert isinstance(fault_of(psycopg.DataError("odd")), RegistryError)


@pytest.mark.parametrize(
    "change",
    [{"host": "127.0.0.1", "port": 1}, {"host": "/nowhere"}],
    ids=["closed port", "no socket"],
)
def test_a_server_that_is_not_there_is_told_from_everything_else(change):
    place = "127.0.0.1:1" if "port" in change else ""
    url = f"postgresql://me:secret@{place}/smp" + ("" if place else f"?host={change['host']}")
    nowhere = Registry(url, secret_key=KEY)
    with pytest.raises(RegistryUnavailableError) as caught:
        nowhere.check_role()
    assert "secret" not in str(caught.value)


def test_a_wrong_password_is_told_from_a_server_that_is_not_there(app_url):
    before, after = app_url.split("://")[1].split("@", 1)
    wrong = Registry(f"postgresql://{before.split(':')[0]}:wrong@{after}", secret_key=KEY)
    with pytest.raises(RegistryError, match="user name and password"):
        wrong.check_role()


def test_a_connection_that_broke_is_replaced_by_the_next(office, registry_database):
    with office.open() as unit:
        pid = unit.audit._transaction.one("select pg_backend_pid() as pid")["pid"]
    with psycopg.connect(registry_database.superuser_url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(%s, 5000)", (pid,))
    with office.open() as unit:
        assert unit.clients.get("acme").slug == "acme"


def test_a_connection_that_breaks_in_the_middle_is_a_fault_that_may_pass(office, registry_database):
    def break_it():
        with office.open() as unit:
            pid = unit.audit._transaction.one("select pg_backend_pid() as pid")["pid"]
            superuser = registry_database.superuser_url.replace("+psycopg", "")
            with psycopg.connect(superuser, autocommit=True) as admin:
                admin.execute("select pg_terminate_backend(%s)", (pid,))
            unit.clients.list()

    with pytest.raises(RegistryUnavailableError):
        break_it()
    with office.open() as unit:
        assert len(unit.clients.list()) == 1


def test_a_statement_that_takes_too_long_is_ended(app_url, office):
    hasty = Registry(app_url, secret_key=KEY, statement_timeout_seconds=1)
    with pytest.raises(RegistryBusyError), hasty.open(office.tenant, "system:test") as unit:
        unit.audit._transaction.run("select pg_sleep(5)")
    hasty.close()


def test_more_units_of_work_than_connections_are_told_to_wait(app_url, office):
    narrow = Registry(app_url, secret_key=KEY, pool_size=1, max_overflow=0, pool_timeout_seconds=0.1)
    with (
        narrow.open(office.tenant, "system:test"),
        pytest.raises(RegistryBusyError, match="All connections"),
        narrow.open(office.tenant, "system:test"),
    ):
        raise AssertionError
    narrow.close()


@pytest.mark.parametrize(
    "given",
    [
        "postgres://me:p%40ss@host:5432/smp?sslmode=require",
        "postgresql://me:p%40ss@host:5432/smp?sslmode=require",
    ],
)
def test_any_spelling_of_postgresql_gets_our_driver(given):
    assert with_driver(given) == "postgresql+psycopg://me:p%40ss@host:5432/smp?sslmode=require"


def test_an_unknown_tenant_is_no_tenant(registry):
    with registry.open(TenantId("00000000-0000-0000-0000-000000000000"), "system:test") as unit:
        assert unit.clients.list() == ()


def test_a_closed_gate_that_much_holds_is_told_by_counts_and_the_first_lines():
    lines = [
        f"{kind}: t.c{number}"
        for kind, many in (("mapping", 1500), ("validation", 3))
        for number in range(many)
    ]
    fault = GateClosedError("acme", "review", lines)
    first, *named, more, way = str(fault).splitlines()
    assert first.endswith("nothing was published. 1,503 hold it: 1,500 mapping, 3 validation.")
    assert named == [f"  - mapping: t.c{number}" for number in range(10)]
    assert more == "  ... and 1,493 more"
    assert way == "See `smp review list acme` and `smp status acme`. With `--json` a refusal names each."
    assert fault.holding == tuple(lines)


def test_a_closed_gate_that_little_holds_names_it_all():
    said = str(GateClosedError("acme", "final", ["approval: version 1"])).splitlines()
    assert said == [
        "The final gate of client 'acme' is closed; nothing was published.",
        "  - approval: version 1",
        "See `smp review list acme` and `smp status acme`.",
    ]
