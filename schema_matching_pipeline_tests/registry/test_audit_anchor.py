"""The remembered end of the audit: what a chain alone cannot show."""

from __future__ import annotations

import stat

import pytest
from sqlalchemy import text

from schema_matching_pipeline.errors import RegistryError
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.registry import Registry
from schema_matching_pipeline_tests.registry.steps import Column, an_office, connected

KEY = bytes(32)


@pytest.fixture
def office(app_url):
    return an_office(app_url)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "audit"


@pytest.fixture
def verify(app_url, office, folder):
    """Verifies the office's chain."""
    registry = Registry(app_url, secret_key=KEY, anchor_folder=folder)
    yield lambda: registry.verify_audit(TenantId(office.tenant))
    registry.close()


def cut_to(registry_database, row):
    """Cuts the end off and makes the head fit, as only a superuser can."""
    with connected(registry_database.superuser_url) as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM smp.audit_log WHERE seq > :row"), {"row": row})
        connection.execute(
            text(
                "UPDATE smp.audit_heads SET seq = last.seq, hash = last.hash FROM (SELECT seq, hash FROM smp.audit_log WHERE seq = :row) AS last"
            ),
            {"row": row},
        )


def test_a_growing_chain_stays_whole(office, verify):
    first = verify()
    office.propose(Column("member_no", "patient.id"))
    second = verify()
    assert (first.intact, second.intact, second.rows) == (True, True, first.rows + 1)


def test_a_cut_end_that_fits_its_head_is_found(registry_database, verify):
    seen = verify().rows
    cut_to(registry_database, seen - 2)
    verdict = verify()
    assert (verdict.intact, verdict.broken_at) == (False, seen - 1)


def test_a_chain_that_grew_again_after_its_end_was_cut_is_found(registry_database, office, verify):
    seen = verify().rows
    cut_to(registry_database, seen - 1)
    office.propose(*(Column(f"c{number}", "patient.id") for number in range(3)))
    verdict = verify()
    assert (verdict.intact, verdict.broken_at) == (False, seen)


def test_a_broken_chain_does_not_replace_what_was_remembered(registry_database, verify, folder):
    seen = verify().rows
    before = [path.read_text() for path in folder.iterdir()]
    cut_to(registry_database, seen - 1)
    verify()
    assert [path.read_text() for path in folder.iterdir()] == before


def test_what_is_remembered_is_private(verify, folder):
    verify()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600]


def test_a_damaged_memory_is_a_fault_not_a_fresh_start(verify, folder):
    verify()
    for path in folder.iterdir():
        path.write_text("{}")
    with pytest.raises(RegistryError, match="cannot be read"):
        verify()


def test_a_folder_that_cannot_be_written_is_a_fault(verify, folder):
    folder.write_text("a file in the way")
    with pytest.raises(RegistryError):
        verify()
