"""Identifiers as types of their own; where possible they are derived from content."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, NewType

from pydantic import AfterValidator

from schema_matching_pipeline.errors import UsageError

TenantId = NewType("TenantId", str)
SnapshotId = NewType("SnapshotId", str)
RunId = NewType("RunId", str)
ItemId = NewType("ItemId", str)
ConnectionId = NewType("ConnectionId", str)

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def check_slug(text: str) -> str:
    """The text itself when it may name a client (it becomes a Dagster partition key).

    Raises:
        UsageError: it is not a slug of 1 to 63 characters.

    >>> check_slug("acme-01")
    'acme-01'
    """
    if not _SLUG.fullmatch(text):
        raise UsageError(
            f"{text[:80]!r} cannot name a client: use 1 to 63 lower-case letters, digits, '-' or '_', starting with a letter or digit."
        )
    return text


ClientId = Annotated[str, AfterValidator(check_slug)]


def content_id(*parts: object) -> str:
    """32 hexadecimal digits that depend only on the parts: same content, same identifier.

    >>> content_id("a", 1) == content_id("a", 1), content_id("ab") == content_id("a", "b")
    (True, False)
    """
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]
