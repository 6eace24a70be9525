"""What changes reaches an open page within a second or so, none of it twice, and nothing of others."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress
from time import monotonic
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from schema_matching_pipeline.entrances.api.app import create_app
from schema_matching_pipeline.entrances.api.auth.tokens import AccessTokens
from schema_matching_pipeline.model.access import Role, SessionTerms
from schema_matching_pipeline.workflows.log_in import begin_session, log_out
from schema_matching_pipeline.workflows.read_audit import last_change
from schema_matching_pipeline_tests.entrances.api.conftest import serving

SECONDS = 30


class Stream:
    """An open line of events."""

    def __init__(self, served, token, after=None):
        headers = {"Authorization": f"Bearer {token}"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        self.answer = urlopen(Request(f"{served}/events", headers=headers), timeout=SECONDS)  # noqa: S310 - loopback

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()

    def until(self, wanted):
        """Events up to the first for which ``wanted`` holds."""
        seen, event = [], {}
        for line in self.answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
                continue
            if "event" in event:
                seen.append((event["event"], int(event.get("id", 0)), json.loads(event["data"])))
                if wanted(*seen[-1]):
                    return seen
            event = {}
        raise AssertionError(f"the line ended before it came: {seen}")


@pytest.fixture
def tenant(installation):
    return installation.alone("events")


def token_of(installation, actor):
    started = begin_session(installation.world, actor, SessionTerms())
    return AccessTokens(installation.settings.key).made(started, 60), started.actor


def of(client):
    return lambda _kind, _seq, data: data.get("client") == client


def test_a_change_is_told_with_its_kind_and_client(installation, served, tenant):
    token, _ = token_of(installation, tenant.steward)
    with Stream(served, token) as stream:
        client = tenant.add_client("fresh")
        begun = monotonic()
        told = stream.until(of(client))
    assert {kind for kind, _, _ in told} == {"change"}
    assert monotonic() - begun < SECONDS / 2


def test_who_comes_back_goes_on_where_he_was(installation, served, tenant):
    token, _ = token_of(installation, tenant.steward)
    before = last_change(installation.world, tenant.steward)
    first, second = tenant.add_client("first"), tenant.add_client("second")
    with Stream(served, token, before) as stream:
        told = stream.until(of(first))
    with Stream(served, token, told[-1][1]) as stream:
        again = stream.until(of(second))
    assert not {seq for _, seq, _ in told} & {seq for _, seq, _ in again}
    assert first not in {data.get("client") for _, _, data in again}


def test_nobody_hears_of_another_tenant(installation, served, tenant):
    token, _ = token_of(installation, tenant.steward)
    with Stream(served, token, 0) as stream:
        hidden = installation.alone("hidden").add_client("hidden")
        told = stream.until(of(tenant.add_client("open")))
    assert hidden not in str(told)


def test_the_line_ends_with_the_session(installation, served, tenant):
    token, actor = token_of(installation, tenant.steward)
    with Stream(served, token) as stream:
        log_out(installation.world, actor)
        assert stream.until(lambda kind, *_: kind == "end")


def test_events_want_proof(http):
    answer = http.get("/events")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")


def test_an_open_page_shows_a_new_client_by_itself(browser, installation, served, tenant):
    ticket, _ = token_of(installation, tenant.steward)
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{served}/enter?ticket={ticket}")
    page.get_by_text("No client yet").wait_for()
    client = tenant.add_client("seen")
    page.get_by_role("rowheader", name=client).wait_for(timeout=SECONDS * 1000)
    page.close()
    assert said == []


def test_a_login_and_its_key_hear_too(installation, served, tenant):
    steward = installation.steward
    proof = b64encode(f"{steward.login}:{steward.key.get_secret_value()}".encode()).decode()
    request = Request(f"{served}/events", headers={"Authorization": f"Basic {proof}"})  # noqa: S310 - loopback
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
        assert answer.readline() == b"retry: 3000\n"


@pytest.mark.parametrize("role", Role)
def test_every_role_may_follow_what_happens(served, people, role):
    login, key = people[role]
    proof = b64encode(f"{login}:{key}".encode()).decode()
    request = Request(f"{served}/events", headers={"Authorization": f"Basic {proof}"})  # noqa: S310 - loopback
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
        assert answer.readline() == b"retry: 3000\n"


def test_nobody_holds_more_lines_open_than_his_share_and_a_closed_one_counts_no_more(installation, tenant):
    few = installation.settings.model_copy(update={"streams_per_login": 2})
    token, _ = token_of(installation, tenant.steward)
    with serving(create_app(installation.world, few)) as address:
        with Stream(address, token) as first, Stream(address, token) as second:
            assert {stream.answer.readline() for stream in (first, second)} == {b"retry: 3000\n"}
            with pytest.raises(HTTPError) as refused, Stream(address, token):
                pass
            assert (refused.value.code, refused.value.headers["Retry-After"]) == (429, "60")
        deadline = monotonic() + SECONDS
        while monotonic() < deadline:
            with suppress(HTTPError), Stream(address, token) as again:
                assert again.answer.readline() == b"retry: 3000\n"
                return
    raise AssertionError("the closed lines still count")
