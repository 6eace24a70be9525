"""Which data about persons a column holds: from what its name announces and what its values are, together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
_CHECKED_TOO = ("snomed", "npi", "isbn", "loinc")
# Where the name announces one of these, a look-alike among the values is no evidence.
_IMPERSONAL = frozenset(
    (NameKind.CODE, NameKind.AMOUNT, NameKind.QUANTITY, NameKind.DATE, NameKind.YEAR, NameKind.TIME, NameKind.FLAG, NameKind.CITY,
     NameKind.STATE, NameKind.COUNTRY, NameKind.URL, NameKind.UUID, NameKind.PERCENT, NameKind.NPI)
)  # fmt: skip
# Who may log in, and with what: told by the last words of a name.
_LOGINS = frozenset(
    ("username", "login", "nickname", "twitter", "instagram", "facebook", "linkedin", "skype")
)
_LOGIN_PHRASES = frozenset(
    (("user", "name"), ("name", "user"), ("login", "name"), ("screen", "name"), ("twitter", "name"))
)
_CREDENTIALS = frozenset(
    (
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "passhash",
        "secret",
        "cvv",
        "kennwort",
        "passwort",
        "contrasena",
    )
)
_CARDS = frozenset((("card", "number"), ("credit", "card"), ("cc", "number")))
_INITIALS = frozenset((("middle", "initial"), ("initials",)))
# Numbers that a state or an insurer gives to persons.
_ISSUED = frozenset(
    (
        "medicare",
        "medicaid",
        "tax",
        "national",
        "dni",
        "nie",
        "bsn",
        "cpf",
        "curp",
        "pesel",
        "personalausweis",
    )
)
_NEARLY_ALL = 0.95  # of the values; of any whole numbers of ten digits four in ten could be telephone numbers
_FAR_APART = 1_000.0  # from one to the next; numbers that were counted lie closer
_SHORT_NAME = 2  # words
_GIVEN_LENGTH = 7  # characters of the longest value
_CRYPTIC = 4  # letters; longer words say what they mean
_DATE_WORDS = frozenset(("datum", "fecha", "datetime", "timestamp"))
_INSURED = frozenset(
    ("subscriber", "insured", "policyholder", "policy", "beneficiary", "enrollee", "member", "versicherten")
)
# Persons in a role; where such a column holds words, they name somebody.
_ROLES = frozenset(
    (
        "author",
        "authors",
        "referrer",
        "signer",
        "attendee",
        "attendees",
        "referred by",
        "contact person",
        "person",
        "spouse",
        "guardian",
        "nominee",
    )
)
_SENSITIVE = {
    "race or ethnicity": frozenset(("race", "ethnicity", "ethnoracial", "ethnic", "tribe")),
    "religion": frozenset(("religion", "religious", "faith", "denomination", "konfession")),
    "sexual life": frozenset(("sexual", "orientation")),
    "health": frozenset(("diagnosis", "diagnoses", "disability", "disease", "illness", "pregnancy", "pregnant", "hiv", "allergy", "allergies", "smoking", "alcohol", "blood")),
    "income": frozenset(("salary", "income", "wage", "wages")),
    "politics": frozenset(("political", "union", "party")),
}  # fmt: skip
# These words speak of persons in a table of any name.
_PLAINLY_SENSITIVE = frozenset(("ethnicity", "ethnoracial", "religion", "religious", "sexual", "hiv"))
_SENSITIVE_FLAGS = frozenset(("hiv", "pregnant", "pregnancy", "disability", "disabled", "smoker", "smoking"))
_DIAGNOSES = frozenset(("icd10", "icd9", "snomed"))
_DIAGNOSED = frozenset(("diagnosis", "diagnoses", "dx", "icd", "condition", "reason", "problem"))
_NARROWING = frozenset(
    (NameKind.GENDER, NameKind.POSTAL_CODE, NameKind.CITY, NameKind.STATE, NameKind.COUNTRY, NameKind.RELATIONSHIP)
)  # fmt: skip
_TITLES = (("title",), ("titel",), ("label",))
_NARROWING_WORDS = frozenset(
    ("age", "marital", "occupation", "profession", "nationality", "language", "lat", "lon", "latitude", "longitude", "birthplace", "region",
     "district", "county", "residence", "citizenship", "employer", "industry", "title", "salutation")
)  # fmt: skip
_DEATH = frozenset(("death", "deceased", "died"))
_CAPTIONS = frozenset(
    ("label", "text", "value", "desc", "line", "code", "cd", "status")
)  # the head stands before them
_FAMILY_NAMES = frozenset(
    ("last name", "lastname", "lname", "surname", "family name", "familyname", "nachname", "familienname", "apellido", "apellidos", "cognome", "nom de famille")
)  # fmt: skip
_PERSONS = frozenset(
    (
        "patient", "person", "member", "subscriber", "insured", "guarantor", "guardian", "employee",
        "customer", "user", "contact", "client", "owner", "physician", "doctor", "provider", "spouse",
        "mother", "father", "parent", "child", "beneficiary", "dependent", "policyholder", "holder",
        "staff", "nurse", "practitioner", "payee",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """The table a column stands in: whether it is about persons, and whether it has a column of family names."""

    table: str
    of_persons: bool
    has_family_names: bool


def surroundings(table: str, columns: Iterable[str]) -> Surroundings:
    """What a table's name and those of all its columns tell: a table with birth dates or family names is about persons."""
    kinds = {name: kind_of_name(name) for name in columns}
    family = any(" ".join(name_tokens(name)) in _FAMILY_NAMES for name in kinds)
    told = family or bool({NameKind.BIRTH_DATE, NameKind.SSN} & set(kinds.values()))
    return Surroundings(
        table, told or bool(_singular(_words(table) | _words(table.rstrip("s"))) & _PERSONS), family
    )


