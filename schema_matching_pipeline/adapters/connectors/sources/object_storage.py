"""Object storage that speaks S3, Backblaze B2 and others included, as a source: the files below a prefix.

``s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-central-003``; a region that stands in the name of the
endpoint need not be told again. The key stands before the bucket,
``s3://KEY_ID:SECRET@bucket/prefix`` with %-codes for signs such as ``/`` and ``+``, or in the environment as
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; ``?anonymous=yes`` asks without one. What can be read as tables is copied
into the folder of the set-up once and read there; nothing is ever written to the bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from schema_matching_pipeline.adapters.connectors.catalog import SOURCES, Setup
from schema_matching_pipeline.adapters.connectors.faults import Trouble, diagnose, fault
from schema_matching_pipeline.adapters.connectors.sources.files import OpenFiles, is_readable
from schema_matching_pipeline.errors import SourceError
from schema_matching_pipeline.model.source import SourceAddress, TableTrouble

if TYPE_CHECKING:
    from s3fs import S3FileSystem

_REGION = re.compile(r"(?:https?://)?s3[.-]([a-z]+(?:-[a-z]+)*-\d+)\.")
_LEAST_BYTES_A_SECOND = 50_000

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
# What is wrong with one object alone; the others go on.
_OF_ONE_OBJECT = (Trouble.NO_PERMISSION, Trouble.VANISHED)
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
    "ConnectionError": Trouble.CONNECTION_LOST,
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
class _Patience:
    """How long a storage is waited for, how often each question is asked, and how much is fetched at most."""

    seconds_to_connect: int
    seconds_to_answer: int
    tries: int
    most_bytes: int | None = None
    most_seconds: int | None = None

    def seconds_for(self, size: int, begun: float) -> float:
        """How long an object may take: what is left of the whole time, else a minute and what a slow line needs."""
        if self.most_seconds is None:
            return 60 + size / _LEAST_BYTES_A_SECOND
        return max(0.1, self.most_seconds - (monotonic() - begun))


_TESTING = _Patience(3, 4, 1, most_bytes=64 * 1024 * 1024, most_seconds=10)
_READING = _Patience(5, 20, 2)


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
            fetched = _fetch(bucket, folder, _TESTING if setup.is_test else _READING)
        except Exception as error:  # noqa: BLE001 - the client raises classes it makes up as it goes; told apart below
            raise _as_fault(error, f"Bucket {bucket.name!r}") from None
        opened = OpenFiles(
            folder, setup, exports_apart=bucket.exports_apart, unfetched=fetched.left, troubles=fetched.denied
        )
        try:
            yield opened
        finally:
            opened.local.close()

    def listing(self, address: SourceAddress) -> Iterator[str]:
        """Each object by its name, with its size and the mark that the storage gives its content.

        Raises:
            SourceError: the bucket cannot be listed, or no object below the prefix can be a table.
        """
        bucket = _parsed(address.location.get_secret_value())
        root = f"{bucket.name}/{bucket.prefix}".rstrip("/")
        try:
            found = _found(_connected(bucket, _READING), root, bucket)
        except Exception as error:  # noqa: BLE001 - as where the bucket is opened
            raise _as_fault(error, f"Bucket {bucket.name!r}") from None
        for path, told in found.items():
            yield f"{path} {told.get('size')} {told.get('ETag')}"


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


def _fetch(bucket: _Bucket, folder: Path, patience: _Patience) -> _Fetched:
    """Copies the objects that can be tables, up to a limit; one that cannot be had is left out."""
    begun, storage = monotonic(), _connected(bucket, patience)
    root = f"{bucket.name}/{bucket.prefix}".rstrip("/")
    sizes = _listed(storage, root, bucket)
    missing, fetched = list[SourceError](), 0
    for path in _within(sizes, patience.most_bytes):
        target = folder / (path.removeprefix(root).strip("/") or PurePosixPath(path).name)
        if not target.resolve().is_relative_to(folder.resolve()):
            continue
        name = PurePosixPath(path)
        try:
            _copy(storage, path, target, sizes[path], patience.seconds_for(sizes[path], begun))
            fetched += 1
        except Exception as error:  # noqa: BLE001 - as where the bucket is opened
            target.unlink(missing_ok=True)
            place = f"Object {name.name!r} of bucket {bucket.name!r}"
            found = _as_fault(error, place, table=name.stem)
            if found.reason == Trouble.TIMED_OUT and patience.most_seconds and fetched:
                break
            if found.reason not in _OF_ONE_OBJECT:
                raise found from None
            missing.append(found)
    if missing and not fetched:
        raise fault(Trouble(missing[0].reason), f"Bucket {bucket.name!r}")
    return _Fetched(len(sizes) - fetched - len(missing), tuple(map(_told, missing)))


def _listed(storage: S3FileSystem, root: str, bucket: _Bucket) -> dict[str, int]:
    """The objects below the prefix that can be tables, with their sizes.

    Raises:
        SourceEmptyError: there is none.
    """
    found = _found(storage, root, bucket)
    return {path: int(str(told.get("size") or 0)) for path, told in found.items()}


def _found(storage: S3FileSystem, root: str, bucket: _Bucket) -> dict[str, Mapping[str, object]]:
    """The objects below the prefix that can be tables, with what the storage tells of each.

    Raises:
        SourceEmptyError: there is none.
    """
    found = storage.find(root, detail=True)
    if not found:
        # An unknown bucket looks as empty as an empty prefix until it is asked for itself.
        storage.ls(bucket.name, refresh=True)
        raise fault(Trouble.EMPTY_PREFIX, f"{bucket.prefix or '/'!r} of bucket {bucket.name!r}")
    wanted = {str(path): told for path, told in found.items() if is_readable(PurePosixPath(str(path)))}
    if not wanted:
        raise fault(Trouble.EMPTY_FOLDER, f"{bucket.prefix or '/'!r} of bucket {bucket.name!r}")
    return wanted


def _within(sizes: dict[str, int], most_bytes: int | None) -> Iterator[str]:
    taken = 0
    for path, size in sizes.items():
        if most_bytes is None or taken + size <= most_bytes:
            taken += size
            yield path


def _copy(storage: S3FileSystem, path: str, target: Path, size: int, seconds: float) -> None:
    """One object as a file.

    Raises:
        ConnectionError: less or more came than the listing says.
        TimeoutError: it took longer than so many seconds.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    storage.get_file(path, str(target), timeout=seconds)
    if target.stat().st_size != size:
        raise ConnectionError(path)


