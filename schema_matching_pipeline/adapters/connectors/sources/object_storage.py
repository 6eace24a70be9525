"""Object storage that speaks S3, Backblaze B2 and others included, as a source: the files below a prefix.

``s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-central-003``; a region that stands in the name of the
endpoint need not be told again. The key stands before the bucket,
``s3://KEY_ID:SECRET@bucket/prefix`` with %-codes for signs such as ``/`` and ``+``, or in the environment as
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; ``?anonymous=yes`` asks without one. What can be read as tables is copied
into the folder of the set-up once and read there; nothing is ever written to the bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from schema_matching_pipeline.adapters.connectors.catalog import SOURCES, Setup
from schema_matching_pipeline.adapters.connectors.faults import Trouble, diagnose, fault
from schema_matching_pipeline.adapters.connectors.sources.files import OpenFiles, is_readable
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.source import SourceAddress, TableTrouble

if TYPE_CHECKING:
    from s3fs import S3FileSystem

_SECONDS_TO_CONNECT = 5
_SECONDS_TO_ANSWER = 30
_TRIES = 2
_REGION = re.compile(r"(?:https?://)?s3[.-]([a-z]+(?:-[a-z]+)*-\d+)\.")
_BYTES_TO_TEST = 64 * 1024 * 1024

_SPOKEN = {
    "InvalidAccessKeyId": Trouble.WRONG_PASSWORD,
    "SignatureDoesNotMatch": Trouble.WRONG_PASSWORD,
    "AuthFailure": Trouble.WRONG_PASSWORD,
    "Unauthorized": Trouble.WRONG_PASSWORD,
    "NoSuchBucket": Trouble.UNKNOWN_BUCKET,
    "AccessDenied": Trouble.NO_PERMISSION,
    "403": Trouble.NO_PERMISSION,
    "SlowDown": Trouble.OVERLOADED,
    "ServiceUnavailable": Trouble.OVERLOADED,
    "InternalError": Trouble.OVERLOADED,
    "500": Trouble.OVERLOADED,
    "503": Trouble.OVERLOADED,
}
_CLASSES = {
    "NoCredentialsError": Trouble.WRONG_PASSWORD,
    "PartialCredentialsError": Trouble.WRONG_PASSWORD,
    "EndpointConnectionError": Trouble.CLOSED_PORT,
    "ConnectTimeoutError": Trouble.TIMED_OUT,
    "ReadTimeoutError": Trouble.TIMED_OUT,
    "ConnectionClosedError": Trouble.CONNECTION_LOST,
    "ClientPayloadError": Trouble.CONNECTION_LOST,
    "IncompleteReadError": Trouble.CONNECTION_LOST,
    "ResponseStreamingError": Trouble.CONNECTION_LOST,
    "ServerDisconnectedError": Trouble.CONNECTION_LOST,
    "FSTimeoutError": Trouble.TIMED_OUT,
    "ParamValidationError": Trouble.BAD_ADDRESS,
    "InvalidEndpointError": Trouble.BAD_ADDRESS,
}


@dataclass(frozen=True, slots=True, repr=False)
class _Bucket:
    """Where the objects are, and who asks for them."""

    name: str
    prefix: str
    key: str | None
    secret: str | None
    endpoint: str | None
    region: str | None
    anonymous: bool
    exports_apart: bool


@dataclass(frozen=True, slots=True)
class _Fetched:
    """How many objects a limit left in the bucket, and those that may not be read."""

    left: int
    denied: tuple[TableTrouble, ...]


class ObjectStorage:
    """Opens buckets."""

    def claims(self, location: str) -> bool:
        """An address of S3."""
        return location.lower().startswith("s3://")

    @contextmanager
    def open(self, address: SourceAddress, setup: Setup) -> Iterator[OpenFiles]:
        """The tables of the objects below the prefix, until the block ends.

        Raises:
            SourceError: the bucket cannot be read, or no object below the prefix can be a table.
        """
        bucket = _parsed(address.location.get_secret_value())
        folder = setup.folder / "objects" / (PurePosixPath(bucket.prefix).name or bucket.name)
        folder.mkdir(parents=True)
        try:
            fetched = _fetch(bucket, folder, most_bytes=_BYTES_TO_TEST if setup.is_test else None)
        except SourceError:
            raise
        except Exception as error:  # noqa: BLE001 - the client raises classes it makes up as it goes; told apart below
            raise _as_fault(error, bucket) from None
        opened = OpenFiles(
            folder, setup, exports_apart=bucket.exports_apart, unfetched=fetched.left, troubles=fetched.denied
        )
        try:
            yield opened
        finally:
            opened.local.close()


SOURCES.register("object_storage")(ObjectStorage())


def _parsed(location: str) -> _Bucket:
    """The parts of an address; where it cannot be taken apart, no part of it is shown."""
    try:
        parts = urlsplit(location)
        port = parts.port
    except ValueError:
        port = -1
    asked = parse_qs(parts.query)
    endpoint = next(iter(asked.get("endpoint", ())), None)
    if port is not None or not parts.hostname:
        raise fault(Trouble.BAD_ADDRESS, "The address of the bucket", hint=_HOW)
    return _Bucket(
        name=parts.hostname,
        prefix=unquote(parts.path).strip("/"),
        key=unquote(parts.username) if parts.username else None,
        secret=unquote(parts.password) if parts.password else None,
        endpoint=endpoint and whole_endpoint(endpoint),
        region=next(iter(asked.get("region", ())), None) or region_of(endpoint or ""),
        anonymous=bool(asked.get("anonymous")),
        exports_apart=asked.get("exports") == ["apart"],
    )


def whole_endpoint(endpoint: str) -> str:
    """The endpoint with its scheme: storages show theirs without.

    >>> whole_endpoint("s3.eu-central-003.backblazeb2.com")
    'https://s3.eu-central-003.backblazeb2.com'
    """
    return endpoint if "://" in endpoint else f"https://{endpoint}"


def region_of(endpoint: str) -> str | None:
    """The region that stands in the name of an endpoint: a signature for another one is refused.

    >>> region_of("https://s3.eu-central-003.backblazeb2.com")
    'eu-central-003'
    >>> region_of("http://127.0.0.1:9000")
    """
    found = _REGION.match(endpoint)
    return found.group(1) if found else None


_HOW = "For a bucket: s3://KEY_ID:SECRET@bucket/prefix?endpoint=https://host."


def _fetch(bucket: _Bucket, folder: Path, *, most_bytes: int | None) -> _Fetched:
    """Copies the objects that can be tables, up to a limit; one that this key may not read is left out."""
    storage = _connected(bucket)
    root = f"{bucket.name}/{bucket.prefix}".rstrip("/")
    found = {str(path): int(told.get("size") or 0) for path, told in storage.find(root, detail=True).items()}
    if not found:
        # An unknown bucket looks as empty as an empty prefix until it is asked for itself.
        storage.ls(bucket.name, refresh=True)
        raise fault(Trouble.EMPTY_PREFIX, f"{bucket.prefix or '/'!r} of bucket {bucket.name!r}")
    wanted = [path for path in found if is_readable(PurePosixPath(path))]
    if not wanted:
        raise fault(Trouble.EMPTY_FOLDER, f"{bucket.prefix or '/'!r} of bucket {bucket.name!r}")
    chosen = list(_within(wanted, found, most_bytes))
    denied = list[TableTrouble]()
    for path in chosen:
        target = folder / (path.removeprefix(root).strip("/") or PurePosixPath(path).name)
        if not target.resolve().is_relative_to(folder.resolve()):
            continue
        try:
            _copy(storage, path, target, found[path], bucket)
        except PermissionError:
            target.unlink(missing_ok=True)
            denied.append(_denied(path, bucket))
    if denied and len(denied) == len(chosen):
        raise fault(Trouble.NO_PERMISSION, f"Bucket {bucket.name!r}")
    return _Fetched(len(wanted) - len(chosen), tuple(denied))


def _within(paths: list[str], sizes: dict[str, int], most_bytes: int | None) -> Iterator[str]:
    taken = 0
    for path in paths:
        taken += sizes[path]
        if most_bytes is None or taken <= most_bytes:
            yield path


def _copy(storage: S3FileSystem, path: str, target: Path, size: int, bucket: _Bucket) -> None:
    """One object as a file.

    Raises:
        SourceError: less or more came than the listing says.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    storage.get_file(path, str(target))
    if target.stat().st_size != size:
        raise fault(Trouble.CONNECTION_LOST, f"Bucket {bucket.name!r}")


