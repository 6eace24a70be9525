"""Values of an item's column as they are: shown once to whoever may see them, and found nowhere afterwards."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect, sync_playwright
from starlette.testclient import TestClient

from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import KeyScope, Role, SessionTerms
from schema_matching_pipeline.registry.embedded import SUPERUSER
from schema_matching_pipeline.workflows.list_review import find_item
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline.workflows.manage_keys import KeyTerms, add_key
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline.workflows.read_audit import list_audit
from schema_matching_pipeline_tests.entrances.api.at_the_desk import at_the_desk
from schema_matching_pipeline_tests.entrances.api.test_canaries import rows
from schema_matching_pipeline_tests.entrances.api.test_pages import guard_of
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, Installation

BIRD = "Nachtigallin"
LONG = f"{BIRD}-{'y' * 600}"
WHY = {"reason": "The register spells it otherwise."}
TABLE = {
    **PATIENTS,
    "last_name": (LONG, *(f"{BIRD}{number % 30:02}" for number in range(39))),
    "first_name": tuple(f"<b>{BIRD}</b> {number % 30}" for number in range(40)),
}


@pytest.fixture(scope="module")
def tenant(installation: Installation) -> Installation:
    return installation.alone("reveal")


@pytest.fixture(scope="module")
def client(tenant: Installation) -> str:
    slug = tenant.add_client("reveal", patients=TABLE)
    tenant.propose(slug)
    return slug


@pytest.fixture(scope="module")
def item(tenant: Installation, client: str) -> str:
    """An item about the last names of people."""
    return item_about(tenant, client, "last_name")


@pytest.fixture(scope="module")
def steward(tenant: Installation) -> dict[str, str]:
    started = begin_session(tenant.world, tenant.steward, SessionTerms(access_minutes=60))
    token = AccessTokens(tenant.settings.key).made(started, 60)
    return {"Authorization": f"Bearer {token}"}


def item_about(tenant: Installation, client: str, column: str) -> str:
    return next(item.id for item in tenant.items(client) if item.ref.column == column)


def road(item: str) -> str:
    return f"/api/v1/review/{item}/reveal"


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def logged_in(app, tenant: Installation) -> TestClient:
    """The browser of a steward of the tenant."""
    started = begin_session(tenant.world, tenant.steward, SessionTerms(access_minutes=60))
    http = TestClient(app, follow_redirects=False)
    http.cookies.set("smp_session", AccessTokens(tenant.settings.key).made(started, 60))
    return http


def name_of(tenant: Installation) -> str:
    with psycopg.connect(tenant.owner_url()) as connection:
        [(name,)] = connection.execute(
            "select name from smp.tenants where id = %s", [tenant.steward.tenant_id]
        ).fetchall()
    return str(name)


def write_sqlite(path: Path) -> None:
    """The same patients in a database of one file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"create table patients ({', '.join(f'{name} text' for name in PATIENTS)})")
        marks = ", ".join("?" * len(PATIENTS))
        connection.executemany(f"insert into patients values ({marks})", zip(*PATIENTS.values(), strict=True))
        connection.commit()


def reveals(tenant: Installation) -> list[tuple[str, str | None]]:
    """Who was shown values, and why, by the audit, the last first."""
    events = list_audit(tenant.world, tenant.steward, client=None, limit=200)
    return [(event.actor, event.reason) for event in events if event.subject == "reveals"]


def test_what_was_revealed_is_shown_once_and_found_nowhere(
    http, app, installation, tenant, client, item, steward, embedded_server, capfd
):
    registry, storage = (
        embedded_server.url(SUPERUSER, url.get_secret_value().split("?")[0].rsplit("/", 1)[1]).replace(
            "+psycopg", ""
        )
        for url in (installation.settings.database_url, installation.settings.dagster_url)
    )
    answer = http.post(road(item), json=WHY, headers=steward)
    told = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert told["ref"] == {"table": "patients", "column": "last_name"}
    assert len(told["values"]) == 20
    assert all(value.startswith(BIRD) for value in told["values"])
    page = logged_in(app, tenant)
    shown = page.post(
        f"/review/{item_about(tenant, client, 'first_name')}/reveal",
        data=WHY,
        headers={"X-CSRF-Token": guard_of(page.get("/review")), "HX-Request": "true"},
    )
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert f"&lt;b&gt;{BIRD}&lt;/b&gt; 0" in shown.text
    later = page.get(f"/review/{item}")
    assert "was shown 20 values as they are, “The register spells it otherwise.”" in later.text
    logged = capfd.readouterr()
    kept = {
        "page": later.text,
        "item": page.get(f"/api/v1/review/{item}").text,
        "audit": page.get("/audit").text,
        "output": logged.out,
        "log": logged.err,
        **{f"registry {name}": text for name, text in rows(registry)},
        **{f"orchestrator {name}": text for name, text in rows(storage)},
    }
    assert item in kept["registry smp.reveals"]
    assert [name for name, text in kept.items() if BIRD.casefold() in text.casefold()] == []
    assert reveals(tenant)[:2] == [(tenant.steward.login, WHY["reason"])] * 2


