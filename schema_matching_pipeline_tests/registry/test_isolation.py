"""Two tenants, the same names, and nothing of one in any repository of the other."""

import numpy as np
import pytest

from schema_matching_pipeline.errors import (
    NotAllowedError,
    RegistryError,
    SmpError,
    UnknownNameError,
    UnsafeRoleError,
)
from schema_matching_pipeline.model.embedding import MappingText
from schema_matching_pipeline.model.ids import TenantId
from schema_matching_pipeline.model.matching import Disposition
from schema_matching_pipeline.model.pipeline import Phase, RequestKind
from schema_matching_pipeline.model.review import Decision, DecisionKind
from schema_matching_pipeline.ports import EMBEDDING_DIMENSIONS
from schema_matching_pipeline.registry import Registry, UnitOfWork
from schema_matching_pipeline_tests.registry.office import (
    KEY,
    STEWARD,
    a_column,
    a_profile,
    a_sketch,
    a_snapshot,
    a_spot_check,
    make_office,
    ref,
    routed,
)
from schema_matching_pipeline_tests.registry.steps import connected, rows
from schema_matching_pipeline_tests.registry.test_findings import CLASSIFICATION, REPORT, a_verdict
from schema_matching_pipeline_tests.registry.test_llm import CALL, KEPT, NOW

POINTING = np.eye(1, EMBEDDING_DIMENSIONS, dtype=np.float32)[0]


@pytest.fixture
def full_office(office):
    """A tenant with something in every repository."""
    run = office.start_run()
    with office.open() as unit:
        unit.profiles.store_snapshot("acme", a_snapshot("id"))
        unit.profiles.store("acme", run, a_profile(a_column("id")), {ref("id"): "p1"})
        unit.quality.store("acme", run, REPORT)
        unit.classifications.store("acme", run, CLASSIFICATION)
        unit.llm.keep((KEPT,))
        unit.llm.note("acme", CALL, NOW)
        unit.checks.store("acme", (a_verdict(),))
        unit.cache.put("n", "k", "1")
        unit.requests.add("acme", RequestKind.ONBOARD, STEWARD)
    office.propose(routed("id", "patient.patient_id"), routed("sex", "patient.sex"))
    office.approve_and_publish()
    with office.open() as unit:
        published = unit.publications.published("acme")
        unit.value_bank.learn("acme", published, {ref("sex"): a_sketch(1)}, auto_verify=False)
    office.propose(
        routed("id", "patient.patient_id"),
        routed("sex", "patient.sex"),
        routed("ward", "visit.ward", Disposition.PENDING_REVIEW, confidence=0.6),
    )
    with office.open() as unit:
        texts = [
            MappingText(mapping_id=each.id, text=each.source_field)
            for each in unit.embeddings.embeddable("acme")
        ]
        unit.embeddings.store("m", texts, np.stack([POINTING] * len(texts)))
    with office.open() as unit:
        unit.spot_checks.draw("acme", [a_spot_check(routed("sex", "patient.sex"))])
    with office.open(STEWARD) as unit:
        unit.marks.comment("acme", unit.reviews.list().items[0].item.id, "seen")
        unit.marks.note_reveal("acme", unit.reviews.list().items[0].item.id, "to compare", 3)
    return office


