"""Lines that were signed: whoever holds them can tell, without us, that none was changed, added or left out.

The last line is the seal: how many lines there are before it, the SHA-256 of their text, and its signature by an Ed25519
key (RFC 8032), whose public half is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from schema_matching_pipeline.model.base import Frozen

Signer = Callable[[bytes], tuple[str, str]]
"""The public key and the signature of some bytes, both in hexadecimal digits."""


class Seal(Frozen):
    """What the last line says of those before it."""

    lines: int
    sha256: str
    key: str
    signature: str

    @property
    def message(self) -> bytes:
        """What is signed."""
        return _message(self.lines, self.sha256)


def signed(lines: Iterable[str], sign: Signer) -> Iterator[str]:
    """The lines, none of which holds a line break, and their seal."""
    digest, count = hashlib.sha256(), 0
    for line in lines:
        digest.update(line.encode() + b"\n")
        count += 1
        yield line
    key, signature = sign(_message(count, digest.hexdigest()))
    seal = Seal(lines=count, sha256=digest.hexdigest(), key=key, signature=signature)
    yield json.dumps({"seal": seal.model_dump()})


def broken(lines: Iterable[str]) -> tuple[Seal | None, str | None]:
    """The seal of signed lines, and what is wrong with them; None where nothing is."""
    digest, count = hashlib.sha256(), 0
    last: str | None = None
    for line in lines:
        if last is not None:
            digest.update(last.encode() + b"\n")
            count += 1
        last = line
    seal = _seal_of(last)
    if seal is None:
        return None, "The last line is no seal: the end is missing, or this is another kind of file."
    if not _is_signed(seal):
        return seal, "The seal is not what was signed: it was changed, or made by somebody without the key."
    if count != seal.lines:
        return seal, f"There are {count:,} lines before the seal, and {seal.lines:,} were signed."
    if digest.hexdigest() != seal.sha256:
        return seal, "A line was changed after it was signed."
    return seal, None


def _seal_of(line: str | None) -> Seal | None:
    try:
        return Seal.model_validate(json.loads(line or "")["seal"])
    except (ValueError, TypeError, KeyError, ValidationError):
        return None


def _is_signed(seal: Seal) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal.key)).verify(
            bytes.fromhex(seal.signature), seal.message
        )
    except (ValueError, InvalidSignature):
        return False
    return True


def _message(lines: int, sha256: str) -> bytes:
    return f"smp signed lines 1 {lines} {sha256}".encode()
