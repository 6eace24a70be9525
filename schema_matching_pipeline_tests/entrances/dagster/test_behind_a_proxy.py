"""Dagster's own pages behind the login of the desk, by the proxy configuration that is delivered, in a real nginx."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.workflows.log_in import set_password
from schema_matching_pipeline.workflows.manage_people import add_person
from schema_matching_pipeline_tests.entrances.dagster.installation import (
    TENANT,
    Installation,
    free_port,
    make_installation,
)
from schema_matching_pipeline_tests.entrances.dagster.machine import Machine
from schema_matching_pipeline_tests.entrances.dagster.waiting import wait_for

DELIVERED = Path(__file__).parents[3] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PASSWORD = "a long word for the door"
RELOAD = {"query": "mutation { reloadWorkspace { __typename } }"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")


@pytest.fixture(scope="module")
def place(embedded_server, _template, tmp_path_factory) -> Iterator[str]:
    """Where people find desk and Dagster: the address of the proxy before a running installation."""
    folder = tmp_path_factory.mktemp("proxied")
    made = make_installation(embedded_server, _template, folder, free_port())
    port = free_port()
    url = f"https://localhost:{port}"
    settings = made.settings.model_copy(
        update={"dagster_path": "/dagster", "dagster_view_port": free_port(), "desk_url": url}
    )
    installation = replace(made, settings=settings)
    machine = Machine(installation)
    for role in Role:
        enrol(installation, role, None)
    enrol(installation, Role.ADMIN, (installation.add_client("only"),))
    proxy = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(configured(installation, folder, port)), "-g", "daemon off;"])  # fmt: skip
    wait_for("the proxy", lambda: answers(url))
    yield url
    proxy.terminate()
    proxy.wait(30)
    machine.stop()


def enrol(installation: Installation, role: Role, clients: tuple[str, ...] | None) -> None:
    login = f"confined-{role}" if clients else f"a-{role}"
    add_person(installation.world, installation.steward, login, role, clients)
    set_password(installation.world, installation.steward, login, PASSWORD)


def configured(installation: Installation, folder: Path, port: int) -> Path:
    """The delivered configuration with the ports, the certificate and the places of this test, and nothing else changed."""
    known = installation.settings
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "smp.key", "-out", folder / "smp.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    told = DELIVERED.read_text(encoding="utf-8")
    for ours, here in (
        ("127.0.0.1:3001", f"127.0.0.1:{known.desk_port}"),
        ("127.0.0.1:3000", f"127.0.0.1:{known.webserver_port}"),
        ("127.0.0.1:3002", f"127.0.0.1:{known.dagster_view_port}"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("server_name HOST;", "server_name localhost;"),
        ("/etc/ssl/smp", str(folder / "smp")),
    ):
        assert ours in told
        told = told.replace(ours, here)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
    written = folder / "nginx.conf"
    written.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{told}\n}}\n"
    )
    return written


def trusting() -> ssl.SSLContext:
    """The certificate is the test's own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def answers(url: str) -> bool:
    with suppress(httpx2.TransportError):
        return httpx2.get(f"{url}/healthz", verify=trusting()).status_code == 200
    return False


@contextmanager
def browser(place: str, login: str | None = None) -> Iterator[httpx2.Client]:
    """A browser, in which somebody may have logged in."""
    with httpx2.Client(base_url=place, verify=trusting(), timeout=60) as made:
        if login:
            entered = made.post("/login", data={"login": login, "password": PASSWORD, "tenant": TENANT})
            assert entered.status_code == 303, entered.text
            assert "Secure" in entered.headers["Set-Cookie"]
        yield made


def reloaded(http: httpx2.Client, **headers: str) -> str:
    answer = http.post("/dagster/graphql", json=RELOAD, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["reloadWorkspace"]["__typename"])


def test_what_others_reach_speaks_the_newest_tls_alone_and_says_to_stay_with_it(place):
    old = trusting()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{place}/healthz", verify=old)
    new = trusting()
    new.minimum_version = ssl.TLSVersion.TLSv1_3
    answer = httpx2.get(f"{place}/healthz", verify=new)
    assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (200, "max-age=31536000")


def test_nobody_sees_dagster_s_pages(place):
    with browser(place) as http:
        page, program = http.get("/dagster/runs", headers=PAGE), http.post("/dagster/graphql", json=RELOAD)
    assert (page.status_code, page.headers["Location"]) == (302, f"{place}/login?next=/dagster/runs")
    assert program.status_code == 401


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.ADMIN])
def test_whoever_runs_pipelines_changes_things_there(place, role):
    with browser(place, f"a-{role}") as http:
        assert "Dagster" in http.get("/dagster/", headers=PAGE).text
        assert reloaded(http) == "Workspace"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STEWARD])
def test_others_see_it_and_change_nothing(place, role):
    with browser(place, f"a-{role}") as http:
        assert "Dagster" in http.get("/dagster/", headers=PAGE).text
        assert reloaded(http) == "UnauthorizedError"
        assert reloaded(http, **{"X-SMP-Dagster": "full"}) == "UnauthorizedError"


