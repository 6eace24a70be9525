"""The list of sources, and clients that go again together with theirs."""

from __future__ import annotations

import pytest

from schema_matching_pipeline.errors import InUseError, NotAllowedError, UnknownNameError
from schema_matching_pipeline.model.pipeline import RequestKind
from schema_matching_pipeline_tests.registry.office import ENGINEER, Office, make_office, routed
from schema_matching_pipeline_tests.registry.steps import connected, rows


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