def test_a_long_value_is_cut_and_told_so(http, tenant, steward):
    client = tenant.add_client("long", patients={**PATIENTS, "last_name": (LONG,) * 40})
    tenant.propose(client)
    told = http.post(road(item_about(tenant, client, "last_name")), json=WHY, headers=steward).json()
    assert (told["values"], told["cut"]) == ([LONG[:500]], True)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ENGINEER])
def test_others_are_shown_nothing(http, tenant, item, role):
    """Neither by a program nor on the page, where nobody offers it to them."""
    before = reveals(tenant)
    login = f"not-{role}"
    key = add_person(tenant.world, tenant.steward, login, role, None).key
    token = http.post(
        "/api/v1/auth/login", json={"username": login, "password": key, "tenant": name_of(tenant)}
    )
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    assert code_of(http.post(road(item), json=WHY, headers=headers)) == (403, "FORBIDDEN")
    page = http.get(f"/review/{item}", headers=headers)
    assert (page.status_code, "Show values as they are" in page.text) == (200, False)
    assert reveals(tenant) == before


def test_a_key_for_one_use_reveals_nothing(http, installation, people, waiting):
    login, _ = people[Role.STEWARD]
    made = add_key(
        installation.world, installation.steward, login, KeyTerms(name="deciding", scope=KeyScope.DECIDE)
    )
    answer = http.post(road(installation.items(waiting)[0].id), json=WHY, auth=(login, made.key))
    assert code_of(answer) == (403, "FORBIDDEN")
    assert "Scopes that may: all." in answer.json()["error"]["message"]


def test_in_another_tenant_there_is_no_such_item(http, people, item):
    assert code_of(http.post(road(item), json=WHY, auth=people[Role.ADMIN])) == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}])
def test_a_reason_is_needed(http, tenant, steward, item, body):
    before = reveals(tenant)
    assert code_of(http.post(road(item), json=body, headers=steward)) == (422, "VALIDATION_ERROR")
    assert reveals(tenant) == before


def test_a_source_that_is_away_shows_nothing_and_says_so(http, tenant, steward):
    client = tenant.add_client("away", patients=TABLE)
    tenant.propose(client)
    gone, other = item_about(tenant, client, "last_name"), item_about(tenant, client, "first_name")
    before = reveals(tenant)
    folder = tenant.folder / client
    (folder / "patients.csv").write_text("patient_id,first_name\n1,\n")
    answer = http.post(road(gone), json=WHY, headers=steward)
    assert code_of(answer) == (422, "SOURCE_ERROR")
    assert "last_name" in answer.json()["error"]["message"]
    assert http.post(road(other), json=WHY, headers=steward).json()["values"] == []
    shutil.rmtree(folder)
    assert code_of(http.post(road(gone), json=WHY, headers=steward)) == (422, "SOURCE_ERROR")
    assert len(reveals(tenant)) == len(before) + 1


def test_where_no_row_may_leave_nothing_is_shown(http, tenant, steward):
    source = tenant.folder / "stays.db"
    write_sqlite(source)
    client = tenant.add_client_at("reveal-stays", f"sqlite:///{source}")
    tenant.propose(client)
    found = next(item.id for item in tenant.items(client) if item.ref.column)
    assert http.post(road(found), json=WHY, headers=steward).status_code == 200
    keep = http.patch(f"/api/v1/clients/{client}", json={"data_stays": True}, headers=steward)
    assert keep.status_code == 200, keep.text
    answer = http.post(road(found), json=WHY, headers=steward)
    assert code_of(answer) == (403, "FORBIDDEN")
    assert "may leave its source" in answer.json()["error"]["message"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


def test_values_are_shown_by_a_key_and_go_with_the_item(browser, tenant, served, client, item):
    other = item_about(tenant, client, "first_name")
    with at_the_desk(browser, tenant, served, tenant.steward, client) as desk:
        desk.show(item)
        desk.page.keyboard.press("v")
        desk.page.keyboard.type("To compare.")
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator("#revealed")).to_contain_text(f"{BIRD}00")
        expect(desk.page.locator("#revealed-head")).to_be_focused()
        wrong = Axe().run(desk.page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [each["id"] for each in wrong if each["impact"] in {"serious", "critical"}] == []
        desk.reach("Hide them")
        desk.press("Enter")
        expect(desk.page.locator("#revealed")).to_be_empty()
        desk.show(other)
        desk.page.keyboard.press("v")
        desk.page.keyboard.type("To compare.")
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator("#revealed")).to_contain_text(f"<b>{BIRD}</b> 0")
        desk.page.keyboard.press("j")
        expect(desk.page.locator("#item")).not_to_have_attribute("data-item", other)
        expect(desk.page.locator("body")).not_to_contain_text(BIRD)
        desk.page.go_back()
        expect(desk.page.locator("#item")).to_have_attribute("data-item", other)
        expect(desk.page.locator("body")).not_to_contain_text(BIRD)
    assert find_item(tenant.world, tenant.steward, item).item.row_version == 1
