"""A mark that stays the same while the bytes of files stay the same: the table need not be measured again.

The mark is taken of the whole content, under the key of the installation's hashes: a copy with an old time
is not taken for the old content, nobody can try out contents by it, and another key makes all marks others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def content_mark(secret_key: bytes, files: Iterable[Path]) -> str:
    """The mark of some files in their order; a file that is not there counts as empty."""
    found = hashlib.sha256(secret_key)
    for file in files:
        content = _digest(file) if file.is_file() else b""
        found.update(len(content).to_bytes(8, "big") + content)
    return found.hexdigest()


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