def _denied(path: str, bucket: _Bucket) -> TableTrouble:
    name = PurePosixPath(path).name
    error = fault(Trouble.NO_PERMISSION, f"Object {name!r} of bucket {bucket.name!r}")
    return TableTrouble(table=PurePosixPath(name).stem, code=error.code, message=str(error))


def _connected(bucket: _Bucket) -> S3FileSystem:
    try:
        from s3fs import S3FileSystem
    except ImportError:
        raise fault(
            Trouble.MISSING_DRIVER, "object storage", hint="It is the extra 's3' of this package."
        ) from None
    storage = S3FileSystem(
        key=bucket.key,
        secret=bucket.secret,
        anon=bucket.anonymous,
        endpoint_url=bucket.endpoint,
        client_kwargs={"region_name": bucket.region} if bucket.region else {},
        config_kwargs={
            "connect_timeout": _SECONDS_TO_CONNECT,
            "read_timeout": _SECONDS_TO_ANSWER,
            "retries": {"max_attempts": _TRIES, "mode": "standard"},
        },
        skip_instance_cache=True,
        use_listings_cache=False,
    )
    # Its own tries around those of the client.
    storage.retries = _TRIES
    return storage


def _as_fault(error: Exception, bucket: _Bucket) -> SourceError:
    """What the storage said, without its words: they quote keys and addresses."""
    chain = [error, error.__cause__, error.__context__]
    codes = [
        str(response.get("Error", {}).get("Code"))
        for one in chain
        if (response := getattr(one, "response", None))
    ]
    by_code = next((_SPOKEN[code] for code in codes if code in _SPOKEN), None)
    by_class = next((_CLASSES[type(one).__name__] for one in chain if type(one).__name__ in _CLASSES), None)
    trouble = by_code or by_class or diagnose(error)
    if trouble is Trouble.VANISHED:
        trouble = Trouble.UNKNOWN_BUCKET
    return fault(trouble, f"Bucket {bucket.name!r}", hint=_HOW if trouble is Trouble.BAD_ADDRESS else "")
