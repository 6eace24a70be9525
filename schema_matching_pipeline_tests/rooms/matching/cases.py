"""A small canonical model and clients for matching tests; everything made up."""

from __future__ import annotations

from schema_matching_pipeline.canon.value_bank import packaged_values
from schema_matching_pipeline.classification import classify_by_rules
from schema_matching_pipeline.matching import propose_mapping
from schema_matching_pipeline.model.canonical import (
    CanonicalEntity,
    CanonicalField,
    CanonicalSchema,
    FieldRef,
    FieldType,
)
from schema_matching_pipeline.model.knowledge import Knowledge
from schema_matching_pipeline.model.matching import Correspondence, MappingProposal
from schema_matching_pipeline.model.policy import MatchPolicy
from schema_matching_pipeline.model.profile import SourceProfile
from schema_matching_pipeline.model.source import ColumnRef
from schema_matching_pipeline.model.trust import Thresholds, TrustProfile
from schema_matching_pipeline_tests.builders import a_column, a_profile, a_table, keyed_hash

THRESHOLDS = Thresholds(
    profile=TrustProfile(
        name="standard",
        auto_accept_threshold=0.95,
        review_required_before_production=True,
        auto_exclude_flagged_columns=True,
        auto_verify_high_occurrence_values=False,
    ),
    review_floor=0.5,
    entities=(),
)


def a_field(name: str, **stated: object) -> CanonicalField:
    return CanonicalField.model_validate({"name": name, **stated})


MEMBER = CanonicalEntity(
    name="member",
    description="A person who belongs to the club.",
    synonyms=("mitglied", "subscriber"),
    fields=(
        a_field("member_id", type=FieldType.IDENTIFIER, primary_key=True, description="Unique key of the member."),
        a_field("first_name", description="Given name.", synonyms=("vorname",), semantic_type="person_first_name"),
        a_field("last_name", description="Family name.", synonyms=("nachname",), semantic_type="person_last_name"),
        a_field("birth_date", type=FieldType.DATE, description="Day of birth.", semantic_type="birth_date"),
        a_field("email", description="Electronic mail address.", semantic_type="email"),
        a_field("sex", type=FieldType.CODE, values=("M", "F"), semantic_type="gender"),
    ),
)  # fmt: skip
INVOICE = CanonicalEntity(
    name="invoice",
    description="A bill sent to a member.",
    synonyms=("rechnung",),
    fields=(
        a_field("invoice_id", type=FieldType.IDENTIFIER, primary_key=True, description="Unique key of the bill."),
        a_field("member_id", type=FieldType.IDENTIFIER, references=FieldRef(entity="member", field="member_id")),
        a_field("amount", type=FieldType.NUMBER, description="Sum to be paid.", semantic_type="amount"),
        a_field("due_date", type=FieldType.DATE, description="Last day for paying.", semantic_type="due_date"),
    ),
)  # fmt: skip
CLUB = CanonicalSchema(name="club", entities=(MEMBER, INVOICE))
KNOWLEDGE = Knowledge(canonical=CLUB, thresholds=THRESHOLDS, field_values=packaged_values(CLUB, keyed_hash))

MEMBERS = a_table(
    "members",
    [
        a_column("member_id", [str(number) for number in range(1, 21)]),
        a_column("given_name", ["Ada", "Grace", "Edith", "Joan"] * 5),
        a_column("surname", ["Field", "Marsh", "Stone", "Brook"] * 5),
        a_column("dob", [f"19{year}-03-{year - 49:02d}" for year in range(50, 70)]),
        a_column("email_addr", [f"person{number}@example.org" for number in range(20)]),
        a_column("gender", ["M", "F"] * 10),
        a_column("xq_7", [str(number * 37 % 11) for number in range(20)]),
    ],
    primary_key=("member_id",),
)
BILLS = a_table(
    "RECHNUNGEN",
    [
        a_column("RECHNUNG_ID", [str(number) for number in range(100, 120)]),
        a_column("BETRAG", [f"{number}.50" for number in range(10, 30)]),
        a_column("FAELLIGKEIT", [f"2024-05-{day:02d}" for day in range(1, 21)]),
    ],
    primary_key=("RECHNUNG_ID",),
)
CLIENT = a_profile(MEMBERS, BILLS)


def propose(
    profile: SourceProfile = CLIENT,
    knowledge: Knowledge = KNOWLEDGE,
    excluded: frozenset[ColumnRef] = frozenset(),
    policy: MatchPolicy = MatchPolicy(),  # noqa: B008  # frozen value
) -> MappingProposal:
    """The proposal for a client, classified by rules."""
    classified = classify_by_rules(profile, excluded, knowledge)
    return propose_mapping(profile, classified, knowledge, policy, excluded=excluded)


def best_of(proposal: MappingProposal, table: str, column: str) -> str:
    """The first candidate of a column, as text."""
    return str(of(proposal, table, column).candidates[0].target)


def of(proposal: MappingProposal, table: str, column: str) -> Correspondence:
    """The correspondence of a column."""
    return proposal.by_ref()[ColumnRef(table=table, column=column)]