@dataclass(frozen=True)
class Held:
    """What a column holds: the type of its values, what they look like, and how long they are at most.

    ``years`` is how many lie between nearly all of its days, ``apart`` how far one of its numbers is from the next on
    average; 0 where it holds none.
    """

    value_type: ValueType
    patterns: Sequence[PatternShare] = ()
    longest: int = 0
    years: int = 0
    apart: float = 0.0

    def share(self, *names: str) -> float:
        """The share of the pattern among these that is followed most."""
        return max((pattern.share for pattern in self.patterns if pattern.name in names), default=0.0)


def personal_data(name: str, beside: Surroundings, held: Held, policy: ProfilePolicy) -> PersonalData | None:
    """Which data about natural persons the column holds, from its name, its table and its values together; None for none.

    A flag, code or count beside personal data is not personal: only the head of the name speaks, and a
    contradiction between name and values is settled for the values.
    """
    if held.value_type is ValueType.EMPTY:
        return None
    if held.value_type is ValueType.BOOLEAN:
        return _sensitive_flag(name, beside)
    return (
        _identifying(name, beside, held, policy)
        or _access(name, held.value_type)
        or _given_number(name, held)
        or _born(name, beside, held, policy)
        or _in_a_role(name, held, policy)
        or _spoken_of(held, policy)
        or _sensitive(name, beside, held.patterns, policy)
        or _narrowing(name, beside, held.value_type)
    )


def _identifying(name: str, beside: Surroundings, held: Held, policy: ProfilePolicy) -> PersonalData | None:
    kind = _announced(name)
    told = [pattern for pattern in held.patterns if pattern.name in _KIND_OF_PATTERN]
    told = [
        pattern
        for pattern in told
        if pattern.share >= policy.personal_share and not _by_chance(kind, pattern, held)
    ]
    values = tuple(
        f"{pattern.share:.0%} of the values are of the form {pattern.name}" for pattern in told[:1]
    )
    if kind and held.value_type in _BY_NAME.get(kind, frozenset()):
        return _data(kind, PersonalLevel.IDENTIFYING, f"the name announces {_spoken(kind)}", *values)
    if kind in {NameKind.NAME, NameKind.NUMBER} and _names_a_person(name, beside):
        return _data(
            NameKind.PERSON_NAME if kind is NameKind.NAME else NameKind.PERSONAL_NUMBER,
            PersonalLevel.IDENTIFYING,
            f"it is the {kind} of a person, by its own name or its table's",
            *values,
        )
    if kind in _IMPERSONAL or not told:
        return None
    return _data(_KIND_OF_PATTERN[told[0].name], PersonalLevel.IDENTIFYING, *values)