def _connected(bucket: _Bucket, patience: _Patience) -> S3FileSystem:
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
            "connect_timeout": patience.seconds_to_connect,
            "read_timeout": patience.seconds_to_answer,
            "retries": {"total_max_attempts": patience.tries, "mode": "standard"},
        },
        skip_instance_cache=True,
        use_listings_cache=False,
    )
    # Its own tries around those of the client.
    storage.retries = patience.tries
    return storage


def _as_fault(error: Exception, place: str, *, table: str | None = None) -> SourceError:
    """What the storage said, without its words: they quote keys and addresses."""
    if isinstance(error, SourceError):
        return error
    chain = [error, error.__cause__, error.__context__]
    codes = [
        str(response.get("Error", {}).get("Code"))
        for one in chain
        if (response := getattr(one, "response", None))
    ]
    by_code = next((_SPOKEN[code] for code in codes if code in _SPOKEN), None)
    by_class = next((_CLASSES[type(one).__name__] for one in chain if type(one).__name__ in _CLASSES), None)
    trouble = by_code or by_class or diagnose(error)
    if trouble is Trouble.VANISHED and table is None:
        trouble = Trouble.UNKNOWN_BUCKET
    return fault(trouble, place, table=table, hint=_HOW if trouble is Trouble.BAD_ADDRESS else "")


def _told(error: SourceError) -> TableTrouble:
    return TableTrouble(table=str(error.table), code=error.code, message=str(error))