def test_who_is_confined_to_clients_sees_nothing_of_it(place):
    with browser(place, "confined-admin") as http:
        assert http.get("/dagster/", headers=PAGE).status_code == 403


def test_a_page_of_somebody_else_changes_nothing(place):
    with browser(place, "a-admin") as http:
        answer = http.post("/dagster/graphql", json=RELOAD, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_somebody_else_asks_for_nothing_but_visits(place, site):
    from_elsewhere = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    with browser(place, "a-admin") as http:
        for headers in (from_elsewhere, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
            asked = http.get("/dagster/graphql", params=RELOAD, headers={**headers, "Accept": "*/*"})
            assert asked.status_code == 403
        visit = {**PAGE, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
        assert http.get("/dagster/runs", headers=visit).status_code == 200
        own = {"Origin": place, "Sec-Fetch-Site": "same-origin"}
        assert reloaded(http, **own) == "Workspace"


# The first is the plain way; the others are spelled so that a proxy and what stands behind it may read them differently.
WAYS = (
    "/dagster/graphql",
    "/%64agster/graphql",
    "//dagster/graphql",
    "/dagster//graphql",
    "/./dagster/graphql",
    "/healthz/../dagster/graphql",
    "/healthz/%2e%2e/dagster/graphql",
    "/static/..%2fdagster/graphql",
    "/static/..%252fdagster/graphql",
    "/dagster%2fgraphql",
    "/dagster;x=1/graphql",
    "/healthz/..;/dagster/graphql",
    "/static/..\\dagster\\graphql",
    "/access/dagster",
    "//access/dagster",
    "/%61ccess/dagster",
    "/access/dagster/",
    "/x/../access/dagster",
    "/dagster/../access/dagster",
)
SAYS = {
    "X-SMP-Dagster": "full",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/dagster",
    "X-Original-URL": "/dagster/graphql",
    "X-Rewrite-URL": "/dagster/graphql",
    "Forwarded": "for=127.0.0.1;host=elsewhere.example;proto=http",
}


@pytest.mark.parametrize("login", [None, "a-steward", "confined-admin"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_writing_an_address_gets_past_the_login(place, sessions, way, login):
    """Nobody, a steward, and an administrator of one client change nothing, whatever their headers say."""
    for headers in ({}, SAYS):
        status, told = asked_raw(place, "POST", way, json.dumps(RELOAD), sessions[login], headers)
        assert '"Workspace"' not in told
        assert "elsewhere.example" not in told
        if login != "a-steward":
            assert status in {301, 302, 303, 307, 400, 401, 403, 404, 405}
            assert "UnauthorizedError" not in told  # what a read-only Dagster says to who may look


def test_a_socket_is_opened_for_who_may_look_from_our_own_pages_alone(place, sessions):
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "graphql-ws",
    }
    opened = {
        (login, origin): asked_raw(
            place,
            "GET",
            "/dagster/graphql",
            "",
            sessions[login],
            upgrade | ({"Origin": origin} if origin else {}),
        )[0]
        for login in sessions
        for origin in (place, "https://elsewhere.example", "null", None)
    }
    allowed = {("a-steward", place), ("a-steward", None)}
    assert {asked for asked, status in opened.items() if status == 101} == allowed
    assert {status for asked, status in opened.items() if asked not in allowed} <= {401, 403}


def test_a_way_back_that_names_another_place_leads_home(place):
    with browser(place) as http:
        sent = http.get("/dagster/runs?x=1&next=https://elsewhere.example/", headers=PAGE)
        page = http.get(sent.headers["Location"])
    assert sent.status_code == 302
    assert 'name="next" value="https://elsewhere.example' not in page.text


@pytest.fixture(scope="module")
def sessions(place) -> dict[str | None, str]:
    """The cookies of nobody, of a steward, and of an administrator of one client, by login."""
    held: dict[str | None, str] = {None: ""}
    for login in ("a-steward", "confined-admin"):
        with browser(place, login) as http:
            held[login] = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    return held


def asked_raw(
    place: str, method: str, path: str, body: str, cookie: str, headers: Mapping[str, str]
) -> tuple[int, str]:
    """Status and answer to a request whose path goes over the line as it is written."""
    host = place.removeprefix("https://")
    name, _, port = host.partition(":")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Accept: */*"]
    lines += [f"{each}: {value}" for each, value in headers.items()]
    lines += [f"Cookie: {cookie}"] if cookie else []
    if "Connection" not in headers:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close"]
    with (
        socket.create_connection((name, int(port)), 60) as plain,
        trusting().wrap_socket(plain, server_hostname=name) as line,
    ):
        line.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        told = line.recv(65536)
        while "Connection" not in headers and (more := line.recv(65536)):
            told += more
    return int(told.split(b" ", 2)[1]), told.decode("utf-8", "replace")


def test_pages_of_the_desk_lead_to_dagster_behind_the_proxy(place):
    with browser(place, "a-viewer") as http:
        assert f'href="{place}/dagster"' in http.get("/", headers=PAGE).text
        assert http.get("/access/dagster").status_code == 404
