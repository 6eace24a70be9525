"""Buckets as sources, against a real S3 server on the loopback that checks keys."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from time import monotonic, sleep
from urllib.parse import quote

import pytest

from schema_matching_pipeline.adapters.connectors.opener import Sources
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline_tests.adapters.connectors.conftest import free_port
from schema_matching_pipeline_tests.adapters.connectors.measuring import (
    address,
    column,
    measured,
    snapshot_of,
)

boto3 = pytest.importorskip("boto3", reason="the S3 server for tests (moto) is not installed")
pytest.importorskip("s3fs", reason="the extra 's3' is not installed")


_ONE_LISTING = 3


@dataclass(frozen=True)
class Storage:
    """A running server, a key that may read, and one that may not."""

    endpoint: str
    key: str
    secret: str
    denied: tuple[str, str]

    def url(self, path: str, *, key: str | None = None, secret: str | None = None) -> str:
        return f"s3://{key or self.key}:{secret or _coded(self.secret)}@{path}?endpoint={self.endpoint}&region=us-east-1"


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "INITIAL_NO_AUTH_ACTION_COUNT": "100",
            "MOTO_S3_DEFAULT_MAX_KEYS": str(_ONE_LISTING),
        },
    ) as process:
        try:
            _wait_for(endpoint)
            yield _filled(endpoint)
        finally:
            process.terminate()


def test_objects_below_a_prefix_are_tables(storage: Storage, sources: Sources) -> None:
    location = storage.url("clinic/exports")
    assert [table.name for table in snapshot_of(sources, location).tables] == ["visits", "people"]
    assert dict(column(measured(sources, location, "people"), "code").values) == {"007": 1}


def test_one_object_is_a_source_too(storage: Storage, sources: Sources) -> None:
    assert [
        table.name for table in snapshot_of(sources, storage.url("clinic/exports/people.csv")).tables
    ] == ["people"]


def test_the_key_may_stand_in_the_environment(
    storage: Storage, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", storage.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", storage.secret)
    location = f"s3://clinic/exports?endpoint={storage.endpoint}&region=us-east-1"
    assert len(snapshot_of(sources, location).tables) == 2


def test_each_trouble_has_a_code_of_its_own_and_shows_no_secret(storage: Storage, sources: Sources) -> None:
    locations = {
        "WRONG_PASSWORD": storage.url("clinic/exports", key="AKIAWRONGWRONGWRONG0"),
        "UNKNOWN_BUCKET": storage.url("nowhere/exports"),
        "EMPTY_PREFIX": storage.url("clinic/nothing"),
        "EMPTY_FOLDER": storage.url("clinic/pictures"),
        "CLOSED_PORT": f"s3://{storage.key}:{_coded(storage.secret)}@clinic/x?endpoint=http://127.0.0.1:{free_port()}",
        "BAD_ADDRESS": "s3://AKIA:se/cret@clinic/x",
    }
    found = {code: sources.test(address(location)) for code, location in locations.items()}
    assert {code: outcome.code for code, outcome in found.items()} == {code: code for code in locations}
    said = " ".join(outcome.message for outcome in found.values())
    assert not [hidden for hidden in (storage.key, storage.secret, "AKIAWRONG", "se/cret") if hidden in said]


def test_a_wrong_secret_is_told_as_such(storage: Storage, sources: Sources) -> None:
    found = sources.test(address(storage.url("clinic/exports", secret="wrong")))
    assert (found.success, found.code) == (False, "WRONG_PASSWORD")


def test_more_objects_than_one_listing_names_are_all_found(storage: Storage, sources: Sources) -> None:
    found = measured(sources, storage.url("archive/daily"), "n")
    assert (found.row_count, dict(column(found, "id").values)) == (1, {"7": 1})


def test_a_key_that_may_not_read_the_bucket_is_told_so(storage: Storage, sources: Sources) -> None:
    denied = storage.denied
    location = (
        f"s3://{denied[0]}:{_coded(denied[1])}@clinic/exports?endpoint={storage.endpoint}&region=us-east-1"
    )
    outcome = sources.test(address(location))
    assert (outcome.success, outcome.code) == (False, "NO_PERMISSION")
    assert outcome.message == (
        "Bucket 'clinic' does not let this user read. Ask its administrator for read permission."
    )


def test_an_object_that_may_not_be_read_is_told_and_the_others_go_on(
    storage: Storage, sources: Sources
) -> None:
    snapshot = snapshot_of(sources, storage.url("clinic/mixed"))
    assert [table.name for table in snapshot.tables] == ["open"]
    assert [(trouble.table, trouble.message) for trouble in snapshot.troubles] == [
        (
            "closed",
            "Object 'closed.csv' of bucket 'clinic' does not let this user read. Ask its administrator for read permission.",
        )
    ]


def _listing(*names: str) -> bytes:
    """The answer that names some objects of 900 bytes."""
    objects = "".join(
        f"<Contents><Key>x/{name}.csv</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified><Size>900</Size></Contents>"
        for name in names
    )
    body = (
        f"<ListBucketResult><Name>clinic</Name><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>"
    )
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def _begun(content: bytes, *, after: int = 0) -> bytes:
    """The answer that promises the 900 bytes of an object from some place on, and what comes of them."""
    first = f"206 Partial Content\r\nContent-Range: bytes {after}-899/900" if after else "200 OK"
    return f"HTTP/1.1 {first}\r\nContent-Length: {900 - after}\r\n\r\n".encode() + content


_OVERLOADED = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n"
_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_ROWS = b"id\n" + b"7\n" * 448 + b"8"


@pytest.mark.parametrize(
    ("listing", "content", "code", "place"),
    [
        (b"", b"", "CONNECTION_LOST", "Bucket 'clinic'"),
        (None, b"", "TIMED_OUT", "Bucket 'clinic'"),
        (_OVERLOADED, b"", "OVERLOADED", "Bucket 'clinic'"),
        (_listing("n"), _begun(_ROWS[:9]), "CONNECTION_LOST", "Object 'n.csv' of bucket 'clinic'"),
        (_listing("n"), None, "TIMED_OUT", "Object 'n.csv' of bucket 'clinic'"),
    ],
    ids=["cuts every connection", "never answers", "is overloaded", "cuts an object", "falls silent"],
)
def test_a_storage_that_answers_badly_is_told_so(
    listing: bytes | None, content: bytes | None, code: str, place: str, sources: Sources
) -> None:
    with _answering(lambda asked: listing if b"list-type" in asked else content) as endpoint:
        begun = monotonic()
        outcome = sources.test(address(f"s3://KEY:secret@clinic/x?endpoint={endpoint}&region=us-east-1"))
    assert (outcome.success, outcome.code) == (False, code)
    assert outcome.message.startswith(place)
    assert "secret" not in outcome.message
    assert monotonic() - begun < 20  # of which a silent storage has four


def test_a_storage_that_fails_for_a_moment_is_asked_again(sources: Sources) -> None:
    """The first listing is refused for too much traffic, and the first object cut off."""
    said = iter((_OVERLOADED, _listing("n"), _begun(_ROWS[:100]), _begun(_ROWS[100:], after=100)))
    with _answering(lambda _: next(said)) as endpoint:
        location = f"s3://KEY:secret@clinic/x?endpoint={endpoint}&region=us-east-1"
        assert dict(column(measured(sources, location, "n"), "id").values) == {"7": 448, "8": 1}


def test_an_object_that_vanished_after_the_listing_is_told_and_the_others_go_on(sources: Sources) -> None:
    answers = {b"list-type": _listing("gone", "n"), b"gone.csv": _MISSING, b"n.csv": _begun(_ROWS)}
    with _answering(
        lambda asked: next(answer for words, answer in answers.items() if words in asked)
    ) as endpoint:
        location = f"s3://KEY:secret@clinic/x?endpoint={endpoint}&region=us-east-1"
        snapshot = snapshot_of(sources, location)
    assert [table.name for table in snapshot.tables] == ["n"]
    ((table, code, message),) = [(one.table, one.code, one.message) for one in snapshot.troubles]
    assert (table, code) == ("gone", "SOURCE_DRIFTED")
    assert message.startswith("Object 'gone.csv' of bucket 'clinic' is no longer there")


def test_a_bucket_is_listed_without_being_read(storage: Storage, sources: Sources) -> None:
    objects = boto3.client(
        "s3",
        endpoint_url=storage.endpoint,
        aws_access_key_id=storage.key,
        aws_secret_access_key=storage.secret,
        region_name="us-east-1",
    )
    marks = []
    for name, body in (
        ("a.csv", b"id\n1\n"),
        ("a.csv", b"id\n1\n"),
        ("b.csv", b"id\n1\n"),
        ("b.csv", b"id\n2\n"),
    ):
        objects.put_object(Bucket="archive", Key=f"watched/{name}", Body=body)
        marks.append(sources.listing_mark(address(storage.url("archive/watched"))))
    assert [marks.index(mark) for mark in marks] == [0, 0, 2, 3]
    with pytest.raises(SourceError) as refused:
        sources.listing_mark(address(storage.url("archive/watched", secret="wrong")))
    assert refused.value.reason == "WRONG_PASSWORD"


@contextmanager
def _answering(say: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """A server that answers each question once and hangs up; at None it keeps the line and says no more."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as kept:
        threading.Thread(target=_answer, args=(server, say, kept), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def _answer(server: socket.socket, say: Callable[[bytes], bytes | None], kept: ExitStack) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            answer = say(connection.recv(65536).partition(b"\r\n")[0])
            kept.enter_context(connection)
            if answer is not None:
                connection.sendall(answer)
                connection.close()


def _filled(endpoint: str) -> Storage:
    made_up = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
    users = boto3.client("iam", endpoint_url=endpoint, **made_up)
    users.create_user(UserName="reader")
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    closed = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::clinic/mixed/closed.csv"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed, closed]})
    users.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = users.create_access_key(UserName="reader")["AccessKey"]
    objects = boto3.client("s3", endpoint_url=endpoint, **made_up)
    objects.create_bucket(Bucket="clinic")
    for name, body in {
        "exports/people.csv": b"id,code\n1,007\n",
        "exports/2024/visits.jsonl": b'{"id": 1}\n',
        "exports/readme.md": b"x",
        "mixed/open.csv": b"id\n1\n",
        "mixed/closed.csv": b"id\n1\n",
        "pictures/cat.png": b"x",
    }.items():
        objects.put_object(Bucket="clinic", Key=name, Body=body)
    objects.create_bucket(Bucket="archive")
    # The table is behind what one listing names.
    for number in range(2 * _ONE_LISTING):
        objects.put_object(Bucket="archive", Key=f"daily/{number:04d}.md", Body=b"")
    objects.put_object(Bucket="archive", Key="daily/n/n.csv", Body=b"id\n7\n")
    users.create_user(UserName="stranger")
    stranger = users.create_access_key(UserName="stranger")["AccessKey"]
    _ask(endpoint, "POST", "/moto-api/reset-auth", "0")
    denied = stranger["AccessKeyId"], stranger["SecretAccessKey"]
    return Storage(endpoint, key["AccessKeyId"], key["SecretAccessKey"], denied)


def _coded(secret: str) -> str:
    return quote(secret, safe="")


def _wait_for(endpoint: str) -> None:
    deadline = monotonic() + 120
    while True:
        try:
            _ask(endpoint, "GET", "/moto-api/")
        except OSError:
            if monotonic() > deadline:
                raise
            sleep(0.1)
        else:
            return


def _ask(endpoint: str, method: str, path: str, body: str = "") -> None:
    connection = HTTPConnection(endpoint.removeprefix("http://"), timeout=60)
    connection.request(method, path, body)
    assert connection.getresponse().status == 200
    connection.close()