def _by_chance(kind: NameKind | None, pattern: PatternShare, held: Held) -> bool:
    """Whether digits only look so.

    Bare ones look like telephone numbers where the name announces the key of a thing, or its number, unless nearly all do
    and lie as far apart as no count leaves them; and some like numbers of persons where no fewer carry the check digit
    of something else.
    """
    if pattern.name == "phone":
        dialled = pattern.share >= _NEARLY_ALL and held.apart >= _FAR_APART
        counted = kind is NameKind.KEY or (kind is NameKind.NUMBER and not dialled)
        return counted and held.value_type is ValueType.INTEGER
    return pattern.name in {"national_id", "payment_card"} and held.share(*_CHECKED_TOO) >= pattern.share


def _announced(name: str) -> NameKind | None:
    """What a name announces, a caption at its end left out: the label of a family name is one."""
    kind, tokens = kind_of_name(name), name_tokens(name)
    if len(tokens) > 1 and tokens[-1] in {"label", "text", "value"}:
        return kind_of_name("_".join(tokens[:-1])) or kind
    return kind


def _access(name: str, value_type: ValueType) -> PersonalData | None:
    """What people log in or pay with, their initials, and numbers that are given to persons."""
    if value_type not in {ValueType.TEXT, ValueType.INTEGER}:
        return None
    found = _kind_of_access(name, is_text=value_type is ValueType.TEXT)
    return _data(found[0], PersonalLevel.IDENTIFYING, f"the name announces {found[1]}") if found else None


def _kind_of_access(name: str, *, is_text: bool) -> tuple[str, str] | None:
    """The kind, and what it is in words."""
    tokens, last, last_two = name_tokens(name), _tail(name, 1), _tail(name, 2)
    if {*last, *tokens[-1:]} & _CREDENTIALS:
        return "credential", "what somebody logs in with"
    if last_two in _CARDS:
        return "payment_card", "the number of a card"
    if is_text and (set(tokens[-1:]) & _LOGINS or last_two in _LOGIN_PHRASES):
        return "login", "what somebody is known by"
    if is_text and {last, last_two} & _INITIALS:
        return NameKind.PERSON_NAME, "initials"
    is_number = len(tokens) == 1 or kind_of_name(name) in {NameKind.KEY, NameKind.NUMBER}
    if is_number and len(tokens) <= _SHORT_NAME and set(tokens) & _ISSUED:
        return NameKind.PERSONAL_NUMBER, "a number that persons are given"
    return None


def _given_number(name: str, held: Held) -> PersonalData | None:
    """Numbers that insurers give to persons, long enough to be no key that a database counted; and parts of a social number."""
    words, kind = _words(name), kind_of_name(name)
    is_part = "ssn" in words and kind is None
    if is_part and (held.value_type is ValueType.INTEGER or "last" in words):
        return _data(
            NameKind.SSN, PersonalLevel.IDENTIFYING, "the name speaks of a part of a social security number"
        )
    is_numbered = kind in {NameKind.KEY, NameKind.NUMBER} and bool(words & _INSURED)
    if (
        not is_numbered
        or held.longest < _GIVEN_LENGTH
        or held.value_type not in {ValueType.TEXT, ValueType.INTEGER}
    ):
        return None
    evidence = "it is the number of somebody insured, by its name, and too long for a key that was counted"
    return _data(NameKind.PERSONAL_NUMBER, PersonalLevel.IDENTIFYING, evidence)


def _born(name: str, beside: Surroundings, held: Held, policy: ProfilePolicy) -> PersonalData | None:
    """Days spread over a lifetime in a table of persons, under a name that says nothing else."""
    if (
        held.years < policy.lifetime_years
        or not beside.of_persons
        or kind_of_name(name) not in {None, NameKind.DATE}
    ):
        return None
    if any(len(token) > _CRYPTIC and token not in _DATE_WORDS for token in name_tokens(name)):
        return None
    spread = f"in a table of persons its days are spread over {held.years} years, as days of birth are"
    return _data(NameKind.BIRTH_DATE, PersonalLevel.IDENTIFYING, spread)


def _spoken_of(held: Held, policy: ProfilePolicy) -> PersonalData | None:
    """Free text that names somebody here and there."""
    share = held.share("names_in_text")
    if held.value_type is not ValueType.TEXT or share < policy.personal_text_share:
        return None
    return _data(
        "free text", PersonalLevel.IDENTIFYING, f"{share:.0%} of the values are texts that name somebody"
    )


def _in_a_role(name: str, held: Held, policy: ProfilePolicy) -> PersonalData | None:
    """Words in a column named for what somebody is: an author, who referred the patient."""
    if held.value_type is not ValueType.TEXT or not {" ".join(_tail(name, size)) for size in (1, 2)} & _ROLES:
        return None
    if held.share("words", "person_name") < policy.personal_share:
        return None
    return _data(NameKind.PERSON_NAME, PersonalLevel.IDENTIFYING, "it names who is meant, in words")


