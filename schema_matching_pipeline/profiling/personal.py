"""Whether a column holds personal data: from what its name announces and what its values are, together."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.canon.name_kinds import NameKind, in_english, kind_of_name
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PatternShare, ValueType

# What a name announces is enough where the values do not contradict it.
_BY_NAME = {
    NameKind.EMAIL: frozenset({ValueType.TEXT}),
    NameKind.PHONE: frozenset({ValueType.TEXT, ValueType.INTEGER}),
    NameKind.STREET: frozenset({ValueType.TEXT}),
    NameKind.PERSON_NAME: frozenset({ValueType.TEXT}),
    NameKind.BIRTH_DATE: frozenset({ValueType.DATE, ValueType.DATETIME, ValueType.TEXT, ValueType.INTEGER}),
    NameKind.SSN: frozenset({ValueType.TEXT, ValueType.INTEGER}),
    NameKind.PERSONAL_NUMBER: frozenset({ValueType.TEXT, ValueType.INTEGER, ValueType.UUID}),
    NameKind.IBAN: frozenset({ValueType.TEXT}),
    NameKind.IP: frozenset({ValueType.TEXT}),
}
_BY_PATTERN = ("email", "phone", "ssn_us", "iban", "payment_card", "kvnr", "street_address", "person_name")
# Where the name announces one of these, a look-alike among the values is no evidence.
_IMPERSONAL = frozenset(
    (NameKind.CODE, NameKind.AMOUNT, NameKind.QUANTITY, NameKind.DATE, NameKind.YEAR, NameKind.TIME, NameKind.FLAG, NameKind.CITY,
     NameKind.STATE, NameKind.COUNTRY, NameKind.URL, NameKind.UUID, NameKind.PERCENT, NameKind.NPI)
)  # fmt: skip
_PERSONS = frozenset(
    (
        "patient", "person", "member", "subscriber", "insured", "guarantor", "guardian", "employee",
        "customer", "user", "contact", "client", "owner", "physician", "doctor", "provider", "spouse",
        "mother", "father", "parent", "child", "beneficiary", "dependent", "policyholder", "holder",
        "staff", "nurse", "practitioner", "payee",
    )
)  # fmt: skip


def is_personal(
    name: str, table: str, value_type: ValueType, patterns: Sequence[PatternShare], policy: ProfilePolicy
) -> bool:
    """Whether the column speaks of a natural person so that its values must not be shown.

    A flag, code or count beside personal data is not personal: only the head of the name speaks, and a
    contradiction between name and values is settled for the values.
    """
    kind = kind_of_name(name)
    if value_type in {ValueType.EMPTY, ValueType.BOOLEAN}:
        return False
    if value_type in _BY_NAME.get(kind, frozenset()) if kind else False:
        return True
    if kind in {NameKind.NAME, NameKind.NUMBER} and _names_a_person(name, table):
        return True
    return kind not in _IMPERSONAL and any(
        pattern.share >= policy.personal_share for pattern in patterns if pattern.name in _BY_PATTERN
    )


def _names_a_person(name: str, table: str) -> bool:
    """Whether a name or number is that of a person: by its own words, or those of its table."""
    words = {*name_tokens(name), *in_english(name_tokens(name))}
    if words & _PERSONS:
        return True
    own = {token.rstrip("s") for token in name_tokens(table)}
    return bool(own & _PERSONS) and len(name_tokens(name)) == 1
