"""Dagster's own pages behind the login of the desk, by the proxy configuration that is delivered, in a real nginx."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
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


def test_pages_of_the_desk_lead_to_dagster_behind_the_proxy(place):
    with browser(place, "a-viewer") as http:
        assert f'href="{place}/dagster"' in http.get("/", headers=PAGE).text
        assert http.get("/access/dagster").status_code == 404
