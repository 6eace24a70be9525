"""Values and secrets that were planted are found nowhere: in no table, no event of Dagster's, no log, page or message."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql
from starlette.testclient import TestClient

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.registry.embedded import SUPERUSER
from schema_matching_pipeline.workflows.log_in import set_password
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.notify_people import NewChannel, notify_people, open_channel
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, Installation
from schema_matching_pipeline_tests.fakes.post_office import web_post_office

BIRD, PASSWORD, SHARED = "Kanarienvogelin", "a canary sings in the mine", "canary-of-the-webhook"
TABLE = {
    **PATIENTS,
    "last_name": tuple(f"{BIRD}{chr(97 + number % 26)}{'x' * (number // 26)}" for number in range(40)),
    "email": tuple(f"{BIRD}.{number}@example.org" for number in range(40)),
    "remark": tuple(f"{BIRD} was here on day {number}" for number in range(40)),
}
OF_A_CLIENT = ("", "/profile", "/mappings", "/mappings.csv", "/explain?column=patients.email")
OF_ALL = ("/", "/review", "/values", "/trust", "/audit", "/users", "/settings")


def test_nothing_that_was_planted_is_found_anywhere(installation, embedded_server, app, capfd):
    tenant = installation.alone("canaries")
    registry, storage = (
        embedded_server.url(SUPERUSER, url.get_secret_value().split("?")[0].rsplit("/", 1)[1]).replace(
            "+psycopg", ""
        )
        for url in (installation.settings.database_url, installation.settings.dagster_url)
    )
    with web_post_office() as office:
        hook = NewChannel(kind="webhook", options={"url": f"{office.url}/hook", "secret": SHARED})
        open_channel(tenant.world, tenant.steward, hook)
        client = tenant.add_client("canary", patients=TABLE)
        tenant.propose(client)
        key = add_person(tenant.world, tenant.steward, "reader", Role.ADMIN, None).key
        set_password(tenant.world, tenant.steward, "reader", PASSWORD)
        planted = (BIRD, PASSWORD, SHARED, key)
        notify_people(tenant.world, "https://desk.example.org")
        with TestClient(app, follow_redirects=False) as http:
            [(name,)] = asked(
                registry, "select name from smp.tenants where id = %s", tenant.steward.tenant_id
            )
            entered = http.post("/login", data={"login": "reader", "password": PASSWORD, "tenant": name})
            assert entered.status_code == 303
            shown = {place: http.get(place) for place in pages(tenant, client)}
        tenant.clear_queue(client)
        tenant.approve(client)
        assert office.posted
        messages = [posted.body.decode() + str(posted.headers) for posted in office.posted]
    assert {place: answer.status_code for place, answer in shown.items() if answer.status_code != 200} == {}
    logged = capfd.readouterr()
    kept = {
        **{place: answer.text for place, answer in shown.items()},
        **{f"message {number}": message for number, message in enumerate(messages)},
        "output": logged.out,
        "log": logged.err,
        **{f"registry {name}": text for name, text in rows(registry)},
        **{f"orchestrator {name}": text for name, text in rows(storage)},
    }
    assert client in kept["registry smp.clients"]
    assert client in kept["orchestrator public.event_logs"]
    found = {
        (word[:4], name)
        for name, text in kept.items()
        for word in planted
        if word.casefold() in text.casefold()
    }
    assert found == set()


def pages(tenant: Installation, client: str) -> Iterator[str]:
    yield from OF_ALL
    yield from (f"/clients/{client}{place}" for place in OF_A_CLIENT if place != "/mappings.csv")
    yield f"/api/v1/clients/{client}/mappings.csv"
    for item in tenant.items(client):
        yield f"/review/{item.id}"
        yield f"/api/v1/review/{item.id}"


def asked(url: str, question: str, *values: object) -> list[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(question, values).fetchall()


def rows(url: str) -> Iterator[tuple[str, str]]:
    """Every table of a database with all its rows as one text, whoever they belong to."""
    tables = asked(url, "select schemaname, tablename from pg_tables where schemaname in ('smp', 'public')")
    for schema, table in tables:
        every = sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, table)).as_string()
        yield f"{schema}.{table}", "\n".join(row for (row,) in asked(url, every))