def _sensitive(
    name: str, beside: Surroundings, patterns: Sequence[PatternShare], policy: ProfilePolicy
) -> PersonalData | None:
    words = _words(name)
    for kind, telling in _SENSITIVE.items():
        if words & telling & _PLAINLY_SENSITIVE and kind_of_name(name) not in {NameKind.FLAG, NameKind.KEY}:
            return _data(kind, PersonalLevel.SENSITIVE, f"the name speaks of {kind}")
        if words & telling and _is_about_a_person(name, beside):
            return _data(kind, PersonalLevel.SENSITIVE, f"the name speaks of {kind} in a table of persons")
    diagnosed = [one for one in patterns if one.name in _DIAGNOSES and one.share >= policy.personal_share]
    if diagnosed and words & _DIAGNOSED:
        share = f"{diagnosed[0].share:.0%} of the values are of the form {diagnosed[0].name}"
        return _data("health", PersonalLevel.SENSITIVE, "the name speaks of diagnoses", share)
    return None


def _sensitive_flag(name: str, beside: Surroundings) -> PersonalData | None:
    """A yes or no about somebody's health tells as much as a word."""
    if not _words(name) & _SENSITIVE_FLAGS or not beside.of_persons:
        return None
    return _data("health", PersonalLevel.SENSITIVE, "the name speaks of health in a table of persons")


def _narrowing(name: str, beside: Surroundings, value_type: ValueType) -> PersonalData | None:
    """What tells nobody alone but many together: sex, age, place, marriage, work, the day of death."""
    if not _is_about_a_person(name, beside):
        return None
    if value_type in {ValueType.DATE, ValueType.DATETIME}:
        dies = bool(_words(name) & _DEATH)
        return _data("death date", PersonalLevel.QUASI, "it is the day a person died") if dies else None
    tokens = name_tokens(name)
    head = tokens[:-1] if len(tokens) > 1 and tokens[-1] in _CAPTIONS else tokens
    kind = next(
        (one for one in (kind_of_name(name), kind_of_name("_".join(head))) if one in _NARROWING), None
    )
    if kind:
        return _data(
            str(kind), PersonalLevel.QUASI, f"the name announces {_spoken(kind)} in a table of persons"
        )
    found = sorted(_NARROWING_WORDS & {*head[-1:], *in_english(head[-1:]), *_of(head)})
    return next((_data(word, PersonalLevel.QUASI, f"it is the {word} of a person") for word in found), None)


def _of(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """What stands before an "of" or "at": the title of courtesy is a title, the age at a visit an age."""
    place = next((place for place, token in enumerate(tokens) if place and token in {"of", "at"}), 0)
    return tokens[place - 1 : place] if place else ()


@lru_cache(maxsize=50_000)
def _tail(name: str, size: int) -> tuple[str, ...]:
    return tuple(in_english(token for token in name_tokens(name) if token not in {"label", "text"})[-size:])


def _data(kind: str, level: PersonalLevel, *evidence: str) -> PersonalData:
    return PersonalData(kind=str(kind), level=level, evidence=evidence)


def _spoken(kind: NameKind) -> str:
    return str(kind).replace("_", " ")


@lru_cache(maxsize=50_000)
def _words(name: str) -> frozenset[str]:
    return frozenset((*name_tokens(name), *in_english(name_tokens(name))))


def _is_about_a_person(name: str, beside: Surroundings) -> bool:
    about = beside.of_persons or bool(_words(name) & _PERSONS)
    return about and kind_of_name(name) not in {NameKind.FLAG, NameKind.KEY}


def _names_a_person(name: str, beside: Surroundings) -> bool:
    """Whether a name or number is that of a person: by its own words, or those of its table; a title names nobody.

    A name alone beside a family name is a given one.
    """
    tokens = name_tokens(name)
    if tokens[-1:] in _TITLES:
        return False
    if _words(name) & _PERSONS:
        return True
    if len(tokens) != 1:
        return False
    by_table = {token.rstrip("s") for token in name_tokens(beside.table)} & _PERSONS
    return bool(by_table) or (beside.has_family_names and kind_of_name(name) is NameKind.NAME)


def _singular(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in words)
