"""Every page in a real browser: readable for everybody, narrow or wide, light or dark, whatever a client called things.

A page that is not listed here fails. What was seen is kept: wide and narrow, light and dark.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, ConsoleMessage, Page

from schema_matching_pipeline.entrances.api import ui
from schema_matching_pipeline.entrances.api.app import routers
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Actor, Role, SessionTerms
from schema_matching_pipeline.model.review import Decision, DecisionKind, ItemKind
from schema_matching_pipeline.workflows.decide_bulk import decide_together
from schema_matching_pipeline.workflows.log_in import begin_session
from schema_matching_pipeline.workflows.manage_keys import list_keys
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline_tests.entrances.dagster.installation import PATIENTS, Installation

pytestmark = pytest.mark.no_cover  # asks for the same pages over and over, which tracing makes twice as slow

LONG = "n" * 10_000
TURNED = "\u202egnp.exe"
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    '"; DROP TABLE x; --',
    "=cmd|' /C calc'!A0",
    "naïve 名前 🙂",
    TURNED,
    LONG,
)
PAGES: Mapping[str, str] = {
    "/": "/",
    "/api/docs": "/api/docs",
    "/api/docs/{subject}": "/api/docs/review",
    "/audit": "/audit?client={client}",
    "/clients/{client}": "/clients/{client}",
    "/clients/{client}/explain": "/clients/{client}/explain?column={column}",
    "/clients/{client}/mappings": "/clients/{client}/mappings",
    "/clients/{client}/profile": "/clients/{client}/profile",
    "/login": "/login?next=/review",
    "/review": "/review?client={client}",
    "/review/{item}": "/review/{item}?client={client}",
    "/settings": "/settings",
    "/trust": "/trust?client={client}",
    "/users": "/users",
    "/values": "/values?entity=patient",
}
"""Where each page is looked at."""
PARTS: Mapping[str, str] = {
    "/review/queue": "/review/queue?client={client}",
    "/review/standing": "/review/standing?client={client}",
    "/review/blocked": "/review/blocked?client={client}",
    "/review/fields": "/review/fields?client={client}&q=name&item={item}",
    "/review/{item}/rule": "/review/{item}/rule?target=patient.city",
    "/review/{item}/news": "/review/{item}/news?version=9",
}
"""Parts of pages, which a browser asks for by itself."""
FILES: Mapping[str, str] = {"/clients/{client}/profile.html": "/clients/{client}/profile.html"}
"""What a browser keeps instead of showing it."""
WAYS_IN = {"/enter", "/login/outside", "/login/outside/back"}
FORMS: Mapping[str, Mapping[str, str]] = {
    "/clients/{client}/start": {},
    "/clients/{client}/cancel": {},
    "/clients/{client}/resume": {"run_id": "{run}"},
    "/clients/{client}/approve": {"version": "1"},
    "/clients/{client}/refuse": {"version": "1", "reason": "No."},
    "/clients/{client}/rest": {"active": "true"},
    "/review/{item}/decide": {"decision": "approve", "expected_row_version": "1"},
    "/review/{item}/rule": {"target": "patient.city", "added": "trim"},
    "/review/{item}/skip": {},
    "/review/{item}/undo": {},
    "/review/{item}/assign": {},
    "/review/{item}/comment": {"text": "Ask the clinic."},
    "/review/{item}/flag": {"reason": "Ask the clinic."},
    "/review/{item}/reveal": {"reason": "No."},
    "/review/bulk/{batch}/redo": {},
    "/review/bulk/{batch}/undo": {},
    "/trust/{client}": {"profile": "standard"},
    "/trust/{client}/checks": {"percent": "5"},
    "/trust/{client}/relax": {"entity": "patient", "reason": "No."},
    "/values/{value_id}/verify": {},
    "/values/{value_id}/reject": {"reason": "No."},
}
"""What forms send that name a thing of the tenant."""
BY_BODY: Mapping[str, Mapping[str, str]] = {
    "/review/bulk": {"items": "{item}:1", "decision": "approve"},
    "/review/bulk/preview": {"items": "{item}", "decision": "approve"},
    "/users/change": {"login": "{login}", "role": "admin", "active": "true"},
    "/users/key": {"login": "{login}"},
    "/users/password": {"login": "{login}", "password": "a long word for the door"},
    "/settings/keys/revoke": {"key_id": "{key}"},
}
"""The same of forms whose address names nothing."""
OF_ONESELF = {
    "/audit/verify",
    "/login",
    "/logout",
    "/settings/keys",
    "/settings/password",
    "/settings/sessions/end",
    "/users",
}
"""Forms that name nothing that is there already."""
SHOWS_NAMES = ("/clients/{client}/mappings", "/clients/{client}/profile", "/review")
EMPTY = ("/", "/audit", "/review", "/trust", "/users", "/values")
_RULES: Mapping[Literal["light", "dark"], dict[str, object]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"runOnly": ["color-contrast"]},  # all else is the same in the dark
}
_ZOOMED, _NARROW, _USUAL = 640, 800, 1280  # the first is the last at 200 %
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_UNDER_WAY = "Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))"


@pytest.fixture(scope="module")
def tenant(installation: Installation) -> Installation:
    return installation.alone("looked-at")


@pytest.fixture(scope="module")
def things(tenant: Installation) -> dict[str, str]:
    """A client whose columns, values and name want to be code, and what else pages name."""
    folder = tenant.folder / "hostile"
    folder.mkdir()
    columns = {**PATIENTS, **{name: tuple(f"{name[:40]}{place}" for place in range(40)) for name in HOSTILE}}
    with (folder / "patients.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    client = tenant.add_client_at("hostile-pages", str(folder))
    tenant.propose(client)
    item, *others = tenant.items(client)
    return {
        "client": client,
        "item": item.id,
        "batch": _decided_together(
            tenant, [other.id for other in others if other.kind is ItemKind.MAPPING][:2]
        ),
        "run": tenant.run(client).id,
        "column": "patients.date_of_birth",
        "value_id": str(_learned(tenant)),
        "login": "looked-at-alone",
        "key": _key_of(tenant, "looked-at-alone"),
    }


@pytest.fixture(scope="module")
def page(browser: Browser, served: str, tenant: Installation) -> Iterator[Page]:
    """A page in which an administrator of the tenant is logged in."""
    yield from _logged_in(browser, served, tenant)


@pytest.fixture(scope="module")
def bare(browser: Browser, served: str, installation: Installation) -> Iterator[Page]:
    """The same in a tenant that has nothing yet."""
    yield from _logged_in(browser, served, installation.alone("bare"))


def _logged_in(browser: Browser, served: str, tenant: Installation) -> Iterator[Page]:
    context = browser.new_context(base_url=served)
    context.add_init_script("window.alert = () => console.error('a script of a client ran')")
    opened = context.new_page()
    opened.goto(f"/enter?ticket={_token(tenant, tenant.steward)}")
    yield opened
    context.close()


def _token(installation: Installation, actor: Actor) -> str:
    started = begin_session(installation.world, actor, SessionTerms())
    return AccessTokens(installation.settings.key).made(started, 60)


def _decided_together(tenant: Installation, items: Sequence[str]) -> str:
    """The id under which decisions about the items are taken back together."""
    decisions = [Decision(item_id=item, kind=DecisionKind.REJECT, reason="Not this.") for item in items]
    batch = decide_together(tenant.world, tenant.steward, decisions).batch_id
    assert batch
    return batch


def _key_of(tenant: Installation, login: str) -> str:
    """The id of the key of a new person."""
    add_person(tenant.world, tenant.steward, login, Role.VIEWER, None)
    return list_keys(tenant.world, tenant.steward, login)[0].id


def _learned(tenant: Installation) -> int:
    with psycopg.connect(tenant.owner_url()) as connection:
        connection.execute(
            "select set_config('smp.tenant_id', %s, false), set_config('smp.actor', 'system:test', false)",
            [tenant.steward.tenant_id],
        )
        found = connection.execute(
            "insert into smp.value_bank_entries (entity, field, value_hash) values ('patient', 'city', %s)"
            " returning id",
            ["00000000000000ff"],
        )
        return int(next(found)[0])


def _routes(method: str) -> set[str]:
    return {
        route.path
        for router in routers(ui)
        for route in router.routes
        if isinstance(route, APIRoute) and method in (route.methods or ())
    }


def _looked_at(page: Page, place: str, name: str, pictures: Path) -> list[str]:
    """What is wrong with the page at a place, in both schemes and widths."""
    wrong: list[str] = []
    said: list[str] = []

    def hears(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", hears)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": _USUAL, "height": 900})
    page.goto(place)
    for scheme, rules in _RULES.items():
        page.emulate_media(color_scheme=scheme)
        _pictured(page, pictures, f"{name}-{scheme}")
        found = Axe().run(page, options=rules).response["violations"]
        wrong += [
            f"{scheme}: {each['id']}: {each['nodes'][0]['html'][:200]} ({each['nodes'][0]['failureSummary']})"
            for each in found
            if each["impact"] in {"serious", "critical"}
        ]
    for width in (_USUAL, _NARROW, _ZOOMED):
        page.set_viewport_size({"width": width, "height": 900})
        if wider := page.evaluate(_WIDER):
            wrong.append(f"{wider} px wider than a window of {width}")
    page.remove_listener("console", hears)
    return wrong + said


def _pictured(page: Page, pictures: Path, name: str) -> None:
    """Keeps the page as it is seen in a narrow and in the usual window, which stays."""
    for width in (_NARROW, _USUAL):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(_UNDER_WAY)
        page.screenshot(path=pictures / f"{name}-{width}.png")


def test_every_page_is_looked_at():
    assert _routes("GET") == {*PAGES, *PARTS, *FILES, *WAYS_IN}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody_in_every_light_and_width_and_shows_hostile_names_as_texts(
    path, page, things, pictures
):
    name = path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "clients"
    assert _looked_at(page, PAGES[path].format_map(things), name, pictures) == []
    assert TURNED[0] not in page.content()
    assert page.locator("script:not([src^='/static/']), img:not([src^='/static/'])").count() == 0
    if path in SHOWS_NAMES:
        text = page.locator("body").text_content() or ""
        assert [name for name in HOSTILE[:3] if name not in text] == []


@pytest.mark.parametrize("path", EMPTY)
def test_a_page_with_nothing_on_it_is_for_everybody_too(path, bare, pictures):
    assert _looked_at(bare, path, f"empty-{path.strip('/') or 'clients'}", pictures) == []


@pytest.mark.parametrize("width", [_NARROW, _USUAL])
def test_the_parts_of_an_empty_desk_end_where_the_page_does(width, bare):
    bare.set_viewport_size({"width": width, "height": 900})
    bare.goto("/review")
    ends = "[...document.querySelectorAll('.desk > section, .item > section')].map((one) => one.getBoundingClientRect().right)"
    page = bare.evaluate("document.querySelector('.desk').getBoundingClientRect().right")
    assert [end for end in bare.evaluate(ends)[-1 if width == _USUAL else 0 :] if end != page] == []


def test_a_fault_is_for_everybody_too(page, pictures):
    said = _looked_at(page, "/clients/nobody", "fault", pictures)
    assert {line for line in said if "404" not in line} == set()
    assert page.get_by_role("heading", name="Not Found").is_visible()


@pytest.mark.parametrize("path", PARTS)
def test_hostile_names_are_texts_in_parts_of_pages_too(path, http, tenant, things):
    headers = {"Authorization": f"Bearer {_token(tenant, tenant.steward)}", "HX-Request": "true"}
    answer = http.get(PARTS[path].format_map(things), headers=headers)
    assert answer.status_code == 200
    assert [sign for sign in (TURNED[0], "<script", "<img") if sign in answer.text] == []


@pytest.mark.parametrize(
    "path", [path for path, place in {**PAGES, **PARTS, **FILES}.items() if "{" in path and "{" in place]
)
def test_another_tenants_things_are_not_there(path, http, installation, things):
    stranger = installation.alone("stranger")
    headers = {"Authorization": f"Bearer {_token(stranger, stranger.steward)}"}
    place = {**PAGES, **PARTS, **FILES}[path].format_map(things)
    assert http.get(place, headers=headers).status_code == 404


def test_every_form_is_sent_by_a_stranger():
    assert _routes("POST") == {*FORMS, *BY_BODY, *OF_ONESELF}


@pytest.mark.parametrize("path", [*FORMS, *BY_BODY])
def test_nobody_does_anything_to_another_tenants_things(path, http, installation, things):
    stranger = installation.alone("stranger")
    headers = {"Authorization": f"Bearer {_token(stranger, stranger.steward)}"}
    given = {name: value.format_map(things) for name, value in {**FORMS, **BY_BODY}[path].items()}
    assert http.post(path.format_map(things), data=given, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "path", ["/clients/{mine}/resume", "/review/{item}?client={mine}", "/review/{item}/undo?client={mine}"]
)
def test_a_client_of_ones_own_opens_nothing_of_another_tenant(path, http, installation, things):
    stranger = installation.alone("stranger")
    headers = {"Authorization": f"Bearer {_token(stranger, stranger.steward)}"}
    place = path.format(mine=stranger.add_client("mine"), **things)
    given = {"run_id": things["run"]}
    answer = (
        http.get(place, headers=headers)
        if path.endswith("{item}?client={mine}")
        else http.post(place, data=given, headers=headers)
    )
    assert answer.status_code == 404
