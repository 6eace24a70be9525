"""What a row of the audit says in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from schema_matching_pipeline.entrances.api.ui.audit_changes import ChangedColumn, changed_columns
from schema_matching_pipeline.model.audit import AuditEvent


def a_row(changed=(), old=None, new=None):
    return AuditEvent(
        seq=1,
        action="updated",
        subject="users",
        subject_key="ada",
        actor="ada",
        reason=None,
        address=None,
        agent=None,
        trace_id=None,
        at=datetime(2026, 11, 20, tzinfo=UTC),
        changed=tuple(changed),
        old=json.dumps(old) if old is not None else None,
        new=json.dumps(new) if new is not None else None,
    )


def test_an_update_tells_each_column_before_and_after_without_keys():
    old = {"role": "viewer", "active": True, "valid_to": None, "row_version": 1, "client_id": "a"}
    new = {"role": "admin", "active": False, "valid_to": "2026", "row_version": 2, "client_id": "b"}
    assert changed_columns(a_row(old, old, new)) == (
        ChangedColumn("role", "viewer", "admin"),
        ChangedColumn("active", "yes", "no"),
        ChangedColumn("valid to", "nothing", "2026"),
    )


def test_a_new_password_is_told_as_one_and_nothing_of_what_is_kept_of_it():
    kept = {"password_hash": "[redacted]", "password_salt": "[redacted]"}
    (told,) = changed_columns(a_row(kept, kept, kept))
    assert (told, told.in_short) == (ChangedColumn("password"), "password changed")


@pytest.mark.parametrize("gone", [False, True], ids=["new", "gone"])
def test_a_row_that_is_new_or_gone_tells_what_it_held(gone):
    held = {"id": 7, "tenant_id": "t", "login": "ada", "left_at": None, "password_hash": "[redacted]"}
    told = changed_columns(a_row(held, held if gone else None, None if gone else held))
    assert told == (ChangedColumn("login", *(("ada", None) if gone else (None, "ada"))),)


def test_a_row_that_is_withheld_tells_nothing():
    held = {"login": "ada"}
    assert changed_columns(a_row(held, None, held).withheld) == ()


def test_a_long_value_is_shortened():
    (told,) = changed_columns(a_row(["note"], {"note": ""}, {"note": "n" * 1000}))
    assert told == ChangedColumn("note", "nothing", "n" * 299 + "…")
