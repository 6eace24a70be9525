"""The list of sources, and clients that go again together with theirs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from schema_matching_pipeline.errors import InUseError, NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.notification import News, Topic
from schema_matching_pipeline.model.pipeline import Phase, RequestKind
from schema_matching_pipeline_tests.registry.office import ENGINEER, Office, make_office, routed
from schema_matching_pipeline_tests.registry.steps import connected, rows, wait_for_a_lock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_fifty_sources_come_in_pages_and_filters_count_as_sql_does(office: Office, registry_database):
    for number in range(1, 50):
        office.add_client(f"c{number:02}")
    with office.open() as unit:
        for number in range(1, 8):
            unit.clients.set_active(f"c{number:02}", active=False)
        third = unit.sources.list(page=3, size=20)
        resting, files = unit.sources.list(active=False), unit.sources.list(kind="file")
        databases = unit.sources.list(kind="database", active=True)
    assert (third.total, third.page, third.size, third.pages, len(third.items)) == (50, 3, 20, 3, 10)
    assert third.items[-1].client == "c49"
    with connected(registry_database.superuser_url) as connection:
        (counted,) = rows(
            connection,
            "select count(*) filter (where not active), count(*) filter (where active) from smp.clients",
        )
    assert (resting.total, databases.total, files.total) == (*counted, 0) == (7, 43, 0)


def test_the_sources_of_another_tenant_are_not_listed(office: Office, registry, app_url):
    stranger = make_office(registry, app_url, "strangers")
    with stranger.open() as unit:
        assert unit.sources.list().total == 0


def test_people_see_where_the_data_are_and_no_credential(office: Office):
    with office.open() as unit:
        assert (
            unit.sources.address(unit.clients.get("acme").connection_id).shown
            == "postgresql://db.example/acme"
        )


def test_a_client_that_nothing_was_made_of_goes_with_its_connection_and_its_requests(
    office: Office, registry_database
):
    with office.open() as unit:
        unit.requests.add("acme", RequestKind.ONBOARD, "system:pipeline")
    with office.open(ENGINEER) as unit:
        unit.clients.remove("acme")
    with connected(registry_database.superuser_url) as connection:
        left = "select (select count(*) from smp.clients), (select count(*) from smp.connections), (select count(*) from smp.run_requests)"
        deleted = "select subject from smp.audit_log where action = 'deleted' order by 1"
        assert rows(connection, left) == [(0, 0, 0)]
        assert [name for (name,) in rows(connection, deleted)] == ["clients", "connections", "run_requests"]


def test_a_client_of_which_only_failed_runs_are_left_goes_with_them_and_the_audit_keeps_them(
    office: Office, registry_database
):
    office.start_run()
    with office.open(ENGINEER) as unit:
        unit.notifications.add("webhook", "hooks.example", {"url": "https://hooks.example/x"})
    failed = News(
        client="acme",
        topic=Topic.PIPELINE_FAILED,
        key="failed:1",
        headline="acme failed",
        place="/clients/acme",
    )
    with office.open() as unit:
        unit.requests.add("acme", RequestKind.ONBOARD, "system:pipeline")
        unit.runs.fail("acme", Phase.COLUMN_PROFILES, "SOURCE_REFUSED", "no permission", None)
        unit.notifications.tell([failed], now=NOON, daily=NOON)
    with office.open(ENGINEER) as unit:
        unit.clients.remove("acme")
    with connected(registry_database.superuser_url) as connection:
        left = (
            "select (select count(*) from smp.clients), (select count(*) from smp.pipeline_runs),"
            " (select count(*) from smp.news), (select count(*) from smp.deliveries)"
        )
        kept = "select distinct action from smp.audit_log where subject = 'pipeline_runs' order by 1"
        assert rows(connection, left) == [(0, 0, 0, 0)]
        assert [action for (action,) in rows(connection, kept)] == ["created", "deleted", "updated"]


def test_what_a_failed_run_left_behind_holds_its_client(office: Office):
    office.propose(routed("born", "patient.birth_date"))
    with office.open() as unit:
        unit.runs.enter("acme", Phase.COLUMN_PROFILES, trust_profile="standard")
        unit.runs.fail("acme", Phase.COLUMN_PROFILES, "SOURCE_REFUSED", "no permission", None)
    with office.open(ENGINEER) as unit, pytest.raises(InUseError) as refused:
        unit.clients.remove("acme")
    assert refused.value.holding == {"mapped column(s)": 1}


def test_a_run_on_its_way_holds_its_client(office: Office):
    office.start_run()
    with office.open(ENGINEER) as unit, pytest.raises(InUseError) as refused:
        unit.clients.remove("acme")
    assert refused.value.holding == {"run(s)": 1}


def test_a_failed_run_that_is_on_its_way_again_holds_its_client(office: Office, registry_database):
    office.start_run()
    with office.open() as unit:
        unit.requests.add("acme", RequestKind.ONBOARD, "system:pipeline")
        unit.runs.fail("acme", Phase.COLUMN_PROFILES, "SOURCE_REFUSED", "no permission", None)
    with connected(registry_database.superuser_url) as connection:
        connection.execute(text("update smp.run_requests set state = 'running'"))
    with office.open(ENGINEER) as unit, pytest.raises(InUseError) as refused:
        unit.clients.remove("acme")
    assert refused.value.holding == {"run(s) on the way": 1}


def test_a_run_that_goes_on_meanwhile_holds_its_client(office: Office, registry_database):
    office.start_run()
    with office.open() as unit:
        unit.runs.fail("acme", Phase.COLUMN_PROFILES, "SOURCE_REFUSED", "no permission", None)

    def remove() -> None:
        with office.open(ENGINEER) as unit:
            unit.clients.remove("acme")

    with ThreadPoolExecutor(1) as pool:
        with connected(registry_database.superuser_url) as connection:
            connection.execute(text("update smp.pipeline_runs set state = 'profiling'"))
            removing = pool.submit(remove)
            wait_for_a_lock(registry_database.superuser_url)
        with pytest.raises(InUseError):
            removing.result(timeout=60)


def test_a_client_with_a_history_stays_and_what_holds_it_is_named(office: Office):
    office.propose(routed("born", "patient.birth_date"))
    with office.open(ENGINEER) as unit, pytest.raises(InUseError) as refused:
        unit.clients.remove("acme")
    assert refused.value.holding == {"run(s)": 1, "mapped column(s)": 1}
    assert str(refused.value).startswith(
        "Client 'acme' cannot be removed; it has 1 run(s), 1 mapped column(s). "
    )
    assert str(refused.value).endswith("put it to rest instead: smp client set acme --inactive")
    with office.open() as unit:
        assert unit.clients.get("acme").active


def test_only_a_person_who_may_manage_clients_removes_one_of_the_own_tenant(
    office: Office, registry, app_url
):
    with office.open() as unit, pytest.raises(NotAllowedError, match="may not remove clients"):
        unit.clients.remove("acme")
    stranger = make_office(registry, app_url, "strangers")
    with stranger.open(ENGINEER) as unit, pytest.raises(UnknownNameError):
        unit.clients.remove("acme")
    with office.open() as unit:
        assert unit.clients.get("acme").slug == "acme"
