"""What waits is told once, to whom it concerns, by whatever channel; what was not taken stays due."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schema_matching_pipeline.errors import BadDecisionError, NotAllowedError, NotificationError
from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.workflows.notify_people import (
    NewChannel,
    close_channel,
    list_channels,
    newest_news,
    notify_people,
    open_channel,
    try_channel,
)
from schema_matching_pipeline_tests.fakes.post_office import mail_post_office, web_post_office

DESK = "https://desk.example.org"


class Clock:
    """A clock that tests put forward."""

    def __init__(self, now):
        self.time = now
        self.numbers = iter(range(1000))

    def now(self):
        return self.time

    def new_id(self):
        return f"id-{next(self.numbers)}"


@pytest.fixture
def clock():
    return Clock(datetime.now(UTC))


@pytest.fixture
def world(installation, clock):
    return replace(installation.world, clock=clock)


@pytest.fixture
def office():
    with web_post_office() as made:
        yield made


@pytest.fixture
def tenant(installation):
    """A tenant of its own with a client that waits."""
    alone = installation.alone("told")
    client = alone.add_client("told")
    alone.propose(client)
    return alone, client


@pytest.fixture
def newcomer(installation):
    """A steward of a tenant of its own, where nothing waits."""
    return installation.alone("newcomer").steward


@pytest.fixture
def hook(world, tenant, office):
    alone, _ = tenant
    options = {"url": f"{office.url}/hook/s3cret", "secret": "shared"}
    return open_channel(world, alone.steward, NewChannel(kind="webhook", options=options))


def told(office):
    return [line["text"] for posted in office.posted for line in json.loads(posted.body)["lines"]]


def test_critical_items_are_told_at_once_and_once(world, tenant, office, hook):
    notify_people(world, DESK)
    notify_people(world, DESK)
    (posted,) = office.posted
    (line,) = json.loads(posted.body)["lines"]
    assert "critical item" in line["text"]
    assert line["link"] == f"{DESK}/review?client={tenant[1]}"


def test_a_signature_shows_who_sent_it(world, tenant, office, hook):
    notify_people(world, DESK)
    (posted,) = office.posted
    signed = hmac.new(b"shared", posted.body, "sha256").hexdigest()
    assert posted.headers["X-Smp-Signature"] == f"sha256={signed}"


def test_what_is_not_taken_is_tried_again_under_the_same_number(world, clock, tenant, office, hook):
    office.refusals[:] = [500, 302]
    done = notify_people(world, DESK)
    assert (done.failed >= 1, office.posted) == (True, [])
    (channel,) = list_channels(world, tenant[0].steward)
    assert channel.failed == "127.0.0.1 answered with 500."
    notify_people(world, DESK)  # not due yet
    assert office.refusals == [302]
    clock.time += timedelta(minutes=2)
    notify_people(world, DESK)  # a redirect is not followed
    clock.time += timedelta(minutes=5)
    notify_people(world, DESK)
    assert [posted.path for posted in office.posted] == ["/hook/s3cret"]
    assert list_channels(world, tenant[0].steward)[0].failed is None


def test_it_is_given_up_after_a_dozen_attempts(world, clock, tenant, office, hook):
    office.refusals[:] = [500] * 20
    for _ in range(15):
        notify_people(world, DESK)
        clock.time += timedelta(hours=7)
    assert len(office.refusals) <= 20 - 12


def test_news_that_is_not_urgent_waits_for_the_morning_and_comes_together(world, clock, tenant, office):
    alone, client = tenant
    open_channel(world, alone.steward, NewChannel(kind="slack", options={"url": f"{office.url}/services/T0"}))
    alone.clear_queue(client)
    notify_people(world, DESK)
    assert office.posted == []
    alone.approve(client)
    clock.time += timedelta(days=1)
    notify_people(world, DESK)
    (posted,) = office.posted
    text = json.loads(posted.body)["text"]
    assert "waits for the final approval" in text
    assert f"<{DESK}/clients/{client}|" in text


def test_who_wants_urgent_news_alone_gets_no_other(world, clock, tenant, office):
    alone, client = tenant
    alone.clear_queue(client)
    channel = NewChannel(kind="webhook", options={"url": office.url}, urgent_only=True)
    open_channel(world, alone.steward, channel)
    notify_people(world, DESK)
    clock.time += timedelta(days=2)
    notify_people(world, DESK)
    assert told(office) == []


def test_a_mail_arrives_with_its_link(world, tenant):
    with mail_post_office() as post:
        options = {"server": post.url, "sender": "smp@example.org", "to": "ada@example.org, ben@example.org"}
        open_channel(world, tenant[0].steward, NewChannel(kind="mail", options=options))
        post.refusals[:] = [451]
        notify_people(world, DESK)
        assert list_channels(world, tenant[0].steward)[0].failed == "127.0.0.1 answered with 451."
        world.clock.time += timedelta(minutes=2)
        notify_people(world, DESK)
    (mail,) = post.mails
    assert (mail["To"], "critical item" in mail["Subject"]) == ("ada@example.org, ben@example.org", True)
    assert f"{DESK}/review?client={tenant[1]}" in mail.get_payload()


def test_a_channel_of_one_tenant_hears_nothing_of_another(world, installation, tenant, office, hook):
    other = installation.alone("others")
    client = other.add_client("others")
    other.propose(client)
    notify_people(world, DESK)
    assert not [text for text in told(office) if client in text]
    assert {one.news.client for one in newest_news(world, other.steward)} == {client}
    assert list_channels(world, other.steward) == ()


def test_a_channel_of_one_client_hears_of_that_one(world, tenant, office):
    alone, client = tenant
    another = alone.add_client("another")
    alone.propose(another)
    channel = NewChannel(kind="webhook", options={"url": office.url}, client=another)
    open_channel(world, alone.steward, channel)
    notify_people(world, DESK)
    assert told(office)
    assert {client in text for text in told(office)} == {False}


def test_a_test_says_that_it_is_one(world, tenant, office, hook):
    try_channel(world, tenant[0].steward, hook.id[:8], DESK)
    assert told(office) == ["This is a test. News of clients will come by this channel."]
    office.refusals.append(404)
    with pytest.raises(NotificationError, match="answered with 404") as fault:
        try_channel(world, tenant[0].steward, hook.id[:8], DESK)
    assert "s3cret" not in str(fault.value)


def test_a_closed_channel_owes_nothing(world, tenant, office, hook):
    close_channel(world, tenant[0].steward, hook.id)
    notify_people(world, DESK)
    assert office.posted == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STEWARD])
def test_channels_are_opened_by_who_manages_clients(world, newcomer, role):
    actor = newcomer.but(role=role)
    with pytest.raises(NotAllowedError):
        open_channel(world, actor, NewChannel(kind="webhook", options={"url": "https://example.org"}))


def test_the_database_asks_too_who_opens_a_channel(world, newcomer):
    forged = newcomer.but(key=None)
    with pytest.raises(NotAllowedError, match="may not open or close notification channels"):
        open_channel(world, forged, NewChannel(kind="webhook", options={"url": "https://example.org"}))


@pytest.mark.parametrize(
    ("kind", "options", "mistake"),
    [
        ("webhook", {"url": "file:///etc/passwd"}, "must be an address"),
        ("webhook", {}, "url: Field required"),
        ("slack", {"url": "https://hooks.example.org", "colour": "red"}, "colour"),
        ("mail", {"server": "smtp://mail", "sender": "nobody", "to": "ada@example.org"}, "e-mail addresses"),
    ],
)
def test_mistakes_in_options_are_named(world, newcomer, kind, options, mistake):
    with pytest.raises(BadDecisionError, match=mistake):
        open_channel(world, newcomer, NewChannel(kind=kind, options=options))


def test_no_message_goes_where_clouds_keep_their_secrets(world, newcomer):
    options = {"url": "http://169.254.169.254/latest/meta-data"}
    made = open_channel(world, newcomer, NewChannel(kind="webhook", options=options))
    with pytest.raises(NotificationError, match="no message is sent to"):
        try_channel(world, newcomer, made.id, DESK)


def test_what_is_secret_in_options_is_nowhere_to_be_read(world, tenant, installation, hook):
    import psycopg

    with psycopg.connect(installation.owner_url()) as connection:
        connection.execute("select set_config('smp.tenant_id', %s, false)", [tenant[0].steward.tenant_id])
        kept = str(connection.execute("select * from smp.notification_channels").fetchall())
        audit = str(connection.execute("select * from smp.audit_log").fetchall())
    assert "127.0.0.1" in kept
    assert "s3cret" not in kept + audit
    assert "'options_encrypted': '[redacted]'" in audit