READS = {
    "audit": lambda unit: [
        event.subject for event in unit.audit.list(limit=9) if event.actor != "system:install"
    ],
    "cache": lambda unit: unit.cache.get("n", "k"),
    "canonical": lambda unit: unit.canonical.list(),
    "checks": lambda unit: unit.checks.current("acme"),
    "measures": lambda unit: [f for kind in unit.measures.metrics() for f in kind[1] if f.client == "acme"],
    "standing": lambda unit: [line for line in unit.standing.list() if line.client == "acme"],
    "tallies": lambda unit: unit.tallies.columns("acme", sure=0.7).groups,
    "classifications": lambda unit: unit.classifications.current("acme"),
    "answers": lambda unit: unit.llm.answers(("d1",)),
    "llm": lambda unit: unit.llm.calls(None, limit=9),
    "llm_use": lambda unit: unit.llm.used(None, NOW).calls,
    "clients": lambda unit: unit.clients.list(),
    "embeddings": lambda unit: unit.embeddings.embeddable("acme"),
    "nearest": lambda unit: unit.embeddings.nearest("m", POINTING),
    "mappings": lambda unit: unit.mappings.current("acme"),
    "marks": lambda unit: [
        said for line in unit.reviews.list().items for said in unit.marks.comments("acme", line.item.id)
    ],
    "reveals": lambda unit: [
        each for line in unit.reviews.list().items for each in unit.marks.reveals("acme", line.item.id)
    ],
    "proposal": lambda unit: unit.mappings.proposal("acme"),
    "profiles": lambda unit: unit.profiles.current("acme"),
    "snapshot": lambda unit: unit.profiles.latest_snapshot("acme"),
    "anchors": lambda unit: unit.profiles.anchors("acme"),
    "publications": lambda unit: unit.publications.latest("acme"),
    "published": lambda unit: unit.publications.published("acme"),
    "quality": lambda unit: unit.quality.current("acme"),
    "requests": lambda unit: unit.requests.list("acme"),
    "reviews": lambda unit: unit.reviews.list().items,
    "runs": lambda unit: unit.runs.list(),
    "spot_checks": lambda unit: unit.spot_checks.figures("acme").waiting,
    "trust": lambda unit: unit.trust.policies("acme"),
    "validations": lambda unit: unit.validations.current("acme"),
    "variants": lambda unit: unit.value_bank.variants(),
    "field_values": lambda unit: unit.value_bank.field_values(),
    "past_mappings": lambda unit: unit.value_bank.past_mappings(exclude_client="x"),
    "values": lambda unit: unit.value_bank.values("patient"),
}


def test_a_tenant_sees_everything_of_its_own_and_nothing_of_another(full_office, registry, app_url):
    stranger = make_office(registry, app_url, "strangers")
    with full_office.open() as unit:
        assert [name for name, read in READS.items() if not read(unit)] == []
    with stranger.open() as unit:
        assert [name for name, read in READS.items() if read(unit)] == []


def test_every_repository_is_read_by_the_test_above():
    read = {
        "answers": "llm",
        "llm_use": "llm",
        "nearest": "embeddings",
        "proposal": "mappings",
        "snapshot": "profiles",
        "anchors": "profiles",
        "published": "publications",
        **dict.fromkeys(("variants", "field_values", "past_mappings", "values"), "value_bank"),
    }
    covered = {read.get(name, name) for name in READS}
    assert set(UnitOfWork.__annotations__) - covered == OF_THEIR_OWN


OF_THEIR_OWN = {
    "users",
    "api_keys",
    "sessions",
    "sources",
    "erasures",
    "notifications",
}  # tests that ask the same of them


