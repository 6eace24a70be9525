"""Secrets at rest: AES-256-GCM, with an identifier of the key beside every sealed text.

A sealed text is bound to its place (the *context*): copied to another row it no longer opens. A key
that is lost or wrong fails closed, with a fault that says which key is wanted.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schema_matching_pipeline.errors import SecretKeyError

KEY_BYTES = 32
_NONCE_BYTES = 12  # what GCM is defined for; a fresh random one for every sealing
_KEY_ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted text and the identifier of the key that opens it."""

    key_id: str
    blob: bytes


class SecretBox:
    """Seals with one key, and opens what that key has sealed; signs with another one that comes of it."""

    def __init__(self, key: bytes) -> None:
        self.key_id = key_id(key)
        self._cipher = AESGCM(key)
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"smp signatures").derive(key)
        self._signing = Ed25519PrivateKey.from_private_bytes(derived)

    def sign(self, message: bytes) -> tuple[str, str]:
        """The public key by which anybody can verify it, and the signature, in hexadecimal digits."""
        return self._signing.public_key().public_bytes_raw().hex(), self._signing.sign(message).hex()

    def seal(self, secret: bytes, context: str) -> Sealed:
        """The secret, readable only with the key and at the same place."""
        nonce = os.urandom(_NONCE_BYTES)
        blob = nonce + self._cipher.encrypt(nonce, secret, context.encode())
        return Sealed(self.key_id, blob)

    def open(self, sealed: Sealed, context: str) -> bytes:
        """The secret as it was sealed.

        Raises:
            SecretKeyError: the key is not at hand, or the sealed text is not what was written there.
        """
        if sealed.key_id != self.key_id:
            raise SecretKeyError(
                f"A stored secret was sealed with key {sealed.key_id}, but the key at hand is {self.key_id}. "
                "Set SMP_SECRET_KEY (or restore SMP_HOME/secret.key) to the key it was sealed with."
            )
        try:
            return self._cipher.decrypt(
                sealed.blob[:_NONCE_BYTES], sealed.blob[_NONCE_BYTES:], context.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise SecretKeyError(
                f"A stored secret does not open with key {sealed.key_id}: it was changed or moved since it was sealed. "
                "Store the connection again."
            ) from error


def key_id(key: bytes) -> str:
    """Names a key without telling anything about it.

    Raises:
        SecretKeyError: it is not a key of 256 bits.
    """
    if len(key) != KEY_BYTES:
        raise SecretKeyError(
            f"The secret key has {len(key)} bytes; AES-256 needs {KEY_BYTES}. "
            "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return hashlib.sha256(b"smp key id" + key).hexdigest()[:_KEY_ID_DIGITS]
