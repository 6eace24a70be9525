"""What tests of the repositories do over and over: open a registry, bring a client in, propose, decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from schema_matching_pipeline.model.access import Role
from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
    FieldType,
    RiskClass,
)
from schema_matching_pipeline.model.ids import RunId, TenantId, content_id
from schema_matching_pipeline.model.matching import (
    Candidate,
    Correspondence,
    Disposition,
    MappingProposal,
    SignalScore,
)
from schema_matching_pipeline.model.pipeline import Phase
from schema_matching_pipeline.model.profile import (
    ColumnProfile,
    MaskedValue,
    SourceProfile,
    TableProfile,
    ValueCount,
    ValueSketch,
    ValueType,
)
from schema_matching_pipeline.model.review import ItemKind, ReviewItem, ReviewQueue, RoutedColumn, SpotCheck
from schema_matching_pipeline.model.source import (
    ColumnRef,
    SourceAddress,
    SourceColumn,
    SourceSnapshot,
    SourceTable,
)
from schema_matching_pipeline.model.trust import EntityThreshold, Thresholds, TrustProfile
from schema_matching_pipeline.model.validation import ValidationReport
from schema_matching_pipeline.registry import Registry, UnitOfWork
from schema_matching_pipeline_tests.registry.people import add_people, key_of

KEY = bytes(range(32))
STEWARD = "ada"
SECOND_STEWARD = "grace"
ENGINEER = "edsger"
SECRET_LOCATION = "postgresql://reader:hunter2-hunter2@db.example/acme"

PATIENT = CanonicalSchema(
    name="practice",
    entities=(
        CanonicalEntity(
            name="patient",
            risk_class=RiskClass.CRITICAL,
            fields=(
                CanonicalField(name="patient_id", type=FieldType.IDENTIFIER, primary_key=True, required=True),
                CanonicalField(name="birth_date", type=FieldType.DATE),
                CanonicalField(name="sex", type=FieldType.CODE, values=("f", "m")),
            ),
        ),
        CanonicalEntity(
            name="visit",
            risk_class=RiskClass.OPTIONAL,
            fields=(CanonicalField(name="visit_id"), CanonicalField(name="ward")),
        ),
    ),
)


@dataclass(frozen=True)
class Office:
    """One tenant of a registry."""

    registry: Registry
    tenant: TenantId
    url: str

    def open(self, actor: str = "system:pipeline", *, reason: str | None = None) -> UnitOfWork:
        return self.registry.open(self.tenant, actor, key=key_of(actor), reason=reason)

    def add_client(self, slug: str = "acme", *, profile: str | None = "standard") -> None:
        with self.open() as unit:
            unit.canonical.put(PATIENT)
            connection = unit.sources.add_connection(slug, "postgresql", address())
            unit.clients.add(
                slug,
                slug.title(),
                connection_id=connection,
                trust_profile=profile,
                canonical_model="practice",
            )

    def start_run(self, client: str = "acme") -> RunId:
        with self.open() as unit:
            return RunId(unit.runs.enter(client, Phase.COLUMN_PROFILES, trust_profile="standard").id)

    def propose(self, *columns: RoutedColumn, client: str = "acme", items: Sequence[ReviewItem] = ()) -> None:
        """Stores a routed proposal; a column that waits raises an item of its own."""
        with self.open() as unit:
            unit.trust.store_policies(client, thresholds())
            run = unit.runs.latest_or_none(client) or unit.runs.start(client, "standard")
            queue = ReviewQueue(columns=columns, items=(*(doubt(c) for c in columns if waits(c)), *items))
            unit.mappings.store(
                client,
                RunId(run.id),
                a_proposal(*columns),
                queue,
                dict.fromkeys((c.ref for c in columns), "text"),
            )
            unit.reviews.sync(client, queue.items)

    def validate(self, client: str = "acme", report: ValidationReport | None = None) -> tuple[int, str]:
        """Settles the version and notes it as validated."""
        with self.open() as unit:
            version, digest = unit.publications.settle_version(client)
            unit.validations.store(client, digest, report or ValidationReport(findings=()))
            unit.validations.mark_validated(client, digest)
        return version, digest

    def approve_and_publish(self, client: str = "acme", *, by: str = STEWARD) -> None:
        version, digest = self.validate(client)
        with self.open(by) as unit:
            unit.publications.approve_final(client, version, digest, "looked at it")
        with self.open("system:release") as unit:
            unit.publications.publish(client)

    def look(self, client: str = "acme", **looks: str) -> None:
        """Profiles the columns; one that looks otherwise than before has changed."""
        run = self.start_run(client)
        with self.open() as unit:
            unit.profiles.store_snapshot(client, a_snapshot(*looks))
            prints = {ref(name): print_ for name, print_ in looks.items()}
            unit.profiles.store(client, run, a_profile(*(a_column(name) for name in looks)), prints)

    def waiting(self, client: str = "acme") -> tuple[ReviewItem, ...]:
        with self.open() as unit:
            return tuple(found.item for found in unit.reviews.list(client=client).items)


def address() -> SourceAddress:
    return SourceAddress(location=SecretStr(SECRET_LOCATION), schema_name="public")


def ref(column: str, table: str = "members") -> ColumnRef:
    return ColumnRef(table=table, column=column)


def field(name: str) -> FieldRef:
    entity, _, column = name.partition(".")
    return FieldRef(entity=entity, field=column)


def routed(
    column: str,
    target: str | None = None,
    disposition: Disposition = Disposition.AUTO_ACCEPTED,
    *,
    confidence: float = 0.99,
    content: str = "as it was",
) -> RoutedColumn:
    """One routed column; ``content`` stands for everything an approval is bound to."""
    return RoutedColumn(
        ref=ref(column),
        disposition=disposition
        if target or disposition is not Disposition.AUTO_ACCEPTED
        else Disposition.UNMAPPED,
        target=field(target) if target else None,
        confidence=confidence,
        required_threshold=0.97,
        reason="because",
        approval_hash=content_id(column, target, content),
    )


def waits(column: RoutedColumn) -> bool:
    return column.disposition is Disposition.PENDING_REVIEW


def doubt(column: RoutedColumn, **stated: object) -> ReviewItem:
    """The item a waiting column raises."""
    return ReviewItem.model_validate(
        {
            "id": content_id("item", column.ref, column.target, column.approval_hash),
            "kind": ItemKind.MAPPING,
            "ref": column.ref,
            "target": column.target,
            "risk_class": RiskClass.CRITICAL,
            "reason": "not sure enough",
            "needed": column.required_threshold,
            "had": column.confidence,
            "candidates": (a_candidate("patient.sex", column.confidence),),
            "approval_hash": column.approval_hash,
            **stated,
        }
    )


def a_spot_check(column: RoutedColumn, **stated: object) -> SpotCheck:
    """What comes back of an accepted column."""
    return SpotCheck.model_validate(
        {
            "id": content_id("spot check", column.ref, column.approval_hash),
            "ref": column.ref,
            "approval_hash": column.approval_hash,
            "choices": (field("patient.birth_date"), field("patient.sex"), field("visit.ward")),
            "target": column.target,
            "risk_class": RiskClass.CRITICAL,
            "reason": column.reason,
            "needed": column.required_threshold,
            "had": column.confidence,
            "candidates": (a_candidate(str(column.target), column.confidence),),
            **stated,
        }
    )


def a_candidate(target: str = "patient.birth_date", confidence: float = 0.9) -> Candidate:
    return Candidate(
        target=field(target),
        confidence=confidence,
        signals=(
            SignalScore(signal="name_tokens", score=0.75, share=1.25),
            SignalScore(signal="a_shorter_one", score=0.5, share=-0.5),
        ),
    )


def a_proposal(*columns: RoutedColumn, candidates: Sequence[Candidate] = ()) -> MappingProposal:
    return MappingProposal(
        correspondences=tuple(
            Correspondence(
                ref=column.ref,
                target=column.target,
                confidence=column.confidence,
                candidates=tuple(candidates) or (a_candidate(),),
                explanation="the names agree",
                objections=("few values",),
            )
            for column in columns
        ),
        canonical_digest=PATIENT.fingerprint(),
        knowledge_version="k1",
    )


def thresholds() -> Thresholds:
    return Thresholds(
        profile=TrustProfile(
            name="standard",
            auto_accept_threshold=0.95,
            review_required_before_production=True,
            auto_exclude_flagged_columns=True,
            auto_verify_high_occurrence_values=False,
        ),
        review_floor=0.5,
        entities=(
            EntityThreshold(
                entity="patient",
                risk_class=RiskClass.CRITICAL,
                effective_threshold=0.97,
                validation_required=True,
            ),
            EntityThreshold(
                entity="visit",
                risk_class=RiskClass.OPTIONAL,
                effective_threshold=0.95,
                validation_required=False,
            ),
        ),
    )


def a_column(name: str, *, table: str = "members", position: int = 0, **stated: object) -> ColumnProfile:
    return ColumnProfile.model_validate(
        {
            "table": table,
            "column": name,
            "position": position,
            "data_type": "text",
            "row_count": 100,
            "null_count": 1,
            "distinct_count": 3,
            "value_type": ValueType.TEXT,
            "top_values": (ValueCount(value=MaskedValue(text="S****"), count=9),),
            **stated,
        }
    )


def a_sketch(*hashes: int, complete: bool = True) -> ValueSketch:
    return ValueSketch(size=1024, hashes=tuple(sorted(hashes)), distinct=len(hashes), complete=complete)


def a_profile(*columns: ColumnProfile, fingerprint: str = "f1") -> SourceProfile:
    names = tuple(dict.fromkeys(column.table for column in columns))
    return SourceProfile(
        snapshot_fingerprint=fingerprint,
        tables=tuple(
            TableProfile(
                name=name, row_count=100, columns=tuple(column for column in columns if column.table == name)
            )
            for name in names
        ),
    )


def a_snapshot(*columns: str) -> SourceSnapshot:
    listed = tuple(
        SourceColumn(name=name, position=place, data_type="text") for place, name in enumerate(columns)
    )
    return SourceSnapshot(schema_name="public", tables=(SourceTable(name="members", columns=listed),))


def make_office(registry: Registry, url: str, name: str = "default") -> Office:
    """A tenant with its people."""
    office = Office(registry, registry.ensure_tenant(name), url)
    add_people(
        url, office.tenant, {STEWARD: Role.STEWARD, SECOND_STEWARD: Role.STEWARD, ENGINEER: Role.ENGINEER}
    )
    return office
