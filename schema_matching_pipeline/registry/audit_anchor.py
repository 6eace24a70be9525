"""The last audit row that was seen whole, kept outside the database.

A chain of hashes shows what was changed inside it; that its end was cut off, or the whole of it written anew,
shows only to somebody who remembers an earlier end.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from schema_matching_pipeline.errors import RegistryError
from schema_matching_pipeline.model.audit import AuditVerification
from schema_matching_pipeline.model.base import Frozen
from schema_matching_pipeline.registry.transaction import Transaction

_HASH_AT = "select hash from smp.audit_log where seq = :seq"


class AuditAnchor(Frozen):
    """One link of a tenant's chain, as it was seen."""

    seq: int
    hash: str


def compare_with_anchor(
    transaction: Transaction, verification: AuditVerification, folder: Path
) -> AuditVerification:
    """The verdict with the remembered end of the chain taken into account; a whole chain is remembered anew.

    Raises:
        RegistryError: the remembered end cannot be read or written.
    """
    if not verification.intact:
        return verification
    path = folder / f"{transaction.tenant_id}.json"
    anchor = _read(path)
    if anchor is not None and _hash_at(transaction, anchor.seq) != anchor.hash:
        return AuditVerification(
            rows=verification.rows,
            intact=False,
            broken_at=min(anchor.seq, verification.rows + 1),
            message=f"Row {anchor.seq} is not the one that was seen before: the end was cut off, or the chain written anew. The earlier end is kept in {path}.",
        )
    if verification.rows > 0:
        last = _hash_at(transaction, verification.rows)
        _write(path, AuditAnchor(seq=verification.rows, hash=last or ""))
    return verification


def _hash_at(transaction: Transaction, seq: int) -> str | None:
    row = transaction.row(_HASH_AT, seq=seq)
    return None if row is None else str(row["hash"])


def _read(path: Path) -> AuditAnchor | None:
    try:
        return AuditAnchor.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise RegistryError(
            f"The remembered end of the audit in {path} cannot be read. Restore it from a backup; without it a cut end would go unseen."
        ) from error


def _write(path: Path, anchor: AuditAnchor) -> None:
    """Replaces the file as a whole, so that a crash leaves the old one or the new one."""
    fresh = path.with_suffix(f".{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(anchor.canonical_json())
        fresh.replace(path)
    except OSError as error:
        raise RegistryError(
            f"The end of the audit cannot be remembered in {path}: {error.strerror}."
        ) from error
