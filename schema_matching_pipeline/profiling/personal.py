"""Which data about persons a column holds: from what its name announces and what its values are, together."""

from __future__ import annotations

from collections.abc import Sequence

from schema_matching_pipeline.canon.name_kinds import NameKind, in_english, kind_of_name
from schema_matching_pipeline.canon.names import name_tokens
from schema_matching_pipeline.model.policy import ProfilePolicy
from schema_matching_pipeline.model.profile import PatternShare, PersonalData, PersonalLevel, ValueType

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
_KIND_OF_PATTERN = {
    "email": NameKind.EMAIL,
    "phone": NameKind.PHONE,
    "ssn_us": NameKind.SSN,
    "iban": NameKind.IBAN,
    "payment_card": "payment_card",
    "kvnr": NameKind.PERSONAL_NUMBER,
    "mbi_us": NameKind.PERSONAL_NUMBER,
    "national_id": NameKind.PERSONAL_NUMBER,
    "street_address": NameKind.STREET,
    "person_name": NameKind.PERSON_NAME,
}
# Where the name announces one of these, a look-alike among the values is no evidence.
_IMPERSONAL = frozenset(
    (NameKind.CODE, NameKind.AMOUNT, NameKind.QUANTITY, NameKind.DATE, NameKind.YEAR, NameKind.TIME, NameKind.FLAG, NameKind.CITY,
     NameKind.STATE, NameKind.COUNTRY, NameKind.URL, NameKind.UUID, NameKind.PERCENT, NameKind.NPI)
)  # fmt: skip
_SENSITIVE = {
    "race or ethnicity": frozenset(("race", "ethnicity", "ethnoracial", "ethnic", "tribe")),
    "religion": frozenset(("religion", "religious", "faith", "denomination", "konfession")),
    "sexual life": frozenset(("sexual", "orientation")),
    "health": frozenset(("diagnosis", "diagnoses", "disability", "disease", "illness", "pregnancy", "pregnant", "hiv", "allergy", "allergies", "smoking", "alcohol")),
    "income": frozenset(("salary", "income", "wage", "wages")),
    "politics": frozenset(("political", "union", "party")),
}  # fmt: skip
_DIAGNOSES = frozenset(("icd10", "icd9", "snomed"))
_DIAGNOSED = frozenset(("diagnosis", "diagnoses", "dx", "icd", "condition", "reason", "problem"))
_NARROWING = frozenset(
    (NameKind.GENDER, NameKind.POSTAL_CODE, NameKind.CITY, NameKind.STATE, NameKind.COUNTRY, NameKind.RELATIONSHIP)
)  # fmt: skip
_TITLES = (("title",), ("titel",), ("label",))
_NARROWING_WORDS = frozenset(("age", "marital", "occupation", "nationality", "language", "lat", "lon", "latitude", "longitude", "birthplace"))  # fmt: skip
_PERSONS = frozenset(
    (
        "patient", "person", "member", "subscriber", "insured", "guarantor", "guardian", "employee",
        "customer", "user", "contact", "client", "owner", "physician", "doctor", "provider", "spouse",
        "mother", "father", "parent", "child", "beneficiary", "dependent", "policyholder", "holder",
        "staff", "nurse", "practitioner", "payee",
    )
)  # fmt: skip


def personal_data(
    name: str, table: str, value_type: ValueType, patterns: Sequence[PatternShare], policy: ProfilePolicy
) -> PersonalData | None:
    """Which data about natural persons the column holds, from its name, its table and its values together; None for none.

    A flag, code or count beside personal data is not personal: only the head of the name speaks, and a
    contradiction between name and values is settled for the values.
    """
    if value_type in {ValueType.EMPTY, ValueType.BOOLEAN}:
        return None
    told = [pattern for pattern in patterns if pattern.name in _KIND_OF_PATTERN]
    held = [pattern for pattern in told if pattern.share >= policy.personal_share]
    return (
        _identifying(name, table, value_type, held)
        or _sensitive(name, table, patterns, policy)
        or _narrowing(name, table)
    )


def _identifying(
    name: str, table: str, value_type: ValueType, held: Sequence[PatternShare]
) -> PersonalData | None:
    kind = kind_of_name(name)
    values = tuple(
        f"{pattern.share:.0%} of the values are of the form {pattern.name}" for pattern in held[:1]
    )
    if kind and value_type in _BY_NAME.get(kind, frozenset()):
        return _data(kind, PersonalLevel.IDENTIFYING, f"the name announces {_spoken(kind)}", *values)
    if kind in {NameKind.NAME, NameKind.NUMBER} and _names_a_person(name, table):
        return _data(
            NameKind.PERSON_NAME if kind is NameKind.NAME else NameKind.PERSONAL_NUMBER,
            PersonalLevel.IDENTIFYING,
            f"it is the {kind} of a person, by its own name or its table's",
            *values,
        )
    if kind in _IMPERSONAL or not held:
        return None
    return _data(_KIND_OF_PATTERN[held[0].name], PersonalLevel.IDENTIFYING, *values)


def _sensitive(
    name: str, table: str, patterns: Sequence[PatternShare], policy: ProfilePolicy
) -> PersonalData | None:
    words = _words(name)
    for kind, telling in _SENSITIVE.items():
        if words & telling and _is_about_a_person(name, table):
            return _data(kind, PersonalLevel.SENSITIVE, f"the name speaks of {kind} in a table of persons")
    diagnosed = [one for one in patterns if one.name in _DIAGNOSES and one.share >= policy.personal_share]
    if diagnosed and words & _DIAGNOSED:
        share = f"{diagnosed[0].share:.0%} of the values are of the form {diagnosed[0].name}"
        return _data("health", PersonalLevel.SENSITIVE, "the name speaks of diagnoses", share)
    return None


def _narrowing(name: str, table: str) -> PersonalData | None:
    """What tells nobody alone but many together: sex, age, place, marriage, work."""
    if not _is_about_a_person(name, table):
        return None
    kind = kind_of_name(name)
    if kind in _NARROWING:
        return _data(
            str(kind), PersonalLevel.QUASI, f"the name announces {_spoken(kind)} in a table of persons"
        )
    found = _NARROWING_WORDS & set(name_tokens(name)[-1:])
    return next((_data(word, PersonalLevel.QUASI, f"it is the {word} of a person") for word in found), None)


def _data(kind: str, level: PersonalLevel, *evidence: str) -> PersonalData:
    return PersonalData(kind=str(kind), level=level, evidence=evidence)


def _spoken(kind: NameKind) -> str:
    return str(kind).replace("_", " ")


def _words(name: str) -> frozenset[str]:
    return frozenset((*name_tokens(name), *in_english(name_tokens(name))))


def _is_about_a_person(name: str, table: str) -> bool:
    own = {token.rstrip("s") for token in (*name_tokens(table), *in_english(name_tokens(table)))}
    return bool((own | _words(name)) & _PERSONS) and kind_of_name(name) not in {NameKind.FLAG, NameKind.KEY}


def _names_a_person(name: str, table: str) -> bool:
    """Whether a name or number is that of a person: by its own words, or those of its table; a title names nobody."""
    if name_tokens(name)[-1:] in _TITLES:
        return False
    if _words(name) & _PERSONS:
        return True
    own = {token.rstrip("s") for token in name_tokens(table)}
    return bool(own & _PERSONS) and len(name_tokens(name)) == 1