WRITES = {
    "a run": lambda unit: unit.runs.enter("acme", Phase.COLUMN_PROFILES, trust_profile="standard"),
    "a request": lambda unit: unit.requests.add("acme", RequestKind.ONBOARD, STEWARD),
    "labels": lambda unit: unit.quality.store("acme", None, REPORT),
    "a snapshot": lambda unit: unit.profiles.store_snapshot("acme", a_snapshot("id")),
    "a version": lambda unit: unit.publications.settle_version("acme"),
    "a publication": lambda unit: unit.publications.publish("acme"),
    "activity": lambda unit: unit.clients.set_active("acme", active=False),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_tenant_writes_nothing_about_a_client_of_another(full_office, registry, write, app_url):
    stranger = make_office(registry, app_url, "strangers")
    with pytest.raises(SmpError), stranger.open(STEWARD) as unit:
        write(unit)
    with full_office.open() as unit:
        assert unit.clients.get("acme").active
        assert len(unit.runs.list()) == 1


def test_a_steward_of_one_tenant_cannot_decide_items_of_another(full_office, registry, app_url):
    stranger = make_office(registry, app_url, "strangers")
    waiting = full_office.waiting()
    with pytest.raises(UnknownNameError), stranger.open(STEWARD) as unit:
        unit.reviews.decide(Decision(item_id=waiting[0].id, kind=DecisionKind.APPROVE))
    assert full_office.waiting() == waiting


def test_without_a_tenant_nothing_is_visible(full_office, registry):
    with registry.open(TenantId(""), "system:test") as unit:
        assert [name for name, read in READS.items() if read(unit)] == []


def test_a_transaction_leaves_its_tenant_to_no_other(full_office, app_url):
    """The pool has one connection, so that the next transaction gets the same one."""
    narrow = Registry(app_url, secret_key=KEY, pool_size=1, max_overflow=0)
    with narrow.open(full_office.tenant, "system:test") as unit:
        assert len(unit.clients.list()) == 1
    with narrow.open(TenantId(""), "") as unit:
        assert unit.clients.list() == ()
    narrow.close()


def test_the_application_role_passes_and_the_owner_and_the_superuser_do_not(registry, registry_database):
    registry.check_role()
    for url, words in (
        (registry_database.owner_url, "may act as the owner of the tables"),
        (registry_database.superuser_url, "is a superuser"),
    ):
        mighty = Registry(url, secret_key=KEY)
        with pytest.raises(UnsafeRoleError, match=words):
            mighty.check_role()
        mighty.close()


def test_closed_tables_are_closed_through_a_repository_s_connection_too(full_office):
    for statement in (
        "delete from smp.publications",
        "update smp.review_actions set actor = 'me'",
        "insert into smp.final_approvals (client, version, digest, approved, decided_by) values ('acme', 9, 'x', true, 'me')",
    ):
        with pytest.raises(NotAllowedError), full_office.open(STEWARD) as unit:
            unit.audit._transaction.run(statement)


def test_a_mapping_cannot_be_approved_by_writing_it(full_office):
    with pytest.raises((NotAllowedError, RegistryError)), full_office.open(STEWARD) as unit:
        unit.audit._transaction.run(
            "update smp.field_mappings set disposition = 'approved', decided_by = 'me'"
        )


def test_every_change_is_signed_in_the_audit(full_office):
    with full_office.registry.open(
        full_office.tenant, STEWARD, reason="spring cleaning", trace_id="t-1", address="10.0.0.1"
    ) as unit:
        unit.clients.set_trust_profile("acme", "conservative")
        newest = unit.audit.list(limit=1)[0]
        assert unit.audit.list(limit=1, client="acme")[0] == newest
        assert unit.audit.list(limit=9, client="nobody") == ()
    assert (
        newest.actor,
        newest.reason,
        newest.trace_id,
        newest.action,
        newest.subject,
        newest.subject_key,
    ) == (
        STEWARD,
        "spring cleaning",
        "t-1",
        "updated",
        "clients",
        "acme",
    )
    assert (newest.changed, newest.old, newest.new) == (
        ("trust_profile",),
        '{"trust_profile": "standard"}',
        '{"trust_profile": "conservative"}',
    )


def test_the_chain_of_the_audit_is_whole_until_somebody_tampers(full_office, registry, registry_database):
    whole = registry.verify_audit(full_office.tenant)
    assert whole.intact
    assert whole.rows > 20
    with connected(registry_database.superuser_url) as connection:
        connection.exec_driver_sql("set session_replication_role = replica")
        (seq,) = rows(connection, "select min(seq) + 3 from smp.audit_log")[0]
        connection.exec_driver_sql(f"update smp.audit_log set actor = 'nobody' where seq = {seq}")
    broken = registry.verify_audit(full_office.tenant)
    assert (broken.intact, broken.broken_at) == (False, seq)
